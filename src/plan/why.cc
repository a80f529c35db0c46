// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <set>

#include "base/text.h"
#include "core/gang.h"
#include "plan/place.h"
#include "plan/plan_index.h"
#include "plan/why_share.h"

namespace nav {
namespace {

using plan::Beside;

constexpr std::size_t most_holders = 10;
constexpr std::size_t most_nodes_named = 3;

/// Places of one kind, counted over the pool.
struct Census {
  std::uint64_t total = 0;                            ///< on the hardware of all nodes that are not lost
  std::uint64_t away = 0;                             ///< of these on nodes that take no jobs now
  std::uint64_t set_aside = 0;                        ///< would be free, were nothing set aside
  std::uint64_t free = 0;                             ///< not held, whatever processors and memory are left beside them
  bool room = false;                                  ///< a free one has processors and memory left beside it
  std::map<std::string, std::uint64_t> at_site;       ///< free ones with processors and memory left beside each of them, by site
  bool nodes_suffice = false;                         ///< some node with such places has, when idle, the processors and memory asked for
  bool in_pieces = false;                             ///< none is free, but what is free would do in one piece
  std::uint64_t pieces = 0;                           ///< what is free in pieces: memory slices or GPUs
  std::uint64_t largest_cpu = 0, largest_memory = 0;  ///< of a node with such places
  std::vector<AttemptId> helping;                     ///< attempts whose end alone would free a place
  std::vector<AttemptId> holding;                     ///< all in the way
  std::vector<std::string> away_names;                ///< "a is draining"

