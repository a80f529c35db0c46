// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/rules.h"

namespace nav::nvmlsim {
namespace {

bool overlap(Placement a, Placement b) { return a.start < b.start + b.size && b.start < a.start + a.size; }

bool is_free(Gpu const& gpu, Placement wanted) {
  for (auto const& instance : gpu.instances)
    if (instance.exists && overlap(wanted, {instance.start, instance.size})) return false;
  return true;
}

bool is_free(GpuInstance const& instance, Placement wanted) {
  for (auto const& compute : instance.compute)
    if (compute.exists && overlap(wanted, {compute.start, compute.size})) return false;
  return true;
}

/// Whether the GPU's compute slices and media engines, shared by all its instances, admit one more of the profile.
bool is_within_budget(Board const& board, Gpu const& gpu, GpuInstanceProfile const& wanted) {
  unsigned slices = wanted.slices, same = 0;
  for (auto const& instance : gpu.instances) {
    if (!instance.exists) continue;
    GpuInstanceProfile const& other = *profile_by_id(board, instance.profile_id);
    slices += other.slices;
    same += other.id == wanted.id;
    // There is one extra media set, whatever the size of the instance that takes it.
    if (wanted.media == Media::One && other.media == Media::One) return false;
    // Whoever takes all engines leaves none to anybody else.
    if (wanted.media == Media::All && other.media != Media::None) return false;
    if (other.media == Media::All && wanted.media != Media::None) return false;
  }
  return slices <= board.compute_slices && same < wanted.instances;
}

std::vector<Placement> open_placements(Board const& board, Gpu const& gpu, GpuInstanceProfile const& profile) {
  std::vector<Placement> open;
  if (!is_within_budget(board, gpu, profile)) return open;
  for (Placement placement : placements_of(profile))
    if (is_free(gpu, placement)) open.push_back(placement);
  return open;
}

std::vector<Placement> open_placements(GpuInstance const& instance, ComputeInstanceProfile const& profile) {
  std::vector<Placement> open;
  for (Placement placement : placements_of(profile))
    if (is_free(instance, placement)) open.push_back(placement);
  return open;
}

/// The candidate that overlaps the fewest placements still open, the first of equals.
std::optional<Placement> least_harm(std::vector<Placement> const& candidates, std::vector<Placement> const& open) {
  std::optional<Placement> best;
  std::size_t best_harm = 0;
  for (Placement candidate : candidates) {
    std::size_t harm = 0;
    for (Placement other : open) harm += overlap(candidate, other);
    if (!best || harm < best_harm) {
      best = candidate;
      best_harm = harm;
    }
  }
  return best;
}

bool contains(std::vector<Placement> const& placements, Placement wanted) {
  for (Placement placement : placements)
    if (placement.start == wanted.start && placement.size == wanted.size) return true;
  return false;
}

/// Ids number the nodes of the tree of halves: 0 the whole, 1 and 2 its halves, and so on, as real machines show for most
/// profiles (7g is 0, 1g at slice 6 is 13). So they are unique, and neither dense nor in order of creation.
unsigned id_of(Board const& board, Placement placement) { return board.memory_slices / placement.size - 1 + placement.start / placement.size; }

}  // namespace

std::vector<Placement> placements_of(GpuInstanceProfile const& profile) {
  std::vector<Placement> all;
  for (unsigned i = 0; i < profile.placements; ++i) all.push_back({i * profile.step, profile.size});
  return all;
}

std::vector<Placement> placements_of(ComputeInstanceProfile const& profile) {
  std::vector<Placement> all;
  for (unsigned start : profile.starts) all.push_back({start, profile.slices});
  return all;
}

unsigned remaining_capacity(Board const& board, Gpu const& gpu, GpuInstanceProfile const& profile) {
  unsigned count = 0;
  Gpu trial = gpu;
  // A profile's own placements never overlap, so taking them in any order counts them all.
  for (Placement placement : placements_of(profile)) {
    unsigned id = 0;
    count += create_gpu_instance(board, trial, profile.id, placement, 0, id) == Return::Success;
  }
  return count;
}

unsigned remaining_capacity(GpuInstanceProfile const&, GpuInstance const& instance, ComputeInstanceProfile const& profile) {
  return static_cast<unsigned>(open_placements(instance, profile).size());
}

std::optional<Placement> default_placement(Board const& board, Gpu const& gpu, GpuInstanceProfile const& profile) {
  std::vector<Placement> open;
  for (auto const& other : board.profiles)
    for (Placement placement : open_placements(board, gpu, other)) open.push_back(placement);
  return least_harm(open_placements(board, gpu, profile), open);
}

std::optional<Placement> default_placement(GpuInstanceProfile const& parent, GpuInstance const& instance, ComputeInstanceProfile const& profile) {
  std::vector<Placement> open;
  for (auto const& other : compute_profiles(parent.slices))
    for (Placement placement : open_placements(instance, other)) open.push_back(placement);
  return least_harm(open_placements(instance, profile), open);
}

Return create_gpu_instance(Board const& board, Gpu& gpu, unsigned profile_id, std::optional<Placement> wanted, std::uint64_t born, unsigned& id) {
  if (!gpu.mig) return Return::NotSupported;
  GpuInstanceProfile const* profile = profile_by_id(board, profile_id);
  if (!profile) return Return::InvalidArgument;
  if (wanted && !contains(placements_of(*profile), *wanted)) return Return::InvalidArgument;
  if (!wanted) wanted = default_placement(board, gpu, *profile);
  if (!wanted || !is_free(gpu, *wanted) || !is_within_budget(board, gpu, *profile)) return Return::InsufficientResources;
  id = id_of(board, *wanted);
  gpu.instances[id] = GpuInstance{.exists = true,
                                  .id = static_cast<std::uint8_t>(id),
                                  .profile_id = static_cast<std::uint8_t>(profile->id),
                                  .start = static_cast<std::uint8_t>(wanted->start),
                                  .size = static_cast<std::uint8_t>(wanted->size),
                                  .born = born,
                                  .compute = {}};
  return Return::Success;
}

Return create_compute_instance(Board const& board, GpuInstance& instance, unsigned profile_id, std::optional<Placement> wanted, std::uint64_t born,
                               unsigned& id) {
  GpuInstanceProfile const& parent = *profile_by_id(board, instance.profile_id);
  ComputeInstanceProfile const* profile = compute_profile_by_id(parent.slices, profile_id);
  if (!profile) return Return::NotSupported;
  if (wanted && !contains(placements_of(*profile), *wanted)) return Return::InvalidArgument;
  if (!wanted) wanted = default_placement(parent, instance, *profile);
  if (!wanted || !is_free(instance, *wanted)) return Return::InsufficientResources;
  id = 0;
  while (instance.compute[id].exists) ++id;
  instance.compute[id] = ComputeInstance{.exists = true,
                                         .id = static_cast<std::uint8_t>(id),
                                         .profile_id = static_cast<std::uint8_t>(profile->id),
                                         .start = static_cast<std::uint8_t>(wanted->start),
                                         .size = static_cast<std::uint8_t>(wanted->size),
                                         .born = born};
  return Return::Success;
}

Return destroy_gpu_instance(GpuInstance& instance) {
  for (auto const& compute : instance.compute)
    if (compute.exists) return Return::InUse;
  instance = {};
  return Return::Success;
}

void reset(Gpu& gpu) {
  for (auto& instance : gpu.instances) instance = {};
  gpu.mig = gpu.mig_pending;
  gpu.compute_mode = 0;
}

void reboot(Board const& board, Gpu& gpu) {
  if (!board.mig_mode_survives_reboot) gpu.mig_pending = false;
  reset(gpu);
  gpu.lost = false;
  gpu.persistence = false;
}

}  // namespace nav::nvmlsim
