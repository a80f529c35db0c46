// SPDX-License-Identifier: Apache-2.0
#include "plan/forecast.h"

#include <algorithm>
#include <set>

#include "core/offer.h"
#include "plan/place_by_moving.h"
#include "plan/reserve.h"

namespace nav {

namespace {

// A budget that counts work: beyond it the start is too far ahead to say.
constexpr std::size_t most_moments = 400;
constexpr std::size_t most_placings = 5'000;

/// By what the ends of running jobs are foreseen.
enum class Ends { ByLimit, AsUsual };

/// A copy of the pool in which time goes by, jobs end, and nothing else happens.
class Ahead {
 public:
  /// The index is made anew: what was kept for whom in the pool's own course, or in a forecast before, is of no use to this one.
  Ahead(Pool pool, PlanIndex& index, Asked asked, Ends ends) : pool_(std::move(pool)), index_(index), asked_(asked), ends_(ends) {
    index_.rebuild(pool_);
    pool_.jobs.each([&](Job const& job) { note(job); });
  }

  Pool const& pool() const { return pool_; }

  Result<JobId> submit(SubmitJobs const& jobs) {
    JobId const first{pool_.next_job};
    TRY_VOID(command(jobs));
    for (std::uint32_t i = 0; i < jobs.count * std::max(jobs.request.members, 1u); ++i) note(pool_.jobs.at(first.value + i));
    return first;
  }

  /// Everybody who can is placed; jobs of `mine` that are, are counted.
  std::uint32_t place_all(JobId mine, std::uint32_t count) {
    std::uint32_t placed_of_mine = 0;
    while (placings_ < most_placings) {
      auto const accept = [&](PlaceJob const& place) {
        if (!command(place)) return false;
        ++placings_;
        index_.refresh(pool_, place.node);
        note(pool_.jobs.at(place.job.value));
        if (place.job.value >= mine.value && place.job.value < mine.value + count) {
          ++placed_of_mine;
          if (place.job == mine) placed_ = place;
        }
        return true;
      };
      auto const gangs = [&](PlaceGang const& gang) {
        if (!command(gang)) return false;
        for (auto const& place : gang.members) {
          ++placings_;
          index_.refresh(pool_, place.node);
          note(pool_.jobs.at(place.job.value));
        }
        if (gang.gang >= mine && gang.gang.value < mine.value + count * gang.members.size()) ++placed_of_mine;
        if (gang.gang == mine) placed_ = gang.members.front(), members_ = gang.members;
        return true;
      };
      (void)plan_round(pool_, index_, most_placings - placings_, accept, {}, gangs);
      if (!pass_at_clouds(mine)) break;
    }
    return placed_of_mine;
  }

  /// Lets time go by until the job has its place.
  ExpectedStart start_of(JobId mine) {
    for (std::size_t moment = 0; moment < most_moments && placings_ < most_placings; ++moment) {
      if (placed_) return placed(moment == 0 ? Confidence::Now : later());
      if (booting_) return *booting_;
      if (!go_on()) break;
      place_all(mine, 1);
    }
    return placed_ ? placed(later()) : ExpectedStart{};
  }

 private:
  Confidence later() const { return ends_ == Ends::ByLimit ? Confidence::AtLatest : Confidence::Likely; }
  ExpectedStart placed(Confidence confidence) const { return {confidence, asked_.now, placed_->rung, {}, placed_, members_}; }

  Result<void> command(PoolCommand const& what) {
    TRY(auto const events, decide(pool_, what, asked_));
    for (auto const& event : events) happen(event);
    return {};
  }
  void happen(PoolEvent const& event) { apply(pool_, event, {pool_.sequence + 1, pool_.epoch, asked_.now, asked_.by}); }

  /// When something is due for the job: the end of its attempt, or of its wait.
  void note(Job const& job) {
    if (job.state == JobState::Queued) {
      if (auto const deadline = rung_deadline(pool_, job)) due_.emplace(*deadline, job.id);
    } else if (auto const end = job.has_seat() ? plan::leaves(pool_, job) : plan::Leaves{}; end.at && (end.exact || ends_ == Ends::AsUsual)) {
      due_.emplace(end.at, job.id);
    }
  }

  /// Passes rungs that no cloud serves; notes if one boots a machine for the job.
  bool pass_at_clouds(JobId mine) {
    auto const plan = plan_clouds(pool_, asked_.now, most_placings);
    for (auto const& wanted : plan.wanted) (void)command(wanted);
    bool moved = false;
    for (auto const& passed : plan.passed) moved = command(passed).has_value() || moved;
    Job const* job = pool_.job(mine);
    if (placed_ || !job || job->state != JobState::Queued) return moved;
    RequestClass const& request = pool_.queues.at(job->queue).request;
    Template const* t = pool_.find_template(request.on[request.rung]);
    Cloud const* cloud = t ? cloud_of(pool_, *t) : nullptr;
    if (!cloud) return moved;
    for (auto const& [id, rental] : *pool_.rentals)
      if (rental.cloud == cloud->name && rental.state == RentalState::Booting && (rental.job == mine || !pool_.job(rental.job)))
        booting_ = ExpectedStart{Confidence::About, std::max(asked_.now, rental.wanted + cloud->boot), request.rung, cloud->name, {}, {}};
    return moved;
  }

