// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "api/clouds.h"
#include "api/jobs.h"
#include "api/page.h"
#include "api/trial.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

TEST(Submitting, IsDurableAndSaysWhere) {
  Site site;
  Answer const answer = site.call("POST /v1/jobs", "ada", R"({"project":"vision","on":["mig-1g.5gb","cpu"],"command":["/usr/bin/python3","-V"],"count":3})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"first":1,"count":3})");
  EXPECT_EQ(answer.headers.at("Location"), "/v1/jobs/1");
  auto const details = read<api::JobDetails>(site.call("GET /v1/jobs/2", "ada"));
  EXPECT_EQ(details.job.name, "python3");
  EXPECT_EQ(details.job.user, "ada");
  EXPECT_EQ(details.request.command, (std::vector<std::string>{"/usr/bin/python3", "-V"}));
  EXPECT_EQ(details.history.at(0).kind, "JobsQueued");
}

TEST(Submitting, NamesTheFieldThatIsWrong) {
  Site site;
  struct Case {
    std::string body, field, part;
  };
  for (auto const& [body, field, part] : {
           Case{R"({"on":["cpu"]})", "command", "no command is given"},
           Case{R"({"on":["cpu"],"command":["x"],"mem":1})", "mem", "memory_mib"},
           Case{R"({"on":["cpuu"],"command":["x"]})", "on[0]", "did you mean cpu?"},
           Case{R"({"on":["mig-9g.5gb"],"command":["x"]})", "on[0]", "mig-1g.5gb"},
           Case{R"({"on":[],"command":["x"]})", "on", "at least one"},
           Case{R"({"on":"cpu","command":["x"]})", "on", "a list"},
           Case{R"({"on":["cpu"],"command":[]})", "command", "program"},
           Case{R"({"on":["cpu"],"command":["x",7]})", "command[1]", "a text"},
           Case{R"({"on":["cpu"],"command":["x\u0000y"]})", "command[0]", "NUL"},
           Case{R"({"on":["cpu"],"command":["x"],"env":{"A=B":"c"}})", "env", "="},
           Case{R"({"on":["cpu"],"command":["x"],"env":{"A":1}})", "env.A", "a text"},
           Case{R"({"on":["cpu"],"command":["x"],"workdir":"data"})", "workdir", "absolute"},
           Case{R"({"on":["cpu"],"command":["x"],"count":0})", "count", "1 to 100000"},
           Case{R"({"on":["cpu"],"command":["x"],"count":-1})", "count", "whole number"},
           Case{R"({"on":["cpu"],"command":["x"],"time_limit":-5})", "time_limit", "negative"},
           Case{R"({"on":["cpu"],"command":["x"],"members":-1})", "members", "whole number"},
           Case{R"({"on":["cpu"],"command":["x"],"members":1025})", "members", "1 to 1024"},
           Case{R"({"on":["mig-7g.40gb"],"command":["x"],"members":3})", "members", "2 times, on 1 node"},
           Case{R"({"on":["cpu"],"command":["x"],"members":1000,"count":101})", "count", "100 at most"},
           Case{R"({"on":["cpu"],"command":["x"],"priority":5000})", "priority", "1000"},
           Case{R"({"on":["cpu"],"command":["x"],"project":"speech"})", "project", "yours: "},
           Case{R"({"on":["cpu"],"command":["x"],"project":"visoin"})", "project", "vision"},
           Case{R"({"on":["cpu"],"command":["x"],"name":"A B"})", "name", ""},
           Case{R"({"on":["cpu"],)", "", "not JSON"},
           Case{"[]", "", "an object"},
           Case{"", "on", "missing"},
           Case{std::string(2000, '['), "", "not JSON"},
       }) {
    Answer const answer = site.call("POST /v1/jobs", "ada", body);
    EXPECT_EQ(answer.status, 400) << body << answer.body;
    EXPECT_NE(answer.body.find(fmt::format("\"field\":\"{}\"", field)), answer.body.npos) << body << "\n" << answer.body;
    EXPECT_NE(answer.body.find(part), answer.body.npos) << body << "\n" << answer.body;
  }
  EXPECT_EQ(site.call("GET /v1/jobs", "root").body, R"({"items":[]})") << "nothing of it was taken";
}

