// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "api/metrics.h"
#include "controller/telemetry.h"

/// Reports: tables of what was held, waited for and left over, with their picture. Each column is a function of the sums.
namespace nav::reports {

struct Kind;  ///< which report: its columns, its picture, what it can be grouped by

struct Question {
  Kind const* kind;
  std::vector<std::string> by;
  telemetry::UsageQuestion usage;  ///< narrow `projects` to what may be seen
};

/// What is to be asked for this report. NotFound for a report there is not; refuses (fields "by", "since" and "until") what it cannot be of.
/// Nothing in `by`: what suits it.
Result<Question> question_of(std::string const& report, std::vector<std::string> by, Time from, Time to);

/// The same as it is known `now`. Blocks while it looks.
Result<api::Report> report_of(Telemetry& telemetry, Question const& question, Time now);

}  // namespace nav::reports
