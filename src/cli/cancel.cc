// SPDX-License-Identifier: Apache-2.0
// nav cancel
#include <memory>
#include <optional>
#include <ranges>

#include "api/jobs.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/job_number.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct CancelOptions {
  std::vector<JobId> jobs;
  bool json = false;
};

/// Goes on after a refusal: the others are to be cancelled all the same. The first refusal gives the exit code.
Result<int> cancel(Context& nav, CancelOptions const& asked) {
  int code = exit_ok;
  std::optional<api::GangMember> gang;  // the last one, which was cancelled with any of its members
  // Newest first, so that what waits is gone before a place falls free for it.
  for (JobId const job : std::ranges::reverse_view(asked.jobs)) {
    if (gang && job.value - gang->first.value < gang->members) continue;
    auto const body = nav.server->call({api::Operation::CancelJob, {to_text(job)}});
    if (!body) {
      if (asked.jobs.size() == 1 || body.error().kind == ErrorKind::Unavailable) return Unexpected(body.error());
      nav.print_error(error_text(Error{body.error().kind, fmt::format("job {}: {}", to_text(job), body.error().message), body.error().hint, {}}));
      if (code == exit_ok) code = exit_code_of(body.error().kind);
      continue;
    }
    TRY(auto const cancelled, Server::read<api::CancelledJob>(*body));
    gang = cancelled.gang;
    if (asked.json) {
      nav.print(json_line(*body));
      continue;
    }
    std::string const which = gang ? fmt::format("{}-{}", gang->first.value, gang->first.value + gang->members - 1) : to_text(job);
    nav.print(fmt::format("{} {}\n", which, cancelled.over ? "cancelled" : "told to end"));
  }
  return code;
}

}  // namespace

Command cancel_command() {
  auto asked = std::make_shared<CancelOptions>();
  Command command("cancel", "End jobs, or take them out of the queue");
  command.about(
      "A job that waits is over at once. One that runs is told to end (SIGTERM, a little later SIGKILL) and is over when it has; its slice is free then. With "
      "a member of a gang all of it is cancelled.");
  command.argument("JOB...", "numbers of jobs; 40-57 means all of them", into(asked->jobs), Names::Job);
  command.option("--json", "print the API's answers, one a line", into_switch(asked->json));
  command.example("A job and eighteen others", "nav cancel 12 40-57");
  command.runs([asked](Context& nav) { return cancel(nav, *asked); });
  return command;
}

}  // namespace nav::cli
