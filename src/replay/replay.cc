// SPDX-License-Identifier: Apache-2.0
#include "replay/replay.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <queue>
#include <set>
#include <tuple>

#include "base/random.h"
#include "replay/world.h"

namespace nav::replay {
namespace {

constexpr std::size_t placings_a_round = 2'000;  // as the controller has it
constexpr std::size_t moments = 240;
constexpr std::uint64_t steps_between_tellings = 500;

/// An attempt will be over, if it is still the job's attempt then.
struct Ending {
  Time at;
  std::uint64_t number = 0;  // of what ends together, what was known first goes first
  JobId job;
  std::uint32_t attempt = 0;
  Outcome outcome = Outcome::Exited;

  bool operator>(Ending const& other) const { return std::tie(at, number) > std::tie(other.at, other.number); }
};

/// A job that was submitted and is not over.
struct Live {
  std::uint32_t past = 0;  ///< index into Past::jobs
  Duration left;           ///< of its work
  Time began;              ///< its attempt
  double holds = 0;        ///< GPUs
};

class Replay {
 public:
  Replay(Trace const& trace, PoolPlan const& plan, ReplayOptions const& options, Watch const& watch)
      : trace_(trace),
        plan_(plan),
        options_(options),
        watch_(watch),
        menu_(plan, options.policy != Policy::Whole),
        random_(Random(options.seed).child("restartable")) {}

  Result<Past> run() {
    TRY_VOID(world_.build(plan_));
    past_.gpus = static_cast<double>(gpus_of(plan_));
    TRY_VOID(choose_wishes());
    TRY_VOID(offer());
    past_.first = submission_of(trace_.jobs.front());
    past_.last = submission_of(trace_.jobs.back());
    past_.moments.resize(moments);
    last_ = past_.first;
    for (std::uint64_t step = 0; next_ < trace_.jobs.size() || !endings_.empty() || one_more_look(); ++step) {
      advance(next_moment());
      end_attempts();
      TRY_VOID(submit_jobs());
      options_.policy == Policy::Fcfs ? give_in_order() : give_as_shipped();
      if (late_ > watch_.most_late || (step % steps_between_tellings == 0 && !tell())) {
        past_.given_up = true;
        break;
      }
    }
    tell();
    past_.end = last_;
    past_.events = world_.events;
    note_who_waits();
    return std::move(past_);
  }

 private:
  Time submission_of(TraceJob const& job) const {
    Time const begin{seconds(1).us};
    return begin + Duration{static_cast<std::int64_t>(static_cast<double>((job.submitted - begin).us) / options_.load)};
  }

  // ---- what is asked for

  /// What each job wants; most want the same as one before.
  Result<void> choose_wishes() {
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t>, std::uint32_t> known;
    bool any = false;
    for (auto const& job : trace_.jobs) {
      auto const [it, fresh] = known.try_emplace({job.gpus, job.share_milli, job.cpu_milli, job.memory_mib}, static_cast<std::uint32_t>(wishes_.size()));
      if (fresh) wishes_.push_back(menu_.wish(job));
      any = any || wishes_[it->second].refused.empty();
      wish_of_.push_back(it->second);
    }
    if (any) return {};
    return fail_field("pool", "name nodes that are large enough", "no job of the trace can ever run on {}: {} of them {}", to_text(plan_), trace_.jobs.size(),
                      wishes_.front().refused);
  }

  /// Templates that the trace needs and discovery did not seed: three GPUs of one node.
  Result<void> offer() {
    for (std::size_t i = 0; i < wishes_.size(); ++i) {
      if (!wishes_[i].refused.empty()) continue;
      auto const job = std::find(wish_of_.begin(), wish_of_.end(), i) - wish_of_.begin();
      for (auto const& name : wishes_[i].on) {
        if (world_.pool.find_template(name)) continue;
        auto const gpus = trace_.jobs[static_cast<std::size_t>(job)].gpus;
        TRY_VOID(world_.command(SetTemplate{.what = Menu::whole(name.substr(0, name.rfind("-x")), gpus)}));
      }
    }
    return {};
  }

