// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite_views.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/ranges.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "adapters/sqlite_journal.h"
#include "adapters/test_folder.h"
#include "base/random.h"
#include "core/random_world.h"

namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::World;

/// A controller in small: a world whose events go to a journal, and the views behind it.
struct ViewsScene {
  TestFolder folder;
  std::unique_ptr<SqliteJournal> journal = std::move(*SqliteJournal::open(folder / "data"));
  std::unique_ptr<SqliteViews> views;
  World world;
  Access access;
  std::size_t told = 0;

  ViewsScene() {
    world.restart_controller();
    grant(Found{"root", "hash"});
    grant(MakeUser{"ada", Role::Member});
    grant(MakeProject{"vision", TeamId{1}});
    world.join(node("a", a100(), a100()));
    open();
  }
  void open() {
    views.reset();
    views = std::move(*SqliteViews::open(folder / "data", *journal));
    tell();
  }
  void grant(AccessCommand const& command) {
    auto const events = decide(access, command, UserId{1}, world.now);
    for (auto const& event : *events) {
      apply(access, event);
      keep("access", json_write(event), {++world.pool.sequence, 1, world.now, UserId{1}});
    }
  }
  void keep(std::string stream, std::string body, Stamp stamp, std::vector<Blob> blobs = {}) {
    flush_world();
    append({{stamp, std::move(stream), std::move(body)}}, std::move(blobs));
  }
  void append(std::vector<Frame> const& frames, std::vector<Blob> const& blobs = {}) {
    auto const done = journal->append(frames, blobs);
    ASSERT_TRUE(done) << done.error().message;
    if (views) views->follow(frames);
  }
  void flush_world() {
    std::vector<Frame> frames;
    for (; told < world.history.size(); ++told) frames.push_back({world.history[told].second, "pool", json_write(world.history[told].first)});
    if (!frames.empty()) append(frames);
  }
  /// Everything that happened is in the tables.
  void tell() {
    flush_world();
    ASSERT_TRUE(views->wait_for(world.pool.sequence, seconds(20))) << views->progress().problem;
  }
  JobId submit(std::string const& name, std::string const& on, std::uint32_t count = 1, UserId by = UserId{1}, ProjectId project = ProjectId{1}) {
    JobRequest const request = job(name, on);
    Digest const digest{std::hash<std::string>{}(name), 1};
    (void)journal->append({}, {{digest, json_write(request)}});
    world.by = by;
    JobId const first{world.pool.next_job};
    EXPECT_TRUE(world.ask(SubmitJobs{request, count, digest, project}));
    world.by = {};
    return first;
  }
  std::string list(JobFilter filter) {
    tell();
    auto const rows = views->jobs(filter);
    if (!rows) return "refused: " + rows.error().message;
    std::string text;
    for (auto const& row : *rows) text += fmt::format("{}{}", text.empty() ? "" : " ", row.id.value);
    return text;
  }
};

TEST(SqliteViews, AJobsRowFollowsItsLife) {
  ViewsScene scene;
  JobId const id = scene.submit("train", "mig-1g.5gb", 1, UserId{2}, ProjectId{2});
  scene.tell();
  JobRow row = *scene.views->job(id);
  EXPECT_EQ(row.name, "train");
  EXPECT_EQ(row.project, "vision");
  EXPECT_EQ(row.user, "ada");
  EXPECT_EQ(row.state, "queued");
  EXPECT_EQ(row.on, "mig-1g.5gb");
  EXPECT_EQ(row.node, "");
  ASSERT_EQ(scene.world.place(id, "a/1:1g.5gb@4"), "");
  scene.world.sync("a");
  scene.tell();
  row = *scene.views->job(id);
  EXPECT_EQ(row.state, "running");
  EXPECT_EQ(row.place, "gpu1 1g.5gb@4");
  EXPECT_EQ(row.node, "a");
  EXPECT_TRUE(row.started);
  scene.world.end(id, Outcome::Exited, 3);
  scene.tell();
  row = *scene.views->job(id);
  EXPECT_EQ(row.state, "failed");
  EXPECT_EQ(row.exit_code, 3);
  EXPECT_EQ(row.message, "exit code 3");
  EXPECT_TRUE(row.ended);
  EXPECT_EQ(row.node, "a");
  auto const missing = scene.views->job(JobId{99});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::NotFound);
}

