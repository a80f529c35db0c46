// SPDX-License-Identifier: Apache-2.0
#include "http/submission.h"

#include <algorithm>
#include <atomic>

#include "api/page.h"
#include "base/text.h"
#include "http/handlers.h"

namespace nav::http {
namespace {

/// The last part of the program's path, where that makes a name.
std::string name_after(std::string const& program) {
  std::string const last = program.substr(program.rfind('/') + 1);
  return check_name(last, "name") ? last : "job";
}

/// A workspace of which nothing else is said.
bool runs_notebook(api::SubmitJobs const& wanted) { return wanted.command.empty() && wanted.service && wanted.service->kind == api::ServiceKind::Workspace; }

/// What the kernel takes as one string ends at its first NUL: half a command would run.
Result<void> check_string(std::string const& text, std::string const& field) {
  if (text.find('\0') == text.npos) return {};
  return fail_field(field, "leave it out", "{} holds a NUL character", field);
}

Result<void> check_env(std::map<std::string, std::string> const& env) {
  for (auto const& [name, value] : env) {
    if (name.empty() || name.find('=') != name.npos)
      return fail_field("env", "a name without \"=\", as in {\"SEED\": \"7\"}", "\"{}\" cannot be the name of a variable", shortened(name, 60));
    TRY_VOID(check_string(name, "env"));
    TRY_VOID(check_string(value, fmt::format("env.{}", shortened(name, 60))));
  }
  return {};
}

static_assert(api::most_code_files == most_code_files);

std::vector<CodeFile> code_of(api::SubmitJobs const& wanted) {
  std::vector<CodeFile> code;
  for (auto const& file : wanted.code) code.push_back({file.path, file.digest, file.executable});
  return code;
}

/// What is sent along was stored before.
Result<void> check_stored(Api const& api, ProjectId project, std::vector<CodeFile> const& code) {
  for (std::size_t i = 0; i < code.size(); ++i)
    if (!is_stored(api, project, code[i].digest))
      return fail_field(fmt::format("code[{}].digest", i), "store it first: PUT /v1/artifacts/{digest}", "the project has no artifact {}", code[i].digest);
  return {};
}

Result<void> check_numbers(api::SubmitJobs const& wanted) {
  if (wanted.count < 1 || wanted.count > most_jobs_at_once) return fail_field("count", fmt::format("1 to {}", most_jobs_at_once), "count is {}", wanted.count);
  if (wanted.members > most_members) return fail_field("members", fmt::format("1 to {}", most_members), "a gang of {} members", wanted.members);
  if (wanted.time_limit.us < 0) return fail_field("time_limit", "a length of time above zero, or leave it out", "time_limit is negative");
  if (wanted.priority < -1000 || wanted.priority > 1000) return fail_field("priority", "-1000 to 1000", "priority is {}", wanted.priority);
  if (wanted.retries > 1000) return fail_field("retries", "0 to 1000", "retries is {}", wanted.retries);
  if (wanted.memory_mib > std::uint64_t{1} << 40) return fail_field("memory_mib", "in MiB, at most 2^40", "memory_mib is {}", wanted.memory_mib);
  return {};
}

/// The compute list: names, and the limits of each rung. Errors name the rung and the key.
Result<std::vector<Rung>> rungs_of(std::vector<std::string> const& on) {
  std::vector<Rung> rungs;
  for (std::size_t i = 0; i < on.size(); ++i) {
    auto rung = parse_rung(on[i]);
    if (!rung) {
      Error error = rung.error();
      error.message = fmt::format("rung {}: {}", i + 1, error.message);
      error.field = error.field.empty() ? fmt::format("on[{}]", i) : fmt::format("on[{}].{}", i, error.field);
      return Unexpected(std::move(error));
    }
    rungs.push_back(std::move(*rung));
  }
  return rungs;
}

}  // namespace

Result<Project const*> project_for(Call const& call, std::string const& name) {
  Access const& access = *call.snapshot->access;
  std::vector<std::string> mine;
  Project const* only = nullptr;
  for (auto const& [id, project] : access.projects)
    if (call.caller.sees(id)) mine.push_back(project.name), only = &project;
  if (name.empty()) {
    if (mine.size() == 1) return only;
    if (Project const* usual = access.project_named("default"); usual != nullptr && call.caller.sees(usual->id)) return usual;
    if (mine.empty()) return fail_field("project", "ask an admin to make you a member of a project", "you are a member of no project");
    return fail_field("project", fmt::format("one of {}", shortened(fmt::format("{}", fmt::join(mine, ", ")), 400)),
                      "the project is not named, and you have {}", mine.size());
  }
  Project const* project = access.project_named(name);
  if (project != nullptr && call.caller.sees(project->id)) return project;
  auto const near = nearest(name, mine);
  return fail_field("project",
                    !near.empty()  ? fmt::format("did you mean {}?", fmt::join(near, " or "))
                    : mine.empty() ? "ask an admin to make you a member of a project"
                                   : fmt::format("yours: {}", shortened(fmt::format("{}", fmt::join(mine, ", ")), 400)),
                    "there is no project \"{}\" of yours", shortened(name, 70));
}

Result<void> check_form(api::SubmitJobs const& wanted) {
  if (!wanted.name.empty()) TRY_VOID(check_name(wanted.name, "name"));
  if (wanted.on.empty()) return fail_field("on", "name at least one template, as in [\"cpu\"]", "no template is named");
  if (wanted.on.size() > 32) return fail_field("on", "at most 32 templates", "the compute list has {}", wanted.on.size());
  TRY_VOID(rungs_of(wanted.on));
  if (!runs_notebook(wanted) && (wanted.command.empty() || wanted.command[0].empty()))
    return fail_field("command", "give the program and its arguments", "no command is given");
  if (wanted.command.size() > 10'000) return fail_field("command", "at most 10000 words", "the command has {}", wanted.command.size());
  for (std::size_t i = 0; i < wanted.command.size(); ++i) TRY_VOID(check_string(wanted.command[i], fmt::format("command[{}]", i)));
  TRY_VOID(check_env(wanted.env));
  TRY_VOID(check_string(wanted.workdir, "workdir"));
  if (!wanted.workdir.empty() && wanted.workdir.front() != '/')
    return fail_field("workdir", "an absolute path on the node", "\"{}\" is not absolute", shortened(wanted.workdir, 60));
  if (!wanted.workdir.empty() && !wanted.code.empty())
    return fail_field("workdir", "leave one of the two out", "what is sent along lies in a new folder for each attempt, and the job is to start in {}",
                      shortened(wanted.workdir, 60));
  TRY_VOID(check(code_of(wanted)));
  if (wanted.service) TRY_VOID(check(Service{same_word<ServiceKind>(wanted.service->kind), wanted.service->health, wanted.service->idle_after}));
  return check_numbers(wanted);
}

namespace {

/// What is taken, and is likely not what was meant.
std::string warning_of(Pool const& pool, JobRequest const& request) {
  if (request.members < 2) return {};
  for (auto const& name : request.on) {
    Template const* t = pool.find_template(name);
    if (t && t->kind == TemplateKind::Slice)
      return fmt::format("NCCL does not support MIG: members on {} reach each other with gloo or MPI, and not over NVLink", name);
  }
  return {};
}

}  // namespace

Result<Wish> submission(Api const& api, Call const& call, api::SubmitJobs const& wanted) {
  TRY_VOID(check_form(wanted));
  TRY(Project const* project, project_for(call, wanted.project));
  auto const& command = runs_notebook(wanted) ? notebook_command() : wanted.command;
  std::string const name = runs_notebook(wanted) ? "notebook" : name_after(command[0]);
  JobRequest request{.name = wanted.name.empty() ? name : wanted.name,
                     .project = project->name,
                     .on = {},
                     .command = command,
                     .env = wanted.env,
                     .workdir = wanted.workdir,
                     .time_limit = wanted.time_limit,
                     .memory_mib = wanted.memory_mib,
                     .cpu_milli = wanted.cpu_milli,
                     .retries = wanted.retries,
                     .restartable = wanted.restartable,
                     .no_preempt = wanted.no_preempt,
                     .priority = wanted.priority,
                     .limits = {},
                     .climbs = wanted.upgrade == api::Upgrade::Restart,
                     .on_out_of_memory = same_word<OnOutOfMemory>(wanted.on_out_of_memory),
                     .code = code_of(wanted),
                     .members = wanted.members};
  if (wanted.service) request.service = Service{same_word<ServiceKind>(wanted.service->kind), wanted.service->health, wanted.service->idle_after};
  TRY_VOID(check_stored(api, project->id, request.code));
  TRY(auto const rungs, rungs_of(wanted.on));
  bool const limited = std::any_of(rungs.begin(), rungs.end(), [](Rung const& rung) { return rung.limits != RungLimits{}; });
  for (Rung const& rung : rungs) {
    request.on.push_back(rung.on);
    if (limited) request.limits.push_back(rung.limits);
  }
  std::string const warning = warning_of(call.snapshot->pool, request);
  std::string body = json_write(request);
  Digest const digest = api.options.secrets.digest(body);
  return Wish{.command = PoolCommand{SubmitJobs{std::move(request), wanted.count, digest, project->id, {project->team}}},
              .blob = Blob{digest, std::move(body)},
              .answer = [warning](std::vector<Frame> const& frames) {
                auto const queued = event_in<JobsQueued>(frames);
                ensure(queued, "jobs that were accepted are queued");
                return json_write(api::SubmittedJobs{queued->first, queued->count, warning.empty() ? std::nullopt : std::optional(warning)});
              }};
}

namespace {

/// A batch on its way: entries are answered in any order, and whoever comes last answers the whole.
struct Batch {
  std::vector<api::BatchItem> items;
  std::atomic<std::size_t> missing;
};

api::ErrorDetail shown_error(Error const& error) { return {error.kind, error.message, error.hint, error.field}; }

}  // namespace

Result<void> ask_batch(Api& api, CallPtr const& call, api::SubmitBatch const& batch) {
  TRY(std::string const key, idempotency_key(call->request));
  // A batch that is not as the document says is refused as a whole; what only the pool can tell is told entry by entry.
  for (std::size_t i = 0; i < batch.jobs.size(); ++i)
    if (auto const formed = check_form(batch.jobs[i]); !formed) {
      Error error = formed.error();
      error.field = fmt::format("jobs[{}].{}", i, error.field);
      return Unexpected(std::move(error));
    }
  auto const state = std::make_shared<Batch>();
  state->items.resize(batch.jobs.size());
  state->missing = batch.jobs.size();
  auto const settle = [state, call](std::size_t index, api::BatchItem item) {
    state->items[index] = std::move(item);
    if (--state->missing == 0) answer(*call, api::SubmittedBatch{std::move(state->items)});
  };
  for (std::size_t i = 0; i < batch.jobs.size(); ++i) {
    auto wish = submission(api, *call, batch.jobs[i]);
    if (!wish) {
      settle(i, {.submitted = {}, .error = shown_error(wish.error())});
      continue;
    }
    Ask ask{.command = std::move(wish->command),
            .by = call->caller.user,
            .idempotency_key = {},
            .request = {},
            .blob = std::move(wish->blob),
            .answer = std::move(wish->answer)};
    if (!key.empty()) {
      // A key of its own for each entry: what was taken the first time is not taken again, what was refused may be.
      ask.idempotency_key = fmt::format("{}/{}", key, i);
      ask.request = api.options.secrets.digest(fmt::format("batch\n{}", json_write(batch.jobs[i])));
    }
    api.front.ask(std::move(ask), [settle, i](Result<Accepted> accepted) {
      if (!accepted) return settle(i, {.submitted = {}, .error = shown_error(accepted.error())});
      auto jobs = json_read<api::SubmittedJobs>(accepted->answer, Unknown::Ignore);
      if (!jobs) return settle(i, {.submitted = {}, .error = shown_error(jobs.error())});
      settle(i, {.submitted = *jobs, .error = {}});
    });
  }
  return {};
}

}  // namespace nav::http
