// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "controller/artifacts.h"
#include "controller/front.h"

namespace nav {

/// Who needs which artifacts, and the end of those that nobody does. Any thread.
///
/// Needed is what a job that is not over starts with, what a kept run of a flow was given or left behind, and what the newest version of a
/// flow, or one that a schedule names, is given. A submission names its files before it looks whether they are there; what was named within
/// the hour is not swept, so what was seen to be there still is when its job has come into the pool.
class ArtifactKeeper {
 public:
  struct Options {
    std::function<Time()> clock;
    Duration keep_unused = days(30);  ///< counted from when a file was stored; zero: for ever
  };
  /// `front` and `store` are lent.
  ArtifactKeeper(Front const& front, ArtifactStore& store, Options options) : front_(front), store_(store), options_(std::move(options)) {}

  /// It is about to be used.
  void name(ProjectId project, std::string const& digest);

  /// In words, by digest, at most `most_told` each: "job 42", "run-7: train.model".
  using Uses = std::map<std::string, std::vector<std::string>>;
  static constexpr std::size_t most_told = 5;
  Result<Uses> uses(ProjectId project) const;

  /// By a person's wish. Conflict, with who needs it; NotFound.
  Result<void> remove(ProjectId project, std::string const& digest);

  struct Swept {
    std::size_t files = 0;
    std::uint64_t bytes = 0;
  };
  /// Removes what nobody needs and was stored long enough ago, of all projects. A project whose needs cannot be read is left as it is.
  Result<Swept> sweep();

 private:
  Result<void> sweep_project(ProjectId project, Swept& swept);

  Front const& front_;
  ArtifactStore& store_;
  Options const options_;
  mutable std::mutex mutex_;
  std::map<std::pair<ProjectId, std::string>, Time> named_;
};

}  // namespace nav
