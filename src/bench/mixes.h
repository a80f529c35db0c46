// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mig/scores.h"

/// Benchmark worlds of placing: what is asked for, by whom it is placed, and what could have been reached. Pure: seeds come in, figures go out.
namespace nav::bench {

/// The board with the profiles everybody asks for: without those that carry a suffix (media engines, graphics).
mig::Board plain(mig::Board board);

/// "uniform", "skew-small", "skew-big", "bimodal": those of Zambianco, Fasol and Doriguzzi-Corin (arXiv 2511.18906) as we read them.
std::vector<std::string> mix_names();

/// The shares of a mix on a board: given for six profiles from the largest to the smallest, and stretched where a board has more or fewer.
Result<mig::Mix> mix_named(std::string_view name, mig::Geometry const& geometry);

/// Memory slices the mean request takes.
double mean_slices(mig::Geometry const& geometry, mig::Mix const& mix);

}  // namespace nav::bench
