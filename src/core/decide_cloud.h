// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/command.h"

/// What commands about clouds and compute lists come to; a part of decide().
namespace nav {

Result<std::vector<PoolEvent>> decide_on(Pool const& pool, SetCloud const& c, Asked const& asked);
Result<std::vector<PoolEvent>> decide_on(Pool const& pool, OpenCloud const& c, Asked const& asked);
Result<std::vector<PoolEvent>> decide_on(Pool const& pool, WantMachine const& c, Asked const& asked);
Result<std::vector<PoolEvent>> decide_on(Pool const& pool, ReleaseMachine const& c, Asked const& asked);
Result<std::vector<PoolEvent>> decide_on(Pool const& pool, GiveUpMachine const& c, Asked const& asked);
Result<std::vector<PoolEvent>> decide_on(Pool const& pool, ReportCloud const& c, Asked const& asked);

/// The machine that joins under this name; none: it is no machine of a cloud. Conflict for one that nobody wants.
Result<RentalId> rental_joining(Pool const& pool, std::string const& name, std::string const& site);

}  // namespace nav
