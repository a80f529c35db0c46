// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/flows.h"
#include "api/page.h"
#include "controller/artifact_keeper.h"
#include "flow/flow_event.h"
#include "flow/flows.h"
#include "http/api_fixture.h"

namespace nav::http {
namespace {

using fixture::Answer;
using fixture::read;
using fixture::says;

/// Files held in memory, each as old as a test says.
class HeldArtifacts final : public ArtifactStore {
 public:
  std::map<std::pair<ProjectId, std::string>, File> files;

  void keep(ProjectId project, std::string const& digest, Time stored) { files[{project, digest}] = {digest, 5, stored}; }
  bool has(ProjectId project, std::string const& digest) const { return files.contains({project, digest}); }

  Result<Stored> put(ProjectId project, std::string const& digest, std::uint64_t, std::uint64_t size, std::string_view) override {
    keep(project, digest, {});
    return Stored{size, true};
  }
  Result<Part> get(ProjectId project, std::string const& digest, std::uint64_t, std::size_t) const override {
    if (!has(project, digest)) return fail(ErrorKind::NotFound, "the project has no artifact {}", digest);
    return Part{"bytes", 5};
  }
  Result<std::vector<File>> list(ProjectId project, std::string const& after, std::size_t limit) const override {
    std::vector<File> found;
    for (auto const& [key, file] : files)
      if (key.first == project && key.second > after && found.size() < limit) found.push_back(file);
    return found;
  }
  void drop_unfinished(ProjectId, Time) override {}
  Result<void> remove(ProjectId project, std::string const& digest) override {
    if (files.erase({project, digest}) == 0) return fail(ErrorKind::NotFound, "the project has no artifact {}", digest);
    return {};
  }
};

std::string digest_of_number(int n) { return fmt::format("sha256:{:064x}", n); }

/// A site with a store; ada's project is "vision".
struct Kept {
  HeldArtifacts store;
  fixture::Site site{with(store)};
  ProjectId vision = site.front.access.project_named("vision")->id;

  static ApiOptions with(HeldArtifacts& store) {
    ApiOptions options;
    options.artifacts = &store;
    return options;
  }

  void file(int n, Duration age = {}) { store.keep(vision, digest_of_number(n), site.now - age); }
  bool has(int n) const { return store.has(vision, digest_of_number(n)); }

  /// A job of ada's that is to start with this file.
  Answer submit(int n) {
    return site.call(
        "POST /v1/jobs", "ada",
        fmt::format(R"({{"on":["mig-1g.5gb"],"project":"vision","command":["x"],"code":[{{"path":"a.py","digest":"{}"}}]}})", digest_of_number(n)));
  }

  /// A run of a flow that was given one file and left another.
  void run(int given, int left) {
    std::string const text = fmt::format(
        R"({{"name":"digits","components":{{"train":{{"on":["cpu"],"command":["x"],"inputs":{{"a":"{}"}},"outputs":["m"]}}}}}})", digest_of_number(given));
    Stamp const stamp{.at = site.now, .by = UserId{1}};
    auto const happens = [&](FlowEvent const& event) { apply(site.front.flows, event, stamp); };
    happens(FlowEvent{FlowSaved{vision, "digits", 1, Json{text}}});
    happens(FlowEvent{FlowRunStarted{.run = FlowRunId{1}, .project = vision, .project_name = "vision", .flow = "digits"}});
    happens(FlowEvent{TrialQueued{.run = FlowRunId{1}, .component = "train", .trial = 0, .job = JobId{900}}});
    happens(FlowEvent{TrialEnded{.run = FlowRunId{1}, .component = "train", .trial = 0}});
    happens(FlowEvent{TrialDelivered{.run = FlowRunId{1}, .component = "train", .trial = 0, .outputs = {{"m", OutputFile{digest_of_number(left), 5}}}}});
    site.front.catch_up();
  }

