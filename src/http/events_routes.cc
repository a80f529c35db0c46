// SPDX-License-Identifier: Apache-2.0
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {

Result<void> follow_events(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::EventsQuery>(*call));
  std::uint64_t after = query.after.value_or(call->snapshot->sequence());
  if (std::string const* last = call->request.header("Last-Event-ID"); last != nullptr && !last->empty())
    if (!read_number(*last, after)) return fail_field("Last-Event-ID", "the id of the last event seen, a number", "this is no event's id");
  if (call->request.method == "HEAD") {  // whose answer must have an end
    call->reply.send(Response{.status = 200, .body = {}, .content_type = std::string(call->route->answer_type)});
    return {};
  }
  if (!query.job) {
    api.events.follow(std::move(call->request), call->caller, std::move(call->reply), after, std::move(query));
    return {};
  }
  on_searcher(api, call, [&api, after, query = std::move(query)](Call& asked) -> Result<void> {
    // A job nobody may see is as if it were not there.
    Job const* job = asked.snapshot->pool.job(*query.job);
    bool visible = job != nullptr && asked.caller.sees(job->project);
    if (job == nullptr) {
      api.views.wait_for(asked.snapshot->sequence(), api.options.patience);
      if (auto const row = api.views.job(*query.job)) {
        Project const* project = asked.snapshot->access->project_named(row->project);
        visible = asked.caller.sees_all() || (project != nullptr && asked.caller.sees(project->id));
      }
    }
    if (!visible) return fail(ErrorKind::NotFound, "there is no job {}", to_text(*query.job));
    api.events.follow(std::move(asked.request), asked.caller, std::move(asked.reply), after, query);
    return {};
  });
  return {};
}

Result<void> list_audit(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::PageQuery>(*call));
  TRY(std::size_t const limit, checked_limit(query.limit));
  TRY(auto const below, cursor_of(query.cursor, 'b'));
  on_searcher(api, call, [&api, limit, below](Call& asked) -> Result<void> {
    api.views.wait_for(asked.snapshot->sequence(), api.options.patience);
    TRY(auto rows, api.views.events({.job = {}, .audit = true, .below = below, .limit = limit + 1}));
    api::Page<api::Event> page;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i == limit) {
        page.next = fmt::format("b{}", rows[i - 1].sequence);
        break;
      }
      if (auto event = shown_event(rows[i].sequence, rows[i].at, rows[i].by, rows[i].body)) page.items.push_back(std::move(*event));
    }
    answer(asked, page);
    return {};
  });
  return {};
}

}  // namespace nav::http