TEST(SqliteViews, EveryAttemptHasItsRow) {
  ViewsScene scene;
  JobId const id = scene.submit("train", "cpu");
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(scene.world.place(id, "a"), "");
    scene.world.end(id, Outcome::NodeError, 0, "no supervisor");
  }
  ASSERT_EQ(scene.world.place(id, "a"), "");
  scene.world.end(id, Outcome::Exited, 0);
  scene.tell();
  auto const attempts = *scene.views->attempts(id);
  ASSERT_EQ(attempts.size(), 3u);
  EXPECT_EQ(to_text(attempts[1].id), "1.2");
  EXPECT_EQ(attempts[0].outcome, "node_error");
  EXPECT_EQ(attempts[0].message, "no supervisor");
  EXPECT_FALSE(attempts[0].exit_code);
  EXPECT_EQ(attempts[2].outcome, "exited");
  EXPECT_EQ(attempts[2].exit_code, 0);
  EXPECT_EQ(attempts[2].place, "cpu");
  EXPECT_EQ(attempts[2].on, "cpu");
}

TEST(SqliteViews, ListsGoFromNewToOldAndAreFilteredByAnything) {
  ViewsScene scene;
  scene.submit("train", "cpu", 3);                                     // 1 2 3
  scene.submit("test-net", "mig-1g.5gb", 2, UserId{2}, ProjectId{2});  // 4 5
  scene.submit("100%_sure", "cpu", 1, UserId{2});                      // 6
  ASSERT_EQ(scene.world.place(JobId{1}, "a"), "");
  ASSERT_EQ(scene.world.place(JobId{4}, "a/0:1g.5gb@0"), "");
  scene.world.sync("a");
  scene.world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(scene.list({}), "6 5 4 3 2 1");
  EXPECT_EQ(scene.list({.limit = 2}), "6 5");
  EXPECT_EQ(scene.list({.below = JobId{5}, .limit = 2}), "4 3");
  EXPECT_EQ(scene.list({.states = {"queued"}}), "6 5 3 2");
  EXPECT_EQ(scene.list({.states = {"running", "succeeded"}}), "4 1");
  EXPECT_EQ(scene.list({.project = "vision"}), "5 4");
  EXPECT_EQ(scene.list({.user = "ada"}), "6 5 4");
  EXPECT_EQ(scene.list({.project = "default", .user = "ada"}), "6");
  EXPECT_EQ(scene.list({.states = {"queued"}, .user = "ada"}), "6 5");
  EXPECT_EQ(scene.list({.name = "t"}), "5 4 3 2 1");
  EXPECT_EQ(scene.list({.name = "test"}), "5 4");
  EXPECT_EQ(scene.list({.name = "%_"}), "6");
  EXPECT_EQ(scene.list({.name = "nobody"}), "");
  EXPECT_EQ(scene.list({.on = "mig-1g.5gb"}), "5 4");
  EXPECT_EQ(scene.list({.on = "cpu", .node = "a"}), "1");
  EXPECT_EQ(scene.list({.node = "elsewhere"}), "");
  EXPECT_EQ(scene.list({.visible_projects = std::vector<std::string>{"vision"}}), "5 4");
  EXPECT_EQ(scene.list({.project = "default", .visible_projects = std::vector<std::string>{"vision"}}), "");
  EXPECT_EQ(scene.list({.visible_projects = std::vector<std::string>{}}), "");
  EXPECT_EQ(scene.list({.states = {"asleep"}}), "refused: there is no state \"asleep\"");
  auto const counts = *scene.views->counts();
  EXPECT_EQ(counts.at("queued"), 4u);
  EXPECT_EQ(counts.at("running"), 1u);
  EXPECT_EQ(counts.at("succeeded"), 1u);
  EXPECT_EQ(counts.at("lost"), 0u);
}