  std::size_t sweep() {
    ArtifactKeeper keeper(site.front, store, {.clock = [this] { return site.now; }, .keep_unused = days(30)});
    auto const swept = keeper.sweep();
    EXPECT_TRUE(swept);
    return swept ? swept->files : 0;
  }
};

TEST(Artifacts, WhatAJobStartsWithIsNeededUntilItIsOver) {
  Kept kept;
  kept.file(1);
  kept.file(2);
  ASSERT_EQ(kept.submit(1).status, 201);
  auto const listed = read<api::Page<api::Artifact>>(kept.site.call("GET /v1/artifacts?project=vision", "ada"));
  ASSERT_EQ(listed.items.size(), 2u);
  EXPECT_EQ(listed.items[0].used_by, std::vector<std::string>{"job 1"});
  EXPECT_TRUE(listed.items[1].used_by.empty());
  Answer const refused = kept.site.call("DELETE /v1/artifacts/" + digest_of_number(1) + "?project=vision", "ada");
  EXPECT_EQ(refused.status, 409);
  EXPECT_TRUE(says(refused, "it is needed by job 1")) << refused.body;
  EXPECT_EQ(kept.site.call("POST /v1/jobs/1/cancel", "ada").status / 100, 2);
  EXPECT_EQ(kept.site.call("DELETE /v1/artifacts/" + digest_of_number(1) + "?project=vision", "ada").status / 100, 2);
  EXPECT_FALSE(kept.has(1));
  EXPECT_TRUE(kept.has(2));
}

TEST(Artifacts, WhatAKeptRunWasGivenAndLeftIsNeeded) {
  Kept kept;
  for (int n : {1, 2, 3}) kept.file(n, days(100));
  kept.run(1, 2);
  auto const refusal = [&](int n) { return kept.site.call("DELETE /v1/artifacts/" + digest_of_number(n) + "?project=vision", "ada").body; };
  EXPECT_NE(refusal(1).find("run-1, flow digits"), std::string::npos) << refusal(1);
  EXPECT_NE(refusal(2).find("run-1: train.m"), std::string::npos) << refusal(2);
  EXPECT_EQ(kept.sweep(), 1u);
  EXPECT_TRUE(kept.has(1) && kept.has(2));
  EXPECT_FALSE(kept.has(3));
}

TEST(Artifacts, OnlyWhatIsOldAndNeededByNobodyIsSwept) {
  Kept kept;
  kept.file(1, days(31));
  kept.file(2, days(29));
  kept.file(3, days(31));
  ASSERT_EQ(kept.submit(3).status, 201);
  EXPECT_EQ(kept.sweep(), 1u);
  EXPECT_FALSE(kept.has(1));
  EXPECT_TRUE(kept.has(2) && kept.has(3));
  EXPECT_EQ(kept.sweep(), 0u);
}

TEST(Artifacts, WhatASubmissionNamedWithinTheHourIsNotSwept) {
  Kept kept;
  kept.file(1, days(31));
  ArtifactKeeper keeper(kept.site.front, kept.store, {.clock = [&kept] { return kept.site.now; }, .keep_unused = days(30)});
  keeper.name(kept.vision, digest_of_number(1));
  EXPECT_EQ(keeper.sweep()->files, 0u) << "its job may be on its way";
  kept.site.now = kept.site.now + minutes(61);
  EXPECT_EQ(keeper.sweep()->files, 1u);
}

TEST(Artifacts, TheServerSweepsByItselfOnceAnHour) {
  Kept kept;
  kept.file(1, days(31));
  kept.site.api->tick();
  EXPECT_TRUE(kept.has(1)) << "not before it has come up";
  kept.site.now = kept.site.now + minutes(2);
  kept.site.api->tick();
  EXPECT_FALSE(kept.has(1));
  kept.file(2, days(31));
  kept.site.api->tick();
  EXPECT_TRUE(kept.has(2)) << "an hour has not passed";
  kept.site.now = kept.site.now + minutes(61);
  kept.site.api->tick();
  EXPECT_FALSE(kept.has(2));
}

TEST(Artifacts, AreDeletedByMembersOfTheirProjectAndNotByJobs) {
  Kept kept;
  kept.file(1);
  std::string const path = "DELETE /v1/artifacts/" + digest_of_number(1);
  EXPECT_EQ(kept.site.call(path + "?project=vision", "vera").status, 403) << "a viewer";
  EXPECT_EQ(kept.site.call(path + "?project=vision", "bob").status, 400) << "no project of his";
  EXPECT_EQ(kept.site.call("DELETE /v1/artifacts/sha256:12?project=vision", "ada").status, 400);
  EXPECT_EQ(kept.site.call("DELETE /v1/artifacts/" + digest_of_number(7) + "?project=vision", "ada").status, 404);
  EXPECT_TRUE(kept.has(1));
}

}  // namespace
}  // namespace nav::http
