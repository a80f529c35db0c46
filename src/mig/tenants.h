// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "mig/geometry.h"
#include "mig/gpu_set.h"

namespace nav::mig {

/// Whether the one who holds an instance may be moved to another: a job that said it can be restarted may.
enum class Hold { Pinned, Movable };

/// An instance in use.
struct Tenant {
  Placement at;
  Hold hold = Hold::Pinned;
  bool operator==(Tenant const&) const = default;
  auto operator<=>(Tenant const&) const = default;
};

/// The GPUs of one board in classes of those alike: the same instances in use, the same of them movable. There are as many classes as there
/// are such layouts at most (some thousands on an A100), however many GPUs, so a search through classes does not grow with the fleet.
class TenantIndex {
 public:
  struct Class {
    StateId state = kEmptyGpu;
    std::vector<Tenant> tenants;  ///< along the GPU
    GpuSet gpus;
  };

  /// `geometry` is lent.
  explicit TenantIndex(Geometry const& geometry);

  /// A GPU with nothing on it; it must be new. Ids are dense.
  void insert(std::uint32_t gpu);
  /// It must be there.
  void remove(std::uint32_t gpu);
  /// Somebody sits down on a GPU of the index, where it fits.
  void seat(std::uint32_t gpu, Tenant tenant);
  /// Who sits there leaves.
  void leave(std::uint32_t gpu, Placement at);

  Class const& class_of(std::uint32_t gpu) const { return classes_[class_of_[gpu]]; }
  /// Every class there has ever been; those without GPUs too. Their order depends on history, so choose by something else.
  std::span<Class const> classes() const { return classes_; }

 private:
  using Id = std::uint32_t;
  static constexpr Id kNone = ~Id{0};

  Id number_of(std::vector<Tenant> tenants);
  void move(std::uint32_t gpu, Id to);
  std::size_t index(Placement at) const { return at.profile * std::size_t{16} + at.start; }

  Geometry const* geometry_;
  std::vector<Class> classes_;
  std::map<std::vector<Tenant>, Id> numbers_;
  std::vector<std::vector<Id>> seated_;  // by class, then placement and hold: where that leads, once it was asked
  std::vector<std::vector<Id>> left_;    // by class and placement
  std::vector<Id> class_of_;             // by GPU
};

}  // namespace nav::mig
