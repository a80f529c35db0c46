// SPDX-License-Identifier: Apache-2.0
// nav logs
#include <memory>

#include "api/jobs.h"
#include "api/query.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job_number.h"
#include "cli/job_watch.h"

namespace nav::cli {

namespace {

struct LogsOptions {
  JobId job;
  std::optional<std::uint32_t> attempt;
  bool follow = false;
};

std::uint64_t number_in(client::Answer const& answer, char const* header) {
  std::uint64_t number = 0;
  auto const it = answer.headers.find(header);
  return it != answer.headers.end() && read_number(it->second, number) ? number : 0;
}

/// All there is now, part by part. The first part settles the attempt, so that a retry in between does not mix two logs.
Result<int> print_log(Context& nav, LogsOptions const& asked) {
  api::LogQuery query{.offset = 0, .limit = 1u << 20, .attempt = asked.attempt, .follow = false};
  while (true) {
    TRY(auto const part, nav.server->answer({api::Operation::ReadLog, {to_text(asked.job)}, api::query_text(query)}));
    nav.print(part.body);
    if (auto const attempt = number_in(part, "nav-log-attempt"); attempt != 0) query.attempt = static_cast<std::uint32_t>(attempt);
    std::uint64_t const next = number_in(part, "nav-log-next");
    if (next <= query.offset || next >= number_in(part, "nav-log-size")) break;
    query.offset = next;
  }
  if (!query.attempt) nav.print_error(fmt::format("Job {} has not started. nav why {} says what it waits for.\n", to_text(asked.job), to_text(asked.job)));
  return 0;
}

Result<int> show_log(Context& nav, LogsOptions const& asked) {
  if (!asked.follow) return print_log(nav, asked);
  TRY(auto client, nav.server->new_client());
  TRY_VOID(follow_log(nav, *client, asked.job, asked.attempt));
  return 0;
}

}  // namespace

Command logs_command() {
  auto asked = std::make_shared<LogsOptions>();
  Command command("logs", "Print what a job wrote");
  command.about("Standard output and error, as they came. Of a job with several attempts it is the last one; 42.1 names the first.");
  command.argument("JOB", "the number of a job, or of an attempt", into_job_or_attempt(asked->job, asked->attempt), Names::Job);
  command.option("-f, --follow", "go on as it writes, until it is over", into_switch(asked->follow));
  command.example("The first attempt of a job that was tried again", "nav logs 42.1");
  command.runs([asked](Context& nav) { return show_log(nav, *asked); });
  return command;
}

}  // namespace nav::cli