TEST(Submitting, TakesTheProjectThatCanBeMeant) {
  Site site;
  std::string const body = R"({"on":["cpu"],"command":["x"]})";
  EXPECT_EQ(site.call("POST /v1/jobs", "bob", body).status, 201);
  EXPECT_EQ(read<api::JobDetails>(site.call("GET /v1/jobs/1", "bob")).job.project, "speech") << "his only one";
  EXPECT_EQ(site.call("POST /v1/jobs", "ada", body).status, 201);
  EXPECT_EQ(read<api::JobDetails>(site.call("GET /v1/jobs/2", "ada")).job.project, "default");
}

TEST(Submitting, IsDoneOncePerKey) {
  Site site;
  std::string const body = R"({"on":["cpu"],"command":["x"]})";
  std::map<std::string, std::string> const key{{"Idempotency-Key", "monday-1"}};
  Answer const first = site.call("POST /v1/jobs", "ada", body, key), again = site.call("POST /v1/jobs", "ada", body, key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.at("Location"), "/v1/jobs/1");
  EXPECT_EQ(read<api::Page<api::Job>>(site.call("GET /v1/jobs", "ada")).items.size(), 1u);
  Answer const other = site.call("POST /v1/jobs", "ada", R"({"on":["cpu"],"command":["y"]})", key);
  EXPECT_EQ(other.status, 409);
  EXPECT_NE(other.body.find("\"field\":\"Idempotency-Key\""), other.body.npos);
  EXPECT_EQ(site.call("POST /v1/jobs", "bob", body, key).status, 201) << "another user's key is another key";
  for (std::string const& bad : {std::string(), std::string("a b"), std::string(201, 'x'), std::string("\xC3\xA4")})
    EXPECT_EQ(site.call("POST /v1/jobs", "ada", body, {{"Idempotency-Key", bad}}).status, 400) << bad;
}

TEST(Submitting, ABatchTakesEachEntryOnItsOwn) {
  Site site;
  std::string const body = R"({"jobs":[{"on":["cpu"],"command":["a"]},{"on":["gpu-9"],"command":["b"]},)"
                           R"({"on":["cpu"],"command":["c"],"project":"speech"},{"on":["cpu"],"command":["d"],"count":2}]})";
  std::map<std::string, std::string> const key{{"Idempotency-Key", "tuesday"}};
  auto const batch = read<api::SubmittedBatch>(site.call("POST /v1/jobs/batch", "ada", body, key));
  ASSERT_EQ(batch.jobs.size(), 4u);
  EXPECT_EQ(batch.jobs[0].submitted->first, JobId{1});
  EXPECT_EQ(batch.jobs[1].error->field, "on[0]");
  EXPECT_EQ(batch.jobs[2].error->field, "project");
  EXPECT_EQ(batch.jobs[3].submitted->first, JobId{2});
  auto const again = read<api::SubmittedBatch>(site.call("POST /v1/jobs/batch", "ada", body, key));
  EXPECT_EQ(again.jobs[3].submitted->first, JobId{2});
  EXPECT_EQ(read<api::Page<api::Job>>(site.call("GET /v1/jobs", "ada")).items.size(), 3u);
  EXPECT_EQ(site.call("POST /v1/jobs/batch", "ada", R"({"jobs":[]})").status, 400);
  Answer const formless = site.call("POST /v1/jobs/batch", "ada", R"({"jobs":[{"on":["cpu"],"command":["a"]},{"on":["cpu"],"command":["b"],"count":0}]})");
  EXPECT_EQ(formless.status, 400);
  EXPECT_NE(formless.body.find("\"field\":\"jobs[1].count\""), formless.body.npos);
  EXPECT_EQ(read<api::Page<api::Job>>(site.call("GET /v1/jobs", "ada")).items.size(), 3u) << "nothing of it was taken";
}

