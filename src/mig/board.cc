// SPDX-License-Identifier: Apache-2.0
#include "mig/board.h"

#include <algorithm>
#include <fmt/ranges.h>

#include "base/ensure.h"
#include "base/text.h"

namespace nav::mig {
namespace {

constexpr std::uint32_t kMostSlices = 16;  // of a SliceMask
constexpr std::size_t kMostProfiles = 32;  // the driver's enumerators go to 17 today
constexpr std::size_t kLongestName = 32;

bool is_profile_name(std::string_view name) {
  auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-'; };
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), allowed);
}

Result<void> check_profile(Board const& board, Profile const& profile, std::string const& path) {
  if (!is_profile_name(profile.name))
    return fail_field(path + ".name", "lower-case letters, digits and .+-", "\"{}\" is not the name of a profile", shortened(profile.name, 40));
  if (profile.compute_slices < 1 || profile.compute_slices > board.compute_slices)
    return fail_field(path + ".compute_slices", fmt::format("1 to {}", board.compute_slices), "{} takes {} compute slices", profile.name,
                      profile.compute_slices);
  if (profile.memory_slices < 1 || profile.memory_slices > board.memory_slices)
    return fail_field(path + ".memory_slices", fmt::format("1 to {}", board.memory_slices), "{} takes {} memory slices", profile.name, profile.memory_slices);
  if (profile.memory_mib > board.memory_mib)
    return fail_field(path + ".memory_mib", fmt::format("at most {}", board.memory_mib), "{} has {} MiB", profile.name, profile.memory_mib);
  if (profile.starts.empty()) return fail_field(path + ".starts", "at least one memory slice", "{} can be placed nowhere", profile.name);
  for (std::size_t i = 0; i < profile.starts.size(); ++i) {
    auto const here = fmt::format("{}.starts[{}]", path, i);
    if (profile.starts[i] > board.memory_slices - profile.memory_slices)
      return fail_field(here, fmt::format("at most {}", board.memory_slices - profile.memory_slices), "{} cannot start at memory slice {}", profile.name,
                        profile.starts[i]);
    if (i > 0 && profile.starts[i] <= profile.starts[i - 1])
      return fail_field(here, "ascending", "the starts of {} are out of order or given twice", profile.name);
  }
  return {};
}

}  // namespace

Result<void> check(Board const& board) {
  if (board.model.empty()) return fail_field("model", "the driver's product name", "the board has no model");
  if (board.profiles.empty()) return {};
  if (board.memory_slices < 1 || board.memory_slices > kMostSlices)
    return fail_field("memory_slices", fmt::format("1 to {}", kMostSlices), "{} has {} memory slices", board.model, board.memory_slices);
  if (board.compute_slices < 1 || board.compute_slices > kMostSlices)
    return fail_field("compute_slices", fmt::format("1 to {}", kMostSlices), "{} has {} compute slices", board.model, board.compute_slices);
  if (board.profiles.size() > kMostProfiles)
    return fail_field("profiles", fmt::format("at most {}", kMostProfiles), "{} has {} profiles", board.model, board.profiles.size());
  for (std::size_t i = 0; i < board.profiles.size(); ++i) {
    auto const path = fmt::format("profiles[{}]", i);
    TRY_VOID(check_profile(board, board.profiles[i], path));
    for (std::size_t other = 0; other < i; ++other) {
      if (board.profiles[other].name == board.profiles[i].name)
        return fail_field(path + ".name", "a name of its own", "{} is the name of two profiles", board.profiles[i].name);
      if (board.profiles[other].id == board.profiles[i].id)
        return fail_field(path + ".id", "an id of its own", "{} is the id of two profiles, {} and {}", board.profiles[i].id, board.profiles[other].name,
                          board.profiles[i].name);
    }
  }
  return {};
}

Result<std::uint8_t> find_profile(Board const& board, std::string_view name) {
  for (std::size_t i = 0; i < board.profiles.size(); ++i)
    if (board.profiles[i].name == name) return static_cast<std::uint8_t>(i);
  std::vector<std::string_view> names;
  for (auto const& profile : board.profiles) names.push_back(profile.name);
  Error error{ErrorKind::InvalidArgument, fmt::format("{} has no profile \"{}\"", board.model, shortened(name, 40)), {}, {}};
  error.hint = names.empty() ? "it is only given whole" : fmt::format("one of {}", fmt::join(names, ", "));
  return Unexpected(std::move(error));
}

std::string name_of(Profile const& profile, std::uint64_t board_memory_mib) {
  ensure(board_memory_mib > 0, "a board has memory");
  auto const eighths = (8 * profile.memory_mib + board_memory_mib - 1) / board_memory_mib;
  auto const whole_gib = (board_memory_mib + 1023) / 1024;
  auto const gb = (eighths * whole_gib + 4) / 8;
  std::string_view suffix;
  switch (profile.media) {
    case Media::Plain: break;
    case Media::Extensions: suffix = "+me"; break;
    case Media::All: suffix = "+me.all"; break;
    case Media::Without: suffix = "-me"; break;
  }
  return fmt::format("{}g.{}gb{}{}", profile.compute_slices, gb, profile.graphics ? "+gfx" : "", suffix);
}

Media media_of(std::string_view name) {
  if (name.ends_with("+me.all")) return Media::All;
  if (name.ends_with("+me")) return Media::Extensions;
  if (name.ends_with("-me")) return Media::Without;
  return Media::Plain;
}

bool has_graphics(std::string_view name) { return name.find("+gfx") != std::string_view::npos; }

}  // namespace nav::mig
