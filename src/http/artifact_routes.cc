// SPDX-License-Identifier: Apache-2.0
#include "api/flows.h"
#include "base/log.h"
#include "base/text.h"
#include "flow/condition.h"
#include "http/handlers.h"
#include "http/own_attempt.h"
#include "http/submission.h"

namespace nav::http {
namespace {

Result<ArtifactStore*> store_of(Api const& api) {
  if (api.options.artifacts != nullptr) return api.options.artifacts;
  return fail(ErrorKind::NotFound, "this controller keeps no artifacts");
}

Result<std::string> digest_parameter(Call const& call, std::size_t index) {
  std::string const& text = call.parameter(index);
  if (is_digest(text)) return text;
  return fail_field("digest", "sha256: and 64 hexadecimal digits, as sha256sum prints them", "\"{}\" is no digest", shortened(text, 80));
}

Result<void> store_bytes(Api const& api, Call& call, ProjectId project, std::string const& digest, std::uint64_t offset, std::uint64_t size) {
  TRY(ArtifactStore * store, store_of(api));
  api.keeper->name(project, digest);
  TRY(auto const stored, store->put(project, digest, offset, size, call.request.body));
  answer(call, api::StoredArtifact{.digest = digest, .stored = stored.stored, .complete = stored.complete});
  return {};
}

Result<void> send_bytes(Api const& api, Call& call, ProjectId project, std::string const& digest, std::uint64_t offset, std::size_t limit) {
  TRY(ArtifactStore * store, store_of(api));
  TRY(auto part, store->get(project, digest, offset, limit));
  std::uint64_t const next = std::min(offset, part.size) + part.bytes.size();
  call.reply.send(Response{
      .status = 200,
      .body = std::move(part.bytes),
      .content_type = std::string(call.route->answer_type),
      .headers = {{"Nav-Artifact-Next", fmt::format("{}", next)}, {"Nav-Artifact-Size", fmt::format("{}", part.size)}, {"X-Content-Type-Options", "nosniff"}}});
  return {};
}

/// Whose work an attempt of the calling node is.
Result<ProjectId> project_of_own(Api const& api, Call const& call, AttemptId attempt) {
  TRY_VOID(check_own_attempt(api, call, attempt));
  if (Job const* job = call.snapshot->pool.job(attempt.job)) return job->project;
  TRY(auto row, api.views.job(attempt.job));
  Project const* project = call.snapshot->access->project_named(row.project);
  if (project == nullptr) return fail(ErrorKind::NotFound, "the project of attempt {} is gone", to_text(attempt));
  return project->id;
}

}  // namespace

bool is_stored(Api const& api, ProjectId project, std::string const& digest) {
  if (api.options.artifacts == nullptr) return false;
  api.keeper->name(project, digest);  // first, so that it is not swept between the look and the job
  return api.options.artifacts->get(project, digest, 0, 0).has_value();
}

void sweep_artifacts(Api& api) {
  auto const swept = api.keeper->sweep();
  if (!swept) log_line("artifacts", "what nobody needs could not be removed: {}", to_text(swept.error()));
  else if (swept->files > 0) log_line("artifacts", "removed files that nobody needs: {}, {} bytes", swept->files, swept->bytes);
}

Result<void> list_artifacts(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::ArtifactsQuery>(*call));
  TRY(std::size_t const limit, checked_limit(query.limit));
  if (query.cursor && !is_digest(*query.cursor)) return fail_field("cursor", "give `next` of the page before, unchanged", "this is no cursor of this list");
  TRY(Project const* project, project_for(*call, query.project.value_or("")));
  on_worker(api, call, [&api, query, limit, id = project->id](Call& asked) -> Result<void> {
    TRY(ArtifactStore * store, store_of(api));
    TRY(auto files, store->list(id, query.cursor.value_or(""), limit + 1));
    TRY(auto uses, api.keeper->uses(id));
    api::Page<api::Artifact> page;
    for (auto const& file : files) {
      if (page.items.size() == limit) {
        page.next = page.items.back().digest;
        break;
      }
      page.items.push_back({file.digest, file.size, file.stored, uses[file.digest]});
    }
    answer(asked, page);
    return {};
  });
  return {};
}

