// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
namespace nav::cli {
Command run_command() { return Command("run", ""); }
}
