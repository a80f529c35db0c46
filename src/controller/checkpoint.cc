// SPDX-License-Identifier: Apache-2.0
#include "controller/checkpoint.h"

#include "core/image.h"

namespace nav {

namespace {

/// A kept answer with its age.
struct StampedAnswer {
  Time at;
  AnswerKept kept;
};
BOOST_DESCRIBE_STRUCT(StampedAnswer, (), (at, kept))

}  // namespace

std::string save_checkpoint(Pool const& pool, Access const& access, Answers const& answers) {
  std::vector<StampedAnswer> kept;
  for (auto const& [at, who] : answers.by_age) {
    auto const& one = answers.by_key.at(who);
    if (one.at == at) kept.push_back({at, {who.first, who.second, one.request, one.answer}});
  }
  return save_image(pool, access, json_write(kept));
}

Result<Restored> load_checkpoint(std::string const& body) {
  TRY(Image image, load_image(body));
  TRY(auto kept, json_read<std::vector<StampedAnswer>>(image.answers, Unknown::Ignore));
  Restored restored{std::move(image.pool), std::move(image.access), {}};
  for (auto& one : kept) apply(restored.answers, AnswersEvent{std::move(one.kept)}, Stamp{.at = one.at});
  return restored;
}

}  // namespace nav
