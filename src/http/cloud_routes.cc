// SPDX-License-Identifier: Apache-2.0
#include "api/clouds.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

api::Cloud shown_cloud(Snapshot const& snapshot, Cloud const& cloud, Caller const& caller) {
  api::Cloud out{.name = cloud.name,
                 .machine = cloud.machine,
                 .family = cloud.family,
                 .gpus = cloud.gpus,
                 .most = cloud.most,
                 .boot = cloud.boot,
                 .idle = cloud.idle,
                 .price_micro = cloud.price_micro,
                 .open = cloud.open,
                 .problem = {},
                 .machines = {}};
  if (!cloud.problem.empty()) out.problem = cloud.problem;
  for (auto const& [id, rental] : *snapshot.pool.rentals) {
    if (rental.cloud != cloud.name) continue;
    api::Machine machine{.name = node_name(rental),
                         .state = same_word<api::MachineState>(rental.state),
                         .wanted = rental.wanted,
                         .since = rental.since,
                         .job = {},
                         .price_micro = rental.price_micro};
    if (rental.job && sees_holder(snapshot, {rental.job, 1}, caller)) machine.job = rental.job;
    out.machines.push_back(std::move(machine));
  }
  return out;
}

Result<void> set_open(Api& api, CallPtr const& call, bool open) {
  std::string const name = call->parameter(0);
  return ask_then_on_worker(api, call, {.command = PoolCommand{OpenCloud{name, open}}}, [name](Call& asked, Accepted const& accepted) -> Result<void> {
    auto const snapshot = accepted.snapshot ? accepted.snapshot : asked.snapshot;
    answer(asked, shown_cloud(*snapshot, snapshot->pool.clouds->at(name), asked.caller));
    return {};
  });
}

}  // namespace

Result<void> list_clouds(Api&, CallPtr const& call) {
  TRY(auto query, query_of<api::PageQuery>(*call));
  std::vector<std::pair<std::uint64_t, Cloud const*>> all;
  for (auto const& [name, one] : *call->snapshot->pool.clouds) all.emplace_back(all.size() + 1, &one);
  TRY(auto page, page_of<api::Cloud>(
                     all, query.limit, query.cursor, [](auto const& one) { return one.first; },
                     [&](auto const& one) { return shown_cloud(*call->snapshot, *one.second, call->caller); }));
  answer(*call, page);
  return {};
}

Result<void> open_cloud(Api& api, CallPtr const& call) { return set_open(api, call, true); }
Result<void> close_cloud(Api& api, CallPtr const& call) { return set_open(api, call, false); }

}  // namespace nav::http
