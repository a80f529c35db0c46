// SPDX-License-Identifier: Apache-2.0
// nav run
#include "cli/run.h"

#include "cli/code_folder.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/job_number.h"
#include "cli/job_watch.h"
#include "cli/question.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

std::string range_text(api::SubmittedJobs const& jobs) {
  if (jobs.count == 1) return to_text(jobs.first);
  return fmt::format("{}-{}", jobs.first.value, jobs.first.value + jobs.count - 1);
}

std::string end_text(api::Job const& job) {
  std::string out = fmt::format("job {} {}", to_text(job.id), enum_text(job.state));
  if (job.message && !job.message->empty() && job.state != api::JobState::Succeeded) out += ": " + printable(*job.message);
  return out + "\n";
}

/// A job that is not placed within a second says what it waits for; most are placed sooner.
Result<void> tell_if_it_waits(Context& nav, client::HttpClient& client, JobId job) {
  for (int i = 0; i < 10; ++i) {
    TRY(auto const now, look_at(nav, client, job));
    if (now.job.state != api::JobState::Queued) return {};
    if (!client.pause(milliseconds(100))) return {};
  }
  auto const why = nav.server->read<api::Why>({api::Operation::WhyJob, {to_text(job)}});
  if (why && why->state == api::JobState::Queued) nav.print_error(fmt::format("nav: job {} waits: {}\n", to_text(job), printable(why->sentence)));
  return {};
}

Result<int> wait_for_one(Context& nav, client::HttpClient& client, JobId job) {
  TRY_VOID(tell_if_it_waits(nav, client, job));
  TRY(auto const details, follow_log(nav, client, job, std::nullopt));
  if (details.job.state != api::JobState::Succeeded) nav.print_error("nav: " + end_text(details.job));
  return exit_code_of(details);
}

Result<int> wait_for_all(Context& nav, client::HttpClient& client, api::SubmittedJobs const& jobs) {
  int code = exit_ok;
  for (std::uint64_t i = 0; i < jobs.count; ++i) {
    TRY(auto const details, wait_until_over(nav, client, JobId{jobs.first.value + i}));
    nav.print(end_text(details.job));
    if (code == exit_ok) code = exit_code_of(details);
  }
  return code;
}

/// Ctrl-C ended the watching. Whether it is to end the job too is for the person to say; nobody there means it runs on.
Result<int> leave_or_cancel(Context& nav, api::SubmittedJobs const& jobs) {
  std::string const which = jobs.count == 1 ? fmt::format("job {}", to_text(jobs.first)) : fmt::format("jobs {}", range_text(jobs));
  nav.print_error("\n");
  bool leave = true;
  if (nav.asks_person) { TRY(leave, ask_yes_or_no(nav, fmt::format("Let {} run on?", which), Answer::Yes, "")); }
  if (leave) {
    nav.print_error(fmt::format("{} run{} on: nav logs -f {}, nav cancel {}\n", which, jobs.count == 1 ? "s" : "", to_text(jobs.first), range_text(jobs)));
    return exit_interrupted;
  }
  for (std::uint64_t i = 0; i < jobs.count; ++i) {
    auto const body = nav.server->call({api::Operation::CancelJob, {to_text(JobId{jobs.first.value + i})}});
    if (!body && body.error().kind != ErrorKind::Conflict) return Unexpected(body.error());  // Conflict: it was over already
  }
  nav.print_error(fmt::format("{} cancelled\n", which));
  return exit_interrupted;
}

/// A gang goes by its first member, whose log is shown, for all of them end together. Its code is that of the first member that has one: who was
/// stopped for another has none.
Result<int> wait_for_gang(Context& nav, client::HttpClient& client, api::SubmittedJobs const& members) {
  TRY(int code, wait_for_one(nav, client, members.first));
  for (std::uint32_t rank = 1; code == exit_job_without_code && rank < members.count; ++rank) {
    TRY(auto const details, look_at(nav, client, JobId{members.first.value + rank}));
    code = exit_code_of(details);
  }
  return code;
}

Result<int> wait_for(Context& nav, api::SubmittedJobs const& jobs, bool is_gang) {
  TRY(auto client, nav.server->new_client());
  bool interrupted = false;
  Result<int> code;
  {
    Interrupt const interrupt([&client] { client->cancel(); });
    code = is_gang ? wait_for_gang(nav, *client, jobs) : jobs.count == 1 ? wait_for_one(nav, *client, jobs.first) : wait_for_all(nav, *client, jobs);
    interrupted = interrupt.has_happened();
  }
  return interrupted ? leave_or_cancel(nav, jobs) : code;
}

Result<int> submit(Context& nav, RunOptions const& asked) {
  if (!asked.image.empty())
    return Unexpected(Error{ErrorKind::Unsupported, "running container images is not in this version",
                            "give the command itself, with programs that are on the node", "--image"});
  std::string body;
  TRY(auto const jobs, submit_job(nav, asked, body));
  if (!asked.wait) return nav.print(asked.json ? json_line(body) : range_text(jobs) + "\n"), exit_ok;
  nav.print_error(fmt::format("nav: job {}\n", range_text(jobs)));
  return wait_for(nav, jobs, asked.job.members > 0 && asked.job.count == 1);
}

