// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace nav::mig {

/// A set of small numbers (dense GPU ids) that gives its lowest member at once: a bitmap, and above it bitmaps of the words that are
/// not zero. Its order does not depend on its history, so an index kept by events and one built anew choose alike.
class GpuSet {
 public:
  /// False when it was there already.
  bool insert(std::uint32_t gpu);
  /// False when it was not there.
  bool erase(std::uint32_t gpu);
  bool contains(std::uint32_t gpu) const;

  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// The lowest member that is at least `from`.
  std::optional<std::uint32_t> next(std::uint32_t from) const;
  std::optional<std::uint32_t> first() const;

  bool operator==(GpuSet const& other) const;

 private:
  void grow(std::uint32_t capacity);

  std::vector<std::vector<std::uint64_t>> levels_;  // [0] one bit a member; [k + 1] one bit a word of [k] that is not zero
  std::uint32_t size_ = 0;
};

}  // namespace nav::mig
