// SPDX-License-Identifier: Apache-2.0
#include "mig/placement.h"

#include <algorithm>
#include <fmt/ranges.h>

#include "base/ensure.h"
#include "base/id.h"
#include "base/text.h"

namespace nav::mig {

bool Layout::contains(Placement placement) const { return std::binary_search(placements.begin(), placements.end(), placement); }

void Layout::add(Placement placement) { placements.insert(std::upper_bound(placements.begin(), placements.end(), placement), placement); }

bool Layout::remove(Placement placement) {
  auto const it = std::lower_bound(placements.begin(), placements.end(), placement);
  if (it == placements.end() || *it != placement) return false;
  placements.erase(it);
  return true;
}

std::string to_text(Board const& board, Placement placement) {
  ensure(placement.profile < board.profiles.size(), "a placement is shown with its own board");
  return fmt::format("{}@{}", board.profiles[placement.profile].name, placement.start);
}

std::string to_text(Board const& board, Layout const& layout) {
  std::string text;
  for (auto placement : layout.placements) {
    if (!text.empty()) text += ' ';
    text += to_text(board, placement);
  }
  return text;
}

Result<Placement> parse_placement(Board const& board, std::string_view text) {
  auto const at = text.find('@');
  if (at == std::string_view::npos)
    return Unexpected(Error{
        ErrorKind::InvalidArgument, fmt::format("\"{}\" is not a placement", shortened(text, 40)), "a profile and its first memory slice, as in 1g.5gb@4", {}});
  TRY(auto const index, find_profile(board, text.substr(0, at)));
  auto const& profile = board.profiles[index];
  std::uint64_t start = 0;
  if (!read_number(text.substr(at + 1), start) || !std::binary_search(profile.starts.begin(), profile.starts.end(), start))
    return Unexpected(Error{ErrorKind::InvalidArgument,
                            fmt::format("{} cannot start at \"{}\"", profile.name, shortened(text.substr(at + 1), 40)),
                            fmt::format("one of {}", fmt::join(profile.starts, ", ")),
                            {}});
  return Placement{index, static_cast<std::uint8_t>(start)};
}

Result<Layout> parse_layout(Board const& board, std::string_view text) {
  Layout layout;
  for (auto part : split(text, ' ')) {
    if (part.empty()) continue;
    TRY(auto const placement, parse_placement(board, part));
    layout.add(placement);
  }
  return layout;
}

}  // namespace nav::mig
