// SPDX-License-Identifier: Apache-2.0
#include "main/commands.h"

namespace nav {

int run_bench(cli::BenchOptions const&) { return told(Error{ErrorKind::Unsupported, "nav bench is not in this version", "", ""}); }

}  // namespace nav
