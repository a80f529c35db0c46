// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "http/handlers.h"
#include "http/shown.h"
#include "http/submission.h"

namespace nav::http {
namespace {

Unexpected no_such_job(JobId id) { return fail(ErrorKind::NotFound, "there is no job {}", to_text(id)); }

Result<JobId> job_parameter(Call const& call) {
  auto id = parse_id<JobTag>(call.parameter(0));
  if (!id) return Unexpected(Error{ErrorKind::NotFound, id.error().message, "jobs are numbered from 1", {}});
  return *id;
}

/// The job, if it is not over and the caller may see it. Nothing: it may be over. NotFound tells nobody whether it is there.
Result<Job const*> living_job(Call const& call, JobId id) {
  Pool const& pool = call.snapshot->pool;
  Job const* job = pool.job(id);
  if (job == nullptr) return id.value < pool.next_job ? Result<Job const*>(nullptr) : no_such_job(id);
  if (!call.caller.sees(job->project)) return no_such_job(id);
  return job;
}

bool sees_project_named(Call const& call, std::string const& name) {
  if (call.caller.sees_all()) return true;
  Project const* project = call.snapshot->access->project_named(name);
  return project != nullptr && call.caller.sees(project->id);
}

/// A job that is over, from the tables.
Result<JobRow> past_job(Api const& api, Call const& call, JobId id) {
  api.views.wait_for(call.snapshot->sequence(), api.options.patience);
  auto row = api.views.job(id);
  if (!row) return row.error().kind == ErrorKind::NotFound ? Result<JobRow>(no_such_job(id)) : row;
  if (!sees_project_named(call, row->project)) return no_such_job(id);
  return row;
}

api::JobRequest shown_request(std::string const& blob) {
  auto shown = json_read<api::JobRequest>(blob, Unknown::Ignore).value_or(api::JobRequest{});
  auto const asked = json_read<JobRequest>(blob, Unknown::Ignore);
  if (!asked) return shown;
  for (std::size_t i = 0; i < asked->limits.size() && i < shown.on.size(); ++i) shown.on[i] = to_text(Rung{shown.on[i], asked->limits[i]});
  if (asked->members == 0) shown.members.reset();
  if (asked->climbs) shown.upgrade = api::Upgrade::Restart;
  shown.on_out_of_memory = same_word<api::OnOutOfMemory>(asked->on_out_of_memory);
  return shown;
}

/// The digest of the request a job was submitted with, from its history.
Digest digest_in(std::vector<EventRow> const& history) {
  for (EventRow const& row : history)
    if (row.kind == JobsQueued::type)
      if (auto const queued = event_in<JobsQueued>({Frame{{}, "pool", row.body}})) return digest_of(queued->body);
  return {};
}

/// What was tried of the list, from the job's history. `waiting` adds the rung it is on now.
std::vector<api::RungTried> rungs_tried(std::vector<EventRow> const& history, Snapshot const& snapshot, Job const* job) {
  std::vector<api::RungTried> tried;
  std::vector<std::string> wanted;  // as it was at the time: a job that needs more memory comes to another list
  auto const name_of = [&](std::uint32_t rung) { return rung < wanted.size() ? wanted[rung] : std::string(); };
  for (EventRow const& row : history) {
    std::vector<Frame> const frame{Frame{{}, "pool", row.body}};
    if (row.kind == JobsQueued::type) {
      if (auto const queued = event_in<JobsQueued>(frame)) wanted = queued->on;
    } else if (row.kind == JobRequeued::type) {
      auto const again = event_in<JobRequeued>(frame);
      if (!again || again->on.empty()) continue;
      std::uint32_t const had = tried.empty() ? 0 : tried.back().rung;  // it had a place, so that was chosen last
      tried.push_back({had, name_of(had), row.at, {}, false, {}, again->message});
      wanted = again->on;
    } else if (row.kind == RungPassed::type) {
      if (auto const passed = event_in<RungPassed>(frame))
        tried.push_back({passed->rung, name_of(passed->rung), passed->since, row.at, false, {}, passed->why});
    } else if (row.kind == JobPlaced::type) {
      auto const placed = event_in<JobPlaced>(frame);
      if (!placed) continue;
      for (RungTried const& one : placed->tried) tried.push_back({one.rung, name_of(one.rung), row.at, {}, false, {}, one.why});
      tried.push_back(
          {placed->rung, name_of(placed->rung), row.at, {}, true, placed->price_micro, fmt::format("attempt {} got its place", to_text(placed->attempt))});
    }
  }
  if (job == nullptr || job->state != JobState::Queued) return tried;
  std::uint32_t const rung = snapshot.pool.queues.at(job->queue).request.rung;
  tried.push_back({rung, name_of(rung), job->rung_since, {}, false, {}, "it waits here"});
  return tried;
}

Result<void> answer_job(Api const& api, Call& call, JobId id) {
  TRY(Job const* job, living_job(call, id));
  api::JobDetails details;
  if (job != nullptr) {
    bool const caught_up = api.views.wait_for(call.snapshot->sequence(), api.options.patience);
    TRY(auto blob, api.front.blob(job->body));
    details.request = shown_request(blob);
    details.stopping = job->stop != StopCause::None;
    if (auto const service = call.snapshot->pool.services->find(id); service != call.snapshot->pool.services->end()) details.service = shown(service->second);
    auto const row = caught_up ? api.views.job(id) : Result<JobRow>(no_such_job(id));
    details.job = row ? shown(*row) : shown(*call.snapshot, *job, blob);
  } else {
    TRY(auto row, past_job(api, call, id));
    details.job = shown(row);
  }
  TRY(auto attempts, api.views.attempts(id));
  for (auto const& attempt : attempts) details.attempts.push_back(shown(attempt));
  TRY(auto history, api.views.events({.job = id, .audit = false, .below = {}, .limit = 1000}));
  for (auto const& row : history)
    if (auto event = shown_event(row.sequence, row.at, row.by, row.body)) details.history.push_back(std::move(*event));
  details.rungs = rungs_tried(history, *call.snapshot, job);
  if (job == nullptr)
    if (auto const blob = api.front.blob(digest_in(history))) details.request = shown_request(*blob);
  answer(call, details);
  return {};
}

Result<JobFilter> filter_of(Call const& call, api::JobsQuery const& query) {
  JobFilter filter{.states = {},
                   .project = query.project,
                   .user = query.user,
                   .name = query.name,
                   .on = query.on,
                   .node = query.node,
                   .gang = query.gang,
                   .visible_projects = {},
                   .below = {},
                   .limit = 0};
  TRY(filter.limit, checked_limit(query.limit));
  TRY(auto below, cursor_of(query.cursor, 'b'));
  if (below) filter.below = JobId{*below};
  for (api::JobState const state : query.state) filter.states.push_back(enum_text(state));
  if (call.caller.sees_all()) return filter;
  filter.visible_projects.emplace();
  for (ProjectId const id : *call.caller.projects) filter.visible_projects->push_back(call.snapshot->access->projects.at(id).name);
  return filter;
}

api::Why why_not_waiting(Snapshot const& snapshot, Job const& job) {
  if (job.state == JobState::Finishing)
    return {.job = job.id,
            .state = api::JobState::Running,
            .sentence = "it has ended, and waits for the other members of its gang",
            .lack = {},
            .ahead = {},
            .rungs = {}};
  api::Why why{.job = job.id, .state = same_word<api::JobState>(job.state), .sentence = {}, .lack = {}, .ahead = {}, .rungs = {}};
  Node const* node = snapshot.pool.node(job.seat.node);
  std::string const where = node == nullptr ? "its node" : fmt::format("{}, {}", node->name, place_text(*node, job.seat));
  if (job.stop != StopCause::None) why.sentence = fmt::format("it is being stopped on {}", where);
  else why.sentence = fmt::format("it {} on {} since {}", job.state == JobState::Running ? "runs" : "starts", where, to_text(job.since));
  return why;
}

/// When it would start is found in a copy of the pool: the controller is not held up.
void answer_why_waiting(Api& api, CallPtr const& call, JobId id, Reason reason) {
  on_worker(api, call, [&api, id, reason = std::move(reason)](Call& asked) -> Result<void> {
    Snapshot const& snapshot = *asked.snapshot;
    api::Why why = shown(snapshot, id, reason, asked.caller);
    if (Job const* job = snapshot.pool.job(id); job && job->state == JobState::Queued)
      why.start = shown(snapshot, expected_start(snapshot.pool, id, std::max(api.now(), snapshot.pool.now)), snapshot.pool.queues.at(job->queue).request.on);
    answer(asked, why);
    return {};
  });
}

/// For a job that waits no longer, or did not wait when it was looked at.
Result<void> answer_why_not_waiting(Api const& api, Call& call, JobId id) {
  call.snapshot = api.front.snapshot();
  TRY(Job const* job, living_job(call, id));
  if (job != nullptr && job->state != JobState::Queued) {
    answer(call, why_not_waiting(*call.snapshot, *job));
    return {};
  }
  if (job != nullptr) return fail(ErrorKind::Unavailable, "job {} changes just now", to_text(id));
  TRY(auto row, past_job(api, call, id));
  api::Job const over = shown(row);
  answer(call, api::Why{.job = id,
                        .state = over.state,
                        .sentence = over.message.value_or(fmt::format("it is over: {}", enum_text(over.state))),
                        .lack = {},
                        .ahead = {},
                        .rungs = {}});
  return {};
}

}  // namespace

Result<void> submit_jobs(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::SubmitJobs>(*call));
  TRY(auto wish, submission(api, *call, wanted));
  return ask(api, call, std::move(wish), [](Call& asked, Accepted accepted) {
    auto const jobs = json_read<api::SubmittedJobs>(accepted.answer, Unknown::Ignore);
    std::vector<std::pair<std::string, std::string>> headers;
    if (jobs) headers.emplace_back("Location", api::path_of(api::Operation::GetJob, {to_text(jobs->first)}));
    answer_json(asked, std::move(accepted.answer), std::move(headers));
  });
}