TEST(Submitting, WhenTheQueueIsFullSaysWhenToComeBack) {
  Site site;
  site.front.refuse_with = Error{ErrorKind::TooMany, "20000 requests wait already", "try again in a second", ""};
  Answer const answer = site.call("POST /v1/jobs", "ada", R"({"on":["cpu"],"command":["x"]})");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.at("Retry-After"), "1");
}

TEST(Listing, GoesOnAtTheCursor) {
  Site site;
  for (int i = 0; i < 5; ++i) site.submit("ada", "vision");
  auto page = read<api::Page<api::Job>>(site.call("GET /v1/jobs?limit=2", "ada"));
  std::string seen;
  while (true) {
    for (auto const& job : page.items) seen += fmt::format("{} ", job.id.value);
    if (!page.next) break;
    page = read<api::Page<api::Job>>(site.call("GET /v1/jobs?limit=2&cursor=" + *page.next, "ada"));
  }
  EXPECT_EQ(seen, "5 4 3 2 1 ");
  EXPECT_EQ(site.call("GET /v1/jobs?cursor=zzz", "ada").status, 400);
  EXPECT_EQ(site.call("GET /v1/jobs?limit=1001", "ada").status, 400);
  EXPECT_EQ(site.call("GET /v1/jobs?limit=0", "ada").status, 400);
}

TEST(Cancelling, EndsWhatWaitsAndStopsWhatRuns) {
  Site site;
  site.submit("ada", "vision");
  site.submit("ada", "vision");
  EXPECT_EQ(site.call("POST /v1/jobs/1/cancel", "ada").body, R"({"id":1,"over":true})");
  EXPECT_EQ(read<api::JobDetails>(site.call("GET /v1/jobs/1", "ada")).job.state, api::JobState::Cancelled);
  Answer const over = site.call("POST /v1/jobs/1/cancel", "ada");
  EXPECT_EQ(over.status, 409);
  EXPECT_NE(over.body.find("job 1 is over: cancelled"), over.body.npos);
  site.start(JobId{2}, "a");
  EXPECT_EQ(site.call("POST /v1/jobs/2/cancel", "ada").body, R"({"id":2,"over":false})");
  EXPECT_EQ(site.call("POST /v1/jobs/2/cancel", "ada").body, R"({"id":2,"over":false})");
  EXPECT_TRUE(read<api::JobDetails>(site.call("GET /v1/jobs/2", "ada")).stopping);
  EXPECT_EQ(site.call("POST /v1/jobs/3/cancel", "ada").status, 404);
  EXPECT_EQ(site.call("POST /v1/jobs/x/cancel", "ada").status, 404);
}

TEST(Looking, ShowsTheSnapshotWhereTheTablesTrail) {
  Site site;
  JobId const job = site.submit("ada", "vision", "mig-1g.5gb");
  site.start(job, "a/0:1g.5gb@4");
  site.views.trailing = true;
  auto const details = read<api::JobDetails>(site.call("GET /v1/jobs/1", "ada"));
  EXPECT_EQ(details.job.state, api::JobState::Running);
  EXPECT_EQ(details.job.node, "a");
  EXPECT_EQ(details.job.place, "gpu0 1g.5gb@4");
  EXPECT_EQ(details.job.on, "mig-1g.5gb");
}

TEST(Looking, AtAJobThatIsOverShowsItsRequestStill) {
  Site site;
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  site.end(job, 3);
  auto const details = read<api::JobDetails>(site.call("GET /v1/jobs/1", "vera"));
  EXPECT_EQ(details.job.state, api::JobState::Failed);
  EXPECT_EQ(details.job.exit_code, 3);
  EXPECT_EQ(details.request.command, std::vector<std::string>{"true"});
  EXPECT_EQ(details.attempts.size(), 1u);
}

