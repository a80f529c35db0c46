// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/metrics.h"
#include "cli/table.h"

namespace nav::cli {

/// A report for a terminal.
std::string report_text(api::Report const& report, Terminal const& terminal);

}  // namespace nav::cli
