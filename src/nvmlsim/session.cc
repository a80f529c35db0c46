// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/session.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace nav::nvmlsim {

Session& Session::get() {
  // Never destroyed: a client may still call from a thread while the process ends.
  static auto& session = *new Session;
  return session;
}

Return Session::open() {
  std::lock_guard lock(mutex);
  if (opens_ > 0) {
    ++opens_;
    return Return::Success;
  }
  char const* named = std::getenv("NAV_NVMLSIM_STATE");
  if (!named || !*named) return Return::DriverNotLoaded;
  std::string folder = named;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  std::shared_ptr<StateFile> opened = StateFile::open(folder + "/driver");
  if (!opened) return Return::DriverNotLoaded;
  machine = find_machine(opened->identity().machine);
  if (!machine) return Return::DriverNotLoaded;
  file = std::move(opened);
  processes = std::make_unique<ProcessTable>(folder);
  opens_ = 1;
  return Return::Success;
}

Return Session::close() {
  std::lock_guard lock(mutex);
  if (opens_ == 0) return Return::Uninitialized;
  if (--opens_ == 0) {
    file = nullptr;
    processes = nullptr;
    machine = nullptr;
  }
  return Return::Success;
}

Handle* Session::handle(Handle const& wanted) {
  auto& slot = handles_[wanted.key()];
  if (!slot) {
    slot = std::make_unique<Handle>(wanted);
    known_.insert(slot.get());
  }
  return slot.get();
}

bool Session::knows(Handle const* handle) const { return known_.contains(handle); }

std::vector<Use> Session::uses(NodeState const& state, Look look) {
  return uses_of(look == Look::Fresh ? processes->now() : processes->recent(), file->identity(), *machine, state);
}

bool Session::is_used(NodeState const& state, unsigned gpu, unsigned gpu_instance, unsigned compute_instance) {
  for (Use const& use : uses(state, Look::Fresh))
    if (use.gpu == gpu && (gpu_instance == no_instance || use.gpu_instance == gpu_instance) &&
        (compute_instance == no_instance || use.compute_instance == compute_instance))
      return true;
  return false;
}

void wait_if_slow(Handle const* handle) {
  Session& session = Session::get();
  auto const start = std::chrono::steady_clock::now();
  while (true) {
    std::shared_ptr<StateFile> file;
    std::uint32_t seen = 0;
    std::chrono::milliseconds slow{0};
    {
      std::lock_guard lock(session.mutex);
      if (!session.is_open() || !session.knows(handle)) return;
      file = session.file;
      seen = file->version();
      slow = std::chrono::milliseconds(file->read().gpus[handle->gpu].slow_ms);
    }
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(start + slow - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    // A change of the node may be the end of the fault, so a call that waits for hours ends with it.
    file->wait_for_change(seen, static_cast<std::uint32_t>(left.count()));
  }
}

Call::Call(Handle const* handle, Of what) : session_(Session::get()) {
  wait_if_slow(handle);
  lock_ = std::unique_lock(session_.mutex);
  error = resolve(handle, what);
}

Return Call::resolve(Handle const* handle, Of what) {
  if (!session_.is_open()) return Return::Uninitialized;
  if (!session_.knows(handle)) return Return::InvalidArgument;
  bool device = handle->kind == Handle::Kind::Gpu || handle->kind == Handle::Kind::MigDevice;
  switch (what) {
    case Of::AnyDevice:
      if (!device) return Return::InvalidArgument;
      break;
    case Of::Gpu:
      if (!device) return Return::InvalidArgument;
      // Temperature, clocks, utilization and the like belong to the GPU alone.
      if (handle->kind != Handle::Kind::Gpu) return Return::NotSupported;
      break;
    case Of::MigDevice:
      if (handle->kind != Handle::Kind::MigDevice) return Return::InvalidArgument;
      break;
    case Of::GpuInstance:
      if (handle->kind != Handle::Kind::GpuInstance) return Return::InvalidArgument;
      break;
    case Of::ComputeInstance:
      if (handle->kind != Handle::Kind::ComputeInstance) return Return::InvalidArgument;
      break;
  }
  NodeState const& state = session_.file->read();
  if (handle->gpu >= session_.machine->gpus) return Return::InvalidArgument;
  Gpu const& gpu = state.gpus[handle->gpu];
  view_ = std::make_unique<View>(View{session_, state, handle->gpu, gpu, *session_.machine, session_.board()});
  if (gpu.lost) return Return::GpuIsLost;
  if (handle->kind == Handle::Kind::Gpu) return Return::Success;

  GpuInstance const& instance = gpu.instances[handle->gpu_instance];
  if (!instance.exists) return Return::NotFound;
  view_->instance = &instance;
  if (handle->kind == Handle::Kind::GpuInstance) return instance.born == handle->born ? Return::Success : Return::NotFound;
  ComputeInstance const& compute = instance.compute[handle->compute_instance];
  if (!compute.exists || compute.born != handle->born) return Return::NotFound;
  view_->compute = &compute;
  return Return::Success;
}

Return give_text(std::string const& text, char* buffer, unsigned length) {
  if (!buffer) return Return::InvalidArgument;
  if (length <= text.size()) return Return::InsufficientSize;
  std::memcpy(buffer, text.c_str(), text.size() + 1);
  return Return::Success;
}

}  // namespace nav::nvmlsim
