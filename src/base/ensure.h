// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>

namespace nav {

[[noreturn]] inline void ensure_failed(char const* condition, char const* why, char const* file, int line) {
  std::fprintf(stderr, "nav: broken invariant at %s:%d: %s (%s)\n", file, line, why, condition);
  std::abort();
}

}  // namespace nav

/// States what cannot be otherwise. Alive in release: going on from a broken invariant would write the damage down.
#define ensure(condition, why) (static_cast<bool>(condition) ? void(0) : ::nav::ensure_failed(#condition, why, __FILE__, __LINE__))
