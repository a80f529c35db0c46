// SPDX-License-Identifier: Apache-2.0
// nav pool
#include <memory>

#include "api/pool.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/defragment.h"
#include "cli/node_text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

Result<int> show_pool(Context& nav, bool json) {
  TRY(auto const body, nav.server->call({api::Operation::GetPool}));
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const pool, Server::read<api::Pool>(body));
  std::string out = pool_sentence(pool);
  if (std::string const boards = boards_text(pool, nav.terminal); !boards.empty()) out += "\n" + boards;
  for (auto const& node : pool.nodes) {
    Cell const state = node_state_cell(node);
    out += fmt::format("\n{}  {}{}  processors {}  memory {}\n", nav.terminal.painted(Paint::Strong, printable(node.name)),
                       nav.terminal.painted(state.paint, state.text), node.simulated ? "  simulated" : "", share_text(node.cpu_milli_used, node.cpu_milli),
                       memory_share_text(node.memory_mib_used, node.memory_mib));
    for (auto const& line : gpu_lines(node, nav.terminal)) out += line + "\n";
  }
  nav.print(out);
  if (pool.next) nav.print_error("There are more nodes: nav nodes lists them.\n");
  return 0;
}

}  // namespace

Command pool_command() {
  auto json = std::make_shared<bool>(false);
  Command command("pool", "Show all compute: GPUs, slices, and who has them");
  command.about(
      "Each GPU is a line with its slices in order. #42 is the job that holds it; held is somebody else's; idle means cut and ready; free means uncut.");
  command.option("--json", "print the API's answer", into_switch(*json));
  command.example("The same, live", "nav top");
  command.runs([json](Context& nav) { return show_pool(nav, *json); });
  command.add(defragment_command());
  return command;
}

}  // namespace nav::cli
