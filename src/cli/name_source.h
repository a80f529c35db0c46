// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/completion.h"
#include "cli/local_commands.h"
#include "cli/server.h"

namespace nav::cli {

/// Names the server knows, asked for with the patience of somebody who pressed the tab key; none when it does not answer.
NameSource names_of(Server& server, LocalCommands const& local);

}  // namespace nav::cli
