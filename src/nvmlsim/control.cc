// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/control.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/text.h"
#include "nvmlsim/boards.h"
#include "nvmlsim/identity.h"
#include "nvmlsim/processes.h"
#include "nvmlsim/rules.h"
#include "nvmlsim/state.h"

namespace nav::nvmlsim {
namespace {

std::vector<std::string> machine_names() {
  std::vector<std::string> names;
  for (Machine const& machine : machines()) names.emplace_back(machine.name);
  return names;
}

Result<std::unique_ptr<StateFile>> open_node(std::string const& folder) {
  auto file = StateFile::open(folder + "/driver");
  if (file) return file;
  if (errno == EPROTO) return fail(ErrorKind::Conflict, "the simulated node in {} was made by another version", folder);
  return fail(ErrorKind::NotFound, "there is no simulated node in {}: {}", folder, std::strerror(errno));
}

/// One file of the kind that /proc would have, whole or not at all.
Result<void> write_text(std::string const& path, std::string const& text) {
  std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(draft, path, error);
  if (!file || error) return fail(ErrorKind::Internal, "write {}: {}", path, error ? error.message() : std::strerror(errno));
  return {};
}

/// As the real file, which lists what 32 GPUs could have, whatever is there.
std::string mig_minors() {
  std::string text = "config 1\nmonitor 2\n";
  for (unsigned gpu = 0; gpu < 32; ++gpu)
    for (unsigned instance = 0; instance < max_gpu_instances; ++instance) {
      text += fmt::format("gpu{}/gi{}/access {}\n", gpu, instance, cap_minor(gpu, instance));
      for (unsigned compute = 0; compute < max_compute_instances; ++compute)
        text += fmt::format("gpu{}/gi{}/ci{}/access {}\n", gpu, instance, compute, cap_minor(gpu, instance, compute));
    }
  return text;
}

constexpr char const* devices = "Character devices:\n195 nvidia\n195 nvidiactl\n508 nvidia-uvm\n511 nvidia-caps\n";

Result<void> change(std::string const& folder, unsigned gpu, std::function<void(Gpu&)> const& what) {
  TRY(auto file, open_node(folder));
  if (!file->is_writable()) return fail(ErrorKind::Forbidden, "the simulated node in {} belongs to somebody else", folder);
  unsigned gpus = find_machine(file->identity().machine)->gpus;
  if (gpu != every_gpu && gpu >= gpus) return fail_field("gpu", fmt::format("0 to {}", gpus - 1), "there is no GPU {}", gpu);
  file->update([&](NodeState& state) {
    for (unsigned i = 0; i < gpus; ++i)
      if (gpu == every_gpu || gpu == i) what(state.gpus[i]);
    return true;
  });
  return {};
}

}  // namespace

Result<Simulation> parse_simulation(std::string_view text) {
  std::string_view name = text.substr(0, text.find(':'));
  Simulation simulation;
  simulation.machine = find_machine(name);
  if (!simulation.machine) {
    std::vector<std::string> const known = machine_names();
    auto uncertain = uncertain_boards();
    if (std::find(uncertain.begin(), uncertain.end(), name) != uncertain.end())
      return fail_field("simulate", fmt::format("one of {}", fmt::join(known, ", ")),
                        "{} cannot be simulated: its memory, multiprocessors or placements are not known well enough", name);
    std::vector<std::string> near = nearest(name, known);
    return fail_field("simulate", fmt::format("{} {}", near.empty() ? "one of" : "did you mean", fmt::join(near.empty() ? known : near, ", ")),
                      "there is no machine {} to simulate", name);
  }
  if (name.size() == text.size()) return simulation;
  std::string_view number = text.substr(name.size() + 1);
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), simulation.count);
  if (error != std::errc() || end != number.data() + number.size() || simulation.count < 1 || simulation.count > 1000)
    return fail_field("simulate", "a number from 1 to 1000", "{} is not a number of machines", number);
  return simulation;
}

Result<void> create_node(std::string const& folder, Machine const& machine, std::string const& node_name, std::uint64_t seed) {
  NodeIdentity identity{};
  if (node_name.size() >= sizeof identity.name) return fail_field("name", "at most 63 characters", "the node name {} is too long", node_name);
  std::memcpy(identity.machine, machine.name.data(), machine.name.size());
  std::memcpy(identity.name, node_name.data(), node_name.size());
  identity.seed = seed;

  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorKind::Internal, "make {}: {}", folder, error.message());
  // The driver's file comes last: where it is, the node is whole.
  TRY_VOID(write_text(folder + "/mig-minors", mig_minors()));
  TRY_VOID(write_text(folder + "/devices", devices));
  int failed = StateFile::create(folder + "/driver", identity);
  if (failed == EEXIST) {
    TRY(auto file, open_node(folder));
    NodeIdentity const& there = file->identity();
    if (there.seed == seed && node_name == there.name && machine.name == there.machine) return {};
    return fail(ErrorKind::Conflict, "{} already holds the simulated node {} ({})", folder, there.name, there.machine);
  }
  if (failed != 0) return fail(ErrorKind::Internal, "make {}/driver: {}", folder, std::strerror(failed));
  return {};
}