TEST(SqliteViews, AJobsHistoryIsToldFromOldToNew) {
  ViewsScene scene;
  JobId const id = scene.submit("train", "cpu", 2, UserId{2});
  ASSERT_EQ(scene.world.place(id, "a"), "");
  scene.world.sync("a");
  scene.world.end(id, Outcome::Exited, 0);
  scene.tell();
  std::string kinds;
  auto const history = *scene.views->events({.job = id});
  for (auto const& event : history) kinds += event.kind + ' ';
  EXPECT_EQ(kinds, "JobsQueued JobPlaced JobStarted AttemptEnded JobEnded ");
  auto const events = *scene.views->events({.job = JobId{2}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].by, "ada");
  EXPECT_EQ(events[0].stream, "pool");
  EXPECT_TRUE(events[0].body.starts_with("{\"JobsQueued\":{"));
}

TEST(SqliteViews, TheAuditTrailIsWhatPeopleDidFromNewToOld) {
  ViewsScene scene;
  scene.submit("train", "cpu", 1, UserId{2});
  scene.grant(MakeTeam{"research"});
  scene.tell();
  auto const trail = *scene.views->events({.audit = true, .limit = 3});
  std::string text;
  for (auto const& event : trail) text += fmt::format("{} {}; ", event.by, event.kind);
  EXPECT_TRUE(text.starts_with("root TeamSet; ada JobsQueued; ")) << text;
  auto const older = *scene.views->events({.audit = true, .below = trail[1].sequence, .limit = 100});
  EXPECT_LT(older[0].sequence, trail[1].sequence);
  EXPECT_EQ(scene.views->events({.limit = 5})->size(), 5u);
}

TEST(SqliteViews, TheyTakeUpWhereTheyLeftOff) {
  ViewsScene scene;
  scene.submit("train", "cpu", 3);
  scene.tell();
  scene.views.reset();
  scene.submit("later", "cpu");
  scene.open();
  EXPECT_EQ(scene.list({}), "4 3 2 1");
  EXPECT_EQ(scene.views->counts()->at("queued"), 4u);
}

TEST(SqliteViews, WithoutTheirFileTheyAreMadeAnew) {
  ViewsScene scene;
  scene.submit("train", "cpu", 3);
  scene.tell();
  scene.views.reset();
  std::filesystem::remove(scene.folder / "data/views.db");
  scene.open();
  EXPECT_EQ(scene.list({}), "3 2 1");
  EXPECT_EQ(scene.views->job(JobId{2})->name, "train");
}

