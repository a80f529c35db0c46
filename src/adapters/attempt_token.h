// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace nav {

/// The secret an attempt's processes speak with, derived from the installation's own secret: `navj_42.1_` and a MAC (HMAC-SHA-512-256).
/// Nothing is stored, and it ends with the attempt, since whoever checks it asks the pool whether the attempt lives.
class AttemptTokens {
 public:
  /// `secret`: 32 bytes that never leave the controller.
  explicit AttemptTokens(std::string secret);

  std::string make(AttemptId attempt) const;
  /// The attempt, if the token is genuine. Compared in constant time.
  std::optional<AttemptId> attempt_of(std::string_view token) const;

 private:
  std::string secret_;
};

}  // namespace nav
