// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "base/sealed.h"
#include "core/command.h"
#include "flow/flows.h"

/// What somebody wants to happen to flows, and what comes of it.
namespace nav {

/// Runs a flow. A definition that differs from the newest version of its name becomes the next one.
struct StartFlow {
  ProjectId project;
  std::string project_name;
  std::optional<api::FlowDefinition> definition;
  std::string flow;           ///< instead of a definition: of this name ...
  std::uint32_t version = 0;  ///< ... and version; zero: the newest
  std::map<std::string, std::string> parameters;
  std::uint32_t trials_allowed = api::trials_unasked;
};

/// Runs it again from these components on (none: what did not succeed), with the results of all others taken over.
struct RerunFlow {
  FlowRunId run;
  std::vector<std::string> from;
};

struct CancelFlow {
  FlowRunId run;
};

/// What a trial's attempt left behind, told by its node. A second telling changes nothing.
struct DeliverOutputs {
  AttemptId attempt;
  std::map<std::string, OutputFile> outputs;
  std::map<std::string, double> metrics;
  std::string problem;
};

/// Ends a trial that does worse than the others; which, is for who has the points it logged (flow/early_stopping.h).
struct StopTrial {
  AttemptId attempt;
  std::string why;
  std::map<std::string, double> metrics;  ///< by which it was compared
};

struct FlowCommand : std::variant<StartFlow, RerunFlow, CancelFlow, DeliverOutputs, StopTrial> {
  NAV_SEALED(FlowCommand)
};

Result<std::vector<FlowEvent>> decide(Flows const& flows, FlowCommand const& command, Asked const& asked);

}  // namespace nav
