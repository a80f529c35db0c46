// SPDX-License-Identifier: Apache-2.0
// nav job
#include <memory>

#include "api/jobs.h"
#include "api/page.h"
#include "api/query.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job_number.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct JobOptions {
  JobId job;
  bool json = false;
};

std::string asked_text(api::JobRequest const& request) {
  std::vector<std::string> parts;
  if (request.cpu_milli != 0) parts.push_back(fmt::format("{} processors", processors_text(request.cpu_milli)));
  if (request.memory_mib != 0) parts.push_back(mib_text(request.memory_mib));
  if (request.time_limit.us != 0) parts.push_back(fmt::format("{} at most", to_text(request.time_limit)));
  if (request.retries != 0) parts.push_back(request.retries == 1 ? "tried again once" : fmt::format("tried again up to {} times", request.retries));
  if (request.restartable) parts.push_back("restartable");
  if (request.upgrade == api::Upgrade::Restart) parts.push_back("climbs when something better is free");
  if (request.on_out_of_memory == api::OnOutOfMemory::Climb) parts.push_back("climbs when memory runs out");
  if (request.no_preempt) parts.push_back("not to be preempted");
  if (request.priority != 0) parts.push_back(fmt::format("priority {}", request.priority));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string env_text(std::map<std::string, std::string> const& env) {
  std::vector<std::string> pairs;
  for (auto const& [name, value] : env) pairs.push_back(name + "=" + value);
  return shell_text(pairs);
}

std::string attempts_text(std::vector<api::Attempt> const& attempts, Terminal const& terminal) {
  Table table({{"ATTEMPT"},
               {"ON", Fit::Shrink},
               {"NODE", Fit::Shrink},
               {"PLACE", Fit::Shrink},
               {"PLACED"},
               {"RAN", Fit::Optional, Align::Right},
               {"PEAK MEMORY", Fit::Optional, Align::Right},
               {"END", Fit::Optional}});
  for (auto const& one : attempts) {
    std::string ran;
    if (one.started && one.ended) ran = to_text(*one.ended - *one.started);
    std::string end = one.message.value_or("");
    if (end.empty() && one.outcome) end = one.exit_code ? fmt::format("{} with {}", enum_text(*one.outcome), *one.exit_code) : enum_text(*one.outcome);
    bool const peak = one.peak_memory_mib && *one.peak_memory_mib != 0;
    table.add({to_text(one.id), one.on, one.node, one.place, clock_text(one.placed), ran, peak ? mib_text(*one.peak_memory_mib) : "", end});
  }
  return table.text(terminal);
}

/// What was tried of the list, and why one was chosen.
std::string rungs_text(std::vector<api::RungTried> const& rungs, Terminal const& terminal) {
  Table table(
      {{"RUNG"}, {"ON", Fit::Shrink}, {"SINCE"}, {"UNTIL", Fit::Optional}, {"AN HOUR", Fit::Optional, Align::Right}, {"WHAT BECAME OF IT", Fit::Shrink}});
  for (auto const& one : rungs)
    table.add({fmt::format("{}", one.rung + 1), Cell(one.on, one.chosen ? Paint::Strong : Paint::Plain), clock_text(one.since), clock_text(one.until),
               one.price_micro && *one.price_micro != 0 ? money_text(*one.price_micro) : "", one.chosen ? "chosen: " + one.why : one.why});
  return table.text(terminal);
}

std::string gang_text(api::Job const& job) {
  if (!job.gang) return {};
  auto const first = job.gang->first.value;
  return fmt::format("rank {} of {} members, jobs {}-{}", job.gang->rank, job.gang->members, first, first + job.gang->members - 1);
}

/// Each of them, one a line.
std::string members_text(std::vector<api::Job> const& members, Context const& nav) {
  Table table({{"RANK", Fit::Keep, Align::Right}, {"JOB", Fit::Keep, Align::Right}, {"STATE"}, {"WHERE", Fit::Shrink}, {"NOTE", Fit::Optional}});
  for (auto one = members.rbegin(); one != members.rend(); ++one)
    table.add({fmt::format("{}", one->gang ? one->gang->rank : 0), to_text(one->id), state_cell(*one), where_text(*one), one->message.value_or("")});
  return table.text(nav.terminal);
}

std::string details_text(api::JobDetails const& it, Context const& nav) {
  auto const& job = it.job;
  Cell state = state_cell(job);
  if (it.stopping) state.text += ", told to end";
  std::string out = fields_text({{"job", Cell(fmt::format("{} {}", to_text(job.id), job.name), Paint::Strong)},
                                 {"state", state},
                                 {"message", job.message.value_or("")},
                                 {"command", shell_text(it.request.command)},
                                 {"wants", fmt::format("{}", fmt::join(it.request.on.empty() ? job.wanted : it.request.on, ", "))},
                                 {"got", job.state == api::JobState::Queued ? "" : job.on.value_or("")},
                                 {"where", where_text(job)},
                                 {"gang", gang_text(job)},
                                 {"limits", asked_text(it.request)},
                                 {"environment", env_text(it.request.env)},
                                 {"folder", it.request.workdir},
                                 {"project", job.project},
                                 {"submitted", fmt::format("{} by {}", clock_text(job.submitted), job.user)},
                                 {"started", clock_text(job.started)},
                                 {"ended", clock_text(job.ended)},
                                 {"ran", ran_text(job, nav.now())}},
                                nav.terminal);
  if (it.rungs.size() > 1 || (it.rungs.size() == 1 && !it.rungs[0].chosen)) out += "\n" + rungs_text(it.rungs, nav.terminal);
  if (!it.attempts.empty()) out += "\n" + attempts_text(it.attempts, nav.terminal);
  if (!it.history.empty()) {
    Table table({{"WHEN"}, {"WHAT"}, {"BY", Fit::Optional}});
    for (auto const& event : it.history) table.add({clock_text(event.at), event.kind, event.by.value_or("")});
    out += "\n" + table.text(nav.terminal);
  }
  if (job.state == api::JobState::Queued) out += fmt::format("\nnav why {} says what it waits for.\n", to_text(job.id));
  return out;
}

/// The last first, as lists are; a large gang has several pages of them.
Result<std::vector<api::Job>> members_of(Context& nav, api::GangMember const& gang) {
  std::vector<api::Job> members;
  api::JobsQuery query;
  query.gang = gang.first;
  query.limit = api::most_in_a_page;
  do {
    TRY(auto page, nav.server->read<api::Page<api::Job>>({api::Operation::ListJobs, {}, api::query_text(query)}));
    std::move(page.items.begin(), page.items.end(), std::back_inserter(members));
    query.cursor = std::move(page.next);
  } while (query.cursor);
  return members;
}

Result<int> show_job(Context& nav, JobOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::GetJob, {to_text(asked.job)}}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const details, Server::read<api::JobDetails>(body));
  nav.print(details_text(details, nav));
  if (!details.job.gang) return 0;
  TRY(auto const members, members_of(nav, *details.job.gang));
  nav.print("\n" + members_text(members, nav));
  return 0;
}

}  // namespace

Command job_command() {
  auto asked = std::make_shared<JobOptions>();
  Command command("job", "Show one job: what it wants, has and did");
  command.argument("JOB", "the number of a job", into(asked->job), Names::Job);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("Its peak memory, attempt by attempt", "nav job 42 --json | jq '.attempts[].peak_memory_mib'");
  command.runs([asked](Context& nav) { return show_job(nav, *asked); });
  return command;
}

}  // namespace nav::cli
