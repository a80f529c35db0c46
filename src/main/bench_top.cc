// SPDX-License-Identifier: Apache-2.0
// What nav top does with a large pool: from the controller's answer to the lines on the screen, and from a key to them. The terminal itself and the
// network are not in it.
#include "base/json.h"
#include "cli/top_view.h"
#include "main/bench.h"

namespace nav::bench {
namespace {

constexpr std::size_t top_nodes = 100, gpus_a_node = 8, slices_a_gpu = 7;
constexpr cli::Terminal screen{.is_terminal = true, .width = 160, .height = 60};

api::Node node_with_slices(std::size_t number) {
  api::Node node{.id = NodeId{number + 1},
                 .name = fmt::format("rack-{}", number + 1),
                 .state = api::NodeState::Ready,
                 .cpu_milli = 256'000,
                 .cpu_milli_used = 56'000,
                 .memory_mib = 1 << 20};
  for (std::uint32_t index = 0; index < gpus_a_node; ++index) {
    api::Gpu gpu{.index = index, .model = "NVIDIA A100-SXM4-40GB", .mode = api::GpuMode::Mig};
    for (std::size_t at = 0; at < slices_a_gpu; ++at)
      gpu.slices.push_back({.placement = fmt::format("1g.5gb@{}", at), .state = api::SliceState::Held, .holder = AttemptId{JobId{number * 56 + at + 1}, 1}});
    node.gpus.push_back(std::move(gpu));
  }
  return node;
}

api::LatestAnswer values_of(api::Node const& node) {
  api::LatestAnswer latest;
  for (auto const& gpu : node.gpus)
    for (auto const& slice : gpu.slices)
      latest.items.push_back({.node = node.name,
                              .gpu = gpu.index,
                              .slice = slice.placement,
                              .values = {{"activity", 0.5}, {"memory_used", 4000}, {"memory_total", 4864}},
                              .activity = std::vector<double>(12, 0.5)});
  return latest;
}

}  // namespace

Figures top(Bench& bench) {
  api::Pool pool{.node_states = {{"ready", top_nodes}}, .job_states = {{"running", top_nodes * gpus_a_node * slices_a_gpu}}};
  for (std::size_t i = 0; i < top_nodes; ++i) pool.nodes.push_back(node_with_slices(i));
  std::string const answer = json_write(pool);
  api::LatestAnswer const latest = values_of(pool.nodes.front());
  std::string const measured = json_write(latest);

  cli::TopView view;
  std::vector<double> refreshes, keys;
  for (Budget budget(bench.seconds() / 2); budget.is_left();) {
    double const start = now_s();
    TRY(view.pool, json_read<api::Pool>(answer, Unknown::Ignore));
    for (auto const& name : cli::nodes_in_sight(view, screen)) {
      TRY(auto const values, json_read<api::LatestAnswer>(measured, Unknown::Ignore));
      view.take(values, name);
    }
    if (cli::frame_of(view, screen, Time{1}).size() != screen.height) return fail(ErrorKind::Internal, "the screen is not full");
    refreshes.push_back((now_s() - start) * 1e3);
  }
  for (Budget budget(bench.seconds() / 2); budget.is_left();) {
    double const start = now_s();
    view.scroll = keys.size() * 30 % 5'000;
    if (cli::frame_of(view, screen, Time{1}).size() != screen.height) return fail(ErrorKind::Internal, "the screen is not full");
    keys.push_back((now_s() - start) * 1e3);
  }
  Figure refresh = figure_of("top-refresh", "ms", std::move(refreshes)), key = figure_of("top-key", "ms", std::move(keys));
  refresh.note = fmt::format("nav top with {} nodes of 56 slices: from the controller's answer ({} kB) to {} lines of a screen; without network and terminal",
                             top_nodes, answer.size() / 1000, screen.height);
  key.note = "the same pool, from a page key to the lines of the screen";
  return std::vector{std::move(refresh), std::move(key)};
}

}  // namespace nav::bench
