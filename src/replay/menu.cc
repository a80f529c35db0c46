// SPDX-License-Identifier: Apache-2.0
#include "replay/menu.h"

#include <algorithm>
#include <tuple>

#include "core/pool.h"

namespace nav::replay {

std::string to_text(PoolPlan const& pool) {
  std::string text;
  for (auto const& kind : pool) text += fmt::format("{}{}:{}", text.empty() ? "" : ",", kind.name, kind.count);
  return text;
}

std::uint64_t gpus_of(PoolPlan const& pool) {
  std::uint64_t gpus = 0;
  for (auto const& kind : pool) gpus += std::uint64_t{kind.gpus()} * kind.count;
  return gpus;
}

mig::Profile const* covering(mig::Board const& board, std::uint32_t share_milli) {
  mig::Profile const* best = nullptr;
  for (auto const& profile : board.profiles) {
    // Instances with media engines or graphics of their own are for who asks for those.
    if (profile.media != mig::Media::Plain || profile.graphics) continue;
    if (profile.compute_slices * 1000 < share_milli * board.compute_slices || profile.memory_slices * 1000 < share_milli * board.memory_slices) continue;
    if (profile.compute_slices >= board.compute_slices) continue;
    auto const size = [](mig::Profile const& p) { return std::tuple(p.compute_slices, p.memory_slices); };
    if (!best || size(profile) < size(*best)) best = &profile;
  }
  return best;
}

Menu::Menu(PoolPlan const& pool, bool cuts) : pool_(pool), cuts_(cuts) {}

Template Menu::whole(std::string const& family, std::uint32_t gpus) {
  return {.name = gpus == 1 ? family : fmt::format("{}-x{}", family, gpus), .kind = TemplateKind::Gpus, .family = family, .gpus = gpus};
}

Wish Menu::wish(TraceJob const& job) const {
  Wish wish{.on = {}, .cpu_milli = job.cpu_milli, .memory_mib = job.memory_mib, .refused = {}};
  std::uint32_t most_gpus = 0;
  bool has_room_beside = false;
  std::vector<std::string> whole_ones;
  auto const add = [](std::vector<std::string>& names, std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  };
  for (auto const& kind : pool_) {
    auto const& node = kind.inventory;
    most_gpus = std::max(most_gpus, kind.gpus());
    if (kind.gpus() < job.gpus) continue;
    if (job.cpu_milli > std::uint64_t{node.cpus} * 1000 || job.memory_mib > node.memory_mib) continue;
    has_room_beside = true;
    if (job.gpus == 0) {
      add(wish.on, "cpu");
      continue;
    }
    auto const& gpu = node.gpus[0];
    bool const can_cut = cuts_ && job.share_milli < 1000 && gpu.mig_capable && gpu.board < node.boards.size();
    if (auto const* profile = can_cut ? covering(node.boards[gpu.board], job.share_milli) : nullptr) add(wish.on, template_name_of_profile(profile->name));
    else add(whole_ones, whole(family_of(gpu.model), job.gpus).name);
  }
  for (auto& name : whole_ones) add(wish.on, std::move(name));
  if (!wish.on.empty()) return wish;
  if (most_gpus < job.gpus) wish.refused = fmt::format("ask for more GPUs than one node has ({}): nothing here is placed over several nodes", most_gpus);
  else if (!has_room_beside) wish.refused = "ask for more processors or memory than one node has";
  else wish.refused = "ask for what no node has";
  return wish;
}

}  // namespace nav::replay