Result<void> submit_batch(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::SubmitBatch>(*call));
  if (wanted.jobs.empty() || wanted.jobs.size() > api::most_in_a_page)
    return fail_field("jobs", fmt::format("1 to {}", api::most_in_a_page), "the batch has {} entries", wanted.jobs.size());
  return ask_batch(api, call, wanted);
}

Result<void> list_jobs(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::JobsQuery>(*call));
  TRY(auto filter, filter_of(*call, query));
  on_searcher(api, call, [&api, filter = std::move(filter)](Call& listed) mutable -> Result<void> {
    // A list without the job that was just submitted would be a surprise; one that waits for ever a worse one.
    api.views.wait_for(listed.snapshot->sequence(), api.options.patience);
    std::size_t const limit = filter.limit;
    ++filter.limit;
    TRY(auto rows, api.views.jobs(filter));
    api::Page<api::Job> page;
    for (auto const& row : rows) {
      if (page.items.size() == limit) {
        page.next = fmt::format("b{}", page.items.back().id.value);
        break;
      }
      page.items.push_back(shown(row));
    }
    answer(listed, page);
    return {};
  });
  return {};
}

Result<void> get_job(Api& api, CallPtr const& call) {
  TRY(JobId const id, job_parameter(*call));
  on_searcher(api, call, [&api, id](Call& asked) { return answer_job(api, asked, id); });
  return {};
}

