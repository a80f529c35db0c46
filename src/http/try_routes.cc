// SPDX-License-Identifier: Apache-2.0
#include "api/trial.h"
#include "base/text.h"
#include "http/handlers.h"
#include "http/shown.h"
#include "http/submission.h"
#include "plan/forecast.h"

namespace nav::http {
namespace {

/// Each job is looked at in a copy of the pool.
constexpr std::uint32_t most_tried = 1'000;

std::string sentence_of(api::Trial const& trial, Time now) {
  auto const& start = trial.start;
  if (trial.moving) {
    std::string which;
    for (auto const& move : trial.moving->moves)
      which += fmt::format("{}job {} to {} {}", which.empty() ? ": " : ", ", to_text(move.job), move.node, move.place);
    return fmt::format("it fits nowhere now; {} would move to make a place for it{}",
                       trial.moving->jobs == 1 ? "1 job" : fmt::format("{} jobs", trial.moving->jobs), which);
  }
  std::string const where = api::where_text(start);
  std::string const cost = start.price_micro.value_or(0) == 0 ? "" : fmt::format(", for {} an hour", money_text(*start.price_micro));
  std::string const on = start.on.value_or("");
  switch (start.confidence) {
    case api::Confidence::Now:
      if (trial.count == 1) return fmt::format("it would start now on {}: {}{}", on, where, cost);
      return fmt::format("{} of {}{} would start now, the first on {}: {}{}", trial.now, trial.count, start.members ? " gangs" : "", on, where, cost);
    case api::Confidence::AtLatest:
      return fmt::format("not now; in {} at the latest on {}: {}{}, if nothing of more precedence comes meanwhile", to_text(*start.at - now), on, where, cost);
    case api::Confidence::Likely:
      return fmt::format("not now; likely in {} on {}: {}{}, if those before it run as long as such jobs usually do", to_text(*start.at - now), on, where,
                         cost);
    case api::Confidence::About: return fmt::format("not now; in about {} on {}, where a machine boots for it{}", to_text(*start.at - now), on, cost);
    case api::Confidence::Unknown: break;
  }
  bool const is_never = std::all_of(trial.rungs.begin(), trial.rungs.end(), [](api::TriedRung const& rung) { return rung.can == api::Can::Never; });
  if (is_never) return fmt::format("never: {}", trial.rungs.back().sentence);
  return "not now, and when is unknown: how long they run who hold what it needs nobody knows, or it is too far ahead to say";
}

}  // namespace

Result<void> try_jobs(Api& api, CallPtr const& call) {
  TRY(auto tried, body_of<api::TryJobs>(*call));
  if (tried.count < 1 || tried.count > most_tried) return fail_field("count", fmt::format("1 to {}", most_tried), "count is {}", tried.count);
  api::SubmitJobs wanted;
  wanted.project = tried.project;
  wanted.on = tried.on;
  wanted.command = {"true"};
  wanted.time_limit = tried.time_limit;
  wanted.memory_mib = tried.memory_mib;
  wanted.cpu_milli = tried.cpu_milli;
  wanted.priority = tried.priority;
  wanted.count = tried.count;
  wanted.members = tried.members;
  TRY(auto wish, submission(api, *call, wanted));
  auto const jobs = std::get<SubmitJobs>(std::get<PoolCommand>(wish.command));
  // A pool of its own with a planner of its own: the controller is not held up.
  on_worker(api, call, [&api, jobs](Call& asked) -> Result<void> {
    Snapshot const& snapshot = *asked.snapshot;
    Time const now = std::max(api.now(), snapshot.pool.now);
    TRY(auto const found, forecast(snapshot.pool, jobs, Asked{asked.caller.user, now}));
    api::Trial trial{.count = jobs.count, .now = found.now, .start = shown(snapshot, found.start, jobs.request.on), .sentence = {}, .moving = {}, .rungs = {}};
    if (found.moving) {
      trial.moving = api::Moving{.jobs = static_cast<std::uint32_t>(found.moving->moves.size()), .moves = {}};
      for (PlaceJob const& move : found.moving->moves)
        if (sees_holder(snapshot, snapshot.pool.jobs.at(move.job.value).attempt_id(), asked.caller))
          trial.moving->moves.push_back(shown_move(snapshot, move.job, move.node, move.gpus, move.placement));
    }
    for (std::size_t i = 0; i < found.rungs.size(); ++i) {
      auto const& one = found.rungs[i];
      bool const now_possible = one.start.confidence == Confidence::Now;
      bool const is_never = one.reason.lack == Lack::Never || one.reason.lack == Lack::Terms;
      api::TriedRung rung{.on = jobs.request.on[i],
                          .can = now_possible ? api::Can::Now
                                 : is_never   ? api::Can::Never
                                              : api::Can::Later,
                          .start = shown(snapshot, one.start, {jobs.request.on[i]}),
                          .lack = {},
                          .sentence = one.reason.sentence,
                          .holders = {}};
      if (rung.start.rung) rung.start.rung = static_cast<std::uint32_t>(i);
      if (!now_possible) rung.lack = same_word<api::Lack>(one.reason.lack);
      for (AttemptId const holder : one.reason.holders)
        if (sees_holder(snapshot, holder, asked.caller)) rung.holders.push_back(holder);
      trial.rungs.push_back(std::move(rung));
    }
    trial.sentence = sentence_of(trial, now);
    answer(asked, trial);
    return {};
  });
  return {};
}

}  // namespace nav::http
