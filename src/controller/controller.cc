// SPDX-License-Identifier: Apache-2.0
#include "controller/controller.h"

#include <algorithm>

#include "controller/checkpoint.h"
#include "controller/step.h"

namespace nav {

namespace {

/// A job passes each of its rungs once.
constexpr std::size_t most_rungs_a_step = 33;
/// After a step that the journal refused, so that a time that has come does not ask it again without a pause.
constexpr Duration schedules_rest = seconds(1);

}  // namespace

NodeId node_of(Pool const& pool, PoolEvent const& event) {
  return std::visit(
      [&](auto const& e) -> NodeId {
        using E = std::remove_cvref_t<decltype(e)>;
        if constexpr (requires { e.node; }) return e.node;
        else if constexpr (std::same_as<E, AttemptEnded> || std::same_as<E, JobStopRequested>) return pool.jobs.at(e.attempt.job.value).seat.node;
        else return NodeId{};
      },
      event);
}

Digest plain_digest(std::string_view bytes) {
  Digest digest{0xCBF29CE484222325ull, 0x84222325CBF29CE4ull};
  for (unsigned char c : bytes) {
    digest.high = (digest.high ^ c) * 0x100000001B3ull;
    digest.low = (digest.low ^ c) * 0x100000001B3ull + 1;
  }
  return digest;
}

Controller::Controller(Journal& journal, ControllerOptions options) : journal_(journal), options_(std::move(options)) {}

Result<void> Controller::replay(Frame const& frame) {
  auto const broken = [&](Error const& error) {
    return fail(ErrorKind::Internal, "event {} of the journal cannot be read: {}", frame.stamp.sequence, to_text(error));
  };
  if (frame.stream == "pool") {
    auto event = json_read<PoolEvent>(frame.body, Unknown::Ignore);
    if (!event) return broken(event.error());
    apply(state_.pool, *event, frame.stamp);
  } else if (frame.stream == "access") {
    auto event = json_read<AccessEvent>(frame.body, Unknown::Ignore);
    if (!event) return broken(event.error());
    nav::apply(state_.access.edit(), *event);
    tell(state_.pool.accounts, *event, frame.stamp.at);
  } else if (frame.stream == "flow") {
    auto event = json_read<FlowEvent>(frame.body, Unknown::Ignore);
    if (!event) return broken(event.error());
    nav::apply(state_.flows.edit(), *event, frame.stamp);
  } else if (frame.stream == "answers") {
    auto event = json_read<AnswersEvent>(frame.body, Unknown::Ignore);
    if (!event) return broken(event.error());
    apply(state_.answers.edit(), *event, frame.stamp);
  } else {
    return fail(ErrorKind::Unsupported, "event {} of the journal belongs to a stream \"{}\" this version does not know", frame.stamp.sequence, frame.stream);
  }
  state_.sequence = frame.stamp.sequence;
  state_.epoch = std::max(state_.epoch, frame.stamp.epoch);
  state_.now = frame.stamp.at;
  return {};
}

Result<void> Controller::start(Time now) {
  TRY(auto checkpoint, journal_.checkpoint());
  if (checkpoint) {
    TRY(Restored restored, load_checkpoint(checkpoint->body));
    state_.pool = std::move(restored.pool);
    state_.access.edit() = std::move(restored.access);
    state_.answers.edit() = std::move(restored.answers);
    state_.flows.edit() = std::move(restored.flows);
    state_.sequence = checkpointed_ = checkpoint->sequence;
    state_.epoch = state_.pool.epoch;
    state_.now = state_.pool.now;
  }
  Result<void> replayed;
  TRY_VOID(journal_.read(state_.sequence, 0, [&](Frame const& frame) {
    replayed = replay(frame);
    return replayed.has_value();
  }));
  if (!replayed) return replayed;

  now = std::max(now, state_.now + microseconds(1));
  state_.epoch += 1;
  Step step{.now = now, .before = state_};
  stage(step, "pool", PoolEvent{ControllerStarted{options_.version}}, UserId{});
  TRY_VOID(journal_.append(step.frames, step.blobs));
  // What a former controller granted may have been granted a moment ago.
  state_.pool.nodes.each([&](Node const& node) { contacts_[node.id] = {.heard = now, .lease_until = now + options_.lease}; });
  index_.rebuild(state_.pool);
  state_.pool.jobs.each([&](Job const& job) { index_.saw(state_.pool, state_.pool.queues.at(job.queue).request.on.front(), 1); });
  rebuild_deadlines();
  look_at_all_runs();
  note_all_schedules();
  snapshot_ = std::make_shared<Snapshot const>(Snapshot{state_.pool, state_.access, state_.flows, journal_.installation(), now, state_.sequence});
  return {};
}

Result<void> Controller::command(Step& step, PoolCommand const& what, UserId by) {
  TRY(auto events, decide(state_.pool, what, Asked{by, step.now}));
  for (auto const& event : events) stage(step, "pool", event, by);
  return {};
}

Result<void> Controller::ask_in(Step& step, Ask& ask, PendingAsk& pending) {
  if (!ask.idempotency_key.empty()) {
    auto const* kept = state_.answers->find(ask.by, ask.idempotency_key);
    if (kept && kept->at + answers_kept_for >= step.now) {
      if (kept->request != to_text(ask.request))
        return Unexpected(Error{ErrorKind::Conflict, "this key was used for another request", "use a new key for every new request", "Idempotency-Key"});
      pending.answer = kept->answer;
      pending.repeated = true;
      return {};
    }
  }
  if (auto const* what = std::get_if<PoolCommand>(&ask.command)) {
    TRY_VOID(command(step, *what, ask.by));
  } else if (auto const* flow = std::get_if<FlowCommand>(&ask.command)) {
    TRY_VOID(flow_command(step, *flow, ask.by));
  } else {
    TRY(auto events, decide(*state_.access, std::get<AccessCommand>(ask.command), ask.by, step.now));
    for (auto const& event : events) stage(step, "access", event, ask.by);
  }
  pending.count = step.frames.size() - pending.first;
  if (ask.blob) step.blobs.push_back(std::move(*ask.blob));
  if (ask.answer) pending.answer = ask.answer({step.frames.begin() + static_cast<std::ptrdiff_t>(pending.first), step.frames.end()});
  if (!ask.idempotency_key.empty()) stage(step, "answers", AnswersEvent{AnswerKept{ask.by, ask.idempotency_key, to_text(ask.request), pending.answer}}, ask.by);
  return {};
}

void Controller::take(Step& step, AskInput& input) {
  PendingAsk pending{.ticket = input.ticket, .first = step.frames.size()};
  if (auto asked = ask_in(step, input.ask, pending); asked) step.asks.push_back(std::move(pending));
  else step.outputs.push_back(AskAnswered{input.ticket, Unexpected(asked.error())});
}

void Controller::take(Step& step, SyncInput& input) {
  SyncRequest& request = input.request;
  auto const refuse = [&](Unexpected error) { step.outputs.push_back(SyncAnswered{input.ticket, std::move(error)}); };
  if (request.protocol > sync_protocol || request.protocol + 1 < sync_protocol)
    return refuse(fail(ErrorKind::Unsupported, "the agent speaks protocol {}, this controller {} and one before: install the same version", request.protocol,
                       sync_protocol));
  Node const* node = state_.pool.node(request.node);
  if (!node) return refuse(fail(ErrorKind::NotFound, "there is no {}", to_text(request.node)));

  Contact& contact = contacts_[request.node];
  contact.heard = step.now;
  contact.missed = contact.expired = false;
  if (request.status) {
    if (request.status->node != request.node) return refuse(fail_field("status.node", to_text(request.node), "the status is of another node"));
    if (auto taken = command(step, ReportNode{std::move(*request.status)}, UserId{}); !taken) return refuse(Unexpected(taken.error()));
    step.hashes[request.node] = request.status_hash;
  }
  // One call a node is held; a newer one sends the older home.
  if (auto held = held_.extract(request.node)) step.syncs.push_back({request.node, held.mapped().ticket, held.mapped().have});
  bool const wants_status = !request.status && (contact.status_hash != request.status_hash || state_.pool.node(request.node)->state != NodeState::Ready);
  if (request.status || wants_status) {
    if (wants_status) contact.status_hash.clear();
    step.syncs.push_back({request.node, input.ticket, request.have});
  } else {
    held_[request.node] = {input.ticket, request.have, step.now + options_.hold};
  }
}

void Controller::take(Step& step, WhyInput& input) {
  Job const* job = state_.pool.job(input.job);
  if (!job || job->state != JobState::Queued) {
    step.outputs.push_back(WhyAnswered{input.ticket, fail(ErrorKind::Conflict, "job {} does not wait", to_text(input.job))});
    return;
  }
  refresh_index(step);
  step.outputs.push_back(WhyAnswered{input.ticket, why(state_.pool, index_, input.job)});
}

/// Silence and leases.
void Controller::watch_nodes(Step& step) {
  for (auto& [id, contact] : contacts_) {
    Node const* node = state_.pool.node(id);
    if (!node || node->state == NodeState::Lost || held_.contains(id)) continue;
    // One that has not been back since the controller began is missed too: it may have gone while nobody looked.
    if ((node->state == NodeState::Ready || !contact.missed) && step.now - contact.heard > options_.silence) {
      contact.missed = true;
      (void)command(step, MissNode{id}, UserId{});
    }
    if (node->state == NodeState::Ready || contact.expired || step.now <= contact.lease_until + options_.lease_margin) continue;
    contact.expired = true;
    (void)command(step, ExpireLeases{id}, UserId{});
  }
}

/// Before anything is asked of the index. Only what changed since the last time is looked at.
void Controller::refresh_index(Step& step) {
  for (NodeId node : std::exchange(step.stale, {})) index_.refresh(state_.pool, node);
}

void Controller::plan(Step& step) {
  refresh_index(step);
  if (!planning_due_) return;
  planning_due_ = false;
  // Whoever passes a rung may start on the next at once, so both go on until nobody moves.
  bool complete = true;
  for (std::size_t i = 0; i < most_rungs_a_step && complete && state_.pool.waiting > 0; ++i) {
    complete = place_waiting(step);
    if (!complete || !ask_clouds(step)) break;  // who has not been looked at may still have a place here
  }
  if (complete) climb(step);
  planning_due_ = !complete;
}

bool Controller::place_waiting(Step& step) {
  auto const say_what_was_tried = [&](PlaceJob& place) {
    if (place.rung == 0) return;
    RequestClass const& request = state_.pool.queues.at(state_.pool.jobs.at(place.job.value).queue).request;
    for (std::uint32_t rung = 0; rung < place.rung; ++rung) place.tried.push_back({rung, why_not(step, request, rung)});
  };
  auto const accept = [&](PlaceJob place) {
    say_what_was_tried(place);
    bool const placed = command(step, place, UserId{}).has_value();
    refresh_index(step);
    return placed;
  };
  auto const others = [&](PoolCommand const& what) { return command(step, what, UserId{}).has_value(); };
  auto const gangs = [&](PlaceGang gang) {
    for (auto& place : gang.members) say_what_was_tried(place);
    bool const placed = command(step, gang, UserId{}).has_value();
    refresh_index(step);
    return placed;
  };
  return plan_round(state_.pool, index_, options_.placings_a_step, accept, others, gangs).complete;
}

void Controller::answer_sync(Step& step, NodeId node, std::uint64_t ticket, Generation have) {
  Contact& contact = contacts_[node];
  contact.lease_until = std::max(contact.lease_until, step.now + options_.lease);
  SyncAnswer answer{.spec = {}, .status_hash = contact.status_hash, .lease = options_.lease};
  if (have < state_.pool.nodes.at(node.value).generation) answer.spec = spec_of(state_.pool, journal_.installation(), node);
  step.outputs.push_back(SyncAnswered{ticket, std::move(answer)});
}

void Controller::answer_syncs(Step& step, bool failed) {
  if (failed) {
    for (auto const& sync : step.syncs)
      step.outputs.push_back(SyncAnswered{sync.ticket, fail(ErrorKind::Unavailable, "the controller cannot write its journal now")});
    return;
  }
  for (auto const& [node, hash] : step.hashes) contacts_[node].status_hash = hash;
  for (auto const& sync : step.syncs) answer_sync(step, sync.node, sync.ticket, sync.have);
  for (auto it = held_.begin(); it != held_.end();) {
    auto const& [node, held] = *it;
    bool const news = held.have < state_.pool.nodes.at(node.value).generation;
    if (news || held.until <= step.now) {
      answer_sync(step, node, held.ticket, held.have);
      it = held_.erase(it);
    } else {
      ++it;
    }
  }
}

void Controller::roll_back(Step& step, Error const& error) {
  state_ = step.before;
  index_.rebuild(state_.pool);
  rebuild_deadlines();
  look_at_all_runs();
  note_all_schedules();
  schedules_rest_until_ = step.now + schedules_rest;
  planning_due_ = true;
  for (auto const& ask : step.asks) step.outputs.push_back(AskAnswered{ask.ticket, Unexpected(error)});
  step.asks.clear();
  for (auto& [node, contact] : contacts_) contact.missed = false;
  step.outputs.push_back(JournalRefused{error});
}

void Controller::commit(Step& step) {
  bool failed = false;
  if (!step.frames.empty()) {
    if (auto appended = journal_.append(step.frames, step.blobs); !appended) {
      roll_back(step, appended.error());
      failed = true;
    }
  }
  if (!failed && (!step.frames.empty() || !snapshot_))
    snapshot_ = std::make_shared<Snapshot const>(Snapshot{state_.pool, state_.access, state_.flows, journal_.installation(), step.now, state_.sequence});
  for (auto& ask : step.asks) {
    auto const first = step.frames.begin() + static_cast<std::ptrdiff_t>(ask.first);
    step.outputs.push_back(
        AskAnswered{ask.ticket, Accepted{{first, first + static_cast<std::ptrdiff_t>(ask.count)}, std::move(ask.answer), ask.repeated, snapshot_}});
  }
  answer_syncs(step, failed);
  if (!failed) tell_clouds(step);
  if (failed || step.frames.empty()) return;
  step.outputs.push_back(Durable{std::make_shared<std::vector<Frame> const>(std::move(step.frames))});
  if (state_.sequence - checkpointed_ < options_.checkpoint_every) return;
  checkpointed_ = state_.sequence;
  step.outputs.push_back(CheckpointDue{snapshot_, std::make_shared<Answers const>(*state_.answers)});
}

std::vector<ControllerOutput> Controller::step(std::vector<ControllerInput> inputs, Time now) {
  // Time never goes back, whatever the clock of the machine does.
  Step step{.now = std::max(now, state_.now), .before = state_};
  for (auto& input : inputs) std::visit([&](auto& one) { take(step, one); }, input);
  watch_nodes(step);
  watch_clouds(step);
  watch_services(step);
  pass_rungs(step);
  start_scheduled(step);
  unfold_flows(step);
  plan(step);
  unfold_flows(step);
  commit(step);
  return std::move(step.outputs);
}

}  // namespace nav