  std::uint64_t held() const { return total - away - set_aside - free; }
};

std::string processors_text(std::uint64_t milli) {
  if (milli == 1000) return "1 processor";
  return milli % 1000 == 0 ? fmt::format("{} processors", milli / 1000) : fmt::format("{:.1f} processors", static_cast<double>(milli) / 1000);
}

std::string text_of(Beside const& need) { return fmt::format("{} and {}", processors_text(need.cpu_milli), mib_text(need.memory_mib)); }

std::string state_of(Node const& node) {
  if (node.state != NodeState::Ready) return fmt::format("{} is {}", node.name, enum_text(node.state));
  return fmt::format("{} is draining", node.name);
}

/// Notes the node's part in the census; false: its places are out of reach.
bool count_node(Census& census, Node const& node, Beside const& need, std::uint64_t places) {
  census.total += places;
  census.largest_cpu = std::max(census.largest_cpu, node.cpu_milli);
  census.largest_memory = std::max(census.largest_memory, node.memory_mib);
  census.nodes_suffice = census.nodes_suffice || need.is_on(node);
  if (node.takes_jobs()) return true;
  census.away += places;
  census.away_names.push_back(state_of(node));
  return false;
}

/// Places for the profile on one GPU.
struct OnGpu {
  std::uint64_t total = 0, set_aside = 0, free = 0;
};

OnGpu places_on(Gpu const& gpu, std::uint8_t profile) {
  OnGpu places;
  if (gpu.policy == GpuPolicy::Whole) return places;
  if (gpu.policy == GpuPolicy::Fixed) {
    for (auto const& slice : gpu.slices) {
      if (slice.at.profile != profile) continue;
      ++places.total;
      if (!slice.holder && (!slice.aside.empty() || !gpu.aside.empty())) ++places.set_aside;
      else if (!slice.holder) ++places.free;
    }
    return places;
  }
  auto const& geometry = *gpu.geometry;
  places.total = geometry.capacity(mig::kEmptyGpu, profile);
  if (gpu.holder) return places;
  mig::StateId held = mig::kEmptyGpu;
  for (auto const& slice : gpu.slices)
    if (slice.holder)
      if (auto const next = geometry.after(held, slice.at)) held = *next;
  std::uint64_t const without_aside = geometry.capacity(held, profile);
  auto const busy = plan::busy_state(gpu);
  places.free = busy && gpu.aside.empty() ? geometry.capacity(*busy, profile) : 0;
  places.set_aside = without_aside - std::min(places.free, without_aside);
  return places;
}

/// Who holds parts of this GPU, and whose end alone would give the profile a place.
void count_holders(Census& census, Gpu const& gpu, std::uint8_t profile) {
  if (!gpu.aside.empty() || gpu.policy == GpuPolicy::Whole) return;
  if (gpu.holder) {
    census.holding.push_back(gpu.holder);
    census.helping.push_back(gpu.holder);
    return;
  }
  auto const busy = plan::busy_state(gpu);
  for (auto const& slice : gpu.slices) {
    if (!slice.holder) continue;
    if (gpu.policy == GpuPolicy::Fixed && slice.at.profile != profile) continue;
    census.holding.push_back(slice.holder);
    if (gpu.policy == GpuPolicy::Fixed || (busy && gpu.geometry->fits(gpu.geometry->without(*busy, slice.at), profile))) census.helping.push_back(slice.holder);
  }
}

/// How often what is asked for beside the compute is left on a node.
std::uint64_t times_left(Node const& node, Beside const& need) {
  auto const most = std::numeric_limits<std::uint64_t>::max();
  auto const cpu = node.cpu_milli - std::min(node.cpu_milli, node.cpu_milli_used), memory = node.memory_mib - std::min(node.memory_mib, node.memory_mib_used);
  return std::min(need.cpu_milli ? cpu / need.cpu_milli : most, need.memory_mib ? memory / need.memory_mib : most);
}

Census census_of_slices(Pool const& pool, PlanIndex::Body const& body, std::string const& name, Beside const& need) {
  Census census;
  // For each board: what is held on GPUs that may be cut, to ask whether it could all be packed with one more.
  struct Cut {
    mig::Counts held;
    std::uint64_t gpus = 0;
  };
  std::map<mig::Geometry const*, Cut> cuts;
  pool.nodes.each([&](Node const& node) {
    if (node.state == NodeState::Lost || !admits(*need.from, node)) return;
    std::uint64_t total = 0;
    OnGpu here;
    for (auto const& gpu : node.gpus) {
      auto const profile = gpu.geometry ? gpu.geometry->profile_named(name) : std::nullopt;
      if (!profile) continue;
      auto const places = places_on(gpu, *profile);
      total += places.total;
      here.free += places.free;
      here.set_aside += places.set_aside;
      if (!node.takes_jobs() || places.total == 0) continue;
      count_holders(census, gpu, *profile);
      if (gpu.policy != GpuPolicy::Managed || gpu.holder || !gpu.aside.empty()) continue;
      if (places.free > 0) continue;
      auto& cut = cuts[gpu.geometry.get()];
      cut.held.resize(gpu.geometry->profiles());
      ++cut.gpus;
      for (auto const& slice : gpu.slices)
        if (!slice.is_free()) ++cut.held[slice.at.profile];
      if (auto const busy = plan::busy_state(gpu)) census.pieces += gpu.geometry->free_slices(*busy);
    }
    if (total == 0 || !count_node(census, node, need, total)) return;
    census.free += here.free;
    census.set_aside += here.set_aside;
    census.room = census.room || (here.free > 0 && need.is_left_on(node));
    census.at_site[node.site] += std::min(here.free, times_left(node, need));
  });
  for (auto const& board : body.boards) {
    auto const cut = cuts.find(board->geometry.get());
    auto const profile = board->geometry->profile_named(name);
    if (cut == cuts.end() || !profile) continue;
    ++cut->second.held[*profile];
    census.in_pieces = census.in_pieces || board->packer.packable(cut->second.held, cut->second.gpus) == mig::Packing::Possible;
  }
  return census;
}

Census census_of_gpus(Pool const& pool, Template const& t, Beside const& need) {
  Census census;
  pool.nodes.each([&](Node const& node) {
    if (node.state == NodeState::Lost || !admits(*need.from, node)) return;
    std::uint64_t all = 0, free = 0, aside = 0;
    std::set<AttemptId> here;
    for (auto const& gpu : node.gpus) {
      if (gpu.family != t.family) continue;
      ++all;
      if (plan::is_free_whole(gpu)) ++free;
      std::set<AttemptId> holders;
      if (gpu.holder) holders.insert(gpu.holder);
      for (auto const& slice : gpu.slices)
        if (slice.holder) holders.insert(slice.holder);
      if (holders.empty() && !plan::is_free_whole(gpu)) ++aside;
      here.insert(holders.begin(), holders.end());
    }
    if (all < t.gpus) return;
    if (!count_node(census, node, need, all / t.gpus)) return;
    census.free += free / t.gpus;
    census.set_aside += (free + aside) / t.gpus - free / t.gpus;
    census.room = census.room || (free >= t.gpus && need.is_left_on(node));
    census.at_site[node.site] += std::min(free / t.gpus, times_left(node, need));
    census.pieces += free % t.gpus;
    census.holding.insert(census.holding.end(), here.begin(), here.end());
    for (auto holder : here) {
      std::uint64_t freed = free;
      for (auto const& gpu : node.gpus) {
        bool others = !gpu.aside.empty() || gpu.family != t.family || plan::is_free_whole(gpu), its = gpu.holder == holder;
        for (auto const& slice : gpu.slices) (slice.holder == holder ? its : others) |= !slice.is_free();
        if (its && !others) ++freed;
      }
      if (freed >= t.gpus) census.helping.push_back(holder);
    }
  });
  census.in_pieces = census.free == 0 && census.pieces >= t.gpus;
  return census;
}

Census census_of_processors(Pool const& pool, Beside const& need) {
  Census census;
  auto const times = [&](std::uint64_t cpu, std::uint64_t memory) {
    auto const most = std::numeric_limits<std::uint64_t>::max();
    return std::min({need.cpu_milli ? cpu / need.cpu_milli : most, need.memory_mib ? memory / need.memory_mib : most, std::uint64_t{1'000'000}});
  };
  pool.nodes.each([&](Node const& node) {
    if (node.state == NodeState::Lost || !node.inventory || !admits(*need.from, node)) return;
    auto const all = times(node.cpu_milli, node.memory_mib);
    if (!count_node(census, node, need, all)) return;
    auto const free = times(node.cpu_milli - std::min(node.cpu_milli, node.cpu_milli_used), node.memory_mib - std::min(node.memory_mib, node.memory_mib_used));
    census.free += free;
    census.room = census.room || free > 0;
    census.at_site[node.site] += free;
    if (all == 0) return;
    for (auto holder : node.attempts) {
      auto const& seat = pool.jobs.at(holder.job.value).seat;
      census.holding.push_back(holder);
      if (node.cpu_milli_used - seat.cpu_milli + need.cpu_milli <= node.cpu_milli &&
          node.memory_mib_used - seat.memory_mib + need.memory_mib <= node.memory_mib)
        census.helping.push_back(holder);
    }
  });
  return census;
}

/// Those of them that began first, who are the likeliest to be done soon.
std::vector<AttemptId> oldest(Pool const& pool, std::vector<AttemptId> const& attempts) {
  std::vector<std::pair<Time, AttemptId>> began;
  began.reserve(attempts.size());
  for (AttemptId id : attempts) {
    Job const& job = pool.jobs.at(id.job.value);
    began.emplace_back(job.started ? job.started : job.since, id);
  }
  auto const some = std::min(began.size(), most_holders);
  std::partial_sort(began.begin(), began.begin() + static_cast<std::ptrdiff_t>(some), began.end());
  std::vector<AttemptId> oldest;
  for (std::size_t i = 0; i < some; ++i) oldest.push_back(began[i].second);
  return oldest;
}

/// A job with several GPUs was met on each of them.
void once_each(std::vector<AttemptId>& attempts) {
  std::sort(attempts.begin(), attempts.end());
  attempts.erase(std::unique(attempts.begin(), attempts.end()), attempts.end());
}

std::string jobs_text(std::size_t jobs) { return jobs == 1 ? "1 job" : fmt::format("{} jobs", jobs); }

std::string away_text(Census const& census) {
  auto names = census.away_names;
  auto const more = names.size() > most_nodes_named ? names.size() - most_nodes_named : 0;
  names.resize(names.size() - more);
  return more ? fmt::format("{} and {} more", fmt::join(names, ", "), more) : fmt::format("{}", fmt::join(names, ", "));
}

std::string places_text(Template const& t, std::uint64_t count) {
  auto const what = t.kind == TemplateKind::Slice ? t.profile : t.kind == TemplateKind::Gpus ? t.name : "such a job";
  return count == 1 ? fmt::format("the one place for {}", what) : fmt::format("all {} places for {}", count, what);
}

std::string busy_text(Template const& t, Census const& census, Beside const& need) {
  auto const within_reach = census.total - census.away;
  auto const jobs = jobs_text(census.holding.size());
  std::string text;
  if (t.kind == TemplateKind::Cpu) text = fmt::format("no node has {} left; {} hold the rest", text_of(need), jobs);
  else if (census.set_aside == 0) text = fmt::format("{} {} held by {}", places_text(t, within_reach), within_reach == 1 ? "is" : "are", jobs);
  else text = fmt::format("{} are taken: {} by {}, {} set aside", places_text(t, within_reach), census.held(), jobs, census.set_aside);
  if (census.away > 0) text += fmt::format("; {} more out of reach: {}", census.away, away_text(census));
  return text;
}

std::string never_text(Template const& t, Census const& census, Beside const& need) {
  if (census.total == 0 || census.largest_cpu == 0) {
    switch (t.kind) {
      case TemplateKind::Slice: return fmt::format("no GPU in the pool can be cut into {}", t.profile);
      case TemplateKind::Gpus:
        return t.gpus == 1 ? fmt::format("no node has a GPU of {}", t.family) : fmt::format("no node has {} GPUs of {}", t.gpus, t.family);
      case TemplateKind::Cpu: break;
    }
    if (census.largest_cpu == 0) return "no node has joined that could run it";
  }
  return fmt::format("it asks for {}; no node {}has that: the most is {}", text_of(need), t.kind == TemplateKind::Cpu ? "" : fmt::format("with {} ", t.name),
                     fmt::format("{} and {}", processors_text(census.largest_cpu), mib_text(census.largest_memory)));
}

/// A gang that no site's hardware gives places enough, whatever ends: the pool has become smaller since it was submitted.
void note_if_never(Pool const& pool, RequestClass const& request, Template const& t, std::uint32_t members, RungReason& reason) {
  Room const room = room_for(pool, request, t);
  if (room.places >= members) return;
  reason.lack = Lack::Never;
  reason.holders.clear();
  reason.sentence = fmt::format("its {} members start together, and {} gives {} {} time{}", members, room.sites > 1 ? "no site" : "the pool", t.name,
                                room.sites > 1 ? fmt::format("more than {}", room.places) : fmt::format("{}", room.places), room.places == 1 ? "" : "s");
}

/// Where one member would fit, and not all.
void note_if_too_few(Census const& census, Template const& t, std::uint32_t members, RungReason& reason) {
  std::uint64_t most = 0;
  for (auto const& [site, free] : census.at_site) most = std::max(most, free);
  if (most >= members) return;
  reason.lack = census.held() == 0 && census.set_aside == 0 && census.away > 0 ? Lack::NoNode : Lack::Busy;
  reason.sentence = fmt::format("its {} members start together, and {} of {} places for {} {} free{}", members, most, census.total, t.name,
                                most == 1 ? "is" : "are", census.at_site.size() > 1 ? " at one site" : "");
  if (census.away > 0) reason.sentence += fmt::format("; {} out of reach: {}", census.away, away_text(census));
}

RungReason reason_on(Pool const& pool, PlanIndex::Body const& body, Template const& t, Beside const& need, std::uint32_t members) {
  auto census = t.kind == TemplateKind::Slice  ? census_of_slices(pool, body, t.profile, need)
                : t.kind == TemplateKind::Gpus ? census_of_gpus(pool, t, need)
                                               : census_of_processors(pool, need);
  once_each(census.holding);
  once_each(census.helping);
  RungReason reason{
      .on = t.name, .lack = Lack::Busy, .sentence = {}, .holders = {}, .total = census.total, .held = census.held(), .set_aside = census.set_aside};
  if (census.room) {
    reason.lack = Lack::Turn;
    reason.sentence = "it fits; its turn comes in the next round";
    if (members > 0) note_if_too_few(census, t, members, reason);
  } else if (census.total == 0 || !census.nodes_suffice) {
    reason.lack = Lack::Never;
    reason.sentence = never_text(t, census, need);
  } else if (census.total == census.away) {
    reason.lack = Lack::NoNode;
    reason.sentence = fmt::format("every node with {} takes no jobs now: {}", t.name, away_text(census));
  } else if (census.free > 0) {
    reason.lack = Lack::Processors;
    reason.sentence = fmt::format("{} free for {}, but not with {} beside {}", census.free == 1 ? "1 place is" : fmt::format("{} places are", census.free),
                                  t.name, text_of(need), census.free == 1 ? "it" : "them");
  } else if (census.in_pieces) {
    reason.lack = Lack::Fragments;
    reason.sentence = t.kind == TemplateKind::Gpus
                          ? fmt::format("{} GPUs of {} are free, but not {} on one node", census.pieces, t.family, t.gpus)
                          : fmt::format("{} memory slices are free, but not in one piece large enough for {}", census.pieces, t.profile);
  } else if (census.set_aside > 0 && census.held() == 0) {
    reason.lack = Lack::SetAside;
    reason.sentence = fmt::format("{} {} set aside", places_text(t, census.set_aside), census.set_aside == 1 ? "is" : "are");
  } else {
    reason.sentence = busy_text(t, census, need);
  }
  if (reason.lack != Lack::Turn && reason.lack != Lack::Never) reason.holders = oldest(pool, census.helping.empty() ? census.holding : census.helping);
  return reason;
}

/// What a cloud has to say of a template it gives, where no machine that is there has room.
RungReason reason_of_cloud(Pool const& pool, Cloud const& cloud, Template const& t, RungReason reason) {
  std::uint64_t machines = 0;
  Rental const* coming = nullptr;
  for (auto const& [id, rental] : *pool.rentals) {
    if (rental.cloud != cloud.name) continue;
    ++machines;
    if (rental.state == RentalState::Booting && !coming) coming = &rental;
  }
  auto const cost = fmt::format("it costs {} an hour", money_text(t.price_micro));
  reason.total = cloud.most;
  reason.held = machines;
  if (coming) {
    reason.lack = Lack::Booting;
    reason.sentence = fmt::format("{} boots, which takes about {}; {}", node_name(*coming), to_text(cloud.boot), cost);
  } else if (!cloud.open) {
    reason.lack = Lack::NoNode;
    reason.sentence = fmt::format("{} is closed", cloud.name);
  } else if (pool.now < cloud.not_before) {
    reason.lack = Lack::NoNode;
    reason.sentence = fmt::format("{} gave no machine: {}", cloud.name, cloud.problem);
  } else if (machines < cloud.most) {
    reason.lack = Lack::NoNode;
    reason.sentence = fmt::format("{} boots a machine once this rung is the current one, which takes about {}; {}", cloud.name, to_text(cloud.boot), cost);
  } else {
    reason.lack = Lack::Busy;
    reason.sentence = fmt::format("all {} machines of {} are taken", cloud.most, cloud.name);
  }
  return reason;
}

/// How near a lack is to being made good, the nearest first.
int distance(Lack lack) {
  switch (lack) {
    case Lack::Turn: return 0;
    case Lack::Room: return 0;
    case Lack::Reserved: return 0;
    case Lack::Quota: return 1;
    case Lack::Booting: return 1;
    case Lack::Processors: return 2;
    case Lack::Fragments: return 3;
    case Lack::Busy: return 4;
    case Lack::SetAside: return 5;
    case Lack::NoNode: return 6;
    case Lack::Terms: return 7;
    case Lack::Never: return 8;
  }
  return 9;
}

std::uint64_t jobs_ahead(Pool const& pool, ClassQueue const& own, JobId job) {
  std::uint64_t ahead = 0;
  pool.queues.each([&](ClassQueue const& queue) {
    if (queue.request.priority < own.request.priority) return;
    if (queue.request.priority > own.request.priority) {
      ahead += queue.waiting;
      return;
    }
    for (JobId at = queue.head; at && at < job; at = pool.jobs.at(at.value).after) ++ahead;
  });
  return ahead;
}

/// How long a waiting job stays on its current rung, in words.
std::string wait_text(Pool const& pool, Job const& job) {
  auto const until = rung_deadline(pool, job);
  RequestClass const& request = pool.queues.at(job.queue).request;
  if (!until) return {};
  return fmt::format("; it waits for {} until {}, then {} is open to it too", request.on[request.rung], to_text(*until).substr(11, 8),
                     request.on[next_stop(pool, request, request.rung + 1)]);
}

}  // namespace

std::optional<Time> rung_deadline(Pool const& pool, Job const& job) {
  if (job.state != JobState::Queued) return std::nullopt;
  RequestClass const& request = pool.queues.at(job.queue).request;
  Duration const wait = request.limits_of(request.rung).wait;
  if (request.is_last(request.rung) || wait.us <= 0) return std::nullopt;
  return job.rung_since + wait;
}

RungReason why_rung(Pool const& pool, PlanIndex const& index, RequestClass const& request, std::uint32_t rung) {
  std::string const& name = request.on.at(rung);
  Template const* t = pool.find_template(name);
  if (!t) return {.on = name, .lack = Lack::Never, .sentence = fmt::format("there is no template {} any more", name)};
  if (auto const open = check_open(*t, request, rung); !open) return {.on = name, .lack = Lack::Terms, .sentence = open.error().message};
  Gang const* gang = pool.gangs.find(request.gang.value);
  auto reason = reason_on(pool, index.body(), *t, plan::beside(request, *t), gang ? gang->members : 0);
  if (gang) note_if_never(pool, request, *t, gang->members, reason);
  if (Cloud const* cloud = cloud_of(pool, *t); cloud && reason.lack != Lack::Turn) return reason_of_cloud(pool, *cloud, *t, std::move(reason));
  return reason;
}

Reason why(Pool const& pool, PlanIndex const& index, JobId id) {
  Reason reason;
  Job const* job = pool.job(id);
  if (!job || job->state != JobState::Queued) {
    reason.sentence = "it does not wait";
    return reason;
  }
  auto const& queue = pool.queues.at(job->queue);
  reason.ahead = jobs_ahead(pool, queue, job->gang ? job->gang : id);
  for (std::uint32_t rung = 0; rung < queue.request.on.size(); ++rung) reason.rungs.push_back(why_rung(pool, index, queue.request, rung));
  // A rung that is not open yet is not what it waits for.
  auto const open = reason.rungs.begin() + static_cast<std::ptrdiff_t>(queue.request.rung) + 1;
  auto const nearest = std::min_element(reason.rungs.begin(), open, [](auto const& a, auto const& b) { return distance(a.lack) < distance(b.lack); });
  ensure(nearest != open, "a job names at least one template");
  for (auto later = open; later != reason.rungs.end(); ++later) {
    if (later->lack != Lack::Turn) continue;
    later->sentence = "it would fit, but this rung is not open to it yet";
  }
  reason.lack = nearest->lack;
  reason.sentence = nearest->sentence + wait_text(pool, *job);
  plan::add_share(pool, index, *job, queue.request, reason);
  return reason;
}

}  // namespace nav
