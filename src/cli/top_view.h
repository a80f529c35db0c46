// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "api/metrics.h"
#include "api/pool.h"
#include "cli/terminal.h"

namespace nav::cli {

/// How much of each GPU is shown.
enum class TopDetail { Slices, Gpus };
/// Whether what nobody holds is shown.
enum class TopIdle { Shown, Hidden };

/// What `nav top` shows, apart from the terminal it is on.
struct TopView {
  /// Node, GPU and placement; an empty placement is the GPU itself.
  using Place = std::tuple<std::string, std::uint32_t, std::string>;

  std::optional<api::Pool> pool;                ///< the newest that was had
  std::map<Place, api::LatestValues> measured;  ///< of the nodes that were in sight when it was asked
  Time seen;                                    ///< when that was
  std::string trouble;                          ///< why there is no newer one; empty: all is well
  std::size_t scroll = 0;                       ///< lines of the list that are above the window
  TopDetail detail = TopDetail::Slices;
  TopIdle idle = TopIdle::Shown;

  void take(api::LatestAnswer const& latest, std::string const& node);
};

/// Names of the nodes of which a line is in the window.
std::vector<std::string> nodes_in_sight(TopView const& view, Terminal const& terminal);
/// Values of late as a line of small bars, the last `columns` of them: "▁▂▅▇█".
std::string sparkline(std::vector<double> const& values, std::size_t columns);

/// Every line of the list under the head: nodes and their GPUs.
std::vector<std::string> list_lines(TopView const& view, Terminal const& terminal);
/// The lines of the screen, no more than the terminal is high. Brings a scroll that has gone too far back.
std::vector<std::string> frame_of(TopView& view, Terminal const& terminal, Time now);

}  // namespace nav::cli
