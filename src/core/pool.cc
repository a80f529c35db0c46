// SPDX-License-Identifier: Apache-2.0
#include "core/pool.h"

#include <algorithm>
#include <bit>

#include "base/text.h"

namespace nav {

bool Gpu::has_trouble() const {
  return !aside.empty() || std::any_of(slices.begin(), slices.end(), [](Slice const& s) { return !s.aside.empty(); });
}

bool Gpu::is_unused() const {
  return !holder && aside.empty() && std::all_of(slices.begin(), slices.end(), [](Slice const& s) { return s.is_free(); });
}

mig::Layout Gpu::layout() const {
  mig::Layout layout;
  for (auto const& slice : slices) layout.add(slice.at);
  return layout;
}

Template const* Pool::find_template(std::string const& name) const {
  auto it = templates->find(name);
  return it == templates->end() ? nullptr : &it->second;
}

namespace {

Amount amount_of(Gpu const& gpu) { return {gpu.geometry ? gpu.geometry->board().compute_slices : slices_of_an_uncut_gpu, gpu.memory_mib}; }

}  // namespace

Amount cost_of(Node const& node, std::uint32_t gpus, std::optional<mig::Placement> placement) {
  Amount cost;
  for (std::uint32_t bits = gpus; bits != 0; bits &= bits - 1) {
    auto const index = static_cast<std::size_t>(std::countr_zero(bits));
    if (index >= node.gpus.size()) continue;
    Gpu const& gpu = node.gpus[index];
    if (!placement || !gpu.geometry) {
      cost += amount_of(gpu);
      continue;
    }
    auto const& profile = gpu.geometry->profile(placement->profile);
    cost += {profile.compute_slices, profile.memory_mib};
  }
  return cost;
}

Amount capacity_of(Node const& node) {
  Amount capacity;
  if (node.state != NodeState::Lost)
    for (auto const& gpu : node.gpus) capacity += amount_of(gpu);
  return capacity;
}

std::string family_of(std::string const& model) {
  std::string family;
  for (auto word : split(model, ' ')) {
    std::string_view const first = split(word, '-').front();
    if (word == "NVIDIA" || word == "Tesla" || word == "GeForce" || word.empty()) continue;
    // What follows the name proper tells memory, socket or edition.
    if (!family.empty() && (word.ends_with("GB") || word == "PCIe" || word.starts_with("SXM") || word == "NVL" || word == "Blackwell" || word == "Ada" ||
                            word == "Generation" || word == "Server" || word.starts_with("HBM")))
      break;
    if (!family.empty()) family += '-';
    for (char c : first) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) family += c;
    }
    if (first.size() != word.size()) break;
  }
  return family.empty() ? "gpu" : family;
}

std::string template_name_of_profile(std::string const& profile) {
  std::string name = "mig-";
  for (char c : profile) name += c == '+' ? '.' : c;
  return name;
}

std::vector<Template> templates_for(Inventory const& inventory) {
  std::vector<Template> templates;
  // A GPU's share of its node is divided evenly over its memory slices; a node without GPUs is divided by threads.
  std::size_t const gpus = std::max<std::size_t>(1, inventory.gpus.size());
  auto const share = [&](std::uint64_t part, std::uint64_t whole) {
    std::uint64_t const cpu = inventory.cpus * std::uint64_t{1000} * part / whole / 1000 * 1000;
    std::uint64_t const memory = inventory.memory_mib * part / whole;
    return Share{static_cast<std::uint32_t>(std::max<std::uint64_t>(cpu, std::min<std::uint64_t>(1000, inventory.cpus * std::uint64_t{1000} / gpus))),
                 std::max<std::uint64_t>(memory, 1)};
  };
  auto const add = [&](Template t, Share s) {
    t.cpu_milli = s.cpu_milli;
    t.memory_mib = s.memory_mib;
    t.seeded = true;
    if (std::none_of(templates.begin(), templates.end(), [&](Template const& other) { return other.name == t.name; })) templates.push_back(std::move(t));
  };
  for (auto const& gpu : inventory.gpus) {
    if (!gpu.mig_capable || gpu.board >= inventory.boards.size()) continue;
    auto const& board = inventory.boards[gpu.board];
    for (auto const& profile : board.profiles)
      add({.name = template_name_of_profile(profile.name), .kind = TemplateKind::Slice, .profile = profile.name},
          share(profile.memory_slices, gpus * board.memory_slices));
  }
  std::map<std::string, std::uint32_t> families;
  for (auto const& gpu : inventory.gpus) ++families[family_of(gpu.model)];
  for (auto const& [family, count] : families) {
    std::vector<std::uint32_t> sizes;
    for (std::uint32_t n = 1; n < count; n *= 2) sizes.push_back(n);
    sizes.push_back(count);
    for (std::uint32_t n : sizes)
      add({.name = n == 1 ? family : fmt::format("{}-x{}", family, n), .kind = TemplateKind::Gpus, .family = family, .gpus = n}, share(n, gpus));
  }
  add({.name = "cpu", .kind = TemplateKind::Cpu}, Share{std::min(inventory.cpus * 1000, 1000u), std::min<std::uint64_t>(inventory.memory_mib, 2048)});
  return templates;
}

namespace {

std::string slices_text(Gpu const& gpu) {
  std::string text;
  for (auto const& slice : gpu.slices) {
    text += fmt::format(" {}", mig::to_text(gpu.geometry->board(), slice.at));
    if (slice.holder) text += fmt::format("={}", to_text(slice.holder));
    if (!slice.aside.empty()) text += "!";
  }
  return text;
}

}  // namespace

std::string to_text(Pool const& pool) {
  std::string text;
  pool.nodes.each([&](Node const& node) {
    text += fmt::format("{} {}{}\n", node.name, enum_text(node.state), node.draining ? " draining" : "");
    for (auto const& gpu : node.gpus) {
      text += fmt::format("  gpu{} {} {}{}", gpu.index, gpu.family, enum_text(gpu.mode), slices_text(gpu));
      if (gpu.holder) text += fmt::format(" ={}", to_text(gpu.holder));
      if (!gpu.aside.empty()) text += " !";
      text += '\n';
    }
  });
  pool.jobs.each([&](Job const& job) {
    text += fmt::format("job {} {}", to_text(job.id), enum_text(job.state));
    if (job.attempt != 0) text += fmt::format(" attempt {}", job.attempt);
    if (job.stop != StopCause::None) text += fmt::format(" stop {}", enum_text(job.stop));
    text += '\n';
  });
  return text;
}

}  // namespace nav