void change_views(std::string const& file, char const* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

TEST(SqliteViews, AFileOfAnotherFormOrInstallationOrLifeIsMadeAnew) {
  for (char const* change : {"UPDATE meta SET value = 99 WHERE key = 'format'", "UPDATE meta SET value = 'other' WHERE key = 'installation'",
                             "UPDATE meta SET value = 99999 WHERE key = 'sequence'", "UPDATE meta SET value = 5 WHERE key = 'at'", "DROP TABLE meta"}) {
    ViewsScene scene;
    scene.submit("train", "cpu", 3);
    scene.tell();
    scene.views.reset();
    std::string const spoil = std::string("UPDATE jobs SET state = 4;") + change;
    change_views(scene.folder / "data/views.db", spoil.c_str());
    scene.open();
    EXPECT_EQ(scene.views->job(JobId{1})->state, "queued") << change;
  }
}

TEST(SqliteViews, ABrokenFileIsMadeAnew) {
  for (std::streamoff at : {0, 5'000}) {
    ViewsScene scene;
    scene.submit("train", "cpu", 2'000);
    scene.tell();
    scene.views.reset();
    std::fstream file(scene.folder / "data/views.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << std::string(60'000, '\x5A');
    file.close();
    scene.open();
    for (int i = 0; i < 3; ++i) (void)scene.views->jobs({});  // notices, if nothing did so far
    scene.submit("after", "cpu");
    EXPECT_TRUE(scene.list({.limit = 3}).starts_with("2001 2000 1999")) << at;
    EXPECT_EQ(scene.views->counts()->at("queued"), 2'001u);
  }
}

// Whatever happens, the rows of living jobs say what the pool says, and each filter gives what looking at every row would.
TEST(SqliteViews, ThroughAStormTheyAgreeWithThePool) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    TestFolder folder;
    auto journal = std::move(*SqliteJournal::open(folder / "data"));
    auto views = std::move(*SqliteViews::open(folder / "data", *journal));
    fixture::RandomWorld storm(seed);
    storm.run(400);
    Random random(seed);
    auto const& history = storm.world.history;
    for (std::size_t i = 0; i < history.size();) {
      std::vector<Frame> frames;
      for (std::size_t n = 1 + random.below(50); n > 0 && i < history.size(); --n, ++i)
        frames.push_back({history[i].second, "pool", json_write(history[i].first)});
      ASSERT_TRUE(journal->append(frames, {}));
      views->follow(frames);
    }
    ASSERT_TRUE(views->wait_for(history.size(), seconds(20))) << views->progress().problem;
    auto const all = *views->jobs({.limit = 100'000});
    auto with_members = all;  // a gang is listed as its first member
    for (auto const& row : all) {
      if (!row.gang) continue;
      ASSERT_EQ(row.gang, row.id);
      auto members = *views->jobs({.gang = row.gang, .limit = 100});
      ASSERT_EQ(members.size(), row.members);
      members.pop_back();
      with_members.insert(with_members.end(), members.begin(), members.end());
    }
    std::map<std::string, std::uint64_t> counts;
    std::size_t alive = 0;
    for (auto const& row : with_members) {
      ++counts[row.state];
      Job const* known = storm.world.pool.job(row.id);
      alive += known != nullptr;
      if (known && known->state == JobState::Finishing) ASSERT_TRUE(row.state == "starting" || row.state == "running") << "as its attempt ended";
      else ASSERT_EQ(known ? enum_text(known->state) : row.state, row.state);
      ASSERT_EQ(known == nullptr, row.state == "succeeded" || row.state == "failed" || row.state == "cancelled" || row.state == "lost");
      ASSERT_EQ(row.attempt, views->attempts(row.id)->size());
    }
    ASSERT_EQ(alive, storm.world.pool.jobs.size());
    auto const told = *views->counts();
    for (auto const& [state, count] : told) {
      ASSERT_EQ(count, counts[state]);
      for (char const* on : {"cpu", "mig-1g.5gb"}) {
        std::vector<std::uint64_t> expected, found;
        for (auto const& row : all)
          if (row.state == state && std::find(row.wanted.begin(), row.wanted.end(), on) != row.wanted.end()) expected.push_back(row.id.value);
        auto const rows = *views->jobs({.states = {state}, .on = on, .limit = 100'000});
        for (auto const& row : rows) found.push_back(row.id.value);
        ASSERT_EQ(found, expected) << state << ' ' << on;
      }
    }
  }
}

// Tells how fast they are: NAV_JOBS=2000000 adapters_test --gtest_filter='*ManyJobs*'
TEST(SqliteViews, ManyJobsAreListedByAnyFilter) {
  auto const* wanted = std::getenv("NAV_JOBS");
  std::uint64_t const jobs = wanted ? static_cast<std::uint64_t>(std::atoll(wanted)) : 4'000;
  TestFolder folder;
  auto journal = std::move(*SqliteJournal::open(folder / "data"));
  std::uint64_t sequence = 0;
  std::vector<Frame> frames;
  auto const put = [&](auto stream, auto const& event) {
    ++sequence;
    frames.push_back({{sequence, 1, Time{static_cast<std::int64_t>(sequence)}, {}}, stream, json_write(event)});
    if (frames.size() < 1'000) return;
    ASSERT_TRUE(journal->append(frames, {}));
    frames.clear();
  };
  Random random(5);
  for (std::uint64_t u = 1; u <= 50; ++u) put("access", AccessEvent{UserSet{{UserId{u}, fmt::format("user{}", u)}}});
  for (std::uint64_t p = 1; p <= 20; ++p) put("access", AccessEvent{ProjectSet{{ProjectId{p}, fmt::format("project{}", p), TeamId{1}, {}}}});
  put("pool", PoolEvent{NodeJoined{NodeId{1}, "a", "here", {}}});
  std::vector<std::vector<std::string>> const lists{{"cpu"}, {"mig-1g.5gb"}, {"mig-1g.5gb", "cpu"}, {"a100"}};
  for (std::uint64_t j = 1; j <= jobs; ++j) {
    Digest const digest{j / 100, 3};
    if (j % 100 == 0 || j == 1) { ASSERT_TRUE(journal->append({}, {{digest, json_write(job(fmt::format("job-{}", j / 100), "cpu"))}})); }
    JobId const id{j};
    put("pool", PoolEvent{JobsQueued{.first = id,
                                     .count = 1,
                                     .body = to_text(digest),
                                     .user = UserId{1 + random.below(50)},
                                     .project = ProjectId{1 + random.below(20)},
                                     .on = lists[random.below(4)]}});
    if (j + 1'000 > jobs) continue;
    AttemptId const attempt{id, 1};
    put("pool", PoolEvent{JobPlaced{.attempt = attempt, .node = NodeId{1}}});
    put("pool", PoolEvent{JobStarted{attempt, Time{1}, ""}});
    put("pool", PoolEvent{AttemptEnded{.attempt = attempt}});
    put("pool", PoolEvent{JobEnded{id, random.chance(0.001) ? JobEnd::Lost : JobEnd::Succeeded, ""}});
  }
  ASSERT_TRUE(journal->append(frames, {}));
  auto const clock = [] { return std::chrono::steady_clock::now(); };
  auto const ms = [](auto from, auto to) { return std::chrono::duration<double, std::milli>(to - from).count(); };
  auto const start = clock();
  auto views = std::move(*SqliteViews::open(folder / "data", *journal));
  ASSERT_TRUE(views->wait_for(sequence, hours(1)));
  while (views->progress().making_anew) std::this_thread::yield();
  fmt::print("{} jobs, {} events: {:.0f} ms to make them, {} MiB of file, {} MiB of journal\n", jobs, sequence, ms(start, clock()),
             std::filesystem::file_size(folder / "data/views.db") >> 20, std::filesystem::file_size(folder / "data/journal.db") >> 20);
  std::vector<std::string> const some{"project1", "project2", "project3"};
  JobId const middle{jobs / 2};
  std::vector<std::pair<char const*, JobFilter>> const filters{{"all", {}},
                                                               {"from the middle", {.below = middle}},
                                                               {"queued", {.states = {"queued"}}},
                                                               {"lost", {.states = {"lost"}}},
                                                               {"succeeded, middle", {.states = {"succeeded"}, .below = middle}},
                                                               {"project", {.project = "project7"}},
                                                               {"user lost", {.states = {"lost"}, .user = "user9"}},
                                                               {"user in project", {.project = "project7", .user = "user9"}},
                                                               {"visible", {.visible_projects = some, .below = middle}},
                                                               {"name part", {.name = "job-77"}},
                                                               {"name of nobody", {.name = "zzz"}},
                                                               {"on", {.on = "a100", .below = middle}},
                                                               {"node and lost", {.states = {"lost"}, .node = "a"}}};
  for (auto const& [what, filter] : filters) {
    auto const from = clock();
    auto const rows = views->jobs(filter);
    auto const to = clock();
    ASSERT_TRUE(rows);
    if (wanted) fmt::print("  {:20} {:4} rows {:8.2f} ms\n", what, rows->size(), ms(from, to));
  }
  auto const from = clock();
  EXPECT_EQ(views->events({.job = middle})->size(), 5u);
  EXPECT_EQ(views->counts()->at("queued"), std::min<std::uint64_t>(jobs, 1'000));
  if (wanted) fmt::print("  history and counts {:8.2f} ms\n", ms(from, clock()));
}

}  // namespace
}  // namespace nav
