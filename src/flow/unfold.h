// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "core/job_request.h"
#include "flow/flows.h"

/// What is due in a run now. The controller does it and asks again until nothing is: a pure function of the run, so a controller that died at any
/// instant finds the very steps that had not become facts.
namespace nav {

/// To be submitted in the name of the run's user; the job and its TrialQueued become facts together.
struct QueueTrial {
  std::string component;
  std::uint32_t trial = 0;
  std::map<std::string, std::string> parameters;
  JobRequest request;
  std::string content = {};  ///< all that its results depend on, where they may be handed on
  bool anew = false;         ///< not to this one: it runs whatever is known
};

using FlowStep = std::variant<QueueTrial, FlowEvent>;

/// Steps that do not depend on one another. At most `limit` trials at a time.
std::vector<FlowStep> next_steps(FlowRun const& run, api::FlowDefinition const& definition, std::size_t limit = 1000);

}  // namespace nav
