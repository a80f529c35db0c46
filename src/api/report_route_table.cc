// SPDX-License-Identifier: Apache-2.0
#include "api/report_route_table.h"

#include "api/page.h"
#include "api/report_schedules.h"
#include "api/schema.h"

namespace nav::api {
namespace {

constexpr Route report_table[] = {
    {.operation = Operation::ListReportSchedules,
     .method = "GET",
     .path = "/v1/report-schedules",
     .noun = "reports",
     .summary = "List schedules of reports, and how they go",
     .permission = Permission::Admin,
     .query = type_of<PageQuery>(),
     .answer = type_of<Page<ReportSchedule>>()},
    {.operation = Operation::MakeReportSchedule,
     .method = "POST",
     .path = "/v1/report-schedules",
     .noun = "reports",
     .summary = "Make a report again and again",
     .text =
         "Into a folder of the controller's machine, from where it can be fetched. A file is named by the time it was due and is there whole or not at all; "
         "each is made once, also when the controller is killed. What was missed while it was down is made when it is back.",
     .permission = Permission::Admin,
     .request = type_of<api::MakeReportSchedule>(),
     .status = 201,
     .answer = type_of<ReportSchedule>()},
    {.operation = Operation::GetReportSchedule,
     .method = "GET",
     .path = "/v1/report-schedules/{report_schedule}",
     .noun = "reports",
     .summary = "One schedule of reports: its next times, and the files that are there",
     .permission = Permission::Admin,
     .answer = type_of<ReportScheduleDetails>()},
    {.operation = Operation::ChangeReportSchedule,
     .method = "PATCH",
     .path = "/v1/report-schedules/{report_schedule}",
     .noun = "reports",
     .summary = "Change which report a schedule makes, and when",
     .text = "What is absent stays. Files that are there stay too. Times that came before are made no more, unless `keep` alone is changed.",
     .permission = Permission::Admin,
     .request = type_of<api::ChangeReportSchedule>(),
     .answer = type_of<ReportSchedule>(),
     .match = Match::IfMatch},
    {.operation = Operation::PauseReportSchedule,
     .method = "POST",
     .path = "/v1/report-schedules/{report_schedule}/pause",
     .noun = "reports",
     .summary = "Let a schedule of reports make nothing for now",
     .permission = Permission::Admin,
     .answer = type_of<ReportSchedule>()},
    {.operation = Operation::ResumeReportSchedule,
     .method = "POST",
     .path = "/v1/report-schedules/{report_schedule}/resume",
     .noun = "reports",
     .summary = "Let a paused schedule of reports go on",
     .text = "With the next time that comes. What came while it was paused is not made up for.",
     .permission = Permission::Admin,
     .answer = type_of<ReportSchedule>()},
    {.operation = Operation::RemoveReportSchedule,
     .method = "DELETE",
     .path = "/v1/report-schedules/{report_schedule}",
     .noun = "reports",
     .summary = "Delete a schedule of reports",
     .text = "Its files stay in their folder. A schedule that is made under its name later goes on there.",
     .permission = Permission::Admin,
     .answer = type_of<Nothing>()},
    {.operation = Operation::RunReportSchedule,
     .method = "POST",
     .path = "/v1/report-schedules/{report_schedule}/run",
     .noun = "reports",
     .summary = "Make a report now",
     .text = "It ends with the last whole minute of which all is counted, and begins where a scheduled one would. Its files lie beside the others.",
     .permission = Permission::Admin,
     .answer = type_of<MadeReport>()},
    {.operation = Operation::FetchReport,
     .method = "GET",
     .path = "/v1/report-schedules/{report_schedule}/files/{report_file}",
     .noun = "reports",
     .summary = "Fetch a report that was made",
     .text = "As it lies in the folder, whatever its format: CSV, HTML or JSON.",
     .permission = Permission::Admin,
     .answer_type = "application/octet-stream"},
};

}  // namespace

std::span<Route const> report_routes() { return report_table; }

}  // namespace nav::api
