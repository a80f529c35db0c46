// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace nav {

/// A length of time in microseconds.
struct Duration {
  std::int64_t us = 0;

  auto operator<=>(Duration const&) const = default;
  constexpr Duration operator+(Duration other) const { return {us + other.us}; }
  constexpr Duration operator-(Duration other) const { return {us - other.us}; }
  constexpr Duration operator*(std::int64_t n) const { return {us * n}; }
  constexpr Duration operator/(std::int64_t n) const { return {us / n}; }
  constexpr std::int64_t ms() const { return us / 1000; }
  constexpr double seconds() const { return static_cast<double>(us) / 1e6; }
};

constexpr Duration microseconds(std::int64_t n) { return {n}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
constexpr Duration hours(std::int64_t n) { return minutes(n * 60); }
constexpr Duration days(std::int64_t n) { return hours(n * 24); }

/// A moment in UTC: microseconds since 1970. Zero means "not yet".
struct Time {
  std::int64_t us = 0;

  auto operator<=>(Time const&) const = default;
  constexpr Time operator+(Duration d) const { return {us + d.us}; }
  constexpr Time operator-(Duration d) const { return {us - d.us}; }
  constexpr Duration operator-(Time other) const { return {us - other.us}; }
  constexpr explicit operator bool() const { return us != 0; }
};

}  // namespace nav
