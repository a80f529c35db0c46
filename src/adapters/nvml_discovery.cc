// SPDX-License-Identifier: Apache-2.0
#include "adapters/nvml_discovery.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

namespace nav::nvml {

namespace {

std::string architecture_name(unsigned architecture) {
  switch (architecture) {
    case 4: return "Pascal";
    case 5: return "Volta";
    case 6: return "Turing";
    case 7: return "Ampere";
    case 8: return "Ada";
    case 9: return "Hopper";
    case 10: return "Blackwell";
    default: return "";
  }
}

/// What the enumerator says that the first version of the answer does not: which media engines, and graphics.
void mark(mig::Profile& profile, unsigned enumerator) {
  switch (enumerator) {
    case 0x7:
    case 0x8: profile.media = mig::Media::Extensions; break;
    case 0xA:
    case 0xB:
    case 0xC: profile.graphics = true; break;
    case 0xD:
    case 0xE: profile.media = mig::Media::Without; break;
    case 0xF:
    case 0x10: profile.media = mig::Media::All; break;
    default: break;
  }
}

template <class Answer>
mig::Profile profile_from(Answer const& a) {
  return {.id = a.id,
          .compute_slices = a.slices,
          .memory_mib = a.memory_mib,
          .multiprocessors = a.multiprocessors,
          .max_instances = a.instances,
          .copy_engines = a.copy_engines,
          .decoders = a.decoders,
          .encoders = a.encoders,
          .jpeg = a.jpeg,
          .ofa = a.ofa};
}

template <class Answer>
mig::Profile named_profile_from(Answer const& a) {
  mig::Profile profile = profile_from(a);
  std::string_view name(a.name, ::strnlen(a.name, sizeof a.name));
  if (name.starts_with("MIG ")) name.remove_prefix(4);
  profile.name = name;
  profile.media = mig::media_of(name);
  profile.graphics = mig::has_graphics(name);
  return profile;
}

struct Asked {
  Code code;
  mig::Profile profile;
};

/// The newest form the driver speaks. With MIG off some drivers answer only the oldest one, which has no name: then the name follows from the
/// rule that NVIDIA's own tools use.
Asked ask_profile(Library const& lib, Device device, unsigned enumerator, std::uint64_t board_memory_mib) {
  ProfileV3 v3{.version = version_of<ProfileV3>(3)};
  if (lib.profile_v(device, enumerator, &v3) == code::success && v3.name[0]) return {code::success, named_profile_from(v3)};
  ProfileV2 v2{.version = version_of<ProfileV2>(2)};
  if (lib.profile_v(device, enumerator, &v2) == code::success && v2.name[0]) return {code::success, named_profile_from(v2)};
  ProfileV1 v1{};
  Code const c = lib.profile_v1(device, enumerator, &v1);
  if (c != code::success) return {c, {}};
  mig::Profile profile = profile_from(v1);
  mark(profile, enumerator);
  if (board_memory_mib > 0) profile.name = mig::name_of(profile, board_memory_mib);
  return {c, std::move(profile)};
}

mig::Board board_of(Library const& lib, Device device, std::string model, std::uint64_t memory_mib) {
  mig::Board board{.model = std::move(model), .memory_mib = memory_mib};
  for (unsigned e = 0; e < most_profiles; ++e) {
    auto [c, profile] = ask_profile(lib, device, e, memory_mib);
    if (c == code::invalid_argument || c == code::function_not_found) break;
    if (c != code::success || profile.name.empty()) continue;
    unsigned count = 0;
    if (lib.possible_placements(device, profile.id, nullptr, &count) != code::success || count == 0 || count > 64) continue;
    std::vector<Span> spans(count);
    if (lib.possible_placements(device, profile.id, spans.data(), &count) != code::success) continue;
    spans.resize(std::min<std::size_t>(count, spans.size()));
    if (spans.empty()) continue;
    profile.memory_slices = spans[0].size;
    for (auto const& span : spans) profile.starts.push_back(span.start);
    std::sort(profile.starts.begin(), profile.starts.end());
    board.memory_slices = std::max(board.memory_slices, profile.starts.back() + profile.memory_slices);
    board.compute_slices = std::max(board.compute_slices, profile.compute_slices);
    board.profiles.push_back(std::move(profile));
  }
  // What a driver should not say is better not used than half understood: the GPU is then given whole.
  if (!mig::check(board)) {
    board.profiles.clear();
    board.memory_slices = board.compute_slices = 0;
  }
  return board;
}

std::string bus_id_of(PciInfo const& pci) { return {pci.bus_id, ::strnlen(pci.bus_id, sizeof pci.bus_id)}; }

/// Where this GPU's links lead: PCI bus ids of other GPUs, or to switches.
void follow_links(Library const& lib, FoundGpu& gpu) {
  for (unsigned link = 0; link < nvlinks; ++link) {
    unsigned active = 0, type = nvlink_to_gpu;
    if (lib.nvlink_state(gpu.device, link, &active) != code::success || active != 1) continue;
    if (lib.nvlink_remote_type(gpu.device, link, &type) == code::success && type == nvlink_to_switch) {
      gpu.is_on_switches = true;
      continue;
    }
    PciInfo remote{};
    if (lib.nvlink_remote_pci(gpu.device, link, &remote) == code::success) gpu.linked_bus_ids.push_back(bus_id_of(remote));
  }
}

/// GPUs one NVLink away: those named at the other end, or, where the links lead to switches, all that have such links.
void link_peers(std::vector<FoundGpu>& gpus) {
  for (auto& gpu : gpus)
    for (auto const& other : gpus) {
      if (&other == &gpu) continue;
      auto const& linked = gpu.linked_bus_ids;
      bool const is_linked = std::find(linked.begin(), linked.end(), other.inventory.pci_bus_id) != linked.end();
      if (is_linked || (gpu.is_on_switches && other.is_on_switches)) gpu.inventory.nvlink_peers.push_back(other.inventory.index);
    }
}

/// All of one GPU; without a UUID when it cannot even be named.
FoundGpu probe(Library const& lib, unsigned index) {
  FoundGpu found;
  if (lib.device_by_index(index, &found.device) != code::success) return found;
  auto& gpu = found.inventory;
  gpu.uuid = text_of(lib.uuid, found.device);
  if (gpu.uuid.empty()) return found;
  gpu.model = text_of(lib.name, found.device);
  Memory memory{};
  if (lib.memory(found.device, &memory) == code::success) gpu.memory_mib = memory.total >> 20;
  lib.minor_number(found.device, &gpu.minor);
  PciInfo pci{};
  if (lib.pci(found.device, &pci) == code::success) gpu.pci_bus_id = bus_id_of(pci);
  unsigned architecture = 0, current = 0, pending = 0;
  if (lib.architecture(found.device, &architecture) == code::success) gpu.architecture = architecture_name(architecture);
  gpu.mig_capable = lib.mig_mode(found.device, &current, &pending) == code::success;
  found.board = {.model = gpu.model, .memory_mib = gpu.memory_mib};
  if (gpu.mig_capable) found.board = board_of(lib, found.device, gpu.model, gpu.memory_mib);
  follow_links(lib, found);
  return found;
}

}  // namespace

std::string text_of(Code (*call)(Device, char*, unsigned), Device device) {
  char text[128] = "";
  return call(device, text, sizeof text) == code::success ? std::string(text, ::strnlen(text, sizeof text)) : std::string();
}

Result<std::vector<FoundGpu>> find_gpus(std::shared_ptr<Library> const& library, Duration patience) {
  unsigned count = 0;
  if (Code const c = library->device_count(&count); c != code::success) return Unexpected(library->error(c, "count the GPUs"));
  struct Round {
    std::mutex mutex;
    std::condition_variable bell;
    unsigned open = 0;
    std::vector<FoundGpu> found;
  };
  auto round = std::make_shared<Round>();
  round->open = count;
  round->found.resize(count);
  for (unsigned index = 0; index < count; ++index)
    std::thread([round, library = library, index]() mutable {
      FoundGpu gpu = probe(*library, index);
      library.reset();  // whoever waits for us may want to close it next
      std::lock_guard lock(round->mutex);
      round->found[index] = std::move(gpu);
      --round->open;
      round->bell.notify_all();
    }).detach();
  std::vector<FoundGpu> gpus;
  {
    std::unique_lock lock(round->mutex);
    round->bell.wait_for(lock, std::chrono::microseconds(patience.us), [&] { return round->open == 0; });
    for (auto const& gpu : round->found)
      if (!gpu.inventory.uuid.empty()) gpus.push_back(gpu);
  }
  for (std::size_t i = 0; i < gpus.size(); ++i) gpus[i].inventory.index = static_cast<std::uint32_t>(i);
  // A GPU that tells no profiles while MIG is off is like its sister that does.
  for (auto& gpu : gpus) {
    if (!gpu.inventory.mig_capable || !gpu.board.profiles.empty()) continue;
    for (auto const& sister : gpus)
      if (sister.inventory.model == gpu.inventory.model && !sister.board.profiles.empty()) gpu.board = sister.board;
  }
  link_peers(gpus);
  return gpus;
}

}  // namespace nav::nvml
