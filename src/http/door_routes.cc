// SPDX-License-Identifier: Apache-2.0
#include "api/door.h"
#include "http/door.h"
#include "http/handlers.h"

namespace nav::http {
namespace {

constexpr std::string_view tunnel_protocol = "nav-tunnel";

}  // namespace

Result<void> open_door(Api& api, CallPtr const& call) {
  auto const id = parse_id<JobTag>(call->parameter(0));
  if (!id) return Unexpected(Error{ErrorKind::NotFound, id.error().message, "jobs are numbered from 1", {}});
  if (api.options.door == nullptr) return fail(ErrorKind::NotFound, "this controller has no door: ports of jobs are not reached through it");
  Snapshot const& snapshot = *call->snapshot;
  Job const* job = snapshot.pool.job(*id);
  if (job != nullptr ? !call->caller.sees(job->project) : id->value >= snapshot.pool.next_job)
    return fail(ErrorKind::NotFound, "there is no job {}", to_text(*id));
  if (job == nullptr) {
    on_searcher(api, call, [&api, id = *id](Call& asked) -> Result<void> {
      api.views.wait_for(asked.snapshot->sequence(), api.options.patience);
      auto const row = api.views.job(id);
      Project const* project = row ? asked.snapshot->access->project_named(row->project) : nullptr;
      bool const seen = asked.caller.sees_all() ? row.has_value() : project != nullptr && asked.caller.sees(project->id);
      if (!seen) return fail(ErrorKind::NotFound, "there is no job {}", to_text(id));
      return fail(ErrorKind::Conflict, "job {} is over ({}): nothing listens on its port any more", to_text(id), row->state);
    });
    return {};
  }
  TRY(auto link, api.options.door->make_link(snapshot, call->caller, *id));
  answer_json(*call, json_write(api::DoorLink{.job = *id, .url = std::move(link.url), .expires = link.expires}), {{"Cache-Control", "no-store"}});
  return {};
}

/// The agent's connection becomes a way for visitors to its node: to that of its certificate and to no other.
Result<void> open_tunnel(Api& api, CallPtr const& call) {
  std::string const* upgrade = call->request.header("Upgrade");
  if (upgrade == nullptr || *upgrade != tunnel_protocol)
    return fail_field("Upgrade", std::string(tunnel_protocol), "a tunnel is a connection that becomes one");
  if (api.options.door == nullptr) return fail(ErrorKind::Unavailable, "this controller has no door");
  Node const* node = call->snapshot->pool.node(call->caller.node);
  if (node == nullptr || node->state == NodeState::Lost) return fail(ErrorKind::Conflict, "{} was declared lost", to_text(call->caller.node));
  auto pipe = std::make_shared<Pipe>();
  if (!api.options.door->tunnels().offer(call->caller.node, pipe))
    return Unexpected(
        Error{ErrorKind::TooMany, fmt::format("{} tunnels of this node wait already", Tunnels::most_spare), "bring another when one is used", {}});
  call->reply.upgrade({.status = 101, .body = {}, .content_type = {}, .headers = {{"Upgrade", std::string(tunnel_protocol)}}}, std::move(pipe));
  return {};
}

}  // namespace nav::http