  void end_attempt(Job const& job) {
    if (!job.has_seat()) return;
    NodeId const node = job.seat.node;
    Time const began = job.started ? job.started : job.since;
    happen(AttemptEnded{.attempt = job.attempt_id(), .outcome = Outcome::Exited, .started = began, .ended = asked_.now});
    index_.refresh(pool_, node);
  }

  /// To the next moment at which something is due; false if nothing is.
  bool go_on() {
    while (!due_.empty()) {
      auto const [at, id] = *due_.begin();
      due_.erase(due_.begin());
      Job const* job = pool_.job(id);
      if (!job) continue;
      asked_.now = std::max(asked_.now, at);
      if (job->state == JobState::Queued) {
        if (rung_deadline(pool_, *job) != at) continue;
        if (!command(PassRung{id, "its wait is over"})) continue;
        note(pool_.jobs.at(id.value));
        return true;
      }
      // A gang ends as one.
      JobId const first = job->gang ? job->gang : id;
      std::uint32_t const members = job->gang ? pool_.gangs.at(first.value).members : 1;
      for (std::uint32_t rank = 0; rank < members; ++rank) end_attempt(pool_.jobs.at(first.value + rank));
      for (std::uint32_t rank = 0; rank < members; ++rank) happen(JobEnded{JobId{first.value + rank}, JobEnd::Succeeded, ""});
      return true;
    }
    return false;
  }

  Pool pool_;
  PlanIndex& index_;
  Asked asked_;
  Ends ends_;
  std::set<std::pair<Time, JobId>> due_;
  std::size_t placings_ = 0;
  std::optional<PlaceJob> placed_;
  std::vector<PlaceJob> members_;  // beside it, if it is a gang
  std::optional<ExpectedStart> booting_;
};

struct Looked {
  std::uint32_t now = 0;
  std::optional<MoveJobs> moving;
  ExpectedStart start;
  RungReason reason;
};

/// What becomes of these jobs.
Result<Looked> look(Pool const& pool, PlanIndex& index, SubmitJobs const& jobs, Asked const& asked, Ends ends) {
  Ahead ahead(pool, index, asked, ends);
  TRY(JobId const mine, ahead.submit(jobs));
  Looked looked;
  looked.now = ahead.place_all(mine, jobs.count);
  if (Job const* job = ahead.pool().job(mine); ends == Ends::ByLimit && looked.now == 0 && job && job->state == JobState::Queued) {
    auto const& request = ahead.pool().queues.at(job->queue).request;
    looked.reason = why_rung(ahead.pool(), index, request, 0);
    if (auto found = job->gang ? std::nullopt : place_by_moving(ahead.pool(), index, request, *job); found && found->is_worth_it())
      looked.moving = std::move(found->plan);
  }
  looked.start = ahead.start_of(mine);
  return looked;
}

Result<Looked> look(Pool const& pool, PlanIndex& index, SubmitJobs const& jobs, Asked const& asked) {
  TRY(auto looked, look(pool, index, jobs, asked, Ends::ByLimit));
  if (looked.start.confidence != Confidence::Unknown) return looked;
  TRY(auto const usual, look(pool, index, jobs, asked, Ends::AsUsual));
  looked.start = usual.start;
  return looked;
}

}  // namespace

ExpectedStart expected_start(Pool const& pool, JobId waiting, Time now) {
  PlanIndex index;
  if (Job const* job = pool.job(waiting); job && job->gang) waiting = job->gang;
  for (Ends const ends : {Ends::ByLimit, Ends::AsUsual}) {
    Ahead ahead(pool, index, Asked{UserId{}, now}, ends);
    (void)ahead.place_all(waiting, 1);
    if (auto const start = ahead.start_of(waiting); start.confidence != Confidence::Unknown) return start;
  }
  return {};
}

Result<Forecast> forecast(Pool const& pool, SubmitJobs const& jobs, Asked const& asked) {
  PlanIndex index;
  TRY(auto const whole, look(pool, index, jobs, asked));
  Forecast forecast{.now = whole.now, .start = whole.start, .moving = whole.moving, .rungs = {}};
  for (std::uint32_t rung = 0; rung < jobs.request.on.size(); ++rung) {
    SubmitJobs alone = jobs;
    alone.count = 1;
    alone.request.on = {jobs.request.on[rung]};
    alone.request.limits.clear();
    if (rung < jobs.request.limits.size()) alone.request.limits = {RungLimits{{}, jobs.request.limits[rung].price_micro}};
    TRY(auto looked, look(pool, index, alone, asked));
    RungForecast one{.reason = std::move(looked.reason), .start = looked.start};
    if (looked.now > 0) one.reason = {.on = alone.request.on[0], .lack = Lack::Turn, .sentence = "it could start now"};
    if (Template const* t = pool.find_template(alone.request.on[0])) one.price_micro = t->price_micro;
    forecast.rungs.push_back(std::move(one));
  }
  return forecast;
}

}  // namespace nav
