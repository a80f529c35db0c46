// SPDX-License-Identifier: Apache-2.0
// nav nodes
#include <memory>

#include "api/nodes.h"
#include "api/page.h"
#include "api/query.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/node_text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct NodesOptions {
  std::vector<std::string> states;
  std::string site, cursor;
  std::uint32_t limit = 100;
  bool json = false;
};

Result<int> show_nodes(Context& nav, NodesOptions const& asked) {
  api::NodesQuery query;
  for (auto const& word : asked.states) query.state.push_back(*enum_of<api::NodeState>(word));
  if (!asked.site.empty()) query.site = asked.site;
  if (!asked.cursor.empty()) query.cursor = asked.cursor;
  query.limit = asked.limit;
  TRY(auto const body, nav.server->call({api::Operation::ListNodes, {}, api::query_text(query)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const page, Server::read<api::Page<api::Node>>(body));
  if (page.items.empty()) {
    bool const filtered = !asked.states.empty() || query.site;
    nav.print_error(filtered ? "No node is like that.\n" : "No node yet. nav token create --join prints what to run on a machine that is to join.\n");
    return 0;
  }
  Table table({{"NAME"},
               {"STATE"},
               {"SITE", Fit::Shrink},
               {"GPUS", Fit::Optional},
               {"JOBS", Fit::Keep, Align::Right},
               {"PROCESSORS", Fit::Keep, Align::Right},
               {"MEMORY", Fit::Shrink, Align::Right},
               {"NOTE", Fit::Optional}});
  for (auto const& node : page.items) {
    std::string note = node.simulated ? "simulated" : "";
    if (node.drain_message && !node.drain_message->empty()) note = *node.drain_message;
    table.add({Cell(node.name, Paint::Strong), node_state_cell(node), node.site, gpus_text(node), fmt::format("{}", node.attempts),
               share_text(node.cpu_milli_used, node.cpu_milli), memory_share_text(node.memory_mib_used, node.memory_mib), Cell(note, Paint::Dim)});
  }
  nav.print(table.text(nav.terminal));
  if (page.next) nav.print_error(fmt::format("There are more: --cursor {} goes on.\n", *page.next));
  return 0;
}

}  // namespace

Command nodes_command() {
  auto asked = std::make_shared<NodesOptions>();
  auto const states = enum_words<api::NodeState>();
  Command command("nodes", "List the machines of the pool");
  command.option("--state S", fmt::format("only in this state: {} (all but lost)", fmt::join(states, ", ")), into_words(asked->states, states), Names::Word,
                 states);
  command.option("--site S", "only of this site", into(asked->site));
  command.option("-n, --limit N", "at most so many (100)", into(asked->limit));
  command.option("--cursor C", "go on where the list before ended", into(asked->cursor));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) { return show_nodes(nav, *asked); });
  return command;
}

}  // namespace nav::cli
