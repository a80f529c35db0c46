// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controller/controller.h"
#include "controller/views.h"

namespace nav::bench {

/// Views that are not there: what is measured then is the journal and the controller alone.
class NoViews final : public Views {
 public:
  void follow(std::vector<Frame> const&) override {}
  bool wait_for(std::uint64_t, Duration) const override { return true; }
  Result<std::vector<JobRow>> jobs(JobFilter const&) const override { return std::vector<JobRow>{}; }
  Result<JobRow> job(JobId) const override { return fail(ErrorKind::NotFound, "there are no views"); }
  Result<std::vector<AttemptRow>> attempts(JobId) const override { return std::vector<AttemptRow>{}; }
  Result<std::vector<EventRow>> events(EventFilter const&) const override { return std::vector<EventRow>{}; }
  Result<std::map<std::string, std::uint64_t>> counts() const override { return std::map<std::string, std::uint64_t>{}; }
};

/// A submission as the API hands it to the controller. Requests of different `number` differ, and so do their blobs.
Ask submission(std::uint64_t number, std::uint32_t count = 1);

/// What must be there before jobs can wait: one node with templates, which takes no jobs. In this order.
std::vector<Ask> node_that_takes_no_jobs();

}  // namespace nav::bench
