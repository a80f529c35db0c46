// SPDX-License-Identifier: Apache-2.0
#include "sim/world.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "core/decide_report.h"
#include "sim/boards.h"
#include "sim/people.h"
#include "sim/rented_nodes.h"
#include "sim/sim_cloud.h"

namespace nav::sim {

namespace {

/// A person with a list of jobs to submit, who repeats what was not answered, with the same key.
struct Submission {
  std::string key;
  JobRequest request;
  ProjectId project{1};
  std::uint32_t count = 1;
  bool acknowledged = false;
  JobId first;
};

class World {
 public:
  explicit World(WorldOptions const& options);
  WorldReport run();

 private:
  void found_pool();
  void start_controller();
  void crash_controller();
  void step_controller();
  void tick_controller();
  void take(ControllerOutput& output);
  void deliver(ControllerInput input);
  void ask(Command command, std::function<void(Result<Accepted>)> done, std::string key = {},
           std::function<std::string(std::vector<Frame> const&)> answer = {});
  void tell(Command command) {
    ask(std::move(command), [](Result<Accepted>) {});
  }

  void send_sync(SimNode& node, Sync const& sync);
  void send_launch(SimNode& node, AttemptId attempt);
  void pass(SimNode& node, std::function<void()> what);

  void found_cloud();
  SimNode::Outside lend();

  void plan_submissions();
  void submit(std::size_t index);
  void plan_faults();
  void strike();
  void strike_gpu();
  void strike_node();
  void end_storm();
  void settle();
  void check_end();
  Behaviour behaviour(JobId job) const;
  SimNode& any_node() { return *nodes_[random_.below(nodes_.size())]; }
  template <class... Args>
  void trace(fmt::format_string<Args...> format, Args&&... args) {
    if (options_.trace)
      std::fputs(fmt::format("{:>12} {}\n", to_text(schedule_.now() - began_), fmt::format(format, std::forward<Args>(args)...)).c_str(), stdout);
  }
  void count(char const* fault) {
    ++report_.faults[fault];
    trace("storm: {}", fault);
  }