  Result<void> submit_jobs() {
    while (next_ < trace_.jobs.size() && submission_of(trace_.jobs[next_]) <= world_.now) {
      auto const& job = trace_.jobs[next_];
      Wish const& wish = wishes_[wish_of_[next_]];
      auto const index = static_cast<std::uint32_t>(next_++);
      bool const restartable = random_.chance(options_.restartable);
      if (!wish.refused.empty()) {
        ++past_.refused[wish.refused];
        continue;
      }
      SubmitJobs submission{.body = {}, .project = ProjectId{job.team + 1}};
      submission.request.on = wish.on;
      submission.request.command = {"replayed"};
      submission.request.cpu_milli = wish.cpu_milli;
      submission.request.memory_mib = wish.memory_mib;
      submission.request.restartable = restartable;
      if (options_.time_limit) submission.request.time_limit = {static_cast<std::int64_t>(static_cast<double>(job.ran.us) * *options_.time_limit)};
      JobId const id{world_.pool.next_job};
      if (auto const queued = world_.command(submission, UserId{job.user + 1}); !queued) {
        ++past_.refused[queued.error().message];
        continue;
      }
      live_[id] = {.past = static_cast<std::uint32_t>(past_.jobs.size()), .left = job.ran, .began = {}};
      past_.jobs.push_back({.job = index, .submitted = world_.now});
      if (job.gpus > 0) ++waiting_;
      if (options_.policy == Policy::Fcfs) in_order_.push_back(id);
    }
    return {};
  }

  // ---- time

  Time next_moment() const {
    if (next_ >= trace_.jobs.size()) return endings_.empty() ? last_ : endings_.top().at;
    Time const submission = submission_of(trace_.jobs[next_]);
    return endings_.empty() ? submission : std::min(submission, endings_.top().at);
  }

  void advance(Time to) {
    if (to > last_) count(last_, std::min(to, past_.last));
    last_ = world_.now = std::max(to, last_);
  }

  /// What holds between two moments goes into the sums, and into the pictures' parts of the time.
  void count(Time from, Time to) {
    if (to <= from) return;
    double const passed = (to - from).seconds();
    past_.used += used_ * passed;
    past_.asked += asked_ * passed;
    if (waiting_ > 0) past_.stranded += std::max(0.0, past_.gpus - used_) * passed;
    std::int64_t const whole = std::max<std::int64_t>(1, (past_.last - past_.first).us);
    auto const part_of = [&](Time at) { return static_cast<std::size_t>(static_cast<double>((at - past_.first).us) / static_cast<double>(whole) * moments); };
    double const length = static_cast<double>(whole) / moments;
    for (std::size_t i = part_of(from); i <= std::min(part_of(to), moments - 1); ++i) {
      double const begin = std::max(static_cast<double>((from - past_.first).us), static_cast<double>(i) * length);
      double const end = std::min(static_cast<double>((to - past_.first).us), static_cast<double>(i + 1) * length);
      if (end <= begin) continue;
      double const part = (end - begin) / length;
      past_.moments[i].used += used_ * part;
      past_.moments[i].asked += asked_ * part;
      past_.moments[i].waiting += static_cast<double>(waiting_) * part;
    }
  }

  void end_attempts() {
    while (!endings_.empty() && endings_.top().at <= world_.now) {
      Ending const ending = endings_.top();
      endings_.pop();
      auto const it = live_.find(ending.job);
      Job const* job = world_.pool.job(ending.job);
      if (it == live_.end() || !job || job->attempt != ending.attempt || job->state == JobState::Queued) continue;
      Live& live = it->second;
      JobPast& past = past_.jobs[live.past];
      TraceJob const& asked = trace_.jobs[past.job];
      Duration const ran = world_.now - live.began;
      past.gpu_seconds += live.holds * ran.seconds();
      used_ -= live.holds;
      asked_ -= asked.asked_gpus();
      (void)world_.finish(ending.job, ending.outcome);
      if (!world_.pool.job(ending.job)) {
        past.ended = world_.now;
        ++over_;
        live_.erase(it);
        continue;
      }
      // It begins anew where it last saved its work.
      if (options_.checkpoint.us > 0) live.left = live.left - options_.checkpoint * (ran.us / options_.checkpoint.us);
      if (asked.gpus > 0) ++waiting_;
    }
  }

  // ---- who gets what

