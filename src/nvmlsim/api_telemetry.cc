// SPDX-License-Identifier: Apache-2.0
// NVML: how a GPU is doing. Everything here follows from activity_of(): an idle GPU is cool, slow and saves power. With MIG on,
// utilization is not answered for the GPU either, as with the real driver.
#include <algorithm>
#include <chrono>
#include <iterator>

#include "nvmlsim/activity.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;

template <class Number, class Value>
Return answer(Device device, Of of, Number* into, Value value) {
  return on(device, of, [&](View const& view) {
    if (!into) return Return::InvalidArgument;
    *into = static_cast<Number>(value(view));
    return Return::Success;
  });
}

auto constant(unsigned value) {
  return [value](View const&) { return value; };
}

unsigned between(unsigned idle, unsigned busy, double activity) { return idle + static_cast<unsigned>((static_cast<double>(busy) - idle) * activity); }

unsigned power_mw(View const& view) {
  // Even a busy GPU seldom draws what it may.
  return between(view.board.idle_power_w * 1000, view.board.power_limit_w * 850, activity_of(view));
}
unsigned limit_mw(View const& view) { return view.board.power_limit_w * 1000; }
unsigned least_limit_mw(View const& view) { return view.board.power_limit_w * 250; }
unsigned temperature(View const& view) { return between(30, 72, activity_of(view)); }

enum ClockType : unsigned { graphics_clock, sm_clock, memory_clock, video_clock, clock_types };

unsigned most_mhz(View const& view, unsigned type) {
  if (type == memory_clock) return view.board.memory_clock_mhz;
  return type == video_clock ? view.board.sm_clock_mhz * 9 / 10 : view.board.sm_clock_mhz;
}

unsigned mhz(View const& view, unsigned type) {
  if (type == memory_clock) return most_mhz(view, type);
  return activity_of(view) > 0.01 ? most_mhz(view, type) : 210;
}

Return give_clock(Device device, unsigned type, unsigned* clock, unsigned (*of)(View const&, unsigned)) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!clock || type >= clock_types) return Return::InvalidArgument;
    *clock = of(view, type);
    return Return::Success;
  });
}

Return give_engine_utilization(Device device, unsigned* percent, unsigned* period_us) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!percent || !period_us) return Return::InvalidArgument;
    if (view.gpu.mig) return Return::NotSupported;
    *percent = 0;
    *period_us = 200000;
    return Return::Success;
  });
}

Return give_threshold(unsigned type, unsigned* celsius) {
  constexpr unsigned thresholds[] = {92, 89, 95, 85};  // shutdown, slowdown, memory, GPU
  if (!celsius) return Return::InvalidArgument;
  if (type >= std::size(thresholds)) return Return::NotSupported;
  *celsius = thresholds[type];
  return Return::Success;
}

void fill_field(View const& view, FieldValue& value) {
  auto set = [&](unsigned number) {
    value.type = FieldType::Unsigned;
    value.value.u = number;
    value.result = Return::Success;
  };
  value.timestamp_us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  value.latency_us = 0;
  bool mig_board = !view.board.profiles.empty();
  switch (value.field_id) {
    case field::memory_temperature: return set(temperature(view) + 4);
    case field::nvlink_speed_common_mbps: return view.board.nvlinks ? set(view.board.nvlink_mbps) : void(value.result = Return::NotSupported);
    case field::nvlink_count: return set(view.machine.nvswitch ? view.board.nvlinks : 0);
    case field::resetless_mig: return set(mig_board && !view.board.mig_mode_survives_reboot);
    case field::mig_query_without_mig_mode: return set(mig_board && !view.board.mig_mode_survives_reboot);
    case field::power_average_mw:
    case field::power_instant_mw: return set(power_mw(view));
    case field::power_min_limit_mw: return set(least_limit_mw(view));
    case field::power_max_limit_mw:
    case field::power_default_limit_mw:
    case field::power_current_limit_mw:
    case field::power_requested_limit_mw: return set(limit_mw(view));
    default: value.result = Return::NotSupported;
  }
}

}  // namespace

