// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace nav {

/// A tree of random generators (splitmix64, Steele, Lea and Flood 2014). `child("network")` gives a stream of its own, so that one
/// more draw in one part of a simulation shifts nothing in another.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ull;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

  /// Uniform in [0, n); n must be positive. The bias is below 2^-32 for n below 2^32.
  std::uint64_t below(std::uint64_t n) { return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64); }

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  bool chance(double probability) { return uniform() < probability; }

  Random child(std::string_view name) const {
    std::uint64_t seed = state_ ^ 0xD1B54A32D192ED03ull;
    for (unsigned char c : name) seed = (seed ^ c) * 0x100000001B3ull;
    return Random(seed);
  }

 private:
  std::uint64_t state_;
};

}  // namespace nav
