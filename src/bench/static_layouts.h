// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "mig/placement.h"

namespace nav::bench {

struct Setting;

/// A layout for each GPU, cut once and for all: GPU by GPU the one that takes most of what is still missing for the demand expected.
std::vector<mig::Layout> static_layouts(Setting const& setting);

}  // namespace nav::bench
