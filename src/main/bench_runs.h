// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <functional>
#include <vector>

#include "base/json.h"
#include "cli/table.h"
#include "main/commands.h"

namespace nav {

inline cli::Column number_column(char const* head) { return {head, cli::Fit::Keep, cli::Align::Right}; }

/// Prints what `run` tells of its runs: as JSON a line each as they come, else `row_of` each in a table at the end. The program's exit code.
template <class Report>
int print_runs(bool json, std::vector<cli::Column> columns, std::function<Result<void>(std::function<void(Report const&)> const&)> const& run,
               std::function<std::vector<cli::Cell>(Report const&)> const& row_of) {
  cli::Table table(std::move(columns));
  auto const done = run([&](Report const& report) {
    if (!json) return table.add(row_of(report));
    std::puts(json_write(report).c_str());
    std::fflush(stdout);
  });
  if (!done) return told(done.error());
  if (!json) std::fputs(table.text(cli::Terminal{}).c_str(), stdout);
  return 0;
}

}  // namespace nav