TEST(Lists, ARungsWaitAndPriceAreReadAndShownAgain) {
  Site site;
  Answer const taken = site.call("POST /v1/jobs", "ada",
                                 R"({"project":"vision","on":["cpu:wait=2m:price=3","cpu"],"command":["true"],"restartable":true,"upgrade":"restart"})");
  ASSERT_EQ(taken.status, 201) << taken.body;
  auto const details = read<api::JobDetails>(site.call("GET /v1/jobs/1", "ada"));
  EXPECT_EQ(details.request.on, (std::vector<std::string>{"cpu:wait=120s:price=3.00", "cpu"}));
  EXPECT_EQ(details.request.upgrade, api::Upgrade::Restart);
  EXPECT_EQ(details.job.wanted, (std::vector<std::string>{"cpu", "cpu"}));
  ASSERT_EQ(details.rungs.size(), 1u);
  EXPECT_EQ(details.rungs[0].rung, 0u) << "the current one";
  for (auto const& [on, field] : std::map<std::string, std::string>{{"cpu:wait=2x", "on[1].wait"}, {"cpu:price=much", "on[1].price"}, {":wait=1s", "on[1]"}}) {
    Answer const wrong = site.call("POST /v1/jobs", "ada", fmt::format(R"({{"project":"vision","on":["cpu","{}"],"command":["true"]}})", on));
    EXPECT_EQ(wrong.status, 400) << on;
    EXPECT_NE(wrong.body.find(fmt::format("\"field\":\"{}\"", field)), std::string::npos) << wrong.body;
    EXPECT_NE(wrong.body.find("rung 2"), std::string::npos) << wrong.body;
  }
  EXPECT_EQ(site.call("POST /v1/jobs", "ada", R"({"project":"vision","on":["cpu"],"command":["true"],"upgrade":"restart"})").status, 400) << "not restartable";
}

TEST(Try, AnswersBeforeAnythingIsSubmitted) {
  Site site;
  auto const trial = read<api::Trial>(
      site.call("POST /v1/try", "ada", R"({"project":"vision","on":["mig-7g.40gb","cpu"],"count":3,"cpu_milli":1000,"memory_mib":1024})"));
  EXPECT_EQ(trial.now, 3u) << trial.sentence;
  EXPECT_EQ(trial.start.confidence, api::Confidence::Now);
  EXPECT_EQ(trial.start.node, "a");
  EXPECT_EQ(trial.rungs.at(0).can, api::Can::Now);
  auto const never = read<api::Trial>(site.call("POST /v1/try", "ada", R"({"project":"vision","on":["cpu"],"cpu_milli":9000000})"));
  EXPECT_EQ(never.rungs.at(0).can, api::Can::Never);
  EXPECT_TRUE(never.sentence.starts_with("never: ")) << never.sentence;
  EXPECT_EQ(site.call("POST /v1/try", "ada", R"({"project":"vision","on":["cp"]})").status, 400);
  EXPECT_EQ(site.call("GET /v1/jobs", "ada").body, R"({"items":[]})");
}

