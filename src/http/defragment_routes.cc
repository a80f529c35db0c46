// SPDX-License-Identifier: Apache-2.0
#include "http/handlers.h"
#include "http/shown.h"
#include "plan/defragment.h"

namespace nav::http {
namespace {

std::string sentence_of(api::Defragmentation const& it) {
  auto const count = [](std::size_t many, char const* what) { return many == 1 ? fmt::format("1 {}", what) : fmt::format("{} {}s", many, what); };
  if (it.moves.empty()) return "there is nothing to gain: no GPU could be emptied by moving jobs that may move";
  return fmt::format("{} {} and empty {}", count(it.moves.size(), "job"), it.applied ? "move" : "would move", count(it.emptied, "GPU"));
}

api::Defragmentation shown_plan(Snapshot const& snapshot, Defragmentation const& found) {
  api::Defragmentation out{
      .applied = false, .emptied = found.emptied, .lost_seconds = static_cast<std::uint64_t>(found.price), .moves = {}, .places = {}, .sentence = {}};
  for (PlaceJob const& move : found.plan.moves) out.moves.push_back(shown_move(snapshot, move.job, move.node, move.gpus, move.placement));
  for (FreePlaces const& one : found.places) out.places.push_back({one.on, one.before, one.after});
  out.sentence = sentence_of(out);
  return out;
}

}  // namespace

Result<void> defragment_pool(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::Defragment>(*call));
  if (wanted.most < 1 || wanted.most > most_moves) return fail_field("most", fmt::format("1 to {}", most_moves), "most is {}", wanted.most);
  on_worker(api, call, [&api, call, wanted](Call& asked) -> Result<void> {
    Snapshot const& snapshot = *asked.snapshot;
    auto const found = defragment(snapshot.pool, wanted.most, std::max(api.now(), snapshot.pool.now));
    auto plan = shown_plan(snapshot, found);
    if (!wanted.apply || plan.moves.empty()) return answer(asked, plan), Result<void>{};
    // Made from the snapshot and decided on the pool as it is: what changed meanwhile refuses the plan, and nobody moves.
    plan.applied = true;
    plan.sentence = sentence_of(plan);
    return ask(api, call, {.command = PoolCommand{found.plan}}, [plan](Call& told, Accepted) { answer(told, plan); });
  });
  return {};
}

}  // namespace nav::http