/// One of the words of an enumeration.
template <class Enum>
Take into_enum(Enum& out, char const* words) {
  return [&out, words](std::string_view word) -> Result<void> {
    auto const known = enum_of<Enum>(word);
    if (!known) return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("\"{}\" is not one of the words possible here", word), words, {}});
    out = *known;
    return {};
  };
}

}  // namespace

void add_job_options(Command& command, RunOptions& asked) {
  auto& job = asked.job;
  command.option("--on TEMPLATE!",
                 "compute to run on (nav templates lists it); given again: what to take when the one before is not to be had. mig-1g.5gb:wait=2m waits for it, "
                 "v100-cloud:price=3.00 pays no more an hour",
                 into(job.on), Names::Template);
  command.option("--name NAME", "for people; need not be unique (the program's name)", into(job.name));
  command.option("--project P", "whose work it is (your only project, or default)", into(job.project), Names::Project);
  command.option("--env K=V", "an environment variable; may be given again", into(job.env));
  command.option("--workdir PATH", "a folder on the node to start in (a new one of the job's own)", into(job.workdir));
  command.option("--code DIR",
                 "send this folder along: each attempt starts in a copy of its own. .gitignore and .navignore leave files out. "
                 "Or a git repository: https://host/project.git#v1.2 (a branch, tag or commit), #v1.2:folder",
                 into(asked.code), Names::Folder);
  command.option("--time-limit T", "end it after 90s, 15m, 1h30m, 2d", into(job.time_limit));
  command.option("--memory M", "memory of the machine: 512M, 16G (the template's share)", into_mib(job.memory_mib));
  command.option("--cpus C", "processors: 4, 0.5 (the template's share)", into_milli(job.cpu_milli));
  command.option("--retries R", "try it again so often when it fails", into(job.retries));
  command.option("--no-preempt", "though it is restartable, it is not stopped to make room for others", into_switch(job.no_preempt));
  command.option("--restartable", "it may be stopped and begun anew, so it moves on when its node is cut off", into_switch(job.restartable));
  command.option("--priority N", "higher goes first (0)", into(job.priority));
  command.option("--upgrade WHEN", "restart: begin anew when something better of the list is free; never", into_enum(job.upgrade, "restart or never"),
                 Names::Word, {"restart", "never"});
  command.option("--on-out-of-memory DO", "climb: begin anew where there is more memory, on a rung of the list or the next larger slice; fail (fail)",
                 into_enum(job.on_out_of_memory, "climb or fail"), Names::Word, {"climb", "fail"});
}

Result<api::SubmittedJobs> submit_job(Context& nav, RunOptions const& asked, std::string& answer) {
  api::SubmitJobs job = asked.job;
  if (!asked.code.empty()) TRY_VOID(send_along(nav, asked.code, job));
  TRY(answer, nav.server->call({api::Operation::SubmitJobs, {}, {}, json_write(job)}));
  TRY(auto const jobs, Server::read<api::SubmittedJobs>(answer));
  if (jobs.warning) nav.print_error(fmt::format("nav: {}\n", printable(*jobs.warning)));
  return jobs;
}

Command run_command_into(std::shared_ptr<RunOptions> asked) {
  auto& job = asked->job;
  Command command("run", "Run a command on the first compute of a list that is free");
  command.about(
      "Submits a job and prints its number. The job starts as soon as one of its templates can be had: a slice is cut for it where needed, and "
      "given back when it ends. Everything after -- is the command; no shell looks at it.");
  add_job_options(command, *asked);
  command.option("--count N", "so many jobs, all alike; with --members so many gangs", into(job.count));
  command.option(
      "--members N",
      "a gang: so many members, each with compute of its own, start together or not at all. Each finds RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set, "
      "as torchrun and torch.distributed want them, and all addresses in NAV_HOSTS; when one fails, all are stopped",
      into(job.members));
  command.option("-w, --wait", "print what it writes, and exit with its code (nav help exit-codes)", into_switch(asked->wait));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.hidden_option("--image IMAGE", into(asked->image));
  command.argument("COMMAND...!", "the program and its arguments", into(job.command));
  command.checked([asked]() -> Result<void> {
    if (asked->json && asked->wait) return fail(ErrorKind::InvalidArgument, "--json and --wait do not go together: standard output is the job's");
    return {};
  });
  command.example("A training on the smallest slice of an A100, watched to its end", "nav run --on mig-1g.5gb --wait -- python train.py --epochs 10");
  command.example("A slice if one is free, else a whole V100, else processors", "nav run --on mig-1g.5gb --on v100 --on cpu -- python infer.py");
  command.example("A slice within two minutes, else a cloud's V100 for up to 3.00 an hour, else processors",
                  "nav run --on mig-1g.5gb:wait=2m --on v100-cloud:price=3.00 --on cpu -- python train.py");
  command.example("What is in this folder, wherever it runs", "nav run --on mig-1g.5gb --code . --wait -- python3 train.py");
  command.example("One training on four times eight GPUs", "nav run --members 4 --on a100-x8 -- torchrun --nproc_per_node 8 train.py");
  command.example("Eighteen alike, each on a slice of its own", "nav run --on mig-1g.5gb --count 18 -- ./trial");
  command.runs([asked](Context& nav) { return submit(nav, *asked); });
  return command;
}

Command run_command() { return run_command_into(std::make_shared<RunOptions>()); }

}  // namespace nav::cli