TEST(Try, OfAGangNamesThePlacesOfAllItsMembers) {
  Site site;
  auto const trial = read<api::Trial>(site.call("POST /v1/try", "ada", R"({"project":"vision","on":["mig-3g.20gb"],"members":3,"count":2})"));
  EXPECT_EQ(trial.now, 1u);
  EXPECT_EQ(trial.sentence, "1 of 2 gangs would start now, the first on mig-3g.20gb: 3 members on a");
  ASSERT_TRUE(trial.start.members && trial.start.members->size() == 3);
  std::set<std::string> places;
  for (auto const& member : *trial.start.members) places.insert(member.place);
  EXPECT_EQ(places.size(), 3u);
  Answer const refused = site.call("POST /v1/try", "ada", R"({"project":"vision","on":["mig-3g.20gb"],"members":5})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find(R"("field":"members")"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("the pool gives mig-3g.20gb 4 times, on 1 node"), std::string::npos) << refused.body;
}

TEST(Clouds, AreOpenedAndClosedByAnOperator) {
  Site site;
  Cloud cloud;
  cloud.name = "v100-cloud";
  cloud.family = "v100";
  cloud.most = 2;
  (void)site.front.world.ask(SetCloud{cloud});
  site.front.catch_up();
  EXPECT_EQ(read<api::Page<api::Cloud>>(site.call("GET /v1/clouds", "ada")).items.at(0).name, "v100-cloud");
  EXPECT_EQ(site.call("POST /v1/clouds/v100-cloud/close", "ada").status, 403);
  EXPECT_FALSE(read<api::Cloud>(site.call("POST /v1/clouds/v100-cloud/close", "oper")).open);
  EXPECT_TRUE(read<api::Cloud>(site.call("POST /v1/clouds/v100-cloud/open", "oper")).open);
  EXPECT_EQ(site.call("POST /v1/clouds/none/open", "oper").status, 404);
}

TEST(Why, SaysWhatIsMissingAndHidesHoldersOfOthers) {
  Site site;
  JobId const holder = site.submit("bob", "speech", "a100-x2");
  site.start(holder, "a/0,1");
  site.submit("ada", "vision", "a100");
  auto const mine = read<api::Why>(site.call("GET /v1/jobs/2/why", "ada"));
  EXPECT_EQ(mine.lack, api::Lack::Busy);
  EXPECT_FALSE(mine.sentence.empty());
  ASSERT_EQ(mine.rungs.size(), 1u);
  EXPECT_TRUE(mine.rungs[0].holders.empty()) << "they are of another project";
  EXPECT_EQ(read<api::Why>(site.call("GET /v1/jobs/2/why", "oper")).rungs.at(0).holders, std::vector<AttemptId>{(AttemptId{holder, 1})});
  auto const running = read<api::Why>(site.call("GET /v1/jobs/1/why", "bob"));
  EXPECT_EQ(running.state, api::JobState::Running);
  EXPECT_NE(running.sentence.find("it runs on a, gpu0 gpu1"), std::string::npos) << running.sentence;
  site.end(holder);
  EXPECT_EQ(read<api::Why>(site.call("GET /v1/jobs/1/why", "bob")).state, api::JobState::Succeeded);
}

TEST(Addresses, ThatAreTricksLeadNowhere) {
  Site site;
  for (char const* what : {"GET /v1/jobs/../users", "GET /v1/jobs/..%2F..%2Fetc%2Fpasswd", "GET /v1/jobs/1%2F..", "GET /v1//jobs", "GET /v1/jobs/",
                           "GET /v1/jobs/1/log/../../x", "GET /v1/jobs/-1", "GET /v1/jobs/0", "GET /v1/jobs/18446744073709551616", "GET /v1/templates/..%2F",
                           "GET /v1/nodes/%2e%2e", "GET /%2e%2e/%2e%2e/etc/passwd"})
    EXPECT_EQ(site.call(what, "root").status, 404) << what;
}

TEST(Methods, ThatAreWrongAreToldTheRightOnes) {
  Site site;
  Answer const answer = site.call("DELETE /v1/jobs", "root");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("Allow"), "POST, GET, HEAD");
  EXPECT_EQ(site.call("HEAD /v1/jobs", "root").status, 200);
}

TEST(Bodies, OfAnotherMediaTypeAreRefused) {
  Site site;
  EXPECT_EQ(site.call("POST /v1/jobs", "ada", "on=cpu", {{"Content-Type", "application/x-www-form-urlencoded"}}).status, 415);
  EXPECT_EQ(site.call("POST /v1/jobs", "ada", R"({"on":["cpu"],"command":["x"]})", {{"Content-Type", "Application/JSON; charset=utf-8"}}).status, 201);
  Answer const unwanted = site.call("POST /v1/jobs/1/cancel", "ada", R"({"force":true})");
  EXPECT_EQ(unwanted.status, 400);
  EXPECT_NE(unwanted.body.find("\"field\":\"force\""), unwanted.body.npos);
  EXPECT_EQ(site.call("GET /v1/templates/cpu?verbose=1", "ada").status, 400);
}

}  // namespace
}  // namespace nav::http::fixture
