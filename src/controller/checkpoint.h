// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "controller/answers.h"
#include "core/access.h"
#include "core/pool.h"
#include "flow/flows.h"

namespace nav {

/// The state of all streams as a checkpoint's body, and back.
std::string save_checkpoint(Pool const& pool, Access const& access, Flows const& flows, Answers const& answers);

struct Restored {
  Pool pool;
  Access access;
  Flows flows;
  Answers answers;
};
Result<Restored> load_checkpoint(std::string const& body);

}  // namespace nav
