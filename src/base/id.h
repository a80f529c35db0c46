// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nav {

/// A number that names one thing of one kind for ever; no number is given twice. Every kind of id is its own type: `Tag` gives
/// its prefix ("node-"), which is part of its text so that a mistaken paste is noticed. Zero names nothing.
template <class Tag>
struct Id {
  std::uint64_t value = 0;

  auto operator<=>(Id const&) const = default;
  explicit operator bool() const { return value != 0; }
};

template <class Tag>
std::string to_text(Id<Tag> id) {
  return fmt::format("{}{}", Tag::prefix, id.value);
}

/// Reads a whole decimal number; nothing else around it is taken.
inline bool read_number(std::string_view text, std::uint64_t& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

template <class Tag>
Result<Id<Tag>> parse_id(std::string_view text) {
  std::string_view const prefix = Tag::prefix;
  Id<Tag> id;
  if (!text.starts_with(prefix) || !read_number(text.substr(prefix.size()), id.value) || !id)
    return fail(ErrorKind::InvalidArgument, "\"{}\" is not the id of a {}, which looks like {}12", text, Tag::what, prefix);
  return id;
}

struct JobTag {
  static constexpr std::string_view prefix = "", what = "job";
};
struct NodeTag {
  static constexpr std::string_view prefix = "node-", what = "node";
};
struct UserTag {
  static constexpr std::string_view prefix = "user-", what = "user";
};
struct TeamTag {
  static constexpr std::string_view prefix = "team-", what = "team";
};
struct ProjectTag {
  static constexpr std::string_view prefix = "project-", what = "project";
};
struct TokenTag {
  static constexpr std::string_view prefix = "token-", what = "token";
};

using JobId = Id<JobTag>;
using NodeId = Id<NodeTag>;
using UserId = Id<UserTag>;
using TeamId = Id<TeamTag>;
using ProjectId = Id<ProjectTag>;
using TokenId = Id<TokenTag>;

/// One placing of a job, shown as `42.1`. Attempts count from 1.
struct AttemptId {
  JobId job;
  std::uint32_t number = 0;

  auto operator<=>(AttemptId const&) const = default;
  explicit operator bool() const { return number != 0; }
};

inline std::string to_text(AttemptId id) { return fmt::format("{}.{}", id.job.value, id.number); }

inline Result<AttemptId> parse_attempt_id(std::string_view text) {
  auto const dot = text.find('.');
  std::uint64_t job = 0, number = 0;
  if (dot == std::string_view::npos || !read_number(text.substr(0, dot), job) || !read_number(text.substr(dot + 1), number) || job == 0 || number == 0 ||
      number > 0xFFFFFFFFu)
    return fail(ErrorKind::InvalidArgument, "\"{}\" is not the id of an attempt, which looks like 42.1", text);
  return AttemptId{JobId{job}, static_cast<std::uint32_t>(number)};
}

}  // namespace nav

template <class Tag>
struct std::hash<nav::Id<Tag>> {
  std::size_t operator()(nav::Id<Tag> id) const noexcept { return std::hash<std::uint64_t>{}(id.value); }
};
template <>
struct std::hash<nav::AttemptId> {
  std::size_t operator()(nav::AttemptId id) const noexcept { return std::hash<std::uint64_t>{}(id.job.value * 0x9E3779B97F4A7C15ull + id.number); }
};