NVML_CALL nvmlDeviceGetUtilizationRates(Device device, Utilization* utilization) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!utilization) return Return::InvalidArgument;
    if (view.gpu.mig) return Return::NotSupported;
    unsigned percent = between(0, 100, activity_of(view));
    *utilization = {.gpu = percent, .memory = percent / 2};
    return Return::Success;
  });
}
NVML_CALL nvmlDeviceGetEncoderUtilization(Device device, unsigned* percent, unsigned* period_us) { return give_engine_utilization(device, percent, period_us); }
NVML_CALL nvmlDeviceGetDecoderUtilization(Device device, unsigned* percent, unsigned* period_us) { return give_engine_utilization(device, percent, period_us); }
NVML_CALL nvmlDeviceGetJpgUtilization(Device device, unsigned* percent, unsigned* period_us) { return give_engine_utilization(device, percent, period_us); }
NVML_CALL nvmlDeviceGetOfaUtilization(Device device, unsigned* percent, unsigned* period_us) { return give_engine_utilization(device, percent, period_us); }

NVML_CALL nvmlDeviceGetTemperature(Device device, unsigned sensor, unsigned* celsius) {
  if (sensor != 0) return Return::InvalidArgument;
  return answer(device, Of::Gpu, celsius, temperature);
}
NVML_CALL nvmlDeviceGetTemperatureV(Device device, TemperatureV1* reading) {
  if (!reading) return Return::InvalidArgument;
  if (reading->version != versioned<TemperatureV1>(1)) return Return::ArgumentVersionMismatch;
  return answer(device, Of::Gpu, &reading->celsius, temperature);
}
NVML_CALL nvmlDeviceGetTemperatureThreshold(Device device, unsigned type, unsigned* celsius) {
  return on(device, Of::Gpu, [&](View const&) { return give_threshold(type, celsius); });
}

NVML_CALL nvmlDeviceGetPowerUsage(Device device, unsigned* mw) { return answer(device, Of::Gpu, mw, power_mw); }
NVML_CALL nvmlDeviceGetPowerManagementMode(Device device, unsigned* mode) { return answer(device, Of::Gpu, mode, constant(1)); }
NVML_CALL nvmlDeviceGetPowerManagementLimit(Device device, unsigned* mw) { return answer(device, Of::Gpu, mw, limit_mw); }
NVML_CALL nvmlDeviceGetPowerManagementDefaultLimit(Device device, unsigned* mw) { return answer(device, Of::Gpu, mw, limit_mw); }
NVML_CALL nvmlDeviceGetEnforcedPowerLimit(Device device, unsigned* mw) { return answer(device, Of::Gpu, mw, limit_mw); }
NVML_CALL nvmlDeviceGetPowerManagementLimitConstraints(Device device, unsigned* least, unsigned* most) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!least || !most) return Return::InvalidArgument;
    *least = least_limit_mw(view);
    *most = limit_mw(view);
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetClockInfo(Device device, unsigned type, unsigned* clock) { return give_clock(device, type, clock, mhz); }
NVML_CALL nvmlDeviceGetMaxClockInfo(Device device, unsigned type, unsigned* clock) { return give_clock(device, type, clock, most_mhz); }
NVML_CALL nvmlDeviceGetApplicationsClock(Device device, unsigned type, unsigned* clock) { return give_clock(device, type, clock, most_mhz); }
NVML_CALL nvmlDeviceGetDefaultApplicationsClock(Device device, unsigned type, unsigned* clock) { return give_clock(device, type, clock, most_mhz); }
NVML_CALL nvmlDeviceGetMaxCustomerBoostClock(Device device, unsigned type, unsigned* clock) { return give_clock(device, type, clock, most_mhz); }
NVML_CALL nvmlDeviceGetClock(Device device, unsigned type, unsigned id, unsigned* clock) { return give_clock(device, type, clock, id == 0 ? mhz : most_mhz); }

NVML_CALL nvmlDeviceGetPerformanceState(Device device, unsigned* state) { return answer(device, Of::Gpu, state, constant(0)); }
NVML_CALL nvmlDeviceGetPowerState(Device device, unsigned* state) { return answer(device, Of::Gpu, state, constant(0)); }

