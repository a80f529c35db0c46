// SPDX-License-Identifier: Apache-2.0
#include "adapters/nvml.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "adapters/nvml_discovery.h"
#include "mig/placement.h"

namespace nav {

using namespace nvml;

/// What discovery learned of a GPU, which does not change while it is in use.
struct NvmlPort::Gpu {
  std::shared_ptr<Library> library;
  Device device = nullptr;
  std::string uuid, pci_bus_id;
  std::uint32_t minor = 0;
  mig::Board board;

  Error error(Code c, std::string const& what) const { return library->error(c, what); }
  Result<std::vector<Instance>> instances() const;
  enum class Work { Compute, Any };  ///< Any: graphics too, such as a desktop's
  std::vector<GpuProcess> processes(unsigned gpu_instance, Work which) const;
  /// "process 4711 (python), process 4712 (python)"; empty if nobody is seen.
  std::string users(unsigned gpu_instance) const;
};

/// A GPU instance as the driver lists it.
struct NvmlPort::Instance {
  GpuInstance handle = nullptr;
  unsigned id = 0;
  std::string placement;
  std::uint32_t slices = 0;

  std::vector<Compute> computes(Library const& lib) const;
};

struct NvmlPort::Compute {
  ComputeInstance handle = nullptr;
  unsigned id = 0;
  std::uint32_t slices = 0;
  Device mig_device = nullptr;
};

namespace {

/// Name and attempt, of a process that lives and whose environment we may read; else neither: one that is just ending, or is in another
/// pid namespace, must not be taken for a stranger. That it belongs to an attempt is only what it says, which is enough to be shown.
GpuProcess process_of(unsigned pid) {
  GpuProcess process{.pid = pid};
  std::ifstream environment(fmt::format("/proc/{}/environ", pid));
  std::string variable;
  bool is_readable = false;
  while (std::getline(environment, variable, '\0')) {
    is_readable = true;
    if (variable.starts_with("NAV_ATTEMPT=")) process.attempt = parse_attempt_id(std::string_view(variable).substr(12)).value_or(AttemptId{});
  }
  std::ifstream comm(fmt::format("/proc/{}/comm", pid));
  if (is_readable) std::getline(comm, process.name);
  return process;
}

std::string text_of(GpuProcess const& p) {
  return fmt::format("process {} ({}{})", p.pid, p.name.empty() ? "name unknown" : p.name, p.attempt ? ", of attempt " + to_text(p.attempt) : "");
}

/// One that no attempt started, for certain. The driver's own servers (nvidia-cuda-mps-server) belong to the machine.
bool is_stranger(GpuProcess const& p) { return !p.attempt && !p.name.empty() && !p.name.starts_with("nvidia-"); }

using ProcessCall = Code (*)(Device, unsigned*, ProcessInfo*);

void add_processes(ProcessCall call, Device device, std::vector<ProcessInfo>& out) {
  std::vector<ProcessInfo> some(64);
  for (int tries = 0; tries < 3; ++tries) {
    auto count = static_cast<unsigned>(some.size());
    Code const c = call(device, &count, some.data());
    if (c == code::success) {
      some.resize(std::min<std::size_t>(count, some.size()));
      out.insert(out.end(), some.begin(), some.end());
      return;
    }
    if (c != code::insufficient_size) return;
    some.resize(count + 64u);
  }
}

/// The UUID jobs name a compute instance by. Should a driver give the parent in the device field, as the header says, the MIG devices are
/// searched for the one with these ids; their numbers have holes.
std::string uuid_of(Library const& lib, Device parent, unsigned gpu_instance, unsigned compute_instance, Device given) {
  auto uuid = text_of(lib.uuid, given);
  if (uuid.starts_with("MIG-")) return uuid;
  unsigned most = 0;
  if (lib.max_mig_devices(parent, &most) != code::success) return {};
  for (unsigned index = 0; index < most; ++index) {
    Device device = nullptr;
    unsigned gi = none, ci = none;
    if (lib.mig_device(parent, index, &device) != code::success) continue;
    if (lib.gpu_instance_id(device, &gi) != code::success || lib.compute_instance_id(device, &ci) != code::success) continue;
    if (gi == gpu_instance && ci == compute_instance) return text_of(lib.uuid, device);
  }
  return {};
}

}  // namespace

NvmlPort::NvmlPort(NvmlOptions options) : options_(std::move(options)), watch_(options_.on_xid) {}
NvmlPort::~NvmlPort() = default;

Result<std::shared_ptr<Library>> NvmlPort::open() {
  {
    std::lock_guard lock(mutex_);
    if (library_) return library_;
  }
  TRY(auto opened, Library::open(options_.library));
  std::lock_guard lock(mutex_);
  if (!library_) library_ = std::move(opened);
  return library_;
}

Result<Inventory> NvmlPort::discover() {
  Inventory inventory{.simulated = options_.simulated};
  auto lib = open();
  if (!lib) {
    // No library at all: a machine without GPUs, unless one was asked for by name.
    if (lib.error().kind == ErrorKind::NotFound && options_.library.empty()) return inventory;
    return Unexpected(std::move(lib).error());
  }
  char version[96] = "";
  if ((*lib)->driver_version(version, sizeof version) == code::success) inventory.driver_version = version;
  TRY(auto found, find_gpus(*lib, options_.patience));
  std::map<std::string, std::shared_ptr<Gpu const>> gpus;
  std::vector<std::pair<Device, std::string>> devices;
  for (auto& gpu : found) {
    auto board = std::find(inventory.boards.begin(), inventory.boards.end(), gpu.board);
    gpu.inventory.board = static_cast<std::uint32_t>(board - inventory.boards.begin());
    if (board == inventory.boards.end()) inventory.boards.push_back(gpu.board);
    auto const& i = gpu.inventory;
    gpus[i.uuid] = std::make_shared<Gpu const>(Gpu{*lib, gpu.device, i.uuid, i.pci_bus_id, i.minor, gpu.board});
    devices.emplace_back(gpu.device, i.uuid);
    inventory.gpus.push_back(std::move(gpu.inventory));
  }
  {
    std::lock_guard lock(mutex_);
    // One that is not found any more stays known by its handle, so that looking at it tells what the driver says of it.
    gpus.insert(gpus_.begin(), gpus_.end());
    gpus_ = std::move(gpus);
    if (watched_ == devices) devices.clear();
    else watched_ = devices;
  }
  if (!devices.empty()) watch_.watch(*lib, std::move(devices));
  return inventory;
}

Result<std::shared_ptr<NvmlPort::Gpu const>> NvmlPort::find(std::string const& uuid) const {
  std::lock_guard lock(mutex_);
  auto it = gpus_.find(uuid);
  if (it == gpus_.end()) return fail(ErrorKind::NotFound, "there is no GPU {}", uuid);
  return it->second;
}

Result<std::vector<NvmlPort::Instance>> NvmlPort::Gpu::instances() const {
  std::vector<Instance> all;
  for (auto const& profile : board.profiles) {
    GpuInstance handles[most_instances];
    unsigned count = most_instances;
    Code const c = library->gpu_instances(device, profile.id, handles, &count);
    if (c == code::not_supported || c == code::invalid_argument) continue;
    if (c != code::success) return Unexpected(error(c, "list the MIG instances"));
    for (unsigned i = 0; i < std::min(count, most_instances); ++i) {
      GpuInstanceInfo info{};
      // Gone between the two calls.
      if (library->gpu_instance_info(handles[i], &info) != code::success) continue;
      all.push_back({handles[i], info.id, fmt::format("{}@{}", profile.name, info.placement.start), profile.compute_slices});
    }
  }
  std::sort(all.begin(), all.end(), [](Instance const& a, Instance const& b) { return a.placement < b.placement; });
  return all;
}

std::vector<NvmlPort::Compute> NvmlPort::Instance::computes(Library const& lib) const {
  std::vector<Compute> all;
  for (unsigned p = 0; p < most_compute_profiles; ++p) {
    ComputeProfile profile{};
    Code const known = lib.compute_profile(handle, p, 0, &profile);
    if (known == code::invalid_argument) break;
    if (known != code::success) continue;
    ComputeInstance handles[most_instances];
    unsigned count = most_instances;
    if (lib.compute_instances(handle, profile.id, handles, &count) != code::success) continue;
    for (unsigned i = 0; i < std::min(count, most_instances); ++i) {
      ComputeInstanceInfo info{};
      if (lib.compute_instance_info(handles[i], &info) != code::success) continue;
      all.push_back({handles[i], info.id, profile.slices, info.device});
    }
  }
  return all;
}

std::vector<GpuProcess> NvmlPort::Gpu::processes(unsigned gpu_instance, Work which) const {
  std::vector<ProcessInfo> infos;
  add_processes(library->compute_processes, device, infos);
  if (which == Work::Any) add_processes(library->graphics_processes, device, infos);
  std::vector<GpuProcess> found;
  for (auto const& info : infos) {
    if (info.gpu_instance != gpu_instance) continue;
    if (std::any_of(found.begin(), found.end(), [&](auto const& p) { return p.pid == info.pid; })) continue;
    found.push_back(process_of(info.pid));
  }
  std::sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.pid < b.pid; });
  return found;
}

