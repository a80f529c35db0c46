// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "adapters/run_folders.h"
#include "adapters/sqlite_experiments.h"
#include "adapters/test_folder.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

class Mlflow : public testing::Test {
 protected:
  TestFolder folder;
  std::unique_ptr<SqliteExperiments> store = SqliteExperiments::open(folder.path()).value();
  RunFolders files{folder / "runs"};
  Site site{[this] {
    ApiOptions options;
    options.experiments = store.get();
    options.run_files = &files;
    return options;
  }()};

  Answer tell(std::string const& method, std::string const& body, std::string const& user = "ada") {
    return site.call("POST /api/2.0/mlflow/" + method, user, body);
  }
  Answer ask(std::string const& method, std::string const& user = "ada") { return site.call("GET /api/2.0/mlflow/" + method, user); }
  std::string run(std::string const& user = "ada") {
    Answer const made = tell("runs/create", R"({"experiment_id":"0","start_time":5,"run_name":"first"})", user);
    EXPECT_EQ(made.status, 200) << made.body;
    auto const at = made.body.find("\"run_id\":\"") + 10;
    return made.body.substr(at, 32);
  }
};

TEST_F(Mlflow, AnExperimentIsMadeFoundRenamedAndDeleted) {
  EXPECT_EQ(tell("experiments/create", R"({"name":"digits","tags":[{"key":"data","value":"mnist"}]})").body, R"({"experiment_id":"1"})");
  Answer const found = ask("experiments/get-by-name?experiment_name=digits");
  EXPECT_TRUE(says(found, R"("experiment_id":"1","name":"digits")")) << found.body;
  EXPECT_TRUE(says(found, R"({"key":"data","value":"mnist"})"));
  EXPECT_EQ(tell("experiments/update", R"({"experiment_id":"1","new_name":"numbers"})").status, 200);
  EXPECT_EQ(ask("experiments/get-by-name?experiment_name=digits").status, 404);
  EXPECT_EQ(tell("experiments/delete", R"({"experiment_id":"1"})").status, 200);
  EXPECT_EQ(tell("experiments/search", "{}").body, R"({"experiments":[]})");
  EXPECT_TRUE(says(tell("experiments/search", R"({"view_type":"DELETED_ONLY"})"), R"("lifecycle_stage":"deleted")"));
}

TEST_F(Mlflow, ErrorsAreMlflowsAndOurs) {
  Answer const unknown = ask("runs/get?run_id=nothing");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(unknown.body.starts_with(R"({"error_code":"RESOURCE_DOES_NOT_EXIST","message":"there is no run nothing","error":{"kind":"not_found")"))
      << unknown.body;
  tell("experiments/create", R"({"name":"digits"})");
  EXPECT_TRUE(says(tell("experiments/create", R"({"name":"digits"})"), "RESOURCE_ALREADY_EXISTS"));
  EXPECT_TRUE(says(site.call("GET /api/2.0/mlflow/runs/get?run_id=x", ""), R"("error_code":"UNAUTHENTICATED")"));
  EXPECT_EQ(tell("runs/grow", "{}").status, 404);
  EXPECT_EQ(tell("runs/search", R"({"filter":"loss <")").status, 400);
  EXPECT_TRUE(says(tell("runs/search", R"({"experiment_ids":["0"],"filter":"loss <"})"), "INVALID_PARAMETER_VALUE"));
}

TEST_F(Mlflow, ABatchIsLoggedWithNumbersThatJsonHasNoWordFor) {
  std::string const id = run();
  Answer const logged = tell("runs/log-batch",
                             R"({"run_id":")" + id +
                                 R"(","metrics":[{"key":"loss","value":0.5,"timestamp":1,"step":1},{"key":"loss","value":"NaN","timestamp":2,"step":2},)"
                                 R"({"key":"top","value":"Infinity","timestamp":2,"step":2},{"key":"low","value":"-Infinity","timestamp":2}],)"
                                 R"("params":[{"key":"lr","value":"0.1"}],"tags":[{"key":"note","value":"x"}]})");
  EXPECT_EQ(logged.body, "{}");
  Answer const seen = ask("runs/get?run_id=" + id);
  EXPECT_TRUE(says(seen, R"({"key":"loss","value":"NaN","timestamp":2,"step":2})")) << seen.body;
  EXPECT_TRUE(says(seen, R"({"key":"low","value":"-Infinity","timestamp":2,"step":0})"));
  EXPECT_EQ(ask("metrics/get-history?run_id=" + id + "&metric_key=loss&max_results=1").body,
            R"({"metrics":[{"key":"loss","value":0.5,"timestamp":1,"step":1}],"next_page_token":"o1"})");
  EXPECT_EQ(ask("metrics/get-history?run_id=" + id + "&metric_key=loss&max_results=1&page_token=o1").body,
            R"({"metrics":[{"key":"loss","value":"NaN","timestamp":2,"step":2}]})");
  EXPECT_EQ(tell("runs/log-parameter", R"({"run_id":")" + id + R"(","key":"lr","value":"0.2"})").status, 400);
  EXPECT_TRUE(says(tell("runs/log-metric", R"({"run_id":")" + id + R"(","key":"loss","value":"much"})"), "metrics[0].value"));
}

