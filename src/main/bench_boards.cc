// SPDX-License-Identifier: Apache-2.0
#include "main/bench_boards.h"

#include "nvmlsim/boards.h"

namespace nav::bench {

mig::Board board_of(nvmlsim::Board const& known) {
  mig::Board board{
      .model = known.product, .memory_mib = known.memory_mib, .memory_slices = known.memory_slices, .compute_slices = known.compute_slices, .profiles = {}};
  for (auto const& p : known.profiles) {
    mig::Profile profile{.name = p.name,
                         .id = p.id,
                         .compute_slices = p.slices,
                         .memory_slices = p.size,
                         .memory_mib = p.memory_mib,
                         .multiprocessors = p.multiprocessors,
                         .max_instances = p.instances,
                         .starts = {},
                         .media = mig::media_of(p.name),
                         .graphics = mig::has_graphics(p.name)};
    for (unsigned i = 0; i < p.placements; ++i) profile.starts.push_back(i * p.step);
    board.profiles.push_back(std::move(profile));
  }
  return board;
}

Result<mig::Board> board_named(std::string_view name) {
  auto const* known = nvmlsim::find_board(name);
  if (!known || known->profiles.empty()) {
    std::string names;
    for (auto const& board : nvmlsim::boards())
      if (!board.profiles.empty()) names += (names.empty() ? "one of " : ", ") + std::string(board.name);
    return fail_field("board", names, "no board called \"{}\" can be cut", name);
  }
  return board_of(*known);
}

}  // namespace nav::bench