Result<void> cancel_job(Api& api, CallPtr const& call) {
  TRY(JobId const id, job_parameter(*call));
  TRY(Job const* job, living_job(*call, id));
  if (job == nullptr) {
    on_searcher(api, call, [&api, id](Call& asked) -> Result<void> {
      TRY(auto row, past_job(api, asked, id));
      return fail(ErrorKind::Conflict, "job {} is over: {}", to_text(id), row.state);
    });
    return {};
  }
  auto const gang = shown_gang(call->snapshot->pool, *job);
  return ask_and_answer(api, call, {.command = PoolCommand{CancelJob{id}}, .blob = {}, .answer = [id, gang](std::vector<Frame> const& frames) {
                                      return json_write(api::CancelledJob{.id = id, .over = event_in<JobEnded>(frames).has_value(), .gang = gang});
                                    }});
}

Result<void> why_job(Api& api, CallPtr const& call) {
  TRY(JobId const id, job_parameter(*call));
  TRY(Job const* job, living_job(*call, id));
  if (job == nullptr || job->state != JobState::Queued) {
    on_searcher(api, call, [&api, id](Call& asked) { return answer_why_not_waiting(api, asked, id); });
    return {};
  }
  api.front.why(id, [&api, call, id](Result<Reason> reason) {
    if (reason) return answer_why_waiting(api, call, id, std::move(*reason));
    // It was placed between the look and the question.
    on_searcher(api, call, [&api, id](Call& asked) { return answer_why_not_waiting(api, asked, id); });
  });
  return {};
}

Result<void> read_log(Api& api, CallPtr const& call) {
  TRY(JobId const id, job_parameter(*call));
  TRY(auto query, query_of<api::LogQuery>(*call));
  if (query.limit < 1 || query.limit > 1u << 20) return fail_field("limit", "1 to 1048576", "limit is {}", query.limit);
  if (call->request.method == "HEAD") query.follow = false;  // its answer must have an end
  if (query.attempt && *query.attempt == 0) return fail_field("attempt", "attempts count from 1", "attempt is 0");
  on_searcher(api, call, [&api, id, query](Call& asked) -> Result<void> {
    TRY(Job const* job, living_job(asked, id));
    std::uint32_t newest = 0;
    if (job != nullptr) {
      newest = job->attempt;
    } else {
      TRY(auto row, past_job(api, asked, id));
      newest = row.attempt;
    }
    AttemptId const attempt{id, query.attempt.value_or(newest)};
    if (attempt.number > newest) return fail(ErrorKind::NotFound, "there is no attempt {}", to_text(attempt));
    if (query.follow && (attempt.number != 0 || job != nullptr)) {
      api.log_followers.follow(std::move(asked.request), asked.caller, std::move(asked.reply), attempt, query.offset);
      return {};
    }
    LogStore::Part part{.bytes = {}, .next = 0, .size = 0, .complete = job == nullptr};
    if (attempt.number != 0) { TRY(part, api.logs.read(attempt, query.offset, query.limit)); }
    asked.reply.send(Response{.status = 200,
                              .body = std::move(part.bytes),
                              .content_type = std::string(asked.route->answer_type),
                              .headers = {{"Nav-Log-Attempt", fmt::format("{}", attempt.number)},
                                          {"Nav-Log-Next", fmt::format("{}", part.next)},
                                          {"Nav-Log-Size", fmt::format("{}", part.size)},
                                          {"Nav-Log-Complete", part.complete ? "true" : "false"},
                                          {"X-Content-Type-Options", "nosniff"}}});
    return {};
  });
  return {};
}

}  // namespace nav::http
