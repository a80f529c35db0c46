// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/page.h"
#include "api/report_schedules.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

class FakeReports final : public Reports {
 public:
  std::map<std::string, ReportProgress> known;
  api::ReportFile const file{.name = "2026-11-23T06-00-00Z.html", .until = Time{1}, .format = api::ReportFormat::Html, .bytes = 4, .made = Time{2}};
  ReportProgress progress(std::string const& schedule) const override { return known.contains(schedule) ? known.at(schedule) : ReportProgress{}; }
  Result<std::vector<api::ReportFile>> files(std::string const&) const override { return std::vector{file}; }
  Result<std::string> read(std::string const& schedule, std::string const& name) const override {
    if (name != file.name) return fail(ErrorKind::NotFound, "{} has no report \"{}\"", schedule, name);
    return "<h1>";
  }
  Result<std::vector<api::ReportFile>> make_now(ReportSchedule const&) override { return std::vector{file}; }
};

struct Desk {
  FakeReports reports;
  Site site;
  Desk()
      : site([this] {
          ApiOptions options;
          options.reports = &reports;
          return options;
        }()) {}
};

char const* const teams = R"({"name":"teams","report":"usage","by":["team"],"cron":"0 6 * * mon","formats":["json","csv"],"keep":4})";

TEST(ReportSchedules, AreMadeListedChangedPausedRunAndDeletedByAdmins) {
  Desk desk;
  Answer const made = desk.site.call("POST /v1/report-schedules", "root", teams, {{"Idempotency-Key", "k"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.headers.at("Location"), "/v1/report-schedules/teams");
  auto const schedule = read<api::ReportSchedule>(made);
  EXPECT_EQ(schedule.formats, (std::vector{api::ReportFormat::Csv, api::ReportFormat::Json}));
  EXPECT_EQ(schedule.time_zone, "UTC");
  ASSERT_TRUE(schedule.next);
  EXPECT_GT(*schedule.next, desk.site.now);
  EXPECT_EQ(desk.site.call("POST /v1/report-schedules", "root", teams, {{"Idempotency-Key", "k"}}).body, made.body) << "who asks again gets the same";
  EXPECT_EQ(desk.site.call("POST /v1/report-schedules", "root", teams).status, 409);

  desk.reports.known["teams"] = {.last = Time{7}, .failing_since = Time{8}, .problem = "there is no room left for reports"};
  Answer const list = desk.site.call("GET /v1/report-schedules", "root");
  for (char const* part : {R"("last":7)", R"("failing_since":8)", R"("problem":"there is no room left for reports")"})
    EXPECT_TRUE(says(list, part)) << part << " is not in " << list.body;

  Answer const shown = desk.site.call("GET /v1/report-schedules/teams", "root");
  auto const details = read<api::ReportScheduleDetails>(shown);
  EXPECT_EQ(details.next.size(), 5u);
  ASSERT_EQ(details.files.size(), 1u);
  EXPECT_EQ(details.files.front().name, "2026-11-23T06-00-00Z.html");

  std::string const etag = shown.headers.at("ETag");
  Answer const changed = desk.site.call("PATCH /v1/report-schedules/teams", "root", R"({"keep":9})", {{"If-Match", etag}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(read<api::ReportSchedule>(changed).keep, 9u);
  EXPECT_EQ(read<api::ReportSchedule>(changed).cron, "0 6 * * mon");
  EXPECT_EQ(desk.site.call("PATCH /v1/report-schedules/teams", "root", R"({"keep":8})", {{"If-Match", etag}}).status, 412);

  auto const paused = read<api::ReportSchedule>(desk.site.call("POST /v1/report-schedules/teams/pause", "root"));
  EXPECT_TRUE(paused.paused && !paused.next);
  EXPECT_FALSE(read<api::ReportSchedule>(desk.site.call("POST /v1/report-schedules/teams/resume", "root")).paused);
  EXPECT_EQ(read<api::MadeReport>(desk.site.call("POST /v1/report-schedules/teams/run", "root")).files.size(), 1u);

  EXPECT_EQ(desk.site.call("DELETE /v1/report-schedules/teams", "root").status, 200);
  EXPECT_EQ(desk.site.call("DELETE /v1/report-schedules/teams", "root").status, 404);
  EXPECT_EQ(desk.site.call("GET /v1/report-schedules", "root").body, R"({"items":[]})");
}

TEST(ReportSchedules, AFileIsFetchedByItsNameAndOpensInNoBrowser) {
  Desk desk;
  ASSERT_EQ(desk.site.call("POST /v1/report-schedules", "root", teams).status, 201);
  Answer const file = desk.site.call("GET /v1/report-schedules/teams/files/2026-11-23T06-00-00Z.html", "root");
  ASSERT_EQ(file.status, 200) << file.body;
  EXPECT_EQ(file.body, "<h1>");
  EXPECT_EQ(file.headers.at("Content-Disposition"), "attachment");
  EXPECT_EQ(desk.site.call("GET /v1/report-schedules/teams/files/2026-11-23T07-00-00Z.html", "root").status, 404);
  EXPECT_EQ(desk.site.call("GET /v1/report-schedules/other/files/2026-11-23T06-00-00Z.html", "root").status, 404);
}

TEST(ReportSchedules, AreNobodysButAdmins) {
  Desk desk;
  ASSERT_EQ(desk.site.call("POST /v1/report-schedules", "root", teams).status, 201);
  for (char const* user : {"oper", "ada", "vera"})
    for (char const* what : {"GET /v1/report-schedules", "POST /v1/report-schedules", "GET /v1/report-schedules/teams", "PATCH /v1/report-schedules/teams",
                             "POST /v1/report-schedules/teams/pause", "POST /v1/report-schedules/teams/resume", "POST /v1/report-schedules/teams/run",
                             "DELETE /v1/report-schedules/teams", "GET /v1/report-schedules/teams/files/2026-11-23T06-00-00Z.html"})
      EXPECT_EQ(desk.site.call(what, user).status, 403) << user << " " << what;
}

TEST(ReportSchedules, WrongOnesAreRefusedByTheFieldWithWhatWouldBeRight) {
  Desk desk;
  auto const with = [](std::string const& more) { return R"({"name":"a","report":"usage","cron":"@daily")" + more + "}"; };
  for (auto const& [body, field] : {std::pair<std::string, char const*>{R"({"name":"a","report":"usage"})", "cron"},
                                    {R"({"name":"a/b","report":"usage","cron":"@daily"})", "name"},
                                    {R"({"name":"..","report":"usage","cron":"@daily"})", "name"},
                                    {R"({"name":"a","report":"use","cron":"@daily"})", "report"},
                                    {R"({"name":"a","report":"usage","cron":"0 25 * * *"})", "cron"},
                                    {R"({"name":"a","report":"idle","by":["team"],"cron":"@daily"})", "by"},
                                    {with(R"(,"by":["colour"])"), "by"},
                                    {with(R"(,"time_zone":"Mars/Olympus")"), "time_zone"},
                                    {with(R"(,"keep":0)"), "keep"},
                                    {with(R"(,"span":1000)"), "span"},
                                    {with(R"(,"span":-1)"), "span"},
                                    {with(R"(,"formats":[])"), "formats"},
                                    {with(R"(,"formats":["csv","parquet"])"), "formats[1]"},
                                    {with(R"(,"formats":["pdf"])"), "formats[0]"}}) {
    Answer const refused = desk.site.call("POST /v1/report-schedules", "root", body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_TRUE(says(refused, fmt::format("\"field\":\"{}\"", field))) << body << ": " << refused.body;
    EXPECT_TRUE(says(refused, "\"hint\":\"") || std::string(field) == "cron") << refused.body;
  }
  EXPECT_EQ(desk.site.call("GET /v1/report-schedules", "root").body, R"({"items":[]})");
  ASSERT_EQ(desk.site.call("POST /v1/report-schedules", "root", teams).status, 201);
  EXPECT_EQ(desk.site.call("PATCH /v1/report-schedules/teams", "root", R"({"keep":2})").status, 400) << "a change says what it changes";
  Answer const refused = desk.site.call("PATCH /v1/report-schedules/teams", "root", R"({"formats":["parquet"]})", {{"If-Match", "*"}});
  EXPECT_TRUE(says(refused, "nav report --parquet")) << refused.body;
  EXPECT_EQ(desk.site.call("PATCH /v1/report-schedules/teams", "root", R"({"keep":1001})", {{"If-Match", "\"old\""}}).status, 400) << "whatever it is of";
}

}  // namespace
}  // namespace nav::http::fixture
