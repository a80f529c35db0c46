// SPDX-License-Identifier: Apache-2.0
#include "core/gang.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/moving.h"
#include "core/offer.h"

namespace nav {

namespace {

using Events = std::vector<PoolEvent>;

template <class Visit>
void each_member(Pool const& pool, Gang const& gang, Visit&& visit) {
  for (std::uint32_t rank = 0; rank < gang.members; ++rank) visit(pool.jobs.at(gang.first.value + rank));
}

/// How many of this template the GPUs of an empty node give.
std::uint64_t places_on(Node const& node, Template const& t) {
  std::uint64_t whole = 0, slices = 0;
  for (auto const& gpu : node.gpus) {
    whole += gpu.family == t.family && gpu.policy != GpuPolicy::Fixed;
    slices += slices_of(gpu, t.profile);
  }
  return t.kind == TemplateKind::Slice ? slices : t.gpus > 0 ? whole / t.gpus : 0;
}

/// At the address of rank 0 each living gang meets at a port of its own; nodes of one machine share it.
std::uint32_t free_port(Pool const& pool, Gang const& gang, Node const& node, std::uint32_t attempt) {
  std::set<std::uint32_t> taken;
  std::string const address = address_of(node);
  pool.gangs.each([&](Gang const& other) {
    Node const* where = other.nodes.empty() ? nullptr : pool.node(other.nodes[0]);
    if (other.port != 0 && where && address_of(*where) == address) taken.insert(other.port);
  });
  // Not the same again: whoever held it last may not have let go of it, and what else runs there is not ours to know.
  for (std::uint64_t i = 0; i < ports; ++i) {
    auto const port = first_port + static_cast<std::uint32_t>((gang.first.value * 7 + attempt + i) % ports);
    if (!taken.contains(port)) return port;
  }
  return 0;
}

/// A member that is told to stop brings all of them to a stop, and this is what becomes of the whole.
GangBroken broken_by(Job const& member, JobStopRequested const& e) {
  GangBroken broken{.gang = member.gang, .again = true, .counted = false, .message = fmt::format("member {}: {}", member.rank(), e.message)};
  switch (e.cause) {
    case StopCause::Cancelled:
    case StopCause::StoppedEarly:
      broken.cause = e.cause;
      broken.again = false;
      broken.end = JobEnd::Cancelled;
      broken.message = e.message;
      break;
    case StopCause::Preempted:
      broken.cause = e.cause;
      broken.message = e.message;
      broken.for_job = e.for_job;
      break;
    case StopCause::ApplicationError:
      broken.counted = true;
      broken.again = member.retries_left > 0;
      break;
    default: break;
  }
  return broken;
}

/// What the events so far say of one gang.
struct News {
  std::set<JobId> over, told;
  std::uint32_t well = 0;
  std::optional<JobStopRequested> first_stop;
  std::optional<GangBroken> broken;
};

}  // namespace

std::string address_of(Node const& node) {
  if (!node.inventory) return node.name;
  return !node.inventory->address.empty() ? node.inventory->address : !node.inventory->hostname.empty() ? node.inventory->hostname : node.name;
}

std::uint64_t slices_of(Gpu const& gpu, std::string const& profile) {
  auto const known = gpu.geometry ? gpu.geometry->profile_named(profile) : std::nullopt;
  if (!known || gpu.policy == GpuPolicy::Whole) return 0;
  if (gpu.policy == GpuPolicy::Managed) return gpu.geometry->capacity(mig::kEmptyGpu, *known);
  return static_cast<std::uint64_t>(std::count_if(gpu.slices.begin(), gpu.slices.end(), [&](Slice const& slice) { return slice.at.profile == *known; }));
}

bool is_complete(Pool const& pool, Gang const& gang) {
  Job const& first = pool.jobs.at(gang.first.value);
  return pool.queues.at(first.queue).waiting == gang.members;
}

Room room_for(Pool const& pool, RequestClass const& request, Template const& t) {
  std::map<std::string, Room> sites;
  Needs const needs = needs_of(request, t);
  pool.nodes.each([&](Node const& node) {
    if (node.state == NodeState::Lost || !admits(t, node)) return;
    std::uint64_t places = t.kind == TemplateKind::Cpu ? std::uint64_t{most_members} : places_on(node, t);
    if (needs.cpu_milli > 0) places = std::min(places, node.cpu_milli / needs.cpu_milli);
    if (needs.memory_mib > 0) places = std::min(places, node.memory_mib / needs.memory_mib);
    if (places == 0) return;
    Room& room = sites[node.site];
    room.places += places;
    ++room.nodes;
  });
  Room most;
  for (auto const& [site, room] : sites)
    if (room.places > most.places) most = room, most.site = site;
  most.sites = sites.size();
  return most;
}

Result<void> check_gang(Pool const& pool, SubmitJobs const& c) {
  JobRequest const& request = c.request;
  if (request.members > most_members) return fail_field("members", fmt::format("1 to {}", most_members), "a gang of {} members", request.members);
  if (std::uint64_t{c.count} * request.members > most_jobs_at_once)
    return fail_field("count", fmt::format("{} at most", most_jobs_at_once / request.members), "{} gangs of {} members are too many at once", c.count,
                      request.members);
  if (request.climbs) return fail_field("upgrade", "never", "a gang cannot climb back to a better rung");
  if (request.on_out_of_memory == OnOutOfMemory::Climb) return fail_field("on_out_of_memory", "fail", "a gang cannot climb when memory runs out");
  RequestClass const shape{.on = request.on, .cpu_milli = request.cpu_milli, .memory_mib = request.memory_mib, .project = {}};
  for (std::size_t i = 0; i < request.on.size(); ++i) {
    Template const& t = *pool.find_template(request.on[i]);
    if (cloud_of(pool, t)) return fail_field(fmt::format("on[{}]", i), "name a template of nodes that are there", "no cloud boots machines for a gang");
    Room const room = room_for(pool, shape, t);
    if (room.places >= request.members) continue;
    std::string const there = room.places == 0 ? fmt::format("no node gives {} with what is asked for beside it", t.name)
                                               : fmt::format("{} gives {} {} times, on {} node{}", room.sites > 1 ? "site " + room.site : "the pool", t.name,
                                                             room.places, room.nodes, room.nodes == 1 ? "" : "s");
    return fail_field("members", there, "a gang of {} members is larger than the pool", request.members);
  }
  return {};
}

Result<Events> decide_on(Pool const& pool, PlaceGang const& c, Asked const& asked) {
  Gang const* gang = pool.gangs.find(c.gang.value);
  if (!gang) return fail(ErrorKind::NotFound, "there is no gang {}", to_text(c.gang));
  if (!is_complete(pool, *gang)) return fail(ErrorKind::Conflict, "not all members of gang {} wait", to_text(c.gang));
  if (c.members.size() != gang->members)
    return fail(ErrorKind::Conflict, "gang {} has {} members and gets {} places", to_text(c.gang), gang->members, c.members.size());
  Pool after = pool;  // each member finds what those before it have left
  Stamp stamp{pool.sequence, pool.epoch, asked.now, asked.by};
  Events events;
  for (std::uint32_t rank = 0; rank < gang->members; ++rank) {
    PlaceJob const& place = c.members[rank];
    if (place.job.value != gang->first.value + rank || place.rung != c.members[0].rung)
      return fail(ErrorKind::Conflict, "the members of gang {} are placed in order of rank and on one rung", to_text(c.gang));
    TRY(auto placed, seated(after, place));
    if (pool.nodes.at(place.node.value).site != pool.nodes.at(c.members[0].node.value).site)
      return fail(ErrorKind::Conflict, "the members of gang {} are placed at one site", to_text(c.gang));
    if (rank == 0) {
      placed.port = free_port(pool, *gang, pool.nodes.at(place.node.value), placed.attempt.number);
      if (placed.port == 0) return fail(ErrorKind::Conflict, "all ports for gangs are taken at {}", address_of(pool.nodes.at(place.node.value)));
    }
    events.emplace_back(std::move(placed));
    ++stamp.sequence;
    apply(after, events.back(), stamp);
  }
  return events;
}

Events cancel(Pool const& pool, Gang const& gang, StopCause cause, std::string const& message) {
  Events events;
  if (is_complete(pool, gang)) {
    std::string const how = cause == StopCause::StoppedEarly ? "stopped early" : "cancelled while it waited";
    each_member(pool, gang, [&](Job const& member) { events.push_back(JobEnded{member.id, JobEnd::Cancelled, how}); });
    return events;
  }
  if (gang.broken && !gang.broken->again && gang.broken->end == JobEnd::Cancelled) return events;
  events.push_back(GangBroken{.gang = gang.first, .cause = cause, .end = JobEnd::Cancelled, .message = message});
  return events;
}

GangBroken broken_by(Job const& member, PoolEvent const& verdict) {
  GangBroken broken{.gang = member.gang};
  if (auto const* again = std::get_if<JobRequeued>(&verdict)) {
    broken.again = true;
    broken.counted = again->counted;
    broken.message = again->message;
  } else {
    auto const& end = std::get<JobEnded>(verdict);
    broken.end = end.end;
    broken.message = end.message;
  }
  broken.message = fmt::format("member {}: {}", member.rank(), broken.message);
  return broken;
}

void settle_gangs(Pool const& pool, Events& events) {
  std::map<JobId, News> touched;
  auto const gang_of = [&](JobId id) {
    Job const* job = pool.job(id);
    return job ? job->gang : JobId{};
  };
  for (auto const& event : events) {
    if (auto const* ended = std::get_if<AttemptEnded>(&event)) {
      JobId const gang = gang_of(ended->attempt.job);
      if (!gang) continue;
      touched[gang].over.insert(ended->attempt.job);
      touched[gang].well += ended->outcome == Outcome::Exited && ended->exit_code == 0;
    } else if (auto const* stop = std::get_if<JobStopRequested>(&event)) {
      JobId const gang = gang_of(stop->attempt.job);
      if (!gang) continue;
      News& news = touched[gang];
      news.told.insert(stop->attempt.job);
      if (!news.first_stop) news.first_stop = *stop;
    } else if (auto const* broken = std::get_if<GangBroken>(&event)) {
      touched[broken->gang].broken = *broken;
    }
  }
  for (auto& entry : touched) {
    News& news = entry.second;
    Gang const& gang = pool.gangs.at(entry.first.value);
    if (!news.broken) news.broken = gang.broken;
    if (!news.broken && news.first_stop) {
      news.broken = broken_by(pool.jobs.at(news.first_stop->attempt.job.value), *news.first_stop);
      events.push_back(*news.broken);
    }
    auto const is_over = [&](Job const& member) { return member.state == JobState::Finishing || news.over.contains(member.id); };
    bool all_over = true;
    each_member(pool, gang, [&](Job const& member) { all_over = all_over && is_over(member); });
    if (!all_over) {
      if (!news.broken) continue;
      each_member(pool, gang, [&](Job const& member) {
        if (is_over(member) || member.stop != StopCause::None || news.told.contains(member.id)) return;
        events.push_back(
            JobStopRequested{.attempt = member.attempt_id(), .cause = news.broken->cause, .message = news.broken->message, .for_job = news.broken->for_job});
      });
      continue;
    }
    // All of them ended well: so it has, whatever it was told meanwhile.
    bool const well = gang.well + news.well == gang.members;
    ensure(well || news.broken, "a gang ends badly, and nobody knows why");
    each_member(pool, gang, [&](Job const& member) {
      if (well) events.push_back(JobEnded{member.id, JobEnd::Succeeded, ""});
      else if (news.broken->again) events.push_back(JobRequeued{.job = member.id, .counted = news.broken->counted, .message = news.broken->message});
      else events.push_back(JobEnded{member.id, news.broken->end, news.broken->message});
    });
  }
}

}  // namespace nav
