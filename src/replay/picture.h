// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "replay/report.h"

/// Replays side by side, to be looked at.
namespace nav::replay {

/// What of one run is drawn.
struct Curves {
  std::string title;          ///< "dgx-a100:8, nav"
  std::vector<double> waits;  ///< seconds, of jobs with GPUs, ascending
  std::vector<Moment> moments;
  double gpus = 0, days = 0;
};
Curves curves_of(Trace const& trace, RunReport const& run, Past const& past);

/// Two panels: which part of the jobs waited no longer than so long; and the part of the GPUs held over the time of the trace.
std::string svg_of(std::vector<Curves> const& runs);
/// A page that needs nothing else: the picture, and all figures as tables.
std::string html_of(std::vector<RunReport> const& runs, std::vector<Curves> const& curves);

}  // namespace nav::replay
