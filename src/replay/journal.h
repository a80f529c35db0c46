// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "core/access.h"
#include "replay/menu.h"

/// What an installation did, as a trace: from the events of its journal.
namespace nav::replay {

class JournalTrace {
 public:
  void add(PoolEvent const& event, Stamp const& stamp);
  /// Gives projects and users their names.
  void add(AccessEvent const& event);

  /// InvalidArgument where no job has run to an end. What a job asked for is the first rung of its list, as a share of the board its template was seeded
  /// from; it ran as long as its last attempt; jobs that did not run to an end are left out.
  Result<Trace> trace() const;
  /// The nodes that are there at the end, alike ones together.
  PoolPlan pool() const;

 private:
  struct Asked {
    JobsQueued what;
    Time at;
  };
  struct Ran {
    Duration last;
    bool over = false;
  };
  bool read_template(Asked const& asked, TraceJob& job) const;

  std::map<JobId, Asked> asked_;  ///< by the first of those queued together
  std::map<JobId, Ran> ran_;
  std::map<NodeId, Inventory> nodes_;
  std::map<std::string, Template> templates_;
  std::map<std::string, std::uint32_t> share_of_profile_;  ///< thousandths of its board
  std::map<ProjectId, std::string> projects_;
  std::map<UserId, std::string> users_;
};

}  // namespace nav::replay