Result<void> put_artifact(Api& api, CallPtr const& call) {
  TRY(auto digest, digest_parameter(*call, 0));
  TRY(auto query, query_of<api::PutArtifactQuery>(*call));
  TRY(Project const* project, project_for(*call, query.project.value_or("")));
  on_worker(api, call, [&api, digest, query, id = project->id](Call& asked) { return store_bytes(api, asked, id, digest, query.offset, query.size); });
  return {};
}

Result<void> get_artifact(Api& api, CallPtr const& call) {
  TRY(auto digest, digest_parameter(*call, 0));
  TRY(auto query, query_of<api::GetArtifactQuery>(*call));
  if (query.limit < 1 || query.limit > ArtifactStore::most_at_once) return fail_field("limit", "1 to 4194304", "limit is {}", query.limit);
  TRY(Project const* project, project_for(*call, query.project.value_or("")));
  on_worker(api, call, [&api, digest, query, id = project->id](Call& asked) { return send_bytes(api, asked, id, digest, query.offset, query.limit); });
  return {};
}

Result<void> delete_artifact(Api& api, CallPtr const& call) {
  TRY(auto digest, digest_parameter(*call, 0));
  TRY(auto query, query_of<api::ArtifactQuery>(*call));
  TRY(Project const* project, project_for(*call, query.project.value_or("")));
  on_worker(api, call, [&api, digest, id = project->id, name = project->name](Call& asked) -> Result<void> {
    TRY_VOID(store_of(api));
    TRY_VOID(api.keeper->remove(id, digest));
    log_line("artifacts", "{} of {} was deleted by {}", digest, name, asked.snapshot->access->users.at(asked.caller.user).name);
    answer(asked, api::Nothing{});
    return {};
  });
  return {};
}

Result<void> fetch_input(Api& api, CallPtr const& call) {
  TRY(AttemptId const attempt, attempt_parameter(*call));
  TRY(auto digest, digest_parameter(*call, 1));
  TRY(auto query, query_of<api::AttemptArtifactQuery>(*call));
  on_worker(api, call, [&api, attempt, digest, query](Call& asked) -> Result<void> {
    TRY(ProjectId const project, project_of_own(api, asked, attempt));
    return send_bytes(api, asked, project, digest, query.offset, ArtifactStore::most_at_once);
  });
  return {};
}

Result<void> bring_output(Api& api, CallPtr const& call) {
  TRY(AttemptId const attempt, attempt_parameter(*call));
  TRY(auto digest, digest_parameter(*call, 1));
  TRY(auto query, query_of<api::AttemptArtifactQuery>(*call));
  on_worker(api, call, [&api, attempt, digest, query](Call& asked) -> Result<void> {
    TRY(ProjectId const project, project_of_own(api, asked, attempt));
    return store_bytes(api, asked, project, digest, query.offset, query.size);
  });
  return {};
}

Result<void> deliver_outputs(Api& api, CallPtr const& call) {
  TRY(AttemptId const attempt, attempt_parameter(*call));
  TRY(auto brought, body_of<api::DeliverOutputs>(*call));
  DeliverOutputs delivery{.attempt = attempt, .outputs = {}, .metrics = std::move(brought.metrics), .problem = shortened(brought.problem, 1000)};
  for (auto const& file : brought.outputs) delivery.outputs[file.name] = {file.digest, file.size};
  on_worker(api, call, [&api, call, attempt, delivery = std::move(delivery)](Call& asked) -> Result<void> {
    TRY_VOID(check_own_attempt(api, asked, attempt));
    return ask(api, call, Wish{.command = FlowCommand{delivery}}, [](Call& told, Accepted) { answer(told, api::Nothing{}); });
  });
  return {};
}

}  // namespace nav::http