std::string NvmlPort::Gpu::users(unsigned gpu_instance) const {
  auto const found = processes(gpu_instance, Work::Any);
  std::vector<std::string> names;
  for (auto const& p : found) {
    if (names.size() == 3) {
      names.push_back(fmt::format("and {} more", found.size() - 3));
      break;
    }
    names.push_back(text_of(p));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Whether a row of its memory went bad and found no spare one: for good, and what NVIDIA takes boards back for. The driver answers only
/// while no instance is on the GPU, so what it said last holds until it says otherwise.
bool NvmlPort::is_worn_out(Gpu const& gpu) {
  auto const rows = gpu.library->rows_of(gpu.device);
  std::lock_guard lock(mutex_);
  if (rows && rows->failed) worn_out_.insert(gpu.uuid);
  if (rows && !rows->failed) worn_out_.erase(gpu.uuid);
  return worn_out_.contains(gpu.uuid);
}

Result<GpuStatus> NvmlPort::look(std::string const& uuid) {
  TRY(auto gpu, find(uuid));
  auto const& lib = *gpu->library;
  GpuStatus status{.uuid = uuid};
  unsigned current = 0, pending = 0;
  Code const c = lib.mig_mode(gpu->device, &current, &pending);
  if (c == code::not_supported || c == code::function_not_found) current = pending = 0;
  else if (c != code::success) return Unexpected(gpu->error(c, "read the MIG mode"));
  status.mode = current ? GpuMode::Mig : GpuMode::Whole;
  if (current != pending) {
    status.reset_needed = true;
    status.problem = fmt::format(
        "MIG mode waits to be turned {} by a reset: stop all that uses the GPU, this agent included, then run as root: "
        "nvidia-smi --gpu-reset -i {}",
        pending ? "on" : "off", gpu->pci_bus_id);
  }
  if (is_worn_out(*gpu) && status.problem.empty())
    status.problem = "a bad row of its memory could not be replaced by a spare one: have the board tested, and replaced";
  if (!current) {
    remember(*gpu, {});
    for (auto const& process : gpu->processes(none, Gpu::Work::Compute))
      if (status.problem.empty() && is_stranger(process)) status.problem = fmt::format("{}, which was not started here, uses the whole GPU", text_of(process));
    return status;
  }
  auto instances = gpu->instances();
  if (!instances) {
    if (instances.error().kind != ErrorKind::Forbidden) return Unexpected(std::move(instances).error());
    if (status.problem.empty()) status.problem = to_text(instances.error());
    return status;
  }
  std::map<std::string, Ids> ids;
  for (auto const& instance : *instances) {
    auto& s = status.instances.emplace_back(InstanceStatus{instance.placement, "", {}});
    ids[instance.placement] = {instance.id, 0};
    // Only a compute instance that fills its GPU instance makes a slice of it.
    for (auto const& compute : instance.computes(lib)) {
      if (compute.slices != instance.slices) continue;
      s.uuid = uuid_of(lib, gpu->device, instance.id, compute.id, compute.mig_device);
      ids[instance.placement].compute_instance = compute.id;
    }
    s.processes = gpu->processes(instance.id, Gpu::Work::Any);
  }
  remember(*gpu, std::move(ids));
  return status;
}

std::vector<NvmlPort::Seen> NvmlPort::seen() const {
  std::lock_guard lock(mutex_);
  std::vector<Seen> all;
  for (auto const& [uuid, gpu] : gpus_) {
    auto const ids = ids_.find(uuid);
    if (ids != ids_.end()) all.push_back({gpu->library, gpu->device, uuid, ids->second});
  }
  return all;
}

void NvmlPort::remember(Gpu const& gpu, std::map<std::string, Ids> ids) {
  std::map<unsigned, std::string> placements;
  for (auto const& [placement, id] : ids) placements[id.gpu_instance] = placement;
  watch_.set_placements(gpu.uuid, std::move(placements));
  std::lock_guard lock(mutex_);
  ids_[gpu.uuid] = std::move(ids);
}

Result<void> NvmlPort::set_mode(std::string const& uuid, GpuMode mode) {
  TRY(auto gpu, find(uuid));
  auto const& lib = *gpu->library;
  unsigned current = 0, pending = 0;
  if (Code const c = lib.mig_mode(gpu->device, &current, &pending); c != code::success) return Unexpected(gpu->error(c, "read the MIG mode"));
  unsigned const wanted = mode == GpuMode::Mig ? 1 : 0;
  if (current == wanted && pending == wanted) return {};
  std::string const what = fmt::format("turn MIG {}", wanted ? "on" : "off");
  Code activation = code::success;
  if (Code const c = lib.set_mig_mode(gpu->device, wanted, &activation); c != code::success) return Unexpected(gpu->error(c, what));
  if (activation == code::success) {
    remember(*gpu, {});
    return {};
  }
  Error error = gpu->error(activation, what);
  if (activation == code::reset_required) {
    error.kind = ErrorKind::Unavailable;
    error.hint = fmt::format("run as root, with nothing on the GPU: nvidia-smi --gpu-reset -i {}", gpu->pci_bus_id);
    return Unexpected(std::move(error));
  }
  // The call "succeeded": the mode is pending now, to come with a reset at some time. Take that back; we try again when the GPU is free.
  Code ignored = code::success;
  if (pending == current) lib.set_mig_mode(gpu->device, current, &ignored);
  error.kind = ErrorKind::Conflict;
  if (auto users = gpu->users(none); !users.empty()) error.hint = fmt::format("used by {}", users);
  return Unexpected(std::move(error));
}

Result<InstanceStatus> NvmlPort::create(std::string const& uuid, std::string const& placement) {
  TRY(auto gpu, find(uuid));
  auto const& lib = *gpu->library;
  TRY(auto at, mig::parse_placement(gpu->board, placement));
  auto const& profile = gpu->board.profiles.at(at.profile);
  TRY(auto existing, gpu->instances());
  for (auto const& instance : existing)
    if (instance.placement == placement) return complete(*gpu, instance);

  Span const span{at.start, profile.memory_slices};
  Instance made{.placement = placement, .slices = profile.compute_slices};
  if (Code const c = lib.create_gpu_instance(gpu->device, profile.id, &span, &made.handle); c != code::success) {
    Error error = gpu->error(c, fmt::format("create {}", placement));
    if (c == code::in_use) {
      error.kind = ErrorKind::Unavailable;
      if (auto users = gpu->users(none); !users.empty()) error.hint = fmt::format("used by {}", users);
    }
    return Unexpected(std::move(error));
  }
  GpuInstanceInfo info{};
  if (lib.gpu_instance_info(made.handle, &info) == code::success) made.id = info.id;
  auto completed = complete(*gpu, made);
  if (!completed) lib.destroy_gpu_instance(made.handle);
  return completed;
}

/// Gives a GPU instance the one compute instance that fills it, in place of smaller ones somebody may have made.
Result<InstanceStatus> NvmlPort::complete(Gpu const& gpu, Instance const& instance) {
  auto const& lib = *gpu.library;
  ComputeInstance handle = nullptr;
  for (auto const& compute : instance.computes(lib)) {
    if (compute.slices == instance.slices) {
      handle = compute.handle;
      continue;
    }
    Code const c = lib.destroy_compute_instance(compute.handle);
    if (c != code::success && c != code::not_found) return Unexpected(gpu.error(c, fmt::format("remove a smaller compute instance in {}", instance.placement)));
  }
  Code result = code::not_supported;
  for (unsigned p = 0; !handle && p < most_compute_profiles; ++p) {
    ComputeProfile profile{};
    Code const known = lib.compute_profile(instance.handle, p, 0, &profile);
    if (known == code::invalid_argument) break;
    if (known != code::success || profile.slices != instance.slices) continue;
    result = lib.create_compute_instance(instance.handle, profile.id, &handle);
    if (result != code::success) handle = nullptr;
  }
  if (!handle) return Unexpected(gpu.error(result, fmt::format("create the compute instance of {}", instance.placement)));
  ComputeInstanceInfo info{};
  if (Code const c = lib.compute_instance_info(handle, &info); c != code::success) return Unexpected(gpu.error(c, fmt::format("read {}", instance.placement)));
  auto mig = uuid_of(lib, gpu.device, instance.id, info.id, info.device);
  if (mig.empty()) return fail(ErrorKind::Unavailable, "the driver gives {} no UUID", instance.placement);
  {
    std::lock_guard lock(mutex_);
    ids_[gpu.uuid][instance.placement] = {instance.id, info.id};
    std::map<unsigned, std::string> placements;
    for (auto const& [placement, id] : ids_[gpu.uuid]) placements[id.gpu_instance] = placement;
    watch_.set_placements(gpu.uuid, std::move(placements));
  }
  return InstanceStatus{instance.placement, std::move(mig), {}};
}

Result<void> NvmlPort::destroy(std::string const& uuid, std::string const& placement) {
  TRY(auto gpu, find(uuid));
  auto const& lib = *gpu->library;
  TRY(auto existing, gpu->instances());
  auto it = std::find_if(existing.begin(), existing.end(), [&](Instance const& i) { return i.placement == placement; });
  if (it == existing.end()) return {};
  auto refused = [&](Code c) {
    Error error = gpu->error(c, fmt::format("remove {}", placement));
    if (c == code::in_use)
      if (auto users = gpu->users(it->id); !users.empty()) error.message += fmt::format(", used by {}", users);
    return Unexpected(std::move(error));
  };
  for (auto const& compute : it->computes(lib))
    if (Code const c = lib.destroy_compute_instance(compute.handle); c != code::success && c != code::not_found) return refused(c);
  if (Code const c = lib.destroy_gpu_instance(it->handle); c != code::success && c != code::not_found) return refused(c);
  return {};
}

std::vector<std::string> NvmlPort::device_files(std::string const& uuid, std::string const& placement) const {
  auto gpu = find(uuid);
  if (!gpu || options_.simulated) return {};
  auto files = gpu_files(options_.folders, (*gpu)->minor);
  if (placement.empty()) return files;
  Ids ids;
  {
    std::lock_guard lock(mutex_);
    auto known = ids_.find(uuid);
    if (known == ids_.end() || !known->second.contains(placement)) return {};
    ids = known->second.at(placement);
  }
  std::ifstream list(options_.folders.proc + "/driver/nvidia-caps/mig-minors");
  std::string const text((std::istreambuf_iterator<char>(list)), {});
  auto caps = cap_files(options_.folders, cap_minors(text, (*gpu)->minor, ids.gpu_instance, ids.compute_instance));
  files.insert(files.end(), caps.begin(), caps.end());
  return files;
}

}  // namespace nav
