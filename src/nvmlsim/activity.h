// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nvmlsim/session.h"

namespace nav::nvmlsim {

/// How busy a simulated GPU is, 0 to 1, from the processor time of the processes on it: one busy processor counts as a busy GPU
/// or instance, and with MIG an instance counts by its share of the compute slices.
double activity_of(View const&);

/// How busy one GPU instance is, of its own whole.
double activity_of(View const&, unsigned gpu_instance);

/// Processor time ever used by the processes that are now in a GPU instance, or on the whole GPU for no_instance.
std::uint64_t cpu_time_us(View const&, unsigned gpu_instance);

/// Resident memory of the same.
std::uint64_t memory_bytes(View const&, unsigned gpu_instance);

}  // namespace nav::nvmlsim
