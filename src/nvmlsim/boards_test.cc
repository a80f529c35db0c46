// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/boards.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "nvmlsim/machines.h"

namespace nav::nvmlsim {
namespace {

/// As go-nvlib and mig-parted make a profile's name from NVML's numbers; they never read the name that NVML gives.
std::string computed_name(Board const& board, GpuInstanceProfile const& profile) {
  double const part = std::ceil(8.0 * profile.memory_mib / board.memory_mib) / 8;
  auto const gb = static_cast<int>(std::round(part * std::ceil(board.memory_mib / 1024.0)));
  return std::to_string(profile.slices) + "g." + std::to_string(gb) + "gb";
}

TEST(Boards, NameTheirProfilesAsOthersComputeThem) {
  for (Board const& board : boards())
    for (auto const& profile : board.profiles) {
      std::string const name = profile.name;
      EXPECT_EQ(name.substr(0, name.find_first_of("+-")), computed_name(board, profile)) << board.name;
    }
}

TEST(Boards, HaveProfilesThatFitThem) {
  for (Board const& board : boards()) {
    std::set<unsigned> ids, indices;
    for (auto const& profile : board.profiles) {
      std::string const what = std::string(board.name) + " " + profile.name;
      EXPECT_TRUE(ids.insert(profile.id).second) << what;
      EXPECT_TRUE(indices.insert(profile.index).second) << what;
      EXPECT_LE((profile.placements - 1) * profile.step + profile.size, board.memory_slices) << what;
      EXPECT_LE(profile.instances, profile.placements) << what;
      EXPECT_LE(profile.slices, board.compute_slices) << what;
      EXPECT_LE(profile.multiprocessors, board.multiprocessors) << what;
      EXPECT_LE(static_cast<std::uint64_t>(profile.instances) * profile.memory_mib, board.memory_mib) << what;
      EXPECT_FALSE(compute_profiles(profile.slices).empty()) << what;
    }
  }
}

TEST(Machines, HavePlacesForTheirGpus) {
  std::set<std::string_view> names;
  for (Machine const& machine : machines()) {
    EXPECT_TRUE(names.insert(machine.name).second) << machine.name;
    EXPECT_TRUE(find_board(machine.board)) << machine.name;
    EXPECT_LE(machine.gpus, machine.pci_buses.size()) << machine.name;
    EXPECT_LE(machine.numa_nodes, machine.gpus) << machine.name;
    for (auto uncertain : uncertain_boards()) EXPECT_NE(machine.name, uncertain);
  }
}

}  // namespace
}  // namespace nav::nvmlsim
