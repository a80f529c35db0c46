// SPDX-License-Identifier: Apache-2.0
#include "controller/bookkeeper.h"

#include <algorithm>
#include <bit>

namespace nav {

using telemetry::Dimensions;
using telemetry::Division;
using telemetry::Measure;
using telemetry::Part;
using telemetry::PartKind;
using telemetry::Span;

namespace {

std::string processors_name(NodeId node) { return "processors of " + to_text(node); }

}  // namespace

Bookkeeper::Bookkeeper(Pool pool, Access access, KeyOf key_of, Time counted_until)
    : pool_(std::move(pool)), access_(std::move(access)), key_of_(std::move(key_of)), counted_(counted_until) {
  wanted_ = wanted_by_waiting(pool_);
  divide_all(counted_);
  pool_.jobs.each([&](Job const& job) {
    if (job.state == JobState::Queued) queue(job, 1, counted_);
  });
}

Dimensions Bookkeeper::owner(Job const& job) const {
  Dimensions who;
  if (auto const found = access_.projects.find(job.project); found != access_.projects.end()) {
    who.project = found->second.name;
    if (auto const team = access_.teams.find(found->second.team); team != access_.teams.end()) who.team = team->second.name;
  }
  if (auto const found = access_.users.find(job.user); found != access_.users.end()) who.user = found->second.name;
  auto const& on = pool_.queues.at(job.queue).request.on;
  who.on = job.state == JobState::Queued ? on.front() : on.at(std::min<std::size_t>(job.seat.rung, on.size() - 1));
  return who;
}

/// The template's price, spread over the GPUs it gives.
std::int64_t Bookkeeper::price_of(Job const& job) const {
  auto const& on = pool_.queues.at(job.queue).request.on;
  Template const* what = pool_.find_template(on.at(std::min<std::size_t>(job.seat.rung, on.size() - 1)));
  return what ? what->price_micro / std::max(1, std::popcount(job.seat.gpus)) : 0;
}

void Bookkeeper::give_keys(Division& division, Node const& node) {
  for (auto& part : division.parts) {
    Dimensions where;
    where.node = node.name;
    where.site = node.site;
    if (!part.attempt) {
      std::uint64_t& key = nobodys_keys_[node.id];
      if (key == 0) key = key_of_(where);
      part.key = key;
      continue;
    }
    Terms& terms = terms_[part.attempt];
    if (Job const* job = terms.key == 0 ? pool_.job(part.attempt.job) : nullptr) {
      Dimensions who = owner(*job);
      who.profile = part.placement.empty() ? (part.memory_slices > 0 ? "whole" : "") : part.placement.substr(0, part.placement.find('@'));
      who.node = node.name;
      who.site = node.site;
      terms = {key_of_(who), price_of(*job)};
    }
    part.key = terms.key;
    part.price_micro = terms.price_micro;
  }
}

void Bookkeeper::divide(NodeId id, Time at) {
  Node const* node = pool_.node(id);
  std::vector<std::string> names;
  if (node && node->state != NodeState::Lost) {
    for (auto const& gpu : node->gpus) {
      Division division = division_of(pool_, *node, gpu, wanted_, reach_);
      give_keys(division, *node);
      names.push_back(gpu.uuid);
      close(ledger_.divide(gpu.uuid, std::move(division), at));
    }
    Division division = processors_of(pool_, *node);
    give_keys(division, *node);
    names.push_back(processors_name(id));
    close(ledger_.divide(names.back(), std::move(division), at));
  }
  auto& before = gpus_of_[id];
  for (auto const& name : before)
    if (std::find(names.begin(), names.end(), name) == names.end()) close(ledger_.remove(name, at));
  before = std::move(names);
}

void Bookkeeper::divide_all(Time at) {
  std::vector<NodeId> nodes;
  pool_.nodes.each([&](Node const& node) { nodes.push_back(node.id); });
  for (NodeId node : nodes) divide(node, at);
}

void Bookkeeper::close(std::vector<Span> spans) {
  for (auto& span : spans) {
    count(span.part, span.gpu_memory_slices, std::max(span.from, counted_), span.to);
    if (span.part.attempt) closed_.push_back(std::move(span));
  }
}

void Bookkeeper::count(Part const& part, std::uint32_t gpu_slices, Time from, Time to) {
  auto const add = [&](Measure measure, double per_second) { sums_.accrue(from, to, part.key, measure, per_second); };
  double const memory = part.memory_slices, compute = part.compute_slices;
  add(Measure::Capacity, memory);
  add(Measure::CapacityCompute, compute);
  switch (part.kind) {
    case PartKind::Held: {
      double const gpus = gpu_slices > 0 ? memory / gpu_slices : 0;
      add(Measure::Held, memory);
      add(Measure::HeldCompute, compute);
      add(Measure::HeldGpus, gpus);
      add(Measure::HeldMemory, static_cast<double>(part.memory_mib));
      add(Measure::HeldProcessors, part.cpu_milli / 1000.0);
      if (part.price_micro == 0) add(Measure::Unpriced, gpus);
      else sums_.accrue(from, to, part.key, Measure::Cost, static_cast<double>(part.price_micro) / 3600, gpus);
      break;
    }
    case PartKind::Reconfiguring:
      add(Measure::Reconfiguring, memory);
      add(Measure::ReconfiguringCompute, compute);
      break;
    case PartKind::Idle:
      add(Measure::Idle, memory);
      add(Measure::IdleCompute, compute);
      if (part.is_stranded) add(Measure::Stranded, memory);
      break;
    case PartKind::SetAside:
      add(Measure::SetAside, memory);
      add(Measure::SetAsideCompute, compute);
      break;
    case PartKind::Loss:
      add(Measure::Loss, memory);
      add(Measure::LossCompute, compute);
      break;
  }
}

double Bookkeeper::slices_asked(std::string const& on) const {
  Template const* what = pool_.find_template(on);
  if (!what || what->kind == TemplateKind::Cpu) return 0;
  for (auto const& geometry : *pool_.geometries) {
    if (what->kind == TemplateKind::Gpus && family_of(geometry->board().model) == what->family) return geometry->board().memory_slices * what->gpus;
    if (what->kind == TemplateKind::Slice)
      if (auto const profile = geometry->profile_named(what->profile)) return geometry->profile(*profile).memory_slices;
  }
  return what->kind == TemplateKind::Gpus ? what->gpus : 0;
}

/// Jobs that wait, by whose they are and what they ask for first.
void Bookkeeper::queue(Job const& job, std::int64_t change, Time at) {
  Dimensions who = owner(job);
  who.on = pool_.queues.at(job.queue).request.on.front();
  std::uint64_t const key = key_of_(who);
  Queue& queue = queues_[key];
  Time const from = std::max(queue.since, counted_);
  sums_.accrue(from, at, key, Measure::Waiting, static_cast<double>(queue.jobs));
  sums_.accrue(from, at, key, Measure::WaitingSlices, static_cast<double>(queue.jobs) * queue.slices);
  if (queue.jobs == 0) queue.slices = slices_asked(who.on);
  queue.jobs = static_cast<std::uint64_t>(std::max<std::int64_t>(0, static_cast<std::int64_t>(queue.jobs) + change));
  queue.since = at;
  if (queue.jobs == 0) queues_.erase(key);
}

template <class Event>
void Bookkeeper::follow(Event const& event, Stamp const& stamp) {
  Time const at = std::max(stamp.at, counted_);
  NodeId node;
  if constexpr (requires { event.node; }) node = event.node;
  // What is known of a job only before its event is applied.
  if constexpr (std::same_as<Event, JobPlaced>) {
    Job const& job = pool_.jobs.at(event.attempt.job.value);
    queue(job, -1, at);
    double const waited = (at - job.since).seconds();
    Dimensions who = owner(job);
    sums_.add(at, key_of_(who), Measure::Waited, {waited, 1, waited});
  } else if constexpr (std::same_as<Event, JobEnded>) {
    if (Job const& job = pool_.jobs.at(event.job.value); job.state == JobState::Queued) queue(job, -1, at);
  } else if constexpr (requires { event.attempt; }) {
    node = pool_.jobs.at(event.attempt.job.value).seat.node;
  }
  if constexpr (std::same_as<Event, NodeJoined>) nobodys_keys_.erase(event.node);
  apply(pool_, PoolEvent{event}, stamp);
  if constexpr (std::same_as<Event, JobsQueued>) {
    queue(pool_.jobs.at(event.first.value), event.count, at);
  } else if constexpr (std::same_as<Event, JobRequeued>) {
    queue(pool_.jobs.at(event.job.value), 1, at);
  } else if constexpr (std::same_as<Event, ControllerStarted>) {
    divide_all(at);
  }
  if (node) divide(node, at);
  if constexpr (std::same_as<Event, AttemptEnded>) terms_.erase(event.attempt);
}

Result<void> Bookkeeper::take(Frame const& frame) {
  if (frame.stream == "pool") {
    TRY(auto event, json_read<PoolEvent>(frame.body, Unknown::Ignore));
    std::visit([&](auto const& one) { follow(one, frame.stamp); }, event);
  } else if (frame.stream == "access") {
    TRY(auto event, json_read<AccessEvent>(frame.body, Unknown::Ignore));
    nav::apply(access_, event);
  }
  return {};
}

void Bookkeeper::settle(Time now) {
  if (now <= counted_) return;
  for (auto const& [gpu, known] : ledger_.gpus())
    for (auto const& open : known.open) count(open.part, known.division.memory_slices, std::max(open.since, counted_), now);
  for (auto& [key, queue] : queues_) {
    Time const from = std::max(queue.since, counted_);
    sums_.accrue(from, now, key, Measure::Waiting, static_cast<double>(queue.jobs));
    sums_.accrue(from, now, key, Measure::WaitingSlices, static_cast<double>(queue.jobs) * queue.slices);
  }
  counted_ = now;
  if (Wanted wanted = wanted_by_waiting(pool_); wanted != wanted_) {
    wanted_ = std::move(wanted);
    divide_all(now);
  } else if (!wanted_.is_empty()) {
    divide_all(now);
  }
}

}  // namespace nav
