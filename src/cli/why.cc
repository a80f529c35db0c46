// SPDX-License-Identifier: Apache-2.0
// nav why
#include <memory>

#include "api/jobs.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/job_number.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct WhyOptions {
  JobId job;
  bool json = false;
};

std::string kept_text(api::WhyReservation const& kept) {
  auto const what = fmt::format("GPU {} of {} {} kept for it", fmt::join(kept.gpus, ", "), kept.node, kept.gpus.size() == 1 ? "is" : "are");
  if (!kept.ready) return what + "; when that is free nobody can say, for what runs there has no time limit.\n";
  return fmt::format("{}, free {} {}.\n", what, kept.exact ? "by" : "likely at", to_text(*kept.ready));
}

/// "It would start in 4m at the latest, on mig-1g.5gb: dgx-0 gpu0 1g.5gb@4."
std::string start_line(api::Start const& start, Time now) {
  if (start.confidence == api::Confidence::Unknown)
    return "When it starts nobody can say: how long they run who hold what it needs is not known, or it is too far ahead.\n";
  if (start.confidence == api::Confidence::Now) return "Its place is free: it starts next.\n";
  return fmt::format("It would start {}, on {}: {}.\n", start_text(start, now), printable(start.on.value_or("")), printable(api::where_text(start)));
}

std::string why_text(api::Why const& why, Terminal const& terminal, Time now) {
  std::string out = terminal.painted(Paint::Strong, fmt::format("job {} {}: {}", to_text(why.job),
                                                                why.state == api::JobState::Queued ? "waits" : enum_text(why.state), printable(why.sentence))) +
                    "\n";
  if (why.ahead && *why.ahead != 0) out += fmt::format("{} before it.\n", *why.ahead == 1 ? "1 job goes" : fmt::format("{} jobs go", *why.ahead));
  if (why.preempted) out += fmt::format("It was stopped: {}.\n", printable(*why.preempted));
  if (why.moving)
    for (auto const& move : why.moving->moves)
      out += fmt::format("#{} moves to {} {}{}.\n", to_text(move.job), printable(move.node), move.place,
                         move.from_node.empty() ? "" : fmt::format(", from {} {}", printable(move.from_node), move.from_place));
  else if (why.reservation && why.reservation->job == why.job) out += kept_text(*why.reservation);
  if (why.start) out += start_line(*why.start, now);
  if (why.rungs.empty()) return out;
  Table table({{"ON"},
               {"HELD", Fit::Keep, Align::Right},
               {"OF", Fit::Keep, Align::Right},
               {"SET ASIDE", Fit::Optional, Align::Right},
               {"BY", Fit::Optional},
               {"REASON", Fit::Shrink}});
  for (auto const& rung : why.rungs) {
    std::vector<std::string> holders;
    for (auto const& holder : rung.holders) holders.push_back("#" + to_text(holder.job));
    table.add({rung.on, fmt::format("{}", rung.held), fmt::format("{}", rung.total), rung.set_aside == 0 ? "" : fmt::format("{}", rung.set_aside),
               fmt::format("{}", fmt::join(holders, " ")), rung.sentence});
  }
  return out + "\n" + table.text(terminal);
}

Result<int> tell_why(Context& nav, WhyOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::WhyJob, {to_text(asked.job)}}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const why, Server::read<api::Why>(body));
  nav.print(why_text(why, nav.terminal, nav.now()));
  return 0;
}

}  // namespace

Command why_command() {
  auto asked = std::make_shared<WhyOptions>();
  Command command("why", "Say why a job waits, or is where it is");
  command.about(
      "Names the one dominant reason, then goes through the job's compute list: what of each there is, who holds it, what is set aside; and when it would "
      "start, as the time limits of those before it tell, or how long such jobs usually run.");
  command.argument("JOB", "the number of a job", into(asked->job), Names::Job);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) { return tell_why(nav, *asked); });
  return command;
}

}  // namespace nav::cli
