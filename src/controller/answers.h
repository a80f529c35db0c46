// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "base/json.h"
#include "core/event.h"

/// The third stream of facts: what keyed requests were answered, so that a repeated request gets its first answer and nothing is done twice.
namespace nav {

inline constexpr Duration answers_kept_for = hours(24);

struct AnswerKept {
  static constexpr std::string_view type = "AnswerKept";
  UserId user;
  std::string key;
  std::string request;  ///< digest
  std::string answer;
};
BOOST_DESCRIBE_STRUCT(AnswerKept, (), (user, key, request, answer))

using AnswersEvent = std::variant<AnswerKept>;

struct Answers {
  struct Kept {
    std::string request;
    std::string answer;
    Time at;
  };
  std::map<std::pair<UserId, std::string>, Kept> by_key;
  std::deque<std::pair<Time, std::pair<UserId, std::string>>> by_age;  ///< oldest first

  Kept const* find(UserId user, std::string const& key) const {
    auto it = by_key.find({user, key});
    return it == by_key.end() ? nullptr : &it->second;
  }
};

inline void apply(Answers& answers, AnswersEvent const& event, Stamp const& stamp) {
  auto const& kept = std::get<AnswerKept>(event);
  while (!answers.by_age.empty() && answers.by_age.front().first + answers_kept_for < stamp.at) {
    answers.by_key.erase(answers.by_age.front().second);
    answers.by_age.pop_front();
  }
  answers.by_key[{kept.user, kept.key}] = {kept.request, kept.answer, stamp.at};
  answers.by_age.push_back({stamp.at, {kept.user, kept.key}});
}

}  // namespace nav
