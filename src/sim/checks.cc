// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "core/gang.h"
#include "core/recount.h"
#include "sim/world.h"

namespace nav::sim {

namespace {

template <class... Args>
void require(bool holds, fmt::format_string<Args...> what, Args&&... args) {
  if (!holds) throw Broken{fmt::format(what, std::forward<Args>(args)...)};
}

void check_node(Pool const& pool, Node const& node) {
  std::uint64_t cpu = 0, memory = 0;
  for (AttemptId id : node.attempts) {
    Job const* job = pool.job(id.job);
    require(job && job->attempt_id() == id, "{} seats {}, which is no present attempt", node.name, to_text(id));
    require(job->has_seat() && job->seat.node == node.id, "{} seats {}, which does not sit there", node.name, to_text(id));
    cpu += job->seat.cpu_milli;
    memory += job->seat.memory_mib;
  }
  require(cpu == node.cpu_milli_used && memory == node.memory_mib_used, "{} counts its use wrongly", node.name);
  require(cpu <= node.cpu_milli && memory <= node.memory_mib, "{} gives more than it has", node.name);
  for (auto const& gpu : node.gpus) {
    if (gpu.geometry) require(gpu.geometry->state_of(gpu.layout()).has_value(), "{} gpu{}: an illegal layout", node.name, gpu.index);
    require(!gpu.holder || gpu.slices.empty(), "{} gpu{} is held whole and cut", node.name, gpu.index);
    auto const held_by = [&](AttemptId id, bool slice) {
      if (!id) return;
      require(node.attempts.contains(id), "{} gpu{} is held by {}, which does not sit there", node.name, gpu.index, to_text(id));
      Seat const& seat = pool.jobs.at(id.job.value).seat;
      require((seat.gpus >> gpu.index & 1) && seat.placement.has_value() == slice, "{} gpu{}: the seat of {} is another", node.name, gpu.index, to_text(id));
    };
    held_by(gpu.holder, false);
    for (auto const& slice : gpu.slices) held_by(slice.holder, true);
  }
}

/// All of them have places, or none; one told to stop, all are told; and no two gangs meet at one port.
void check_gang(Pool const& pool, Gang const& gang, std::set<std::pair<std::string, std::uint32_t>>& meetings) {
  std::uint32_t queued = 0, seated = 0, told = 0;
  for (std::uint32_t rank = 0; rank < gang.members; ++rank) {
    Job const* member = pool.job({gang.first.value + rank});
    require(member && member->gang == gang.first, "gang {} has lost its member {}", to_text(gang.first), rank);
    queued += member->state == JobState::Queued;
    seated += member->has_seat();
    told += member->has_seat() && member->stop != StopCause::None;
    require(member->attempt == pool.jobs.at(gang.first.value).attempt, "members of gang {} are at different attempts", to_text(gang.first));
  }
  require(queued == 0 || queued == gang.members, "gang {}: {} of {} members wait", to_text(gang.first), queued, gang.members);
  require(queued > 0 || seated > 0, "gang {} is over and has not ended", to_text(gang.first));
  require(told == (gang.broken ? seated : 0), "gang {}: {} of {} members are told to stop", to_text(gang.first), told, seated);
  if (queued > 0) return;
  require(gang.nodes.size() == gang.members, "gang {} does not know where its members are", to_text(gang.first));
  require(meetings.emplace(address_of(pool.nodes.at(gang.nodes[0].value)), gang.port).second, "gang {} meets where another does", to_text(gang.first));
}

}  // namespace

void check_pool(Pool const& pool) {
  std::set<std::pair<std::string, std::uint32_t>> meetings;
  pool.gangs.each([&](Gang const& gang) { check_gang(pool, gang, meetings); });
  pool.nodes.each([&](Node const& node) { check_node(pool, node); });
  std::uint64_t waiting = 0;
  pool.queues.each([&](ClassQueue const& queue) {
    std::uint64_t length = 0;
    JobId before;
    for (JobId at = queue.head; at; at = pool.jobs.at(at.value).after) {
      Job const& job = pool.jobs.at(at.value);
      require(job.state == JobState::Queued && job.before == before && before < at, "the queue of class {} is broken at job {}", queue.number, to_text(at));
      before = at;
      ++length;
    }
    require(length == queue.waiting && queue.tail == before, "class {} counts its queue wrongly", queue.number);
    waiting += length;
  });
  auto const miscounted = what_is_miscounted(pool);
  require(miscounted.empty(), "{}", miscounted);
  auto const within = [&](Account const& account) {
    auto const& quota = account.quota;
    require(!quota.borrow_slices || account.used.slices <= quota.slices.value_or(0) + *quota.borrow_slices, "{} uses {} slices, more than its quota",
            pool.accounts.title(account), account.used.slices);
  };
  pool.accounts.teams.each(within);
  pool.accounts.projects.each(within);
  std::map<std::pair<NodeId, std::uint32_t>, std::vector<Claim>> promises;  // by GPU
  for (auto const& [id, claim] : *pool.claims) {
    Job const* job = pool.job(id);
    bool const moves = job && claim.by_moving && job->stop != StopCause::None;
    require(job && (job->state == JobState::Queued || moves), "job {} claims a place and neither waits nor moves", to_text(id));
    for (std::uint32_t gpu = 0; claim.by_moving && gpu < 32; ++gpu)
      if (claim.gpus >> gpu & 1) promises[{claim.node, gpu}].push_back(claim);
  }
  for (auto const& [gpu, claims] : promises) {
    Node const& node = pool.nodes.at(gpu.first.value);
    if (gpu.second >= node.gpus.size()) continue;  // lost meanwhile
    mig::Layout layout;
    for (auto const& claim : claims) {
      require(claim.placement || claims.size() == 1, "{} gpu{} is promised whole and once more", node.name, gpu.second);
      if (claim.placement) layout.add(*claim.placement);
    }
    require(layout.placements.empty() || (node.gpus[gpu.second].geometry && node.gpus[gpu.second].geometry->state_of(layout)),
            "{} gpu{}: what is promised does not fit beside itself", node.name, gpu.second);
  }
  require(waiting == pool.waiting, "the pool counts its waiting jobs wrongly");
  pool.jobs.each([&](Job const& job) {
    if (!job.has_seat()) return;
    Node const* node = pool.node(job.seat.node);
    require(node && node->attempts.contains(job.attempt_id()), "job {} sits nowhere", to_text(job.id));
    if (job.seat.gpus == 0) return;
    bool held = false;
    for (auto const& gpu : node->gpus) {
      held = held || gpu.holder == job.attempt_id();
      for (auto const& slice : gpu.slices) held = held || slice.holder == job.attempt_id();
    }
    require(held, "job {} holds nothing of what it sits on", to_text(job.id));
  });
}

void check_nodes(std::vector<std::unique_ptr<SimNode>> const& nodes) {
  std::map<JobId, std::string> alive;
  std::map<std::uint64_t, std::pair<std::uint32_t, MemberSpec>> gangs;  // by first member: the attempt that lives, and where all of it is
  for (auto const& node : nodes) {
    std::map<std::string, AttemptId> holders;
    for (auto const& [id, attempt] : node->attempts) {
      if (!attempt.alive) continue;
      auto const [it, fresh] = alive.try_emplace(id.job, fmt::format("{} on {}", to_text(id), node->name));
      require(fresh, "job {} lives twice: {} and {} on {}", to_text(id.job), it->second, to_text(id), node->name);
      if (auto const& member = attempt.launch.member) {
        auto const [whole, first] = gangs.try_emplace(id.job.value - member->rank, id.number, *member);
        require(whole->second.first == id.number && whole->second.second.hosts == member->hosts && whole->second.second.port == member->port,
                "{} lives beside members of another attempt", to_text(id));
      }
      for (auto const& gpu : attempt.launch.gpus) {
        auto const [other, free] = holders.try_emplace(gpu, id);
        require(free, "{} holds {} and {}", gpu, to_text(other->second), to_text(id));
      }
      if (attempt.launch.placement.empty()) continue;
      auto const place = fmt::format("{} {}", attempt.launch.gpu_of_instance, attempt.launch.placement);
      auto const [other, free] = holders.try_emplace(place, id);
      require(free, "{} holds {} and {}", place, to_text(other->second), to_text(id));
      auto const gpu = std::find_if(node->gpus.begin(), node->gpus.end(), [&](SimGpu const& g) { return g.uuid == attempt.launch.gpu_of_instance; });
      bool const there = gpu != node->gpus.end() && (!gpu->present || std::any_of(gpu->instances.begin(), gpu->instances.end(), [&](SimInstance const& i) {
                           return i.placement == attempt.launch.placement && i.complete;
                         }));
      require(there, "{} lives on {}, which does not exist", to_text(id), place);
    }
    for (auto const& gpu : node->gpus) {
      mig::Layout layout;
      for (auto const& instance : gpu.instances) layout.add(*mig::parse_placement(node->geometry().board(), instance.placement));
      require(node->geometry().state_of(layout).has_value(), "{}: the driver's layout is illegal", gpu.uuid);
      require(gpu.mode == GpuMode::Mig || gpu.instances.empty(), "{} is cut with MIG off", gpu.uuid);
      if (holders.contains(gpu.uuid)) require(gpu.mode == GpuMode::Whole, "{} is held whole and MIG is on", gpu.uuid);
    }
  }
}

void check_replay(SimJournal& journal, Pool const& pool) {
  Pool again;
  for (auto const& frame : journal.frames()) {
    if (frame.stream == "access") {
      auto const event = json_read<AccessEvent>(frame.body, Unknown::Ignore);
      require(event.has_value(), "event {} cannot be read back: {}", frame.stamp.sequence, frame.body);
      tell(again.accounts, *event, frame.stamp.at);
    }
    if (frame.stream != "pool") continue;
    auto event = json_read<PoolEvent>(frame.body, Unknown::Ignore);
    require(event.has_value(), "event {} cannot be read back: {}", frame.stamp.sequence, frame.body);
    apply(again, *event, frame.stamp);
  }
  again.accounts.teams.each([&](Account const& account) {
    Account const& known = pool.accounts.teams.at(account.number);
    require(known.used == account.used && known.quota == account.quota && known.spent == account.spent, "replaying gives team {} other counts", account.name);
  });
  require(to_text(again) == to_text(pool), "replaying the journal gives another pool:\n{}\ninstead of\n{}", to_text(again), to_text(pool));
}

}  // namespace nav::sim
