// SPDX-License-Identifier: Apache-2.0
// nav events
#include <memory>

#include "api/events.h"
#include "api/query.h"
#include "api/system.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job_number.h"
#include "cli/words.h"
#include "client/event_stream.h"

namespace nav::cli {

namespace {

struct EventsOptions {
  std::vector<std::string> kinds;
  JobId job;
  std::uint64_t last = 20;
  bool follow = false;
  bool json = false;
};

std::string line_of(api::Event const& event, Terminal const& terminal) {
  std::string out = fmt::format("{} {} {}", terminal.painted(Paint::Dim, clock_text(event.at)), terminal.painted(Paint::Strong, printable(event.kind)),
                                printable(event.body.text));
  if (event.by) out += terminal.painted(Paint::Dim, " by " + printable(*event.by));
  return out + "\n";
}

/// The stream begins in the past and goes on for ever; without --follow it is left once it has reached what was the newest event when it began,
/// or when nothing comes for a while (the newest may be one the filter hides).
Result<int> show_events(Context& nav, EventsOptions const& asked) {
  TRY(auto const version, nav.server->read<api::Version>({api::Operation::GetVersion}));
  api::EventsQuery query;
  query.after = version.sequence > asked.last ? version.sequence - asked.last : 0;
  if (asked.job) query.job = asked.job, query.after = 0;
  query.kind = asked.kinds;
  constexpr Duration silence = seconds(1);
  TRY(auto client, nav.server->new_client(asked.follow ? Duration{} : silence));
  Error wrong;
  client::EventParser::Take const take = [&](client::ServerEvent const& raw) {
    if (raw.type == "resync") {
      wrong = Error{ErrorKind::Unavailable, "the server asks to begin anew: too much had to be told at once", {}, {}};
      return false;
    }
    auto const event = Server::read<api::Event>(raw.data);
    if (!event) return true;
    nav.print(asked.json ? json_line(raw.data) : line_of(*event, nav.terminal));
    return asked.follow || event->sequence < version.sequence;
  };
  if (asked.follow) {
    TRY_VOID(client::follow_events(*client, {.path = api::path_of(api::Operation::FollowEvents, {}, api::query_text(query))}, take));
  } else {
    client::EventParser parser;
    auto const feed = [&](std::string_view bytes) { return parser.feed(bytes, take).value_or(false); };
    auto const answer = client->stream({.path = api::path_of(api::Operation::FollowEvents, {}, api::query_text(query)), .timeout = silence}, feed);
    if (!answer && answer.error().kind != ErrorKind::Timeout) return Unexpected(answer.error());
  }
  if (!wrong.message.empty()) return Unexpected(wrong);
  return 0;
}

}  // namespace

Command events_command() {
  auto asked = std::make_shared<EventsOptions>();
  Command command("events", "Show what happened, and with -f what happens");
  command.option("-f, --follow", "go on as things happen, until Ctrl-C", into_switch(asked->follow));
  command.option("-n, --last N", "begin so many events ago (20)", into(asked->last));
  command.option("--job JOB", "only what happens to this job, from its beginning", into(asked->job), Names::Job);
  command.option("--kind KIND", "only of this kind, as JobPlaced; may be given again", into(asked->kinds));
  command.option("--json", "print each event as the API gives it, one a line", into_switch(asked->json));
  command.example("Watch slices being cut", "nav events -f --kind LayoutChosen --kind JobPlaced");
  command.runs([asked](Context& nav) { return show_events(nav, *asked); });
  return command;
}

}  // namespace nav::cli
