// SPDX-License-Identifier: Apache-2.0
#include "plan/share.h"

#include <gtest/gtest.h>

#include "plan/site_fixture.h"

namespace nav {
namespace {

using fixture::Site;
namespace boards = mig::fixture;

std::uint64_t used(Site const& site, std::uint64_t project) {
  Account const* account = site.pool.accounts.project(ProjectId{project});
  return account ? account->used.slices : 0;
}

TEST(Share, TwoProjectsThatHaveSpentTheSameDivideARound) {
  Site site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  site.project(1, "one", 0), site.project(2, "two", 0);
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{1}}, 20);
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{2}}, 20);
  EXPECT_EQ(site.share(), 14u);
  EXPECT_EQ(used(site, 1), 7u);
  EXPECT_EQ(used(site, 2), 7u);
}

TEST(Share, WeightsDivideItUnevenly) {
  Site site;
  site.node("a", {boards::a100_40(), boards::a100_40(), boards::a100_40()});
  site.project(1, "one", 0, {.weight = 2}), site.project(2, "two", 0);
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{1}}, 30);
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{2}}, 30);
  EXPECT_EQ(site.share(), 21u);
  EXPECT_EQ(used(site, 1), 14u);
  EXPECT_EQ(used(site, 2), 7u);
}

TEST(Share, TheTreeIsDividedAtEveryForkAndNotByTheNumberOfProjects) {
  Site site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  site.team(1, "alone"), site.team(2, "many");
  site.project(1, "one", 1);
  for (std::uint64_t id = 2; id <= 5; ++id) site.project(id, fmt::format("p{}", id), 2);
  for (std::uint64_t id = 1; id <= 5; ++id) site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{id}}, 20);
  site.share();
  EXPECT_EQ(used(site, 1), 7u);
  EXPECT_EQ(site.pool.accounts.team(TeamId{2})->used.slices, 7u);
}

TEST(Share, WhoSpentMoreGoesLaterUntilItIsForgotten) {
  Site site;
  site.node("a", {boards::a100_40()});
  site.project(1, "spender", 0), site.project(2, "saver", 0);
  site.ask({.on = {"a100"}, .project = ProjectId{1}, .runs = hours(2)});
  site.pass(hours(2) + minutes(3));
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{1}}, 7);
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{2}}, 7);
  site.share();
  EXPECT_EQ(used(site, 2), 7u) << "fourteen slice-hours against none";
}

TEST(Share, AHigherPriorityClassGoesFirstWhoeversItIs) {
  Site site;
  site.node("a", {boards::a100_40()});
  site.project(1, "spender", 0), site.project(2, "saver", 0);
  set_spent(site.pool.accounts, true, 1, 1e6, site.now(), 0);
  site.ask({.on = {"mig-7g.40gb"}, .project = ProjectId{2}});
  JobId const high = site.ask({.on = {"mig-7g.40gb"}, .project = ProjectId{1}, .priority = 10});
  site.share();
  EXPECT_TRUE(site.is_seated(high));
}

TEST(Share, WhoIsWithinTheQuotaGoesBeforeWhoBorrows) {
  Site site;
  site.node("a", {boards::a100_40()});
  site.project(1, "owner", 0, {.slices = 7}), site.project(2, "guest", 0);
  set_spent(site.pool.accounts, true, 1, 1e6, site.now(), 0);
  site.ask({.on = {"mig-7g.40gb"}, .project = ProjectId{2}});
  JobId const own = site.ask({.on = {"mig-7g.40gb"}, .project = ProjectId{1}});
  site.share();
  EXPECT_TRUE(site.is_seated(own));
}

TEST(Share, AProjectAtItsLimitIsPassedOverAndSaysSo) {
  Site site;
  site.node("a", {boards::a100_40()});
  site.project(1, "small", 0, {.slices = 2, .borrow_slices = 0}), site.project(2, "other", 0);
  JobId const first = site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{1}}, 5);
  JobId const other = site.ask({.on = {"mig-4g.20gb"}, .project = ProjectId{2}});
  site.share();
  EXPECT_EQ(used(site, 1), 2u);
  EXPECT_TRUE(site.is_seated(other));
  EXPECT_EQ(site.why(JobId{first.value + 3}), "quota: project small may use 2 slices at once: 2 are in use and it asks for 1");
}

TEST(Share, WhereAQuotaForbidsOneRungTheNextIsTaken) {
  Site site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  site.project(1, "small", 0, {.slices = 3, .borrow_slices = 0});
  JobId const job = site.ask({.on = {"a100", "mig-3g.20gb"}});
  site.share();
  EXPECT_EQ(used(site, 1), 3u);
  EXPECT_TRUE(site.is_seated(job));
}

}  // namespace
}  // namespace nav
