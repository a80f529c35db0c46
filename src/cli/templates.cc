// SPDX-License-Identifier: Apache-2.0
// nav templates
#include <memory>

#include "api/page.h"
#include "api/query.h"
#include "api/templates.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/template_text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

Result<int> show_templates(Context& nav, bool json) {
  TRY(auto const body, nav.server->call({api::Operation::ListTemplates, {}, "limit=1000"}));
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const page, Server::read<api::Page<api::Template>>(body));
  if (page.items.empty()) {
    nav.print_error("No template yet: they appear when a node joins.\n");
    return 0;
  }
  Table table({{"NAME"},
               {"WHAT", Fit::Shrink},
               {"PROCESSORS", Fit::Keep, Align::Right},
               {"MEMORY", Fit::Keep, Align::Right},
               {"AN HOUR", Fit::Optional, Align::Right},
               {"WHERE", Fit::Optional},
               {"FOR", Fit::Optional},
               {"MADE BY", Fit::Shrink}});
  for (auto const& one : page.items)
    table.add({Cell(one.name, Paint::Strong), what_of(one), processors_text(one.cpu_milli), mib_text(one.memory_mib),
               one.price_micro == 0 ? "" : money_text(one.price_micro), where_of(one), for_whom(one), Cell(one.seeded ? "discovery" : "people", Paint::Dim)});
  nav.print(table.text(nav.terminal));
  return 0;
}

}  // namespace

Command templates_command() {
  auto json = std::make_shared<bool>(false);
  Command command("templates", "List the kinds of compute a job can ask for");
  command.about(
      "Templates appear by themselves for what is in the pool: every MIG profile (mig-1g.5gb), whole GPUs (a100, a100-x2, ...), and cpu. Processors "
      "and memory are a job's share unless it asks otherwise. nav template makes, changes and retires them.");
  command.option("--json", "print the API's answer", into_switch(*json));
  command.example("Ask for one", "nav run --on mig-1g.5gb -- python train.py");
  command.runs([json](Context& nav) { return show_templates(nav, *json); });
  return command;
}

}  // namespace nav::cli
