// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "flow/flow_command.h"

/// The part of deciding on flows that is about schedules.
namespace nav {

Result<std::vector<FlowEvent>> decide_schedule(Flows const& flows, MakeSchedule const& command, Asked const& asked);
Result<std::vector<FlowEvent>> decide_schedule(Flows const& flows, ChangeSchedule const& command, Asked const& asked);
Result<std::vector<FlowEvent>> decide_schedule(Flows const& flows, PauseSchedule const& command, Asked const& asked);
Result<std::vector<FlowEvent>> decide_schedule(Flows const& flows, ResumeSchedule const& command, Asked const& asked);
Result<std::vector<FlowEvent>> decide_schedule(Flows const& flows, RemoveSchedule const& command, Asked const& asked);
Result<std::vector<FlowEvent>> decide_schedule(Flows const& flows, StartScheduled const& command, Asked const& asked);

}  // namespace nav
