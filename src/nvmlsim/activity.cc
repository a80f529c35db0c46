// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/activity.h"

#include <algorithm>
#include <map>

namespace nav::nvmlsim {

double activity_of(View const& view) {
  std::map<unsigned, double> busy;  // by GPU instance
  for (Use const& use : view.session.uses(view.state, Session::Look::Recent))
    if (use.gpu == view.index) busy[use.gpu_instance] += use.process->activity;
  double total = 0;
  for (auto const& [instance, activity] : busy) {
    double share = 1;
    if (instance != no_instance)
      share = static_cast<double>(profile_by_id(view.board, view.gpu.instances[instance].profile_id)->slices) / view.board.compute_slices;
    total += share * std::min(activity, 1.0);
  }
  return std::min(total, 1.0);
}

double activity_of(View const& view, unsigned gpu_instance) {
  double busy = 0;
  for (Use const& use : view.session.uses(view.state, Session::Look::Recent))
    if (use.gpu == view.index && use.gpu_instance == gpu_instance) busy += use.process->activity;
  return std::min(busy, 1.0);
}

std::uint64_t cpu_time_us(View const& view, unsigned gpu_instance) {
  std::uint64_t total = 0;
  for (Use const& use : view.session.uses(view.state, Session::Look::Fresh))
    if (use.gpu == view.index && (gpu_instance == no_instance || use.gpu_instance == gpu_instance)) total += use.process->cpu_us;
  return total;
}

std::uint64_t memory_bytes(View const& view, unsigned gpu_instance) {
  std::uint64_t total = 0;
  for (Use const& use : view.session.uses(view.state, Session::Look::Recent))
    if (use.gpu == view.index && (gpu_instance == no_instance || use.gpu_instance == gpu_instance)) total += use.process->memory_bytes;
  return total;
}

}  // namespace nav::nvmlsim
