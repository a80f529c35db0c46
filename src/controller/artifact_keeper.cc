// SPDX-License-Identifier: Apache-2.0
#include "controller/artifact_keeper.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <set>

#include "core/job_request.h"

namespace nav {

namespace {

constexpr Duration named_for = hours(1);

/// Gathers who needs what, each told once.
struct Gathering {
  ArtifactKeeper::Uses uses;

  void add(std::string const& digest, std::string const& user) {
    if (!is_digest(digest)) return;
    auto& users = uses[digest];
    if (users.size() < ArtifactKeeper::most_told && std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
  }

  void add(api::FlowDefinition const& definition, std::string const& user) {
    for (auto const& [name, component] : definition.components)
      for (auto const& [input, source] : component.inputs) add(source, user);
  }

  void add(Flows const& flows, FlowRun const& run) {
    add(flows.definition_of(run), to_text(run.id));
    for (auto const& [name, component] : run.components)
      for (auto const& trial : component.trials)
        for (auto const& [output, file] : trial.outputs) add(file.digest, fmt::format("{}: {}.{}", to_text(run.id), name, output));
  }
};

/// Many jobs share one request, which is read once.
Result<void> add_jobs(Gathering& gathering, Front const& front, Pool const& pool, ProjectId project) {
  std::map<Digest, JobId> requests;
  pool.jobs.each([&](Job const& job) {
    if (job.project == project) requests.emplace(job.body, job.id);
  });
  for (auto const& [digest, job] : requests) {
    TRY(auto const text, front.blob(digest));
    TRY(auto const request, json_read<JobRequest>(text, Unknown::Ignore));
    std::string const user = fmt::format("job {}", to_text(job));
    for (auto const& file : request.code) gathering.add(file.digest, user);
    for (auto const& [input, source] : request.inputs) gathering.add(source, user);
  }
  return {};
}

void add_flows(Gathering& gathering, Flows const& flows, ProjectId project) {
  for (auto const& [id, run] : flows.runs)
    if (run->project == project) gathering.add(flows, *run);
  for (auto const& [key, versions] : flows.flows)
    if (key.first == project && !versions.empty()) gathering.add(*versions.back().definition, "flow " + key.second);
  for (auto const& [id, schedule] : flows.schedules)
    if (FlowVersion const* version = schedule->project == project ? flows.version(project, schedule->flow, schedule->version) : nullptr)
      gathering.add(*version->definition, to_text(id));
}

}  // namespace

void ArtifactKeeper::name(ProjectId project, std::string const& digest) {
  std::lock_guard const lock(mutex_);
  named_[{project, digest}] = options_.clock();
}

Result<ArtifactKeeper::Uses> ArtifactKeeper::uses(ProjectId project) const {
  auto const snapshot = front_.snapshot();
  Gathering gathering;
  TRY_VOID(add_jobs(gathering, front_, snapshot->pool, project));
  add_flows(gathering, *snapshot->flows, project);
  return std::move(gathering.uses);
}

Result<void> ArtifactKeeper::remove(ProjectId project, std::string const& digest) {
  TRY(auto const needed, uses(project));
  auto const found = needed.find(digest);
  if (found != needed.end())
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("it is needed by {}", fmt::join(found->second, ", ")),
                            "a job needs its files until it is over, and what a run of a flow left stays as long as the run is kept", "digest"});
  return store_.remove(project, digest);
}

Result<void> ArtifactKeeper::sweep_project(ProjectId project, Swept& swept) {
  constexpr std::size_t page = 1'000;
  store_.drop_unfinished(project, options_.clock() - days(1));
  Time const until = options_.clock() - options_.keep_unused;
  std::vector<ArtifactStore::File> old;
  for (std::string after;;) {
    TRY(auto const files, store_.list(project, after, page));
    std::copy_if(files.begin(), files.end(), std::back_inserter(old), [&](auto const& file) { return file.stored < until; });
    if (files.size() < page) break;
    after = files.back().digest;
  }
  if (old.empty()) return {};
  // After the listing: whatever came to need one of these since then has named it.
  TRY(auto const needed, uses(project));
  for (auto const& file : old) {
    if (needed.contains(file.digest)) continue;
    std::lock_guard const lock(mutex_);
    if (named_.contains({project, file.digest})) continue;
    TRY_VOID(store_.remove(project, file.digest));
    ++swept.files;
    swept.bytes += file.size;
  }
  return {};
}

Result<ArtifactKeeper::Swept> ArtifactKeeper::sweep() {
  Swept swept;
  {
    std::lock_guard const lock(mutex_);
    Time const until = options_.clock() - named_for;
    std::erase_if(named_, [&](auto const& one) { return one.second < until; });
  }
  if (options_.keep_unused.us == 0) return swept;
  std::optional<Error> trouble;
  auto const snapshot = front_.snapshot();
  for (auto const& [id, project] : snapshot->access->projects)
    if (auto done = sweep_project(id, swept); !done) trouble = done.error();
  if (trouble) return Unexpected(*trouble);
  return swept;
}

}  // namespace nav
