// SPDX-License-Identifier: Apache-2.0
#include "mig/gpu_set.h"

namespace nav::mig {
namespace {

constexpr std::uint32_t kWordBits = 6;
constexpr std::uint32_t kInWord = 63;

}  // namespace

/// Makes room for members below `capacity`, twice as much each time, and sums the words up anew.
void GpuSet::grow(std::uint32_t capacity) {
  if (levels_.empty()) levels_.emplace_back();
  levels_.resize(1);
  levels_[0].resize(std::bit_ceil((std::uint64_t{capacity} + kInWord) >> kWordBits));
  while (levels_.back().size() > 1) {
    auto const& below = levels_.back();
    std::vector<std::uint64_t> above((below.size() + kInWord) >> kWordBits);
    for (std::size_t i = 0; i < below.size(); ++i)
      if (below[i] != 0) above[i >> kWordBits] |= std::uint64_t{1} << (i & kInWord);
    levels_.push_back(std::move(above));
  }
}

bool GpuSet::insert(std::uint32_t gpu) {
  if (contains(gpu)) return false;
  if (levels_.empty() || gpu >> kWordBits >= levels_[0].size()) grow(gpu + 1);
  auto at = gpu;
  for (auto& words : levels_) {
    auto& word = words[at >> kWordBits];
    bool const known_above = word != 0;
    word |= std::uint64_t{1} << (at & kInWord);
    if (known_above) break;
    at >>= kWordBits;
  }
  ++size_;
  return true;
}

bool GpuSet::erase(std::uint32_t gpu) {
  if (!contains(gpu)) return false;
  auto at = gpu;
  for (auto& words : levels_) {
    auto& word = words[at >> kWordBits];
    word &= ~(std::uint64_t{1} << (at & kInWord));
    if (word != 0) break;
    at >>= kWordBits;
  }
  --size_;
  return true;
}

bool GpuSet::contains(std::uint32_t gpu) const {
  if (levels_.empty()) return false;
  auto const word = gpu >> kWordBits;
  return word < levels_[0].size() && (levels_[0][word] >> (gpu & kInWord) & 1);
}

std::optional<std::uint32_t> GpuSet::next(std::uint32_t from) const {
  // Up until a level has something at or after us, then down along the lowest bits.
  std::uint64_t at = from;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    auto const word = at >> kWordBits;
    if (word < levels_[level].size()) {
      auto const rest = levels_[level][word] >> (at & kInWord) << (at & kInWord);
      if (rest != 0) {
        auto found = word << kWordBits | static_cast<std::uint32_t>(std::countr_zero(rest));
        while (level-- > 0) found = found << kWordBits | static_cast<std::uint32_t>(std::countr_zero(levels_[level][found]));
        return static_cast<std::uint32_t>(found);
      }
    }
    at = word + 1;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> GpuSet::first() const { return size_ == 0 ? std::nullopt : next(0); }

bool GpuSet::operator==(GpuSet const& other) const {
  if (size_ != other.size_) return false;
  for (auto a = first(); a; a = next(*a + 1))
    if (!other.contains(*a)) return false;
  return true;
}

}  // namespace nav::mig
