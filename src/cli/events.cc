// SPDX-License-Identifier: Apache-2.0
// nav events
#include <algorithm>
#include <memory>

#include "api/events.h"
#include "api/jobs.h"
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

bool is_wanted(api::Event const& event, EventsOptions const& asked) {
  return asked.kinds.empty() || std::find(asked.kinds.begin(), asked.kinds.end(), event.kind) != asked.kinds.end();
}

std::string text_of(api::Event const& event, EventsOptions const& asked, Terminal const& terminal) {
  return asked.json ? json_line(json_write(event)) : line_of(event, terminal);
}

/// Of one job the history is at hand.
Result<int> show_history(Context& nav, EventsOptions const& asked) {
  TRY(auto const details, nav.server->read<api::JobDetails>({api::Operation::GetJob, {to_text(asked.job)}}));
  for (auto const& event : details.history)
    if (is_wanted(event, asked)) nav.print(text_of(event, asked, nav.terminal));
  return 0;
}

/// The stream begins in the past and goes on for ever. It is left at what was the newest event when it began, or when nothing comes for a while:
/// the newest may be one that this user may not see.
Result<int> show_last(Context& nav, EventsOptions const& asked, std::string const& path, std::uint64_t newest) {
  constexpr Duration silence = seconds(1);
  TRY(auto client, nav.server->new_client(silence));
  client::EventParser parser;
  auto const take = [&](client::ServerEvent const& raw) {
    auto const event = Server::read<api::Event>(raw.data);
    if (!event) return true;
    if (is_wanted(*event, asked)) nav.print(text_of(*event, asked, nav.terminal));
    return event->sequence < newest;
  };
  auto const answer = client->stream({.path = path, .timeout = silence}, [&](std::string_view bytes) { return parser.feed(bytes, take).value_or(false); });
  if (!answer && answer.error().kind != ErrorKind::Timeout) return Unexpected(nav.server->with_advice(answer.error()));
  return 0;
}

Result<int> follow_on(Context& nav, EventsOptions const& asked, std::string const& path) {
  TRY(auto client, nav.server->new_client());
  bool too_slow = false;
  TRY_VOID(client::follow_events(*client, {.path = path, .last_id = {}}, [&](client::ServerEvent const& raw) {
    too_slow = raw.type == "resync";
    if (too_slow) return false;
    if (auto const event = Server::read<api::Event>(raw.data)) nav.print(text_of(*event, asked, nav.terminal));
    return true;
  }));
  if (too_slow) return fail(ErrorKind::Unavailable, "more happened than could be told: begin again");
  return 0;
}

Result<int> show_events(Context& nav, EventsOptions const& asked) {
  if (asked.job && !asked.follow) return show_history(nav, asked);
  TRY(auto const version, nav.server->read<api::Version>({api::Operation::GetVersion}));
  api::EventsQuery query;
  query.after = asked.job ? 0 : version.sequence - std::min(version.sequence, asked.last);
  if (asked.job) query.job = asked.job;
  if (asked.follow) query.kind = asked.kinds;
  std::string const path = api::path_of(api::Operation::FollowEvents, {}, api::query_text(query));
  return asked.follow ? follow_on(nav, asked, path) : show_last(nav, asked, path, version.sequence);
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
