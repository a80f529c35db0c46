// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "api/flow_schedules.h"
#include "cli/table.h"

/// How flows and their runs are said to people.
namespace nav::cli {

/// One component a line, each after all it needs: "train   18 on mig-1g.5gb   after prepare".
std::string graph_text(api::FlowGraph const& graph);
Table flows_table(std::vector<api::Flow> const& flows, Time now);
Table runs_table(std::vector<api::FlowRun> const& runs, Time now);
/// "train: running, 5 of 18 trials over"
std::string component_line(api::FlowRunComponent const& component);
Table schedules_table(std::vector<api::FlowSchedule> const& schedules);
/// When it comes next, and what became of its last times.
std::string schedule_text(api::FlowScheduleDetails const& details, Terminal const& terminal);
std::string run_text(api::FlowRunDetails const& details, Terminal const& terminal, Time now);

}  // namespace nav::cli
