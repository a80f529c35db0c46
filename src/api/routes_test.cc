// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include <gtest/gtest.h>
#include <set>

#include "api/jobs.h"
#include "api/query.h"
#include "api/schema.h"

namespace nav::api {
namespace {

TEST(Routes, EachSaysWhoMayAndNoOperationIsLeftOut) {
  std::set<Operation> seen;
  for (Route const& one : routes()) {
    EXPECT_NE(one.permission, Permission::Unsaid) << one.path;
    EXPECT_FALSE(one.summary.empty()) << one.path;
    EXPECT_TRUE(one.answer != nullptr || one.answer_type != "application/json") << one.path;
    EXPECT_TRUE(seen.insert(one.operation).second) << one.path;
  }
  EXPECT_EQ(seen.size(), enum_words<Operation>().size());
}

TEST(Routes, OnlyWhatAMemberMayIsOpenToAJob) {
  for (Route const& one : routes()) {
    bool const members_may = one.permission == Permission::Viewer || one.permission == Permission::Member;
    EXPECT_TRUE(one.job_tokens == JobTokens::Refused || members_may) << one.path;
  }
}

TEST(Routes, MakePathsAndFindThemAgain) {
  EXPECT_EQ(path_of(Operation::GetJob, {"42"}), "/v1/jobs/42");
  EXPECT_EQ(path_of(Operation::SetGpuPolicy, {"a/b", "0"}), "/v1/nodes/a%2Fb/gpus/0/policy");
  EXPECT_EQ(path_of(Operation::ShowLanding), "/");
  Found const found = find_route("PUT", {"v1", "nodes", "a/b", "gpus", "0", "policy"});
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.route->operation, Operation::SetGpuPolicy);
  EXPECT_EQ(found.parameters, (std::vector<std::string>{"a/b", "0"}));
}

TEST(Routes, APathWrittenOutGoesBeforeAParameter) {
  EXPECT_EQ(find_route("POST", {"v1", "jobs", "batch"}).route->operation, Operation::SubmitBatch);
  EXPECT_EQ(find_route("GET", {"v1", "jobs", "42"}).route->operation, Operation::GetJob);
}

TEST(Routes, AWrongMethodIsToldTheRightOnes) {
  Found const found = find_route("DELETE", {"v1", "jobs"});
  EXPECT_EQ(found.route, nullptr);
  EXPECT_EQ(found.allowed, (std::vector<std::string_view>{"POST", "GET"}));
  EXPECT_EQ(find_route("GET", {"v1", "jobs", "batch"}).allowed, (std::vector<std::string_view>{"POST"})) << "and is no job's number";
  EXPECT_TRUE(find_route("GET", {"v1", "nothing"}).allowed.empty());
  EXPECT_EQ(find_route("GET", {"v1", "jobs", ""}).route, nullptr);
}

TEST(Query, IsWrittenAndReadAlike) {
  JobsQuery const query{.state = {JobState::Queued, JobState::Running}, .name = "a b&c", .limit = 20};
  EXPECT_EQ(query_text(query), "state=queued&state=running&name=a%20b%26c&limit=20");
  auto const back = read_query<JobsQuery>({{"state", {"queued", "running"}}, {"name", {"a b&c"}}, {"limit", {"20"}}});
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(query_text(*back), query_text(query));
}

TEST(Query, NamesWhatIsWrong) {
  auto field = [](QueryText const& text) { return to_text(read_query<JobsQuery>(text).error()); };
  EXPECT_EQ(field({{"stat", {"queued"}}}), "there is no parameter \"stat\" (did you mean state?)");
  EXPECT_EQ(field({{"limit", {"1", "2"}}}), "limit is given 2 times (give it once)");
  EXPECT_EQ(read_query<JobsQuery>({{"limit", {"-1"}}}).error().field, "limit");
  EXPECT_EQ(read_query<JobsQuery>({{"state", {"asleep"}}}).error().field, "state");
  EXPECT_EQ(read_query<LogQuery>({{"follow", {"maybe"}}}).error().field, "follow");
}

}  // namespace
}  // namespace nav::api
