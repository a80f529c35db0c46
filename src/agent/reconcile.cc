// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile.h"

#include <algorithm>

namespace nav {

namespace {

template <class Range, class Match>
auto const* find_in(Range const& range, Match match) {
  auto it = std::find_if(range.begin(), range.end(), match);
  return it == range.end() ? nullptr : &*it;
}

struct Round {
  NodeSpec const& spec;
  Local const& local;
  std::vector<Action> actions{};

  AttemptSpec const* wanted(AttemptId id) const {
    return find_in(spec.attempts, [&](AttemptSpec const& a) { return a.id == id; });
  }
  LocalAttempt const* here(AttemptId id) const {
    return find_in(local.attempts, [&](LocalAttempt const& a) { return a.status.id == id; });
  }

  void stop_and_forget();
  void shape(GpuSpec const& want, GpuStatus const& have);
  void begin(AttemptSpec const& want);
};

void Round::stop_and_forget() {
  for (auto const& attempt : local.attempts) {
    AttemptSpec const* want = wanted(attempt.status.id);
    bool const over = attempt.status.phase == AttemptPhase::Ended;
    if (!over && (!want || want->stop != StopCause::None)) actions.push_back(StopAttempt{attempt.status.id});
    if (over && !want && attempt.log_delivered) actions.push_back(ForgetAttempt{attempt.status.id});
  }
}

/// A slice is free only once what ran on it is gone, so stops come first and what replaces it waits a round.
void Round::shape(GpuSpec const& want, GpuStatus const& have) {
  if (!want.managed || !have.present || have.reset_needed) return;
  bool waiting = false;
  for (auto const& instance : have.instances) {
    bool const keep = want.mode == GpuMode::Mig && std::find(want.layout.begin(), want.layout.end(), instance.placement) != want.layout.end();
    if (keep) continue;
    waiting = true;
    if (!is_lived_on(local, have.uuid, instance.placement)) actions.push_back(DestroyInstance{have.uuid, instance.placement});
  }
  if (waiting) return;
  if (have.mode != want.mode) {
    if (!is_lived_on(local, have.uuid, "")) actions.push_back(SetMode{have.uuid, want.mode});
    return;
  }
  if (want.mode == GpuMode::Whole) return;
  std::vector<Action> for_nobody;
  for (auto const& placement : want.layout) {
    auto const* instance = find_in(have.instances, [&](InstanceStatus const& i) { return i.placement == placement; });
    if (instance && !instance->uuid.empty()) continue;
    auto const* for_whom = find_in(spec.attempts, [&](AttemptSpec const& a) { return a.placement == placement && !a.gpus.empty() && a.gpus[0] == want.uuid; });
    auto& list = for_whom ? actions : for_nobody;
    list.push_back(CreateInstance{have.uuid, placement, for_whom ? for_whom->id : AttemptId{}});
  }
  // Who waits for a slice goes before slices that are only kept ready.
  actions.insert(actions.end(), for_nobody.begin(), for_nobody.end());
}

void Round::begin(AttemptSpec const& want) {
  if (want.stop != StopCause::None || here(want.id) || local.gave_up.contains(want.id)) return;
  if (!local.launches.contains(want.id)) {
    actions.push_back(FetchLaunch{want.id});
    return;
  }
  if (auto seat = seat_of(want, spec, local)) actions.push_back(StartAttempt{want.id, *seat});
}

}  // namespace

std::vector<Action> reconcile(NodeSpec const& spec, Local const& local) {
  Round round{spec, local};
  round.stop_and_forget();
  for (auto const& want : spec.gpus)
    if (auto const* have = find_in(local.gpus, [&](GpuStatus const& g) { return g.uuid == want.uuid; })) round.shape(want, *have);
  for (auto const& want : spec.attempts) round.begin(want);
  return std::move(round.actions);
}

std::optional<std::string> seat_of(AttemptSpec const& want, NodeSpec const& spec, Local const& local) {
  std::string instance_uuid;
  for (auto const& uuid : want.gpus) {
    auto const* gpu = find_in(local.gpus, [&](GpuStatus const& g) { return g.uuid == uuid; });
    auto const* shape = find_in(spec.gpus, [&](GpuSpec const& g) { return g.uuid == uuid; });
    if (!gpu || !gpu->present || !shape || gpu->mode != shape->mode || is_lived_on(local, uuid, want.placement)) return std::nullopt;
    if (want.placement.empty()) {
      if (!gpu->instances.empty()) return std::nullopt;
      continue;
    }
    auto const* instance = find_in(gpu->instances, [&](InstanceStatus const& i) { return i.placement == want.placement; });
    if (!instance || instance->uuid.empty() || stranger_on(*instance)) return std::nullopt;
    instance_uuid = instance->uuid;
  }
  return instance_uuid;
}

bool is_lived_on(Local const& local, std::string const& gpu, std::string const& placement) {
  return std::any_of(local.attempts.begin(), local.attempts.end(), [&](LocalAttempt const& a) {
    bool const there = std::find(a.gpus.begin(), a.gpus.end(), gpu) != a.gpus.end();
    return there && a.status.phase != AttemptPhase::Ended && (placement.empty() || a.placement.empty() || a.placement == placement);
  });
}

GpuProcess const* stranger_on(InstanceStatus const& instance) {
  // A process without a name could not be looked at: it may be ours, and just ending. The driver's own servers are the machine's.
  return find_in(instance.processes, [](GpuProcess const& p) { return !p.attempt && !p.name.empty() && !p.name.starts_with("nvidia-"); });
}

std::string to_text(Action const& action) {
  struct {
    std::string operator()(StopAttempt const& a) const { return fmt::format("stop {}", to_text(a.attempt)); }
    std::string operator()(ForgetAttempt const& a) const { return fmt::format("forget {}", to_text(a.attempt)); }
    std::string operator()(FetchLaunch const& a) const { return fmt::format("fetch {}", to_text(a.attempt)); }
    std::string operator()(StartAttempt const& a) const { return fmt::format("start {} {}", to_text(a.attempt), a.instance_uuid); }
    std::string operator()(SetMode const& a) const { return fmt::format("mode {} {}", a.gpu, enum_text(a.mode)); }
    std::string operator()(CreateInstance const& a) const { return fmt::format("create {} {}", a.gpu, a.placement); }
    std::string operator()(DestroyInstance const& a) const { return fmt::format("destroy {} {}", a.gpu, a.placement); }
  } text;
  return std::visit(text, action);
}

}  // namespace nav
