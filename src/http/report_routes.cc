// SPDX-License-Identifier: Apache-2.0
#include "controller/report.h"
#include "http/handlers.h"
#include "http/metrics.h"

namespace nav::http {

Result<void> show_report(Api& api, CallPtr const& call) {
  TRY(Telemetry* const telemetry, telemetry_of(api));
  TRY(auto query, query_of<api::ReportQuery>(*call));
  Time const now = api.now(), to = query.until.value_or(now);
  Time const from = query.since.value_or(to > telemetry::last_time || to < telemetry::first_time ? to : to - days(7));
  TRY(auto question, reports::question_of(call->parameter(0), std::move(query.by), from, to));
  question.usage.projects = visible_projects(*call);
  on_searcher(api, call, [telemetry, question = std::move(question), now](Call& asked) -> Result<void> {
    TRY(auto const report, reports::report_of(*telemetry, question, now));
    answer(asked, report);
    return {};
  });
  return {};
}

}  // namespace nav::http