  WorldOptions options_;
  Random random_;  // the storm's own
  Random network_;
  Random lists_;  // waits on rungs: of its own, so that older seeds still give the same storm otherwise
  Schedule schedule_;
  Time began_ = schedule_.now();
  SimJournal journal_;
  ControllerOptions controller_options_;
  std::unique_ptr<Controller> controller_;
  std::uint64_t controller_life_ = 0;
  std::vector<ControllerInput> inputs_;
  bool step_due_ = false;
  std::uint64_t next_ticket_ = 1;
  std::map<std::uint64_t, std::function<void(Result<Accepted>)>> asks_;
  std::map<std::uint64_t, std::function<void(Result<SyncAnswer>)>> syncs_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::unique_ptr<SimCloud> cloud_;
  std::unique_ptr<RentedNodes> rented_;
  std::vector<Submission> submissions_;
  std::set<std::uint64_t> submitted_;  // ids acknowledged
  bool stormy_ = true;
  WorldReport report_;
};

World::World(WorldOptions const& options)
    : options_(options),
      random_(Random(options.seed).child("storm")),
      network_(Random(options.seed).child("network")),
      lists_(Random(options.seed).child("lists")),
      journal_(Random(options.seed).child("journal")) {
  report_.seed = options.seed;
  controller_options_.lease = options.lease;
  controller_options_.lease_margin = seconds(30);
  controller_options_.placings_a_step = 7;  // small, so that rounds end early often
  controller_options_.checkpoint_every = 150;
  SimNode::Outside const outside = lend();
  for (std::size_t i = 0; i < options.nodes; ++i)
    nodes_.push_back(std::make_unique<SimNode>(schedule_, Random(options.seed).child(fmt::format("node {}", i)), fmt::format("n{}", i), a100(),
                                               options.gpus_a_node, outside));
}

/// What the world lends a node.
SimNode::Outside World::lend() {
  return {.sync = [this](SimNode& node, Sync const& sync) { send_sync(node, sync); },
          .fetch_launch = [this](SimNode& node, AttemptId attempt) { send_launch(node, attempt); },
          .behaviour = [this](JobId job) { return behaviour(job); },
          .changed = [this](std::string const&) { check_nodes(nodes_); }};
}

// ---- the controller ---------------------------------------------------------------------------------------------------------------

void World::start_controller() {
  if (controller_) return;
  ++controller_life_;
  controller_ = std::make_unique<Controller>(journal_, controller_options_);
  Result<void> started;
  try {
    started = controller_->start(schedule_.now());
  } catch (ControllerCrashed const&) { return crash_controller(); }
  if (!started && started.error().kind == ErrorKind::StorageFull) return crash_controller();
  if (!started) throw Broken{fmt::format("the controller cannot take its journal up: {}", to_text(started.error()))};
  check_replay(journal_, controller_->snapshot()->pool);
  tick_controller();
}

void World::crash_controller() {
  if (!controller_) return;
  controller_.reset();
  ++controller_life_;
  inputs_.clear();
  step_due_ = false;
  // Connections break: whoever waits learns that it has no answer.
  auto const asks = std::exchange(asks_, {});
  auto const syncs = std::exchange(syncs_, {});
  auto const gone = fail(ErrorKind::Unavailable, "connection lost");
  for (auto const& [ticket, done] : asks) done(gone);
  for (auto const& [ticket, done] : syncs) done(gone);
  schedule_.after(milliseconds(static_cast<std::int64_t>(100 + random_.below(20'000))), [this] { start_controller(); });
}

void World::tick_controller() {
  schedule_.after(milliseconds(500), [this, life = controller_life_] {
    if (!controller_ || life != controller_life_) return;
    step_controller();
    if (controller_ && life == controller_life_) tick_controller();
  });
}

void World::deliver(ControllerInput input) {
  inputs_.push_back(std::move(input));
  if (std::exchange(step_due_, true)) return;
  schedule_.after(microseconds(500), [this, life = controller_life_] {
    if (controller_ && life == controller_life_) step_controller();
  });
}

void World::step_controller() {
  step_due_ = false;
  std::vector<ControllerOutput> outputs;
  try {
    outputs = controller_->step(std::exchange(inputs_, {}), schedule_.now());
  } catch (ControllerCrashed const&) { return crash_controller(); }
  ++report_.steps;
  if (report_.steps % 16 == 0) check_pool(controller_->snapshot()->pool);
  for (auto& output : outputs) take(output);
  if (controller_ && controller_->has_more() && !std::exchange(step_due_, true))
    schedule_.after(milliseconds(1), [this, life = controller_life_] {
      if (controller_ && life == controller_life_) step_controller();
    });
}

void World::take(ControllerOutput& output) {
  if (auto* asked = std::get_if<AskAnswered>(&output)) {
    if (auto node = asks_.extract(asked->ticket)) node.mapped()(std::move(asked->done));
  } else if (auto* synced = std::get_if<SyncAnswered>(&output)) {
    if (auto node = syncs_.extract(synced->ticket)) node.mapped()(std::move(synced->answer));
  } else if (auto* wanted = std::get_if<CloudsWanted>(&output)) {
    schedule_.after(milliseconds(5), [this, specs = wanted->specs, life = controller_life_] {
      if (life != controller_life_) return;  // the next controller says it again
      for (auto const& spec : specs) cloud_->want(spec);
    });
  } else if (auto* durable = std::get_if<Durable>(&output)) {
    for (auto const& frame : *durable->frames) {
      ++report_.events;
      trace("event {} {}", frame.stamp.sequence, shortened(frame.body, 240));
    }
  } else if (auto* due = std::get_if<CheckpointDue>(&output)) {
    (void)journal_.save({due->snapshot->sequence(), save_checkpoint(due->snapshot->pool, *due->snapshot->access, *due->snapshot->flows, *due->answers)});
  }
}

void World::ask(Command command, std::function<void(Result<Accepted>)> done, std::string key, std::function<std::string(std::vector<Frame> const&)> answer) {
  if (!controller_) return done(fail(ErrorKind::Unavailable, "connection refused"));
  std::uint64_t const ticket = next_ticket_++;
  asks_[ticket] = std::move(done);
  deliver(AskInput{ticket, Ask{.command = std::move(command), .by = UserId{1}, .idempotency_key = std::move(key), .answer = std::move(answer)}});
}

// ---- the network ------------------------------------------------------------------------------------------------------------------

/// A message arrives after a while, twice, or not at all.
void World::pass(SimNode& node, std::function<void()> what) {
  double const loss = stormy_ ? 0.03 : 0;
  if (node.cut_off || network_.chance(loss)) return;
  auto const delay = [&] { return microseconds(static_cast<std::int64_t>(200 + network_.below(stormy_ && network_.chance(0.05) ? 3'000'000 : 20'000))); };
  if (stormy_ && network_.chance(0.02)) schedule_.after(delay(), what);
  schedule_.after(delay(), std::move(what));
}

void World::send_sync(SimNode& node, Sync const& sync) {
  std::uint64_t const life = node.life();
  Time const asked = schedule_.now();
  auto answered = std::make_shared<bool>(false);
  auto const give = [&node, life, asked, channel = sync.channel, answered](Result<SyncAnswer> answer) {
    if (std::exchange(*answered, true)) return;
    node.give(Synced{channel, asked, std::move(answer)}, life);
  };
  schedule_.after(seconds(12), [give] { give(fail(ErrorKind::Timeout, "no answer")); });
  pass(node, [this, &node, give, request = sync.request] {
    if (!controller_) return pass(node, [give] { give(fail(ErrorKind::Unavailable, "connection refused")); });
    std::uint64_t const ticket = next_ticket_++;
    syncs_[ticket] = [this, &node, give](Result<SyncAnswer> answer) { pass(node, [give, answer = std::move(answer)] { give(answer); }); };
    deliver(SyncInput{ticket, request});
  });
}

void World::send_launch(SimNode& node, AttemptId attempt) {
  std::uint64_t const life = node.life();
  auto answered = std::make_shared<bool>(false);
  auto const give = [&node, life, attempt, answered](Result<LaunchAnswer> launch) {
    if (std::exchange(*answered, true)) return;
    node.give(LaunchArrived{attempt, std::move(launch)}, life);
  };
  schedule_.after(seconds(5), [give] { give(fail(ErrorKind::Timeout, "no answer")); });
  pass(node, [this, &node, give, attempt] {
    Result<LaunchAnswer> launch = fail(ErrorKind::Unavailable, "connection refused");
    if (controller_) {
      Job const* job = controller_->snapshot()->pool.job(attempt.job);
      if (!job || job->attempt_id() != attempt) {
        launch = fail(ErrorKind::NotFound, "attempt {} is over", to_text(attempt));
      } else {
        JobRequest request{.name = "job", .project = "default", .on = {}, .command = {"true"}, .env = {}, .workdir = {}};
        launch = LaunchAnswer{std::move(request), "token"};
      }
    }
    pass(node, [give, launch] { give(launch); });
  });
}

// ---- the cloud --------------------------------------------------------------------------------------------------------------------

void World::found_cloud() {
  rented_ = std::make_unique<RentedNodes>(
      schedule_,
      RentedNodes::Outside{
          .make = [this](std::string const& name) { return std::make_unique<SimNode>(schedule_, Random(options_.seed).child(name), name, a100(), 1, lend()); },
          .join = [this](JoinNode wish, std::function<void(Result<Accepted>)> done) { ask(PoolCommand{std::move(wish)}, std::move(done)); },
          .known = [this](std::string const& name) -> std::optional<NodeId> {
            if (!controller_) return {};
            auto const& named = *controller_->snapshot()->pool.node_named;
            auto const found = named.find(name);
            return found == named.end() ? std::nullopt : std::optional(found->second);
          },
          .installation = journal_.installation()});
  SimCloud::Outside outside{.boot = [this](std::string const& name) { rented_->boot(name); },
                            .end = [this](std::string const& name) { rented_->end(name); },
                            .report =
                                [this](CloudStatus status) {
                                  if (controller_ && !(stormy_ && lists_.chance(0.1))) deliver(CloudInput{std::move(status)});
                                },
                            .strikes = [this](double probability) { return stormy_ && lists_.chance(probability); }};
  cloud_ = std::make_unique<SimCloud>(schedule_, Random(options_.seed).child("cloud"), "cloud", std::move(outside));
  Cloud const cloud{.name = "cloud", .family = "a100", .most = 2, .boot = seconds(10), .idle = seconds(20), .price_micro = 2'500'000};
  tell(PoolCommand{SetCloud{cloud}});
}

// ---- what people do ---------------------------------------------------------------------------------------------------------------

Behaviour World::behaviour(JobId job) const {
  Random random = Random(options_.seed).child(fmt::format("job {}", job.value));
  // Lengths differ widely, as real ones do.
  double const u = random.uniform();
  auto const runs_for = milliseconds(static_cast<std::int64_t>(200 + 240'000 * u * u * u));
  return {runs_for, random.chance(0.1) ? 3 : 0, random.chance(0.1), random.chance(0.1) ? 1 + random.below(48'000) : 0};  // some need more than a GPU has
}

void World::plan_submissions() {
  static constexpr char const* templates[] = {"mig-1g.5gb", "mig-1g.10gb", "mig-2g.10gb", "mig-3g.20gb", "mig-4g.20gb", "mig-7g.40gb", "a100", "cpu"};
  Random gangs = Random(options_.seed).child("gangs");
  for (std::size_t left = options_.jobs; left > 0;) {
    Submission submission;
    submission.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, random_.chance(0.3) ? 1 + random_.below(8) : 1));
    left -= submission.count;
    submission.key = fmt::format("key-{}", submissions_.size());
    JobRequest& r = submission.request;
    r.name = fmt::format("job-{}", submissions_.size());
    r.project = "default";
    for (std::uint64_t rungs = 1 + random_.below(3); rungs > 0; --rungs) r.on.emplace_back(templates[random_.below(std::size(templates))]);
    r.command = {"train"};
    r.restartable = random_.chance(0.5);
    if (lists_.chance(0.2)) r.on.insert(r.on.begin() + static_cast<std::ptrdiff_t>(lists_.below(r.on.size() + 1)), "cloud");
    for (std::size_t limits = lists_.chance(0.4) ? r.on.size() : 0; limits > 0; --limits)
      r.limits.push_back({lists_.chance(0.6) ? seconds(static_cast<std::int64_t>(lists_.below(120))) : Duration{}, {}});
    r.climbs = r.restartable && lists_.chance(0.3);
    if (lists_.chance(0.5)) r.on_out_of_memory = OnOutOfMemory::Climb;
    submission.project = somebody(random_, r);
    r.retries = static_cast<std::uint32_t>(random_.below(3));
    if (gangs.chance(0.25)) submission.count = gang_of(gangs, r, submission.project);
    submissions_.push_back(std::move(submission));
    std::size_t const index = submissions_.size() - 1;
    schedule_.after(microseconds(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(options_.storm.us)))), [this, index] { submit(index); });
  }
}

void World::submit(std::size_t index) {
  Submission& submission = submissions_[index];
  if (submission.acknowledged) return;
  auto const again = [this, index](Duration wait) { schedule_.after(wait, [this, index] { submit(index); }); };
  if (!controller_ || controller_->snapshot()->pool.templates->size() < 3) return again(seconds(2));
  ask(
      PoolCommand{SubmitJobs{submission.request, submission.count, Digest{1, index + 1}, submission.project}},
      [this, index, again](Result<Accepted> done) {
        Submission& s = submissions_[index];
        // The answer itself can be lost on its way: then the person asks again, with the same key.
        if (!done || (stormy_ && network_.chance(0.1))) return again(seconds(1));
        JobId const first = *parse_id<JobTag>(done->answer);
        if (s.acknowledged && s.first != first) throw Broken{fmt::format("{} was answered {} and then {}", s.key, to_text(s.first), to_text(first))};
        s.acknowledged = true;
        s.first = first;
        for (std::uint32_t i = 0; i < s.count * std::max(s.request.members, 1u); ++i)
          if (!submitted_.insert(first.value + i).second) throw Broken{fmt::format("job {} was given to two submissions", first.value + i)};
      },
      submission.key, first_job);
}

// ---- the storm --------------------------------------------------------------------------------------------------------------------

void World::plan_faults() {
  if (!stormy_) return;
  strike();
  if (!cloud_->is_empty() && lists_.chance(0.1)) {
    count("machine vanished");
    cloud_->vanish();
  }
  schedule_.after(milliseconds(static_cast<std::int64_t>(500 + random_.below(12'000))), [this] { plan_faults(); });
}

void World::strike_gpu() {
  SimNode& node = any_node();
  std::size_t const index = random_.below(node.gpus.size());
  SimGpu& gpu = node.gpus[index];
  switch (random_.below(6)) {
    case 0:
      count("creation refused");
      gpu.refuse_creations = static_cast<int>(1 + random_.below(6));
      break;
    case 1:
      count("busy on destroy");
      gpu.busy_destroys = static_cast<int>(1 + random_.below(4));
      break;
    case 2:
      count("slow driver");
      gpu.slow = seconds(static_cast<std::int64_t>(random_.below(60)));
      schedule_.after(minutes(1), [&gpu] { gpu.slow = {}; });
      break;
    case 3: {
      count("XID");
      static constexpr std::uint32_t xids[] = {13, 31, 43, 63, 79, 94, 95};
      bool const on_slice = !gpu.instances.empty() && random_.chance(0.7);
      node.raise_xid(index, on_slice ? gpu.instances[random_.below(gpu.instances.size())].placement : "", xids[random_.below(std::size(xids))]);
      break;
    }
    case 4: {
      // Somebody removes an idle slice behind our back.
      if (gpu.instances.empty()) break;
      auto const placement = gpu.instances[random_.below(gpu.instances.size())].placement;
      bool const used = std::any_of(node.attempts.begin(), node.attempts.end(), [&](auto const& entry) {
        return entry.second.alive && entry.second.launch.gpu_of_instance == gpu.uuid && entry.second.launch.placement == placement;
      });
      if (used) break;
      count("slice removed from outside");
      std::erase_if(gpu.instances, [&](SimInstance const& i) { return i.placement == placement; });
      break;
    }
    default: {
      if (!random_.chance(0.2)) break;
      count("GPU vanished");
      gpu.present = false;
      for (auto& [id, attempt] : node.attempts)
        if (attempt.alive && (attempt.launch.gpu_of_instance == gpu.uuid || std::count(attempt.launch.gpus.begin(), attempt.launch.gpus.end(), gpu.uuid)))
          node.kill_supervisor(id);
      schedule_.after(minutes(2), [&node] {
        if (std::any_of(node.gpus.begin(), node.gpus.end(), [](SimGpu const& g) { return !g.present; })) {
          node.reboot();
          node.start_agent();
        }
      });
    }
  }
}

void World::strike_node() {
  SimNode& node = any_node();
  switch (random_.below(7)) {
    case 0:
    case 1:
      count("agent killed");
      node.kill_agent();
      schedule_.after(milliseconds(static_cast<std::int64_t>(10 + random_.below(30'000))), [&node] { node.start_agent(); });
      break;
    case 2:
      if (node.attempts.empty()) break;
      count("supervisor killed");
      node.kill_supervisor(std::next(node.attempts.begin(), static_cast<std::ptrdiff_t>(random_.below(node.attempts.size())))->first);
      break;
    case 3:
      count("network cut");
      node.cut_off = true;
      schedule_.after(seconds(static_cast<std::int64_t>(1 + random_.below(random_.chance(0.3) ? 400 : 40))), [&node] { node.cut_off = false; });
      break;
    case 4:
      if (!random_.chance(0.3)) break;
      count("reboot");
      node.reboot();
      schedule_.after(seconds(static_cast<std::int64_t>(5 + random_.below(120))), [&node] { node.start_agent(); });
      break;
    case 5:
      count("set aside by hand");  // the settling takes it back
      tell(PoolCommand{KeepAside{node.node, static_cast<std::uint32_t>(random_.below(node.gpus.size())), "", "storm"}});
      break;
    default:
      count("drained");
      tell(PoolCommand{DrainNode{node.node, "storm"}});
      schedule_.after(seconds(20), [this, &node] { tell(PoolCommand{ResumeNode{node.node}}); });
  }
}

void World::strike() {
  switch (random_.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3: return strike_gpu();
    case 4:
    case 5:
    case 6: return strike_node();
    case 7:
      count("controller killed");
      if (random_.chance(0.5)) journal_.crash_next = true;
      else crash_controller();
      return;
    case 8:
      count("disk full");
      journal_.full = true;
      schedule_.after(milliseconds(static_cast<std::int64_t>(100 + random_.below(5'000))), [this] { journal_.full = false; });
      return;
    default:
      if (submitted_.empty()) return;
      count("cancelled");
      auto it = submitted_.lower_bound(random_.below(*submitted_.rbegin() + 1));
      if (it != submitted_.end()) tell(PoolCommand{CancelJob{JobId{*it}}});
  }
}

/// The weather clears: what was broken is mended, what was set aside is taken back, and nothing new comes.
void World::end_storm() {
  trace("the storm ends");
  stormy_ = false;
  journal_.full = journal_.crash_next = false;
  for (auto& node : nodes_) {
    node->cut_off = false;
    for (auto& gpu : node->gpus) gpu.refuse_creations = gpu.busy_destroys = 0, gpu.slow = {};
    if (std::any_of(node->gpus.begin(), node->gpus.end(), [](SimGpu const& g) { return !g.present; })) node->reboot();
    if (node->node) node->start_agent();
  }
  start_controller();
  settle();
}

void World::settle() {
  if (controller_) {
    auto const snapshot = controller_->snapshot();
    snapshot->pool.nodes.each([&](Node const& node) {
      if (node.draining) tell(PoolCommand{ResumeNode{node.id}});
      for (auto const& gpu : node.gpus) {
        if (!gpu.aside.empty() && !is_reported(gpu.aside)) tell(PoolCommand{TakeBack{node.id, gpu.index, ""}});
        for (auto const& slice : gpu.slices)
          if (!slice.aside.empty()) tell(PoolCommand{TakeBack{node.id, gpu.index, mig::to_text(gpu.geometry->board(), slice.at)}});
      }
    });
  }
  schedule_.after(seconds(30), [this] { settle(); });
}

// ---- the end ----------------------------------------------------------------------------------------------------------------------

void World::check_end() {
  Pool const& pool = controller_->snapshot()->pool;
  check_pool(pool);
  check_nodes(nodes_);
  check_replay(journal_, pool);
  check_ledger(journal_, schedule_.now());
  std::map<std::uint64_t, std::string> ended;
  report_.faults.merge(check_stopped_for_others(journal_));
  report_.faults.merge(what_gangs_met(journal_));
  for (auto const& frame : journal_.frames()) {
    if (frame.stream != "pool") continue;
    auto const event = json_read<PoolEvent>(frame.body);
    auto const* end = event ? std::get_if<JobEnded>(&*event) : nullptr;
    if (!end) continue;
    if (!ended.try_emplace(end->job.value, enum_text(end->end)).second) throw Broken{fmt::format("job {} ended twice", to_text(end->job))};
    ++report_.ended[enum_text(end->end)];
  }
  for (auto const& submission : submissions_)
    if (!submission.acknowledged) throw Broken{fmt::format("{} was never acknowledged", submission.key)};
  for (std::uint64_t job : submitted_)
    if (!ended.contains(job)) throw Broken{fmt::format("job {} was acknowledged and never ended:\n{}", job, to_text(pool))};
  if (ended.size() != submitted_.size()) throw Broken{fmt::format("{} jobs ended, {} were acknowledged", ended.size(), submitted_.size())};
  if (!pool.rentals->empty()) throw Broken{fmt::format("{} machines of the cloud are still kept", pool.rentals->size())};
  if (!cloud_->is_empty()) throw Broken{"the cloud still has a machine that nobody wants"};
  for (auto const& node : nodes_) {
    if (!node->attempts.empty()) throw Broken{fmt::format("{} still keeps attempt {}", node->name, to_text(node->attempts.begin()->first))};
    Node const& known = pool.nodes.at(node->node.value);
    for (std::size_t i = 0; i < node->gpus.size(); ++i) {
      std::vector<std::string> have, should;
      for (auto const& instance : node->gpus[i].instances) have.push_back(instance.placement);
      for (auto const& slice : known.gpus[i].slices) should.push_back(mig::to_text(known.gpus[i].geometry->board(), slice.at));
      std::sort(have.begin(), have.end());
      std::sort(should.begin(), should.end());
      if (have != should || node->gpus[i].mode != known.gpus[i].mode)
        throw Broken{fmt::format("{}: [{}] stands, the pool says [{}]", node->gpus[i].uuid, fmt::join(have, " "), fmt::join(should, " "))};
    }
  }
}

void World::found_pool() {
  start_controller();
  for (auto& command : people(options_.nodes * options_.gpus_a_node)) tell(std::move(command));
  for (auto& node : nodes_)
    ask(PoolCommand{JoinNode{node->name, "local", {}}}, [this, &node](Result<Accepted> done) {
      if (!done) throw Broken{"a node could not join in fair weather"};
      auto const event = json_read<PoolEvent>(done->frames.at(0).body);
      node->node = std::get<NodeJoined>(*event).node;
      node->record.node = node->node;
      node->record.installation = journal_.installation();
      node->start_agent();
    });
  found_cloud();
}

WorldReport World::run() {
  auto const finish = [&](std::string failure) {
    report_.failure = std::move(failure);
    report_.took = schedule_.now() - began_;
    report_.acknowledged = submitted_.size();
    return report_;
  };
  try {
    found_pool();
    plan_submissions();
    schedule_.after(seconds(10), [this] { plan_faults(); });
    schedule_.after(options_.storm, [this] { end_storm(); });
    Time const last = began_ + options_.storm + options_.calm;
    Time next_look = began_ + options_.storm;
    while (schedule_.step(last)) {
      if (schedule_.now() < next_look) continue;
      next_look = schedule_.now() + seconds(10);
      // Over as soon as nothing is left to do; the clean-up after the last job has a minute.
      bool const all_in = std::all_of(submissions_.begin(), submissions_.end(), [](Submission const& s) { return s.acknowledged; });
      if (!stormy_ && all_in && controller_ && controller_->snapshot()->pool.jobs.size() == 0 &&
          std::all_of(nodes_.begin(), nodes_.end(), [](auto const& n) { return n->attempts.empty(); })) {
        Time const quiet = schedule_.now() + minutes(4);  // a machine that is on its way comes, stands idle and goes
        while (schedule_.step(quiet)) {}
        break;
      }
    }
    check_end();
  } catch (Broken const& broken) { return finish(broken.what); }
  return finish("");
}

}  // namespace

WorldReport run_world(WorldOptions const& options) { return World(options).run(); }

}  // namespace nav::sim
