// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
namespace nav::cli {
Command top_command() { return Command("top", ""); }
}
