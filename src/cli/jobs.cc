// SPDX-License-Identifier: Apache-2.0
// nav jobs
#include <memory>

#include "api/jobs.h"
#include "api/page.h"
#include "api/query.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct JobsOptions {
  std::vector<std::string> states;
  std::string project, user, name, on, node, cursor;
  std::uint64_t gang = 0;
  std::uint32_t limit = 50;
  bool json = false;
};

std::string table_of(std::vector<api::Job> const& jobs, bool of_one_gang, Context const& nav) {
  Table table({{"ID", Fit::Keep, Align::Right},
               {"NAME", Fit::Shrink},
               {"STATE"},
               {"ON", Fit::Shrink},
               {"WHERE", Fit::Optional},
               {"AGE", Fit::Keep, Align::Right},
               {"RAN", Fit::Optional, Align::Right},
               {"NOTE", Fit::Optional}});
  Time const now = nav.now();
  for (auto const& job : jobs) {
    bool const waits = job.state == api::JobState::Queued;
    std::string const on = job.on && !waits ? *job.on : fmt::format("{}", fmt::join(job.wanted, ", "));
    std::string const name = job.gang && !of_one_gang ? fmt::format("{} ({} member{})", job.name, job.gang->members, job.gang->members == 1 ? "" : "s")
                                                      : job.name;
    bool const plain = job.state == api::JobState::Succeeded;  // a success needs no words
    table.add({to_text(job.id), name, state_cell(job), on, where_text(job), age_text(job.submitted, now), ran_text(job, now),
               Cell(plain ? "" : job.message.value_or(""), Paint::Dim)});
  }
  return table.text(nav.terminal);
}

Result<int> show_jobs(Context& nav, JobsOptions const& asked) {
  api::JobsQuery query;
  for (auto const& word : asked.states) query.state.push_back(*enum_of<api::JobState>(word));
  query.project = given(asked.project);
  query.user = given(asked.user);
  query.name = given(asked.name);
  query.on = given(asked.on);
  query.node = given(asked.node);
  if (asked.gang != 0) query.gang = JobId{asked.gang};
  query.cursor = given(asked.cursor);
  query.limit = asked.limit;
  TRY(auto const body, nav.server->call({api::Operation::ListJobs, {}, api::query_text(query)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const page, Server::read<api::Page<api::Job>>(body));
  if (page.items.empty()) {
    bool const filtered = !asked.states.empty() || query.project || query.user || query.name || query.on || query.node;
    nav.print_error(filtered ? "No job is like that.\n" : "No job yet. nav run --on cpu -- hostname submits one.\n");
    return 0;
  }
  nav.print(table_of(page.items, asked.gang != 0, nav));
  if (page.next) nav.print_error(fmt::format("There are more: --cursor {} goes on, --limit shows up to 1000 at once.\n", *page.next));
  return 0;
}

}  // namespace

Command jobs_command() {
  auto asked = std::make_shared<JobsOptions>();
  auto const states = enum_words<api::JobState>();
  Command command("jobs", "List jobs, new to old");
  command.option("--state S", fmt::format("only in this state: {}; may be given again, or several with commas", fmt::join(states, ", ")),
                 into_words(asked->states, states), Names::Word, states);
  command.option("--project P", "only of this project", into(asked->project), Names::Project);
  command.option("--user U", "only what this user submitted", into(asked->user), Names::User);
  command.option("--name TEXT", "only with this text in the name", into(asked->name));
  command.option("--on TEMPLATE", "only with this template in their list", into(asked->on), Names::Template);
  command.option("--node NODE", "only those that are or were last on this node", into(asked->node), Names::Node);
  command.option("--gang JOB", "the members of this gang, by its first member's number; else a gang is shown as that one", into(asked->gang));
  command.option("-n, --limit N", "at most so many (50)", into(asked->limit));
  command.option("--cursor C", "go on where the list before ended", into(asked->cursor));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("What waits and what runs", "nav jobs --state queued,starting,running");
  command.example("Numbers of the failed ones", "nav jobs --state failed --json | jq '.items[].id'");
  command.runs([asked](Context& nav) { return show_jobs(nav, *asked); });
  return command;
}

}  // namespace nav::cli
