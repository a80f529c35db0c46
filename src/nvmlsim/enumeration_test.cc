// SPDX-License-Identifier: Apache-2.0
// Counts every layout a GPU can be brought into, by creating and destroying instances through the ABI. The figures are known:
// 297 sets of placements on an A100, 19 of them maximal, 37 combinations of profiles.
#include <algorithm>
#include <set>

#include "nvmlsim/test_node.h"

namespace nav::nvmlsim {
namespace {

struct Counts {
  std::size_t sets = 0, maximal = 0, multisets = 0;
  bool operator==(Counts const&) const = default;
};
void PrintTo(Counts const& counts, std::ostream* out) {
  *out << counts.sets << " sets, " << counts.maximal << " maximal, " << counts.multisets << " multisets";
}

class Enumeration {
 public:
  Enumeration(NvmlDevice gpu, std::vector<unsigned> profiles) : gpu_(gpu), profiles_(std::move(profiles)) {
    for (unsigned profile : profiles_) {
      unsigned count = 0;
      EXPECT_EQ(nvmlDeviceGetGpuInstancePossiblePlacements_v2(gpu, profile, nullptr, &count), Return::Success);
      std::vector<Placement> placements(count);
      EXPECT_EQ(nvmlDeviceGetGpuInstancePossiblePlacements_v2(gpu, profile, placements.data(), &count), Return::Success);
      for (Placement placement : placements) choices_.push_back({profile, placement});
    }
    visit(0);
  }

  Counts counts() const { return {sets_, maximal_, multisets_.size()}; }

 private:
  struct Choice {
    unsigned profile;
    Placement placement;
  };

  /// Extends the layout there is by choices from `first` on, so that each set is met once.
  void visit(std::size_t first) {
    if (!chosen_.empty()) {
      ++sets_;
      auto sorted = chosen_;
      std::sort(sorted.begin(), sorted.end());
      multisets_.insert(sorted);
      bool full = true;
      for (std::size_t i = 0; full && i < profiles_.size(); ++i) {
        unsigned left = 0;
        EXPECT_EQ(nvmlDeviceGetGpuInstanceRemainingCapacity(gpu_, profiles_[i], &left), Return::Success);
        full = left == 0;
      }
      maximal_ += full;
    }
    for (std::size_t i = first; i < choices_.size(); ++i) {
      NvmlGpuInstance made;
      Return result = nvmlDeviceCreateGpuInstanceWithPlacement(gpu_, choices_[i].profile, &choices_[i].placement, &made);
      if (result == Return::InsufficientResources) continue;
      ASSERT_EQ(result, Return::Success);
      chosen_.push_back(choices_[i].profile);
      visit(i + 1);
      chosen_.pop_back();
      ASSERT_EQ(nvmlGpuInstanceDestroy(made), Return::Success);
    }
  }

  NvmlDevice gpu_;
  std::vector<unsigned> profiles_;
  std::vector<Choice> choices_;
  std::vector<unsigned> chosen_;
  std::size_t sets_ = 0, maximal_ = 0;
  std::set<std::vector<unsigned>> multisets_;
};

Counts count(char const* machine, std::vector<unsigned> profiles) {
  TestNode node(machine);
  return Enumeration(node.mig_gpu(), std::move(profiles)).counts();
}

TEST(Enumeration, AnA100HasTheKnownLayouts) { EXPECT_EQ(count("dgx-a100", {19, 14, 9, 5, 0}), (Counts{297, 19, 37})); }

TEST(Enumeration, WithTheDoubleMemorySliceThereAreMore) { EXPECT_EQ(count("dgx-a100", {19, 15, 14, 9, 5, 0}), (Counts{722, 78, 77})); }

TEST(Enumeration, AndMoreWithTheMediaProfile) { EXPECT_EQ(count("dgx-a100", {19, 15, 20, 14, 9, 5, 0}), (Counts{2318, 239, 127})); }

TEST(Enumeration, HopperBoardsHaveTheSame) {
  for (char const* machine : {"dgx-h100", "dgx-h200"}) EXPECT_EQ(count(machine, {19, 14, 9, 5, 0}), (Counts{297, 19, 37})) << machine;
}

TEST(Enumeration, AnA30AndAnRtxProHaveFew) {
  EXPECT_EQ(count("a30", {14, 5, 0}), (Counts{25, 5, 9}));
  EXPECT_EQ(count("a30", {14, 21, 5, 6, 0}), (Counts{75, 17, 19}));
  EXPECT_EQ(count("rtx-pro-6000", {14, 5, 0}), (Counts{25, 5, 9}));
}

}  // namespace
}  // namespace nav::nvmlsim
