// SPDX-License-Identifier: Apache-2.0
// nav try
#include <memory>

#include "api/trial.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct TryOptions {
  api::TryJobs jobs;
  bool json = false;
};

std::string trial_text(api::Trial const& trial, Terminal const& terminal, Time now) {
  std::string out = terminal.painted(Paint::Strong, printable(trial.sentence)) + "\n";
  Table table({{"ON", Fit::Shrink}, {"CAN"}, {"START"}, {"WHERE", Fit::Optional}, {"AN HOUR", Fit::Optional, Align::Right}, {"WHY", Fit::Shrink}});
  for (auto const& rung : trial.rungs) {
    bool const free = rung.start.price_micro.value_or(0) == 0;
    table.add({Cell(rung.on, Paint::Strong), enum_text(rung.can), rung.can == api::Can::Never ? "never" : start_text(rung.start, now),
               api::where_text(rung.start), free ? "" : money_text(*rung.start.price_micro), rung.sentence});
  }
  return out + "\n" + table.text(terminal);
}

Result<int> try_it(Context& nav, TryOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::TryJobs, {}, {}, json_write(asked.jobs)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const trial, Server::read<api::Trial>(body));
  nav.print(trial_text(trial, nav.terminal, nav.now()));
  return 0;
}

}  // namespace

Command try_command() {
  auto asked = std::make_shared<TryOptions>();
  auto& jobs = asked->jobs;
  Command command("try", "Say what would become of a job, without submitting it");
  command.about(
      "Which rung would start now and where; when, if not now, as the time limits of those before it tell; what it costs; and what could never be had here.");
  command.option("--on TEMPLATE!", "compute to run on, as in nav run; may be given again", into(jobs.on), Names::Template);
  command.option("--project P", "whose work it would be (your only project, or default)", into(jobs.project), Names::Project);
  command.option("--time-limit T", "90s, 15m, 1h30m, 2d", into(jobs.time_limit));
  command.option("--memory M", "memory of the machine: 512M, 16G (the template's share)", into_mib(jobs.memory_mib));
  command.option("--cpus C", "processors: 4, 0.5 (the template's share)", into_milli(jobs.cpu_milli));
  command.option("--priority N", "higher goes first (0)", into(jobs.priority));
  command.option("--count N", "so many, all alike", into(jobs.count));
  command.option("--members N", "gangs of so many members; --count is then of gangs", into(jobs.members));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("Would eighteen slices be free now", "nav try --on mig-1g.5gb --count 18");
  command.example("When could four times eight GPUs start together, and where", "nav try --on a100-x8 --members 4");
  command.runs([asked](Context& nav) { return try_it(nav, *asked); });
  return command;
}

}  // namespace nav::cli