TEST_F(Mlflow, RunsOfOtherProjectsAreAsIfTheyWereNotThere) {
  std::string const id = run("ada");
  EXPECT_EQ(ask("runs/get?run_id=" + id, "bob").status, 404);
  EXPECT_EQ(tell("runs/set-tag", R"({"run_id":")" + id + R"(","key":"a","value":"b"})", "bob").status, 404);
  EXPECT_EQ(tell("runs/search", R"({"experiment_ids":["1"]})", "bob").body, R"({"runs":[]})");
  EXPECT_EQ(ask("experiments/get?experiment_id=1", "bob").status, 404);
  EXPECT_EQ(site.call("GET /v1/runs/" + id, "bob").status, 404);
  EXPECT_EQ(site.call("PUT /api/2.0/mlflow-artifacts/artifacts/" + id + "/artifacts/x", "bob", "bytes").status, 404);
  EXPECT_EQ(ask("runs/get?run_id=" + id, "root").status, 200);
}

TEST_F(Mlflow, AViewerLooksAndChangesNothing) {
  EXPECT_EQ(tell("experiments/search", "{}", "vera").status, 200);
  EXPECT_EQ(tell("experiments/create", R"({"name":"digits"})", "vera").status, 403);
  EXPECT_EQ(tell("runs/create", R"({"experiment_id":"0"})", "vera").status, 403);
  EXPECT_EQ(site.call("PUT /api/2.0/mlflow-artifacts/artifacts/x/artifacts/y", "vera", "bytes").status, 403);
}

TEST_F(Mlflow, AJobHasARunOfItsOwnWhereItChose) {
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  As const token{.token = "navj_1.1", .certificate = {}};
  std::string const own = experiments::run_of({job, 1});
  EXPECT_EQ(site.call_as(token, "POST /api/2.0/mlflow/experiments/create", R"({"name":"digits"})").body, R"({"experiment_id":"1"})");
  Answer const seen = site.call_as(token, "GET /api/2.0/mlflow/runs/get?run_id=" + own);
  EXPECT_TRUE(says(seen, R"("experiment_id":"1")")) << seen.body;
  EXPECT_TRUE(says(seen, R"({"key":"nav.attempt","value":"1.1"})")) << seen.body;
  EXPECT_TRUE(says(seen, R"("status":"RUNNING")"));
  EXPECT_EQ(site.call_as(token, "POST /api/2.0/mlflow/runs/log-metric", R"({"run_id":")" + own + R"(","key":"loss","value":1})").status, 200);
  EXPECT_EQ(ask("runs/get?run_id=" + experiments::run_of({job, 2})).status, 404) << "another attempt's is not made by looking";
  site.end(job, 0);
  Answer const over = ask("runs/get?run_id=" + own);
  EXPECT_TRUE(says(over, R"("status":"FINISHED")")) << "the job ended, and the run with it: " << over.body;
  EXPECT_TRUE(says(site.call("GET /v1/runs/" + own, "ada"), R"("state":"finished")"));
}

TEST_F(Mlflow, TheBestRunsComeFirst) {
  for (int i = 0; i < 3; ++i) {
    std::string const id = run();
    tell("runs/log-metric", fmt::format(R"({{"run_id":"{}","key":"accuracy","value":{}}})", id, i == 1 ? "0.9" : "0.5"));
  }
  Answer const best = site.call("GET /v1/experiments/Default/runs?order=metrics.accuracy%20DESC&limit=1", "ada");
  EXPECT_TRUE(says(best, R"("metrics":{"accuracy":0.9})")) << best.body;
  EXPECT_TRUE(says(best, R"("next":"o1")"));
  EXPECT_TRUE(says(site.call("GET /v1/experiments/1/runs?filter=metrics.accuracy%20%3C%200.6", "ada"), R"({"accuracy":0.5})"));
  EXPECT_TRUE(says(site.call("GET /v1/experiments/1/runs?order=sideways", "ada"), R"("field":"order")"));
  EXPECT_TRUE(says(site.call("GET /v1/experiments", "ada"), R"("name":"Default","project":"default","user":"ada","runs":3)"));
}

TEST_F(Mlflow, ArtifactsStayInTheirRun) {
  std::string const id = run(), root = "/api/2.0/mlflow-artifacts/artifacts";
  EXPECT_EQ(site.call("PUT " + root + "/" + id + "/artifacts/models/best.pt", "ada", "bytes").status, 200);
  EXPECT_EQ(site.call("GET " + root + "/" + id + "/artifacts/models/best.pt", "ada").body, "bytes");
  EXPECT_EQ(site.call("GET " + root + "?path=" + id + "/artifacts/models", "ada").body, R"({"files":[{"path":"best.pt","is_dir":false,"file_size":5}]})");
  EXPECT_EQ(site.call("GET " + root + "?path=" + id + "/artifacts", "ada").body, R"({"files":[{"path":"models","is_dir":true}]})");
  EXPECT_EQ(site.call("PUT " + root + "/" + id + "/artifacts/../../x", "ada", "bytes").status, 400);
  EXPECT_EQ(site.call("PUT " + root + "/" + id + "/artifacts/..%2Fx", "ada", "bytes").status, 400);
  EXPECT_EQ(site.call("GET " + root + "/" + id + "/secrets", "ada").status, 404);
}

}  // namespace
}  // namespace nav::http::fixture
