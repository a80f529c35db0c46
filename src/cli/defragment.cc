// SPDX-License-Identifier: Apache-2.0
// nav pool defragment
#include "cli/defragment.h"

#include <memory>

#include "api/moves.h"
#include "cli/context.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct DefragmentOptions {
  api::Defragment wanted;
  bool json = false;
};

std::string plan_text(api::Defragmentation const& it, Terminal const& terminal) {
  std::string out = terminal.painted(Paint::Strong, printable(it.sentence)) + "\n";
  if (it.moves.empty()) return out;
  Table moves({{"JOB"}, {"FROM", Fit::Shrink}, {"TO", Fit::Shrink}});
  for (auto const& move : it.moves)
    moves.add({"#" + to_text(move.job), fmt::format("{} {}", move.from_node, move.from_place), fmt::format("{} {}", move.node, move.place)});
  out += "\n" + moves.text(terminal);
  if (!it.places.empty()) {
    Table places({{"ROOM FOR"}, {"BEFORE", Fit::Keep, Align::Right}, {"AFTER", Fit::Keep, Align::Right}});
    for (auto const& one : it.places) places.add({one.on, fmt::format("{}", one.before), fmt::format("{}", one.after)});
    out += "\n" + places.text(terminal);
  }
  out += fmt::format("\n{} slice-seconds of work {} lost and done again.\n", it.lost_seconds, it.applied ? "are" : "would be");
  if (!it.applied) out += "Nothing has moved: --apply carries it out.\n";
  return out;
}

Result<int> defragment(Context& nav, DefragmentOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::DefragmentPool, {}, {}, json_write(asked.wanted)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const plan, Server::read<api::Defragmentation>(body));
  nav.print(plan_text(plan, nav.terminal));
  return 0;
}

}  // namespace

Command defragment_command() {
  auto asked = std::make_shared<DefragmentOptions>();
  Command command("defragment", "Bring together what is free, by moving jobs that may move");
  command.about(
      "Shows which GPUs could be emptied by moving restartable jobs into the gaps on others, what there would be room for then, and what it costs. With "
      "--apply the "
      "jobs stop and begin anew in places that are kept for them. For admins.");
  command.option("--apply", "carry it out; else it is only shown", into_switch(asked->wanted.apply));
  command.option("--most N", "at most so many moves (16)", into(asked->wanted.most));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) { return defragment(nav, *asked); });
  return command;
}

}  // namespace nav::cli