// Bit 0 says that the clocks are low because the GPU is idle; no other reason ever holds here.
NVML_CALL nvmlDeviceGetCurrentClocksEventReasons(Device device, unsigned long long* reasons) {
  return answer(device, Of::Gpu, reasons, [](View const& view) { return activity_of(view) > 0.01 ? 0 : 1; });
}
NVML_CALL nvmlDeviceGetCurrentClocksThrottleReasons(Device device, unsigned long long* reasons) {
  return nvmlDeviceGetCurrentClocksEventReasons(device, reasons);
}
NVML_CALL nvmlDeviceGetSupportedClocksEventReasons(Device device, unsigned long long* reasons) { return answer(device, Of::Gpu, reasons, constant(1)); }
NVML_CALL nvmlDeviceGetSupportedClocksThrottleReasons(Device device, unsigned long long* reasons) { return answer(device, Of::Gpu, reasons, constant(1)); }

NVML_CALL nvmlDeviceGetEccMode(Device device, unsigned* current, unsigned* pending) {
  return on(device, Of::Gpu, [&](View const&) {
    if (!current || !pending) return Return::InvalidArgument;
    *current = *pending = 1;
    return Return::Success;
  });
}
NVML_CALL nvmlDeviceGetDefaultEccMode(Device device, unsigned* mode) { return answer(device, Of::Gpu, mode, constant(1)); }
NVML_CALL nvmlDeviceGetTotalEccErrors(Device device, unsigned, unsigned, unsigned long long* count) {
  return answer(device, Of::AnyDevice, count, constant(0));
}
NVML_CALL nvmlDeviceGetMemoryErrorCounter(Device device, unsigned, unsigned, unsigned, unsigned long long* count) {
  return answer(device, Of::AnyDevice, count, constant(0));
}
NVML_CALL nvmlDeviceGetRemappedRows(Device device, unsigned* correctable, unsigned* uncorrectable, unsigned* pending, unsigned* failed) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (view.board.architecture < architecture::ampere) return Return::NotSupported;
    if (!correctable || !uncorrectable || !pending || !failed) return Return::InvalidArgument;
    if (std::any_of(std::begin(view.gpu.instances), std::end(view.gpu.instances), [](GpuInstance const& one) { return one.exists; }))
      return Return::NotSupported;  // so documented
    *correctable = *uncorrectable = *pending = 0;
    *failed = view.gpu.worn_out;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetMaxPcieLinkGeneration(Device device, unsigned* generation) {
  return answer(device, Of::Gpu, generation, [](View const& view) { return view.board.pcie_generation; });
}
NVML_CALL nvmlDeviceGetGpuMaxPcieLinkGeneration(Device device, unsigned* generation) { return nvmlDeviceGetMaxPcieLinkGeneration(device, generation); }
NVML_CALL nvmlDeviceGetCurrPcieLinkGeneration(Device device, unsigned* generation) { return nvmlDeviceGetMaxPcieLinkGeneration(device, generation); }
NVML_CALL nvmlDeviceGetMaxPcieLinkWidth(Device device, unsigned* width) { return answer(device, Of::Gpu, width, constant(16)); }
NVML_CALL nvmlDeviceGetCurrPcieLinkWidth(Device device, unsigned* width) { return answer(device, Of::Gpu, width, constant(16)); }
NVML_CALL nvmlDeviceGetPcieReplayCounter(Device device, unsigned* count) { return answer(device, Of::Gpu, count, constant(0)); }

NVML_CALL nvmlDeviceGetFieldValues(Device device, int count, FieldValue* values) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (count <= 0 || !values) return Return::InvalidArgument;
    for (int i = 0; i < count; ++i) fill_field(view, values[i]);
    return Return::Success;
  });
}

// Not of NVML: a real driver has no such call, and before Hopper tells the activity of an instance to nobody. Here it is known for every board.
NVML_CALL nvmlSimulatedActivity(Device device, unsigned gpu_instance, double* activity) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!activity) return Return::InvalidArgument;
    if (view.gpu.mig && gpu_instance != no_instance && (gpu_instance >= max_gpu_instances || !view.gpu.instances[gpu_instance].exists)) return Return::NotFound;
    *activity = gpu_instance == no_instance ? activity_of(view) : activity_of(view, gpu_instance);
    return Return::Success;
  });
}
