// SPDX-License-Identifier: Apache-2.0
// NVML: GPU performance monitoring, which Hopper and later have. A metric is what happened between two samples of one GPU or
// GPU instance, here the processor time of the processes in it.
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "nvmlsim/activity.h"

namespace nav::nvmlsim {

struct GpmSample {
  unsigned gpu = 0, gpu_instance = no_instance;
  std::uint64_t born = 0;  ///< tells instances apart that had the same id
  std::uint64_t cpu_us = 0;
  std::chrono::steady_clock::time_point taken;
  bool filled = false;
};

namespace {

/// Samples that clients hold, guarded by the session's mutex.
std::map<GpmSample*, std::unique_ptr<GpmSample>>& samples() {
  static auto& all = *new std::map<GpmSample*, std::unique_ptr<GpmSample>>;
  return all;
}

bool has_gpm(View const& view) { return view.board.architecture >= architecture::hopper; }

Return take(View const& view, GpuInstance const* instance, GpmSample* sample) {
  if (!has_gpm(view)) return Return::NotSupported;
  if (!samples().contains(sample)) return Return::InvalidArgument;
  unsigned id = instance ? instance->id : no_instance;
  *sample = {.gpu = view.index,
             .gpu_instance = id,
             .born = instance ? instance->born : 0,
             .cpu_us = cpu_time_us(view, id),
             .taken = std::chrono::steady_clock::now(),
             .filled = true};
  return Return::Success;
}

/// What a metric shows of a wholly busy instance, in percent; negative for metrics that are not simulated. The figures are made up,
/// only their order is that of an ordinary training.
double weight_of(unsigned metric) {
  switch (metric) {
    case 1: return 100;  // graphics engine
    case 2: return 95;   // multiprocessors
    case 3: return 50;   // occupancy
    case 5: return 40;   // tensor cores
    case 10: return 60;  // memory bandwidth
    case 11: return 0;   // FP64
    case 12: return 30;  // FP32
    case 13: return 20;  // FP16
    case 20:
    case 21: return 0;  // PCIe
    default: return -1;
  }
}

}  // namespace
}  // namespace nav::nvmlsim

using namespace nav::nvmlsim;

NVML_CALL nvmlGpmQueryDeviceSupport(Device device, GpmSupport* support) {
  return on(device, Call::Of::AnyDevice, [&](View const& view) {
    if (!support) return Return::InvalidArgument;
    if (support->version != 1) return Return::ArgumentVersionMismatch;
    support->is_supported = has_gpm(view);
    return Return::Success;
  });
}

NVML_CALL nvmlGpmSampleAlloc(GpmSample** sample) {
  std::lock_guard lock(Session::get().mutex);
  if (!sample) return Return::InvalidArgument;
  auto made = std::make_unique<GpmSample>();
  *sample = made.get();
  samples()[made.get()] = std::move(made);
  return Return::Success;
}

NVML_CALL nvmlGpmSampleFree(GpmSample* sample) {
  std::lock_guard lock(Session::get().mutex);
  return samples().erase(sample) > 0 ? Return::Success : Return::InvalidArgument;
}

NVML_CALL nvmlGpmSampleGet(Device device, GpmSample* sample) {
  return on(device, Call::Of::AnyDevice, [&](View const& view) { return take(view, view.instance, sample); });
}

NVML_CALL nvmlGpmMigSampleGet(Device device, unsigned gpu_instance, GpmSample* sample) {
  return on(device, Call::Of::Gpu, [&](View const& view) {
    if (!view.gpu.mig) return Return::NotSupported;
    if (gpu_instance >= max_gpu_instances || !view.gpu.instances[gpu_instance].exists) return Return::NotFound;
    return take(view, &view.gpu.instances[gpu_instance], sample);
  });
}

NVML_CALL nvmlGpmMetricsGet(GpmMetricsGet* request) {
  if (!request) return Return::InvalidArgument;
  if (request->version != 1) return Return::ArgumentVersionMismatch;
  std::lock_guard lock(Session::get().mutex);
  if (!samples().contains(request->first) || !samples().contains(request->second)) return Return::InvalidArgument;
  GpmSample const &first = *request->first, &second = *request->second;
  if (!first.filled || !second.filled || first.gpu != second.gpu || first.gpu_instance != second.gpu_instance || first.born != second.born)
    return Return::InvalidArgument;
  double elapsed_us = std::chrono::duration<double, std::micro>(second.taken - first.taken).count();
  if (elapsed_us <= 0) return Return::InvalidArgument;
  double used_us = second.cpu_us > first.cpu_us ? static_cast<double>(second.cpu_us - first.cpu_us) : 0;
  double activity = std::min(1.0, used_us / elapsed_us);
  for (unsigned i = 0; i < request->count; ++i) {
    GpmMetric& metric = request->metrics[i];
    double weight = weight_of(metric.id);
    metric.result = weight < 0 ? Return::NotSupported : Return::Success;
    metric.value = weight < 0 ? 0 : weight * activity;
    metric.words = {nullptr, nullptr, nullptr};
  }
  return Return::Success;
}
