// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "core/moving.h"
#include "core/offer.h"
#include "core/seat.h"

namespace nav {

namespace {

/// As which it will sit there. (One that has had no attempt yet is no holder.)
AttemptId next_attempt(Job const& job) { return {job.id, job.attempt + 1}; }

/// The nodes a plan touches, as they would be once those who move have stopped, filled up place by place.
class Afterwards {
 public:
  explicit Afterwards(Pool const& pool) : pool_(pool) {}

  void stop(Job const& mover) { leave_node(at(mover.seat.node), mover); }

  /// The job sits down there; Conflict if it cannot.
  Result<PlaceClaimed> seat(Job const& job, PlaceJob const& place) {
    if (!pool_.node(place.node)) return fail(ErrorKind::NotFound, "there is no {}", to_text(place.node));
    Node& node = at(place.node);
    if (!node.takes_jobs()) return fail(ErrorKind::Conflict, "{} takes no jobs now", node.name);
    RequestClass const& request = pool_.queues.at(job.queue).request;
    Template const* t = place.rung < request.on.size() ? pool_.find_template(request.on[place.rung]) : nullptr;
    if (!t) return fail(ErrorKind::Conflict, "job {} has no rung {}", to_text(job.id), place.rung);
    if (auto const open = check_open(*t, request, place.rung); !open) return Unexpected(open.error());
    if (!admits(*t, node)) return fail(ErrorKind::Conflict, "{} is not to be had on {}", t->name, node.name);
    std::uint32_t const wanted = t->kind == TemplateKind::Gpus ? t->gpus : t->kind == TemplateKind::Slice ? 1 : 0;
    if (wanted == 0 || std::popcount(place.gpus) != static_cast<int>(wanted) || (t->kind == TemplateKind::Slice) != place.placement.has_value())
      return fail(ErrorKind::Conflict, "the place is not what {} means", t->name);
    TRY_VOID(take_beside(job, node, needs_of(request, *t)));
    PlaceClaimed claimed{.job = job.id, .node = node.id, .rung = place.rung, .gpus = {}, .placement = {}, .by_moving = true};
    for (std::uint32_t bits = place.gpus; bits != 0; bits &= bits - 1) {
      auto const index = static_cast<std::uint32_t>(std::countr_zero(bits));
      if (index >= node.gpus.size()) return fail(ErrorKind::Conflict, "{} has no GPU {}", node.name, index);
      TRY_VOID(take(job, node, node.gpus[index], *t, place.placement));
      claimed.gpus.push_back(index);
      if (place.placement) claimed.placement = mig::to_text(node.gpus[index].geometry->board(), *place.placement);
    }
    return claimed;
  }

 private:
  Node& at(NodeId id) { return nodes_.try_emplace(id, pool_.nodes.at(id.value)).first->second; }

  Result<void> take_beside(Job const& job, Node& node, Needs const& needs) {
    if (node.cpu_milli_used + needs.cpu_milli > node.cpu_milli || node.memory_mib_used + needs.memory_mib > node.memory_mib)
      return fail(ErrorKind::Conflict, "{} has not enough processors or memory left for job {}", node.name, to_text(job.id));
    if (auto const other = promised(pool_, job.id, node, 0, needs)) return fail(ErrorKind::Conflict, "{}", *other);
    node.cpu_milli_used += needs.cpu_milli;
    node.memory_mib_used += needs.memory_mib;
    return {};
  }

  Result<void> take(Job const& job, Node const& node, Gpu& gpu, Template const& t, std::optional<mig::Placement> placement) {
    for (auto const& [other, claim] : *pool_.claims)
      if (claim.node == node.id && (claim.gpus >> gpu.index & 1)) return fail(ErrorKind::Conflict, "GPU {} is claimed by job {}", gpu.uuid, to_text(other));
    auto const not_free = [&] { return fail(ErrorKind::Conflict, "GPU {} has no such place free for job {}", gpu.uuid, to_text(job.id)); };
    if (!gpu.aside.empty() || gpu.holder) return not_free();
    if (!placement) {
      bool const gives = gpu.family == t.family && (gpu.mode == GpuMode::Whole || gpu.policy == GpuPolicy::Managed);
      if (!gives || !gpu.is_unused()) return not_free();
      gpu.holder = next_attempt(job);
      return {};
    }
    bool const gives = gpu.geometry && gpu.policy == GpuPolicy::Managed && gpu.geometry->offers(*placement) &&
                       gpu.geometry->profile(placement->profile).name == t.profile;
    if (!gives) return not_free();
    std::erase_if(gpu.slices, [](Slice const& slice) { return slice.is_free(); });
    mig::StateId state = mig::kEmptyGpu;
    for (auto const& slice : gpu.slices) {
      auto const next = gpu.geometry->after(state, slice.at);
      if (!next) return not_free();
      state = *next;
    }
    if (!gpu.geometry->after(state, *placement)) return not_free();
    gpu.slices.push_back({*placement, next_attempt(job), {}});
    return {};
  }

