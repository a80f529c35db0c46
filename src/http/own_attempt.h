// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/call.h"

namespace nav::http {

/// Whether this attempt has, or had, its place on the caller's node. Asks the tables where the attempt is over, but does not wait for them:
/// an agent comes again.
Result<void> check_own_attempt(Api const& api, Call const& call, AttemptId attempt);

/// The attempt named first in the path.
Result<AttemptId> attempt_parameter(Call const& call);

}  // namespace nav::http
