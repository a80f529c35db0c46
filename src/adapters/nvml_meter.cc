// SPDX-License-Identifier: Apache-2.0
#include "adapters/nvml_meter.h"

#include <memory>

namespace nav {

using namespace nvml;
using telemetry::Metric;
using telemetry::Readings;
using telemetry::Source;
using telemetry::Subject;
using telemetry::SubjectKind;

namespace {

constexpr unsigned volatile_count = 0, corrected = 0, uncorrected = 1, sm_clock = 1, memory_clock = 2;

/// The MIG device with these ids; their numbers have holes.
Device mig_device_of(NvmlPort::Seen const& gpu, NvmlPort::Ids ids) {
  unsigned most = 0;
  if (gpu.library->max_mig_devices(gpu.device, &most) != code::success) return nullptr;
  for (unsigned index = 0; index < most; ++index) {
    Device device = nullptr;
    unsigned gi = none, ci = none;
    if (gpu.library->mig_device(gpu.device, index, &device) != code::success) continue;
    if (gpu.library->gpu_instance_id(device, &gi) != code::success || gpu.library->compute_instance_id(device, &ci) != code::success) continue;
    if (gi == ids.gpu_instance && ci == ids.compute_instance) return device;
  }
  return nullptr;
}

void put_memory(Library const& lib, Device device, Readings& into) {
  nvml::Memory memory{};
  if (lib.memory(device, &memory) != code::success) return;
  put(into, Metric::MemoryUsed, static_cast<double>(memory.used >> 20));
  put(into, Metric::MemoryTotal, static_cast<double>(memory.total >> 20));
}

void put_processes(Library const& lib, Device device, Readings& into) {
  std::vector<ProcessInfo> infos(256);
  auto count = static_cast<unsigned>(infos.size());
  Code const c = lib.compute_processes(device, &count, infos.data());
  if (c == code::success || c == code::insufficient_size) put(into, Metric::Processes, count);
}

}  // namespace

NvmlMeter::~NvmlMeter() {
  for (auto& [place, before] : before_) forget(before);
}

void NvmlMeter::forget(Before& before) {
  if (before.sample) before.library->gpm_free(before.sample);
  before = {};
}

Readings NvmlMeter::start(NvmlPort::Seen const&, Subject subject, Time now) const {
  return {.subject = std::move(subject), .source = simulated_ ? Source::Simulated : Source::Nvml, .at = {now}, .values = {}};
}

std::vector<Readings> NvmlMeter::measure(Time now) {
  std::vector<Readings> out;
  std::map<Place, Life> lives;
  for (auto const& gpu : gpus_->seen()) {
    measure_gpu(gpu, now, out);
    for (auto const& [placement, ids] : gpu.instances) {
      Place const place{gpu.uuid, placement};
      auto const known = lives_.find(place);
      // Ids come back for another lifetime too; one that is gone between two looks and back with the same ids goes on as one.
      lives[place] = known != lives_.end() && known->second.ids == ids ? known->second : Life{ids, now};
    }
  }
  lives_ = std::move(lives);
  for (auto it = before_.begin(); it != before_.end();) {
    bool const is_gone = !it->first.second.empty() && !lives_.contains(it->first);
    if (is_gone) forget(it->second);
    it = is_gone ? before_.erase(it) : std::next(it);
  }
  for (auto const& gpu : gpus_->seen())
    for (auto const& [placement, ids] : gpu.instances) measure_instance(gpu, placement, ids, now, out);
  std::erase_if(out, [](Readings const& one) { return one.values.empty(); });
  return out;
}

void NvmlMeter::measure_gpu(NvmlPort::Seen const& gpu, Time now, std::vector<Readings>& out) {
  Library const& lib = *gpu.library;
  Readings one = start(gpu, {.kind = SubjectKind::Gpu, .gpu = gpu.uuid}, now);
  put_memory(lib, gpu.device, one);
  put_processes(lib, gpu.device, one);
  unsigned number = 0;
  unsigned long long large = 0;
  if (lib.power(gpu.device, &number) == code::success) put(one, Metric::Power, number / 1000.0);
  if (lib.energy(gpu.device, &large) == code::success) put(one, Metric::Energy, static_cast<double>(large) / 1000);
  if (lib.temperature(gpu.device, 0, &number) == code::success) put(one, Metric::Temperature, number);
  if (lib.clock(gpu.device, sm_clock, &number) == code::success) put(one, Metric::SmClock, number);
  if (lib.clock(gpu.device, memory_clock, &number) == code::success) put(one, Metric::MemoryClock, number);
  if (lib.ecc_errors(gpu.device, corrected, volatile_count, &large) == code::success) put(one, Metric::EccCorrected, static_cast<double>(large));
  if (lib.ecc_errors(gpu.device, uncorrected, volatile_count, &large) == code::success) put(one, Metric::EccUncorrected, static_cast<double>(large));
  if (auto const rows = lib.rows_of(gpu.device)) {
    put(one, Metric::RowsRemappedCorrected, rows->corrected);
    put(one, Metric::RowsRemappedUncorrected, rows->uncorrected);
    put(one, Metric::RowRemapPending, rows->pending ? 1 : 0);
    put(one, Metric::RowRemapFailed, rows->failed ? 1 : 0);
  }
  if (lib.pcie_replays(gpu.device, &number) == code::success) put(one, Metric::PcieReplays, number);
  FieldValue field{.field = field_memory_temperature};
  if (lib.field_values(gpu.device, 1, &field) == code::success && field.result == code::success && field.type == 1)
    put(one, Metric::MemoryTemperature, field.value.u);
  if (gpu.instances.empty()) {
    std::size_t const before = out.size();
    add_activity(gpu, "", none, {}, one, out);
    bool const has_gpm = out.size() > before;
    Utilization utilization{};
    if (!has_gpm && lib.utilization(gpu.device, &utilization) == code::success) {
      put(one, Metric::Activity, utilization.gpu / 100.0);
      put(one, Metric::MemoryActivity, utilization.memory / 100.0);
    }
  }
  out.push_back(std::move(one));
}

void NvmlMeter::measure_instance(NvmlPort::Seen const& gpu, std::string const& placement, NvmlPort::Ids ids, Time now, std::vector<Readings>& out) {
  auto const life = lives_.find({gpu.uuid, placement});
  if (life == lives_.end()) return;
  Readings one = start(gpu, {.kind = SubjectKind::Instance, .gpu = gpu.uuid, .placement = placement, .born = life->second.born, .id = ids.gpu_instance}, now);
  if (Device const device = mig_device_of(gpu, ids)) {
    put_memory(*gpu.library, device, one);
    put_processes(*gpu.library, device, one);
  }
  add_activity(gpu, placement, ids.gpu_instance, life->second.born, one, out);
  double activity = 0;
  if (simulated_ && gpu.library->simulated_activity(gpu.device, ids.gpu_instance, &activity) == code::success) put(one, Metric::Activity, activity);
  out.push_back(std::move(one));
}

/// By the difference of two samples, where the board has them. A simulated board's activity is told by its driver, Hopper or not.
void NvmlMeter::add_activity(NvmlPort::Seen const& gpu, std::string const& placement, unsigned gpu_instance, Time born, Readings const& beside,
                             std::vector<Readings>& out) {
  Library const& lib = *gpu.library;
  GpmSupport support{.version = 1, .is_supported = 0};
  if (simulated_ || lib.gpm_support(gpu.device, &support) != code::success || support.is_supported == 0) return;
  GpmSample sample = nullptr;
  if (lib.gpm_alloc(&sample) != code::success) return;
  Code const taken = gpu_instance == none ? lib.gpm_sample(gpu.device, sample) : lib.gpm_instance_sample(gpu.device, gpu_instance, sample);
  Before& before = before_[{gpu.uuid, placement}];
  if (taken != code::success) {
    lib.gpm_free(sample);
    return forget(before);
  }
  // A sample of another lifetime of the same number says nothing about this one.
  if (before.sample && before.born == born) {
    auto request = std::make_unique<GpmRequest>();
    request->version = 1;
    request->first = before.sample;
    request->second = sample;
    constexpr std::pair<unsigned, Metric> wanted[] = {
        {gpm::graphics, Metric::Activity}, {gpm::any_tensor, Metric::TensorActivity}, {gpm::memory, Metric::MemoryActivity}};
    for (auto const& [id, metric] : wanted) request->metrics[request->count++].id = id;
    if (lib.gpm_metrics(request.get()) == code::success) {
      Readings one{.subject = beside.subject, .source = Source::Gpm, .at = beside.at, .values = {}};
      for (unsigned i = 0; i < request->count; ++i)
        if (request->metrics[i].result == code::success) put(one, wanted[i].second, request->metrics[i].value / 100);
      if (!one.values.empty()) out.push_back(std::move(one));
    }
  }
  forget(before);
  before = {gpu.library, sample, born};
}

}  // namespace nav
