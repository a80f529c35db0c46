// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/service_list.h"
#include "base/text.h"
#include "http/door.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {

/// From the pool, for only those that are not over can be used; their names are in the tables.
Result<void> list_services(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::ServicesQuery>(*call));
  std::vector<JobId> all;
  for (auto const& entry : *call->snapshot->pool.services)
    if (call->caller.sees(call->snapshot->pool.jobs.at(entry.first.value).project)) all.push_back(entry.first);
  auto const show = [call, &api](JobId id) {
    Snapshot const& snapshot = *call->snapshot;
    ServiceStatus const& service = snapshot.pool.services->at(id);
    return api::ListedService{.job = {},
                              .kind = same_word<api::ServiceKind>(service.kind),
                              .state = shown(service),
                              .idle_after = service.idle_after,
                              .path = fmt::format("/jobs/{}/", to_text(id)),
                              .url = api.options.door ? std::optional(fmt::format("{}/jobs/{}/", api.options.door->address(), to_text(id))) : std::nullopt};
  };
  TRY(auto page, page_of<api::ListedService>(
                     all, query.limit, query.cursor, [](JobId id) { return id.value; },
                     [&](JobId id) {
                       auto one = show(id);
                       one.job.id = id;
                       return one;
                     }));
  on_worker(api, call, [&api, page = std::move(page)](Call& asked) mutable -> Result<void> {
    Snapshot const& snapshot = *asked.snapshot;
    for (auto& one : page.items) {
      Job const& job = snapshot.pool.jobs.at(one.job.id.value);
      TRY(auto const blob, api.front.blob(job.body));
      one.job = shown(snapshot, job, blob);
    }
    answer(asked, page);
    return {};
  });
  return {};
}

}  // namespace nav::http
