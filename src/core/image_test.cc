// SPDX-License-Identifier: Apache-2.0
#include "core/image.h"

#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>

#include "core/random_world.h"
#include "core/world_fixture.h"

namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::RandomWorld;
using fixture::World;

/// All that an image leaves out because it follows from the rest, so that two pools with equal images can be told apart by it.
std::string what_follows(Pool const& pool) {
  std::string text = fmt::format("waiting {} jobs {} nodes {}\n", pool.waiting, pool.jobs.size(), pool.nodes.size());
  pool.queues.each([&](ClassQueue const& queue) {
    text += fmt::format("queue {} waiting {} alive {} tail {}:", queue.number, queue.waiting, queue.alive, queue.tail.value);
    JobId before;
    for (JobId at = queue.head; at; at = pool.jobs.at(at.value).after) {
      EXPECT_EQ(pool.jobs.at(at.value).before, before);
      text += fmt::format(" {}", at.value);
      before = at;
    }
    text += '\n';
  });
  for (auto const& [request, number] : *pool.queue_of) text += fmt::format("class {} is {}\n", fmt::join(request.on, ","), number);
  for (auto const& [name, id] : *pool.node_named) text += fmt::format("{} is {}\n", name, to_text(id));
  pool.nodes.each([&](Node const& n) {
    text += fmt::format("{} uses {} {}:", n.name, n.cpu_milli_used, n.memory_mib_used);
    for (AttemptId attempt : n.attempts) text += ' ' + to_text(attempt);
    text += '\n';
  });
  pool.jobs.each([&](Job const& j) { text += fmt::format("job {} {} {}\n", j.id.value, j.before.value, j.after.value); });
  return text;
}

void expect_equal(Pool const& a, Pool const& b) {
  ASSERT_EQ(to_text(a), to_text(b));
  ASSERT_EQ(what_follows(a), what_follows(b));
  ASSERT_EQ(save_image(a, {}, ""), save_image(b, {}, ""));
}

Pool loaded(Pool const& pool) {
  auto image = load_image(save_image(pool, {}, ""));
  EXPECT_TRUE(image) << image.error().message;
  return image ? std::move(image->pool) : Pool{};
}

TEST(Image, AnEmptyStateComesBack) {
  auto const image = load_image(save_image({}, {}, "answers"));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->answers, "answers");
  expect_equal(image->pool, Pool{});
}

TEST(Image, AccessComesBack) {
  Access access;
  auto const happen = [&](AccessCommand const& command) {
    auto const events = decide(access, command, UserId{1}, Time{5});
    ASSERT_TRUE(events) << events.error().message;
    for (auto const& event : *events) apply(access, event);
  };
  happen(Found{"root", "hash-1"});
  happen(MakeUser{"ada", Role::Member});
  happen(ChangeProject{ProjectId{1}, {UserId{2}}, {}});
  happen(MakeToken{TokenKind::Join, UserId{2}, "t", "hash-2", Time{99}});
  happen(RevokeToken{TokenId{1}});
  happen(MakeWebhook{"https://example.org/a", {NoticeKind::SetAside}});
  happen(MakeWebhook{"https://example.org/b", {}});
  happen(RemoveWebhook{WebhookId{1}});
  happen(MakeReportSchedule{"weekly", {.report = "usage", .by = {"team"}, .cron = "@weekly", .time_zone = "UTC", .formats = {ReportFormat::Csv}, .keep = 3}});
  happen(PauseReportSchedule{"weekly"});
  auto const image = load_image(save_image({}, access, ""));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->access.users, access.users);
  EXPECT_EQ(image->access.teams, access.teams);
  EXPECT_EQ(image->access.projects, access.projects);
  EXPECT_EQ(image->access.tokens, access.tokens);
  EXPECT_EQ(image->access.token_of_hash, access.token_of_hash);
  EXPECT_EQ(image->access.webhooks, access.webhooks);
  EXPECT_EQ(image->access.report_schedules, access.report_schedules);
}

TEST(Image, ANewerVersionIsRefused) {
  std::string bytes = save_image({}, {}, "");
  bytes[bytes.find('\n') + 1] = 9;
  auto const image = load_image(bytes);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().kind, ErrorKind::Unsupported);
  EXPECT_EQ(image.error().message, "the image is of version 9, and this one reads versions up to 2");
}

TEST(Image, WhatIsCutShortIsRefused) {
  World world = pool_of(node("a", a100("3g.20gb@4")));
  world.submit(job("train", "mig-1g.5gb"), 3);
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  std::string const bytes = save_image(world.pool, {}, "answers");
  for (std::size_t size = 0; size < bytes.size(); ++size) ASSERT_FALSE(load_image(std::string_view(bytes).substr(0, size))) << size;
}

// Storms over small worlds: what was saved and loaded at any moment goes on exactly as the original does, and the events replayed from
// nothing give the same pool.
TEST(Image, ALoadedPoolGoesOnAsTheSavedOneAndReplayGivesTheSame) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomWorld storm(seed);
    storm.run(150);
    Pool const saved = storm.world.pool;
    std::size_t const then = storm.world.history.size();
    storm.run(150);
    Pool replayed, resumed = loaded(saved);
    expect_equal(resumed, saved);
    for (std::size_t i = 0; i < storm.world.history.size(); ++i) {
      auto const& [event, stamp] = storm.world.history[i];
      apply(replayed, event, stamp);
      if (i >= then) apply(resumed, event, stamp);
      if (i + 1 == then) expect_equal(replayed, saved);
    }
    expect_equal(replayed, storm.world.pool);
    expect_equal(resumed, storm.world.pool);
    expect_equal(loaded(resumed), resumed);
    if (HasFatalFailure()) return;
  }
}

// A snapshot is a copy that shares pages: what happens later must not shine through.
TEST(Image, ASnapshotStaysAsItWas) {
  RandomWorld storm(7);
  storm.run(100);
  Pool const snapshot = storm.world.pool;
  std::string const then = save_image(snapshot, {}, "") + what_follows(snapshot);
  storm.run(200);
  EXPECT_NE(to_text(storm.world.pool), to_text(snapshot));
  EXPECT_EQ(save_image(snapshot, {}, "") + what_follows(snapshot), then);
}

// Not a test of speed, but it tells it: NAV_JOBS=1000000 core_test --gtest_filter='*Million*'
TEST(Image, ManyJobsAreSavedAndLoaded) {
  auto const* wanted = std::getenv("NAV_JOBS");
  std::uint32_t const jobs = wanted ? static_cast<std::uint32_t>(std::atoi(wanted)) : 20'000;
  World world = pool_of(node("a", a100(), a100()));
  std::uint32_t queued = 0;
  for (; queued < jobs / 2; ++queued) world.submit(job(fmt::format("j{}", queued), queued % 2 ? "mig-1g.5gb" : "cpu"));
  while (queued < jobs)
    world.submit(job("many", "mig-2g.10gb"), std::min(most_jobs_at_once, jobs - queued)), queued += std::min(most_jobs_at_once, jobs - queued);
  auto const clock = [] { return std::chrono::steady_clock::now(); };
  auto const ms = [](auto from, auto to) { return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count(); };
  auto const start = clock();
  std::string const bytes = save_image(world.pool, {}, "");
  auto const saved = clock();
  auto const image = load_image(bytes);
  auto const loaded = clock();
  ASSERT_TRUE(image);
  EXPECT_EQ(image->pool.jobs.size(), jobs);
  fmt::print("{} jobs: {} bytes, saved in {} ms, loaded in {} ms\n", jobs, bytes.size(), ms(start, saved), ms(saved, loaded));
}

}  // namespace
}  // namespace nav