  Pool const& pool_;
  std::map<NodeId, Node> nodes_;
};

bool stays(Job const& mover, PlaceJob const& to) { return mover.seat.node == to.node && mover.seat.gpus == to.gpus && mover.seat.placement == to.placement; }

}  // namespace

Result<std::vector<PoolEvent>> decide_on(Pool const& pool, MoveJobs const& c, Asked const& asked) {
  if (c.moves.empty() || c.moves.size() > most_moves) return fail_field("moves", fmt::format("1 to {}", most_moves), "{} jobs are to move", c.moves.size());
  Job const* waiting = nullptr;
  std::optional<PriorityClass> its_class;
  if (c.place) {
    waiting = pool.job(c.place->job);
    if (!waiting || waiting->state != JobState::Queued) return fail(ErrorKind::Conflict, "job {} does not wait", to_text(c.place->job));
    if (waiting->gang) return fail(ErrorKind::Conflict, "nobody is moved for a gang");
    if (pool.claims->contains(waiting->id)) return fail(ErrorKind::Conflict, "room is being made for job {} already", to_text(waiting->id));
    RequestClass const& request = pool.queues.at(waiting->queue).request;
    its_class = class_of(request.priority);
    if (c.place->rung > request.rung)
      return fail(ErrorKind::Conflict, "job {} waits for something better before its rung {}", to_text(waiting->id), c.place->rung);
  }
  if (moves_under_way(pool) + c.moves.size() > moves_at_once(pool))
    return fail(ErrorKind::Conflict, "{} jobs are on the move, and {} may be at once", moves_under_way(pool), moves_at_once(pool));
  Afterwards afterwards(pool);
  std::set<JobId> movers;
  for (auto const& move : c.moves) {
    Job const* mover = pool.job(move.job);
    if (!mover) return fail(ErrorKind::NotFound, "there is no job {} that runs", to_text(move.job));
    if (!movers.insert(move.job).second) return fail(ErrorKind::Conflict, "job {} is to move twice", to_text(move.job));
    TRY_VOID(may_be_moved(pool, *mover, its_class, asked.now));
    if (move.rung != mover->seat.rung) return fail(ErrorKind::Conflict, "job {} is to move to another rung", to_text(move.job));
    if (stays(*mover, move)) return fail(ErrorKind::Conflict, "job {} is to move to where it is", to_text(move.job));
    afterwards.stop(*mover);
  }
  std::vector<PoolEvent> events;
  if (waiting) {
    TRY(auto claimed, afterwards.seat(*waiting, *c.place));
    auto const cost = cost_of(pool.nodes.at(c.place->node.value), c.place->gpus, c.place->placement);
    if (auto const reached = limit_reached(pool, *waiting, cost)) return fail(ErrorKind::Conflict, "{}", to_text(*reached));
    claimed.for_job = waiting->id;
    events.emplace_back(std::move(claimed));
  }
  std::string const why = waiting ? fmt::format("make room for job {}", to_text(waiting->id)) : "bring together what is free, as an administrator asked";
  for (auto const& move : c.moves) {
    Job const& mover = pool.jobs.at(move.job.value);
    TRY(auto claimed, afterwards.seat(mover, move));
    if (waiting) claimed.for_job = waiting->id;
    events.emplace_back(std::move(claimed));
    events.emplace_back(JobStopRequested{.attempt = mover.attempt_id(),
                                         .cause = StopCause::Moved,
                                         .message = fmt::format("moved to {}, to {}", why, place_text(pool, move.node, move.gpus, move.placement)),
                                         .for_job = waiting ? waiting->id : JobId{}});
  }
  return events;
}

}  // namespace nav
