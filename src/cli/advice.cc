// SPDX-License-Identifier: Apache-2.0
// nav advice
#include <memory>

#include "api/advice.h"
#include "api/query.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/table.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct AdviceOptions {
  std::optional<Duration> age;
  bool json = false;
};

Result<int> advise(Context& nav, AdviceOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::GetAdvice, {}, api::query_text(api::AdviceQuery{asked.age})}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const advice, Server::read<api::Advice>(body));
  std::string const unknown = advice.unknown > 0 ? fmt::format("; nothing was measured of {}", advice.unknown) : "";
  if (advice.items.empty()) return nav.print(fmt::format("Nothing to advise: {} attempts on GPUs were looked at{}.\n", advice.looked_at, unknown)), 0;
  Table table({{"JOB", Fit::Keep, Align::Right},
               {"NAME", Fit::Shrink},
               {"PROJECT", Fit::Shrink},
               {"USER"},
               {"PLACE"},
               {"FREES", Fit::Keep, Align::Right},
               {"WHY", Fit::Shrink}});
  std::uint32_t frees = 0;
  for (auto const& item : advice.items) {
    frees += item.saves_slices;
    table.add(
        {to_text(item.job), item.name, item.project, item.user, fmt::format("{} {}", item.node, item.place), fmt::format("{}", item.saves_slices), item.text});
  }
  nav.print(table.text(nav.terminal));
  nav.print(fmt::format("\n{} memory slices could be free; {} attempts on GPUs were looked at{}.\n", frees, advice.looked_at, unknown));
  return 0;
}

}  // namespace

Command advice_command() {
  auto asked = std::make_shared<AdviceOptions>();
  Command command("advice", "Say who holds more than they use, and what would do");
  command.about(
      "Running jobs that were measured not to use what they hold, with the evidence: the most memory and compute each took since it runs, and the smallest "
      "profile "
      "that would do with a tenth to spare. What no source measured gives no advice. Programs that take all memory at their start look larger than they are.");
  command.option("--age T", "only of jobs that have run so long (10m)", into(asked->age));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("What could be given back", "nav advice");
  command.runs([asked](Context& nav) { return advise(nav, *asked); });
  return command;
}

}  // namespace nav::cli