Result<NodeDescription> describe_node(std::string const& folder) {
  TRY(auto file, open_node(folder));
  Machine const* machine = find_machine(file->identity().machine);
  if (!machine) return fail(ErrorKind::Conflict, "the simulated node in {} is a machine this version does not know", folder);
  return NodeDescription{.name = file->identity().name,
                         .machine = std::string(machine->name),
                         .board = std::string(machine->board),
                         .description = std::string(machine->description),
                         .caveat = std::string(board_of(*machine).caveat),
                         .gpus = machine->gpus,
                         .cpus = machine->cpus,
                         .memory_mib = machine->memory_mib,
                         .numa_nodes = machine->numa_nodes};
}

std::vector<std::pair<std::string, std::string>> env_for(std::string const& folder, std::string const& library_folder) {
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::absolute(folder, error);
  return {{"NAV_NVMLSIM_STATE", absolute.string()}, {"LD_LIBRARY_PATH", library_folder}};
}

Result<std::string> library_folder() {
  std::error_code error;
  std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  for (auto const& candidate : {program.parent_path() / "nvmlsim", program.parent_path().parent_path() / "lib/opennav/nvmlsim"})
    if (std::filesystem::exists(candidate / "libnvidia-ml.so.1", error)) return candidate.string();
  return fail(ErrorKind::NotFound, "the simulated driver libnvidia-ml.so.1 is not beside {}", program.string());
}

Result<void> inject_xid(std::string const& folder, unsigned gpu, unsigned xid, std::uint32_t gpu_instance, std::uint32_t compute_instance) {
  TRY(auto file, open_node(folder));
  if (!file->is_writable()) return fail(ErrorKind::Forbidden, "the simulated node in {} belongs to somebody else", folder);
  unsigned gpus = find_machine(file->identity().machine)->gpus;
  if (gpu >= gpus) return fail_field("gpu", fmt::format("0 to {}", gpus - 1), "there is no GPU {}", gpu);
  file->update([&](NodeState& state) {
    state.xid[state.xids++ % kept_events] = {gpu, xid, gpu_instance, compute_instance};
    return true;
  });
  return {};
}

Result<void> refuse_creations(std::string const& folder, unsigned gpu, unsigned times, Refusal refusal) {
  return change(folder, gpu, [&](Gpu& it) {
    it.refused_creations = times;
    it.refused_with = refusal == Refusal::InsufficientResources ? Return::InsufficientResources : refusal == Refusal::InUse ? Return::InUse : Return::Unknown;
  });
}

Result<void> keep_busy(std::string const& folder, unsigned gpu, unsigned times) {
  return change(folder, gpu, [&](Gpu& it) { it.busy_destroys = times; });
}

Result<void> slow_down(std::string const& folder, unsigned gpu, unsigned milliseconds) {
  return change(folder, gpu, [&](Gpu& it) { it.slow_ms = milliseconds; });
}

Result<void> lose_gpu(std::string const& folder, unsigned gpu) {
  return change(folder, gpu, [](Gpu& it) { it.lost = true; });
}

Result<void> wear_out(std::string const& folder, unsigned gpu) {
  return change(folder, gpu, [](Gpu& it) { it.worn_out = true; });
}

Result<void> clear_faults(std::string const& folder) {
  return change(folder, every_gpu, [](Gpu& it) {
    it.refused_creations = it.busy_destroys = it.slow_ms = 0;
    it.lost = it.worn_out = false;
  });
}

Result<InstanceIds> instance_at(std::string const& folder, unsigned gpu, std::string_view placement) {
  TRY(auto file, open_node(folder));
  Machine const& machine = *find_machine(file->identity().machine);
  if (gpu >= machine.gpus) return fail_field("gpu", fmt::format("0 to {}", machine.gpus - 1), "there is no GPU {}", gpu);
  std::vector<std::string> there;
  for (GpuInstance const& instance : file->read().gpus[gpu].instances) {
    if (!instance.exists) continue;
    for (GpuInstanceProfile const& profile : board_of(machine).profiles)
      if (profile.id == instance.profile_id) there.push_back(fmt::format("{}@{}", profile.name, instance.start));
    if (there.empty() || there.back() != placement) continue;
    for (ComputeInstance const& compute : instance.compute)
      if (compute.exists) return InstanceIds{instance.id, compute.id};
    return InstanceIds{instance.id, 0xFFFFFFFFu};
  }
  return Unexpected(Error{ErrorKind::NotFound, fmt::format("there is no instance {} on GPU {}", placement, gpu),
                          there.empty() ? "nothing is cut there now" : fmt::format("there are: {}", fmt::join(there, ", ")), "slice"});
}

Result<void> reset_gpu(std::string const& folder, unsigned gpu) {
  TRY(auto file, open_node(folder));
  Machine const& machine = *find_machine(file->identity().machine);
  std::error_code error;
  ProcessTable table(std::filesystem::absolute(folder, error).string());
  for (Use const& use : uses_of(table.now(), file->identity(), machine, file->read()))
    if (use.gpu == gpu) return fail(ErrorKind::Conflict, "GPU {} cannot be reset while process {} is on it", gpu, use.process->pid);
  return change(folder, gpu, [](Gpu& it) { reset(it); });
}

Result<void> reboot_node(std::string const& folder) {
  TRY(auto file, open_node(folder));
  if (!file->is_writable()) return fail(ErrorKind::Forbidden, "the simulated node in {} belongs to somebody else", folder);
  Machine const& machine = *find_machine(file->identity().machine);
  file->update([&](NodeState& state) {
    ++state.boots;
    for (unsigned i = 0; i < machine.gpus; ++i) reboot(board_of(machine), state.gpus[i]);
    return true;
  });
  return {};
}

}  // namespace nav::nvmlsim
