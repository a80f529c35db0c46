// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "replay/report.h"

namespace nav {

/// The runs of one trace as tables for a person; `by` names which groups are shown beside the whole.
std::string text_of(std::vector<replay::RunReport> const& runs, std::vector<std::string> const& by);

}  // namespace nav
