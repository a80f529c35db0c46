// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/pool.h"
#include "cli/terminal.h"

namespace nav::cli {

/// What `nav top` shows, apart from the terminal it is on.
struct TopView {
  std::optional<api::Pool> pool;  ///< the newest that was had
  Time seen;                      ///< when that was
  std::string trouble;            ///< why there is no newer one; empty: all is well
  std::size_t scroll = 0;         ///< lines of the list that are above the window
};

/// Every line of the list under the head: nodes and their GPUs.
std::vector<std::string> list_lines(TopView const& view, Terminal const& terminal);
/// The lines of the screen, no more than the terminal is high. Brings a scroll that has gone too far back.
std::vector<std::string> frame_of(TopView& view, Terminal const& terminal, Time now);

}  // namespace nav::cli