  bool place_one(PlaceJob const& place) {
    auto const placed = world_.command(place);
    if (!placed) return false;
    world_.start(place.job);
    Live& live = live_.at(place.job);
    JobPast& past = past_.jobs[live.past];
    TraceJob const& asked = trace_.jobs[past.job];
    Job const& job = world_.pool.jobs.at(place.job.value);
    live.began = world_.now;
    live.holds = held(job);
    used_ += live.holds;
    asked_ += asked.asked_gpus();
    if (asked.gpus > 0) --waiting_;
    if (!past.started) {
      past.started = world_.now;
      if (asked.gpus > 0 && watch_.late_after.us >= 0 && world_.now - past.submitted > watch_.late_after) ++late_;
    }
    past.on = number_of_template(world_.pool.queues.at(job.queue).request.on[job.seat.rung]);
    ++past_.placings;
    endings_.push({world_.now + live.left, ++endings_known_, place.job, job.attempt, Outcome::Exited});
    return true;
  }

  double held(Job const& job) const {
    if (!job.seat.placement) return std::popcount(job.seat.gpus);
    auto const& gpu = world_.pool.nodes.at(job.seat.node.value).gpus[static_cast<std::size_t>(std::countr_zero(job.seat.gpus))];
    return static_cast<double>(gpu.geometry->profile(job.seat.placement->profile).compute_slices) / gpu.geometry->board().compute_slices;
  }

  std::uint32_t number_of_template(std::string const& name) {
    auto const [it, fresh] = templates_.try_emplace(name, static_cast<std::uint32_t>(past_.templates.size()));
    if (fresh) past_.templates.push_back(name);
    return it->second;
  }

  void give_as_shipped() {
    std::function<bool(PoolCommand const&)> others;
    // Where nobody may be stopped, the search for whom to stop finds nobody, and takes three quarters of the time.
    if (options_.restartable > 0) {
      others = [&](PoolCommand const& what) {
        auto const events = world_.command(what);
        if (!events) return false;
        for (auto const& event : *events)
          if (auto const* stop = std::get_if<JobStopRequested>(&event)) {
            endings_.push({world_.now + options_.stopping, ++endings_known_, stop->attempt.job, stop->attempt.number, Outcome::Stopped});
            ++past_.jobs[live_.at(stop->attempt.job).past].stops;
            ++(stop->cause == StopCause::Moved ? past_.moves : past_.stops);
          }
        return true;
      };
    }
    auto const accept = [&](PlaceJob const& place) { return place_one(place); };
    for (bool complete = false; !complete && world_.pool.waiting > 0; ++past_.rounds)
      complete = plan_round(world_.pool, world_.index, placings_a_round, accept, others).complete;
  }

  void give_in_order() {
    ++past_.rounds;
    for (; !in_order_.empty(); in_order_.pop_front()) {
      JobId const job = in_order_.front();
      auto const found = place(world_.pool, world_.index, world_.pool.queues.at(world_.pool.jobs.at(job.value).queue).request, job);
      if (!found || !place_one(*found)) return;
    }
  }

  // ---- telling

  bool tell() const { return !watch_.goes_on || watch_.goes_on(over_, trace_.jobs.size(), last_ - past_.first); }

  /// Nothing more comes or ends, and yet somebody waits: what is kept for others, or being made room, may have to run out.
  bool one_more_look() {
    if (world_.pool.waiting == 0 || looked_) return false;
    looked_ = true;
    last_ = last_ + hours(1);
    return true;
  }

  void note_who_waits() {
    if (past_.given_up) return;
    for (auto const& [id, live] : live_) {
      if (past_.jobs[live.past].started) continue;
      if (past_.never_started++ == 0) past_.first_reason = why(world_.pool, world_.index, id).sentence;
    }
  }

  Trace const& trace_;
  PoolPlan const& plan_;
  ReplayOptions const& options_;
  Watch const& watch_;
  Menu menu_;
  Random random_;
  World world_;
  Past past_;
  std::vector<Wish> wishes_;
  std::vector<std::uint32_t> wish_of_;  // by job of the trace
  std::size_t next_ = 0;                // job to be submitted
  std::map<JobId, Live> live_;
  std::deque<JobId> in_order_;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
  std::uint64_t endings_known_ = 0;
  std::map<std::string, std::uint32_t> templates_;
  Time last_;
  double used_ = 0, asked_ = 0;  // GPUs now
  std::uint64_t waiting_ = 0;    // jobs with GPUs
  std::uint64_t over_ = 0, late_ = 0;
  bool looked_ = false;
};

}  // namespace

Result<Past> replay(Trace const& trace, PoolPlan const& pool, ReplayOptions const& options, Watch const& watch) {
  return Replay(trace, pool, options, watch).run();
}

}  // namespace nav::replay
