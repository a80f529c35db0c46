// SPDX-License-Identifier: Apache-2.0
#include "cli/top_view.h"

#include <gtest/gtest.h>

#include "cli/node_text.h"

namespace nav::cli {
namespace {

Time const shown_at{1'700'000'000'000'000};

api::Gpu cut_gpu(std::uint32_t index) {
  return {.index = index,
          .model = "NVIDIA A100-SXM4-40GB",
          .mode = api::GpuMode::Mig,
          .slices = {{.placement = "1g.5gb@0", .state = api::SliceState::Held, .holder = AttemptId{JobId{42}, 1}},
                     {.placement = "1g.5gb@1", .state = api::SliceState::Idle},
                     {.placement = "2g.10gb@2", .state = api::SliceState::SetAside, .reason = "XID 94"},
                     {.placement = "1g.5gb@4", .state = api::SliceState::Held}}};
}

api::Node node() {
  return {.id = NodeId{1},
          .name = "dgx-1",
          .state = api::NodeState::Ready,
          .simulated = true,
          .cpu_milli = 256'000,
          .cpu_milli_used = 8'000,
          .memory_mib = 1 << 20,
          .gpus = {cut_gpu(0),
                   {.index = 1, .model = "NVIDIA A100-SXM4-40GB", .state = api::SliceState::Held, .holder = AttemptId{JobId{7}, 2}},
                   {.index = 2, .model = "NVIDIA A100-SXM4-40GB", .policy = api::GpuPolicy::Fixed}}};
}

TopView view() {
  TopView out;
  out.detail = TopDetail::Gpus;
  out.pool = api::Pool{.node_states = {{"ready", 1}}, .job_states = {{"queued", 3}, {"running", 2}}, .nodes = {node()}};
  out.seen = shown_at;
  return out;
}

std::string joined(std::vector<std::string> const& lines) {
  std::string out;
  for (auto const& line : lines) out += line + "\n";
  return out;
}

TEST(Shares, NameTheirUnitOnce) {
  EXPECT_EQ(memory_share_text(0, 1 << 20), "0 of 1024 GiB");
  EXPECT_EQ(memory_share_text(917'504, 1 << 24), "896 of 16384 GiB");
  EXPECT_EQ(memory_share_text(512, 16'000), "0.5 of 15.6 GiB");
  EXPECT_EQ(memory_share_text(100, 512), "100 of 512 MiB");
  EXPECT_EQ(share_text(8'500, 256'000), "8.5 of 256");
}

TEST(GpuLines, SayHowEachGpuIsCutAndWhoHasWhat) {
  EXPECT_EQ(joined(gpu_lines(node(), Terminal{})),
            "  0  1g.5gb@0 #42 | 1g.5gb@1 idle | 2g.10gb@2 set aside: XID 94 | 1g.5gb@4 held\n"
            "  1  whole #7\n"
            "  2  free | (fixed)\n");
}

TEST(GpuLines, SayLessOnANarrowTerminal) {
  EXPECT_EQ(gpu_lines(node(), Terminal{.width = 60})[0], "  0  1g#42  1g idle  2g aside  1g held");
  EXPECT_EQ(gpu_lines(node(), Terminal{.width = 24})[0], "  0  1g#42  1g idle …");
}

TEST(Top, ShowsThePoolUnderASentence) {
  TopView top = view();
  EXPECT_EQ(joined(frame_of(top, Terminal{.width = 80, .height = 24}, shown_at)),
            "OpenNav  live  q quits, arrows move, s slices, i idle\n"
            "Nodes: 1 ready. Jobs: 3 queued, 2 running.\n"
            "\n"
            "dgx-1 ready  processors 8 of 256, simulated\n"
            "  0  1g#42  1g idle  2g aside  1g held\n"
            "  1  whole #7\n"
            "  2  free | (fixed)\n");
}

TEST(Top, KeepsTheLastPoolWhileNobodyAnswersAndSaysHowOldItIs) {
  TopView top = view();
  top.trouble = "nobody answers";
  auto const lines = frame_of(top, Terminal{.width = 100, .height = 24}, shown_at + seconds(12));
  EXPECT_EQ(lines[0], "OpenNav  not live for 12s: nobody answers  q quits, arrows move, s slices, i idle");
  EXPECT_EQ(lines.size(), 7u);
}

TEST(Top, ShowsEachSliceWithWhatIsMeasuredOfIt) {
  TopView top = view();
  top.detail = TopDetail::Slices;
  top.pool->nodes[0].gpus.resize(1);
  top.take({.items = {{.node = "dgx-1",
                       .gpu = 0,
                       .slice = "1g.5gb@0",
                       .values = {{"activity", 0.93}, {"memory_used", 2048}, {"memory_total", 4864}},
                       .activity = {0, 0.5, 0.93}},
                      {.node = "dgx-1", .gpu = 0, .values = {{"power", 61.5}, {"temperature", 33}}}}},
           "dgx-1");
  auto const lines = list_lines(top, Terminal{});
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[1], "  0  cut                                         ?  62 W  33 C");
  EXPECT_EQ(lines[2], "     1g.5gb@0         #42                 ▁▅█  93%  2 of 4.8 GiB");
  EXPECT_EQ(lines[3], "     1g.5gb@1         idle       not measured");
  top.idle = TopIdle::Hidden;
  EXPECT_EQ(list_lines(top, Terminal{}).size(), 5u);
}

TEST(Top, AsksOnlyForTheNodesInSight) {
  TopView top;
  top.pool = api::Pool{};
  for (int i = 0; i < 100; ++i) {
    api::Node one = node();
    one.name = fmt::format("dgx-{}", i);
    top.pool->nodes.push_back(one);
  }
  top.scroll = 8 * 7;  // a node takes eight lines
  EXPECT_EQ(nodes_in_sight(top, Terminal{.height = 12}), (std::vector<std::string>{"dgx-7", "dgx-8"}));
}

TEST(Top, ScrollsNoFurtherThanItsEnd) {
  TopView top = view();
  top.scroll = 1000;
  auto const lines = frame_of(top, Terminal{.width = 80, .height = 5}, shown_at);
  EXPECT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines.back(), "  2  free | (fixed)");
  EXPECT_EQ(top.scroll, 2u);
}

}  // namespace
}  // namespace nav::cli
