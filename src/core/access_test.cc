// SPDX-License-Identifier: Apache-2.0
#include "core/access.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

struct Installation {
  Access access;
  Time now{1'000};

  Result<std::vector<AccessEvent>> ask(AccessCommand const& command) {
    auto events = decide(access, command, UserId{1}, now);
    if (events)
      for (auto const& event : *events) apply(access, event);
    return events;
  }
  std::string refusal(AccessCommand const& command) {
    auto const done = ask(command);
    return done ? "granted" : done.error().message;
  }
};

Installation founded() {
  Installation made;
  EXPECT_TRUE(made.ask(Found{"root", "root-hash"}));
  return made;
}

TEST(Access, AnInstallationIsFoundedOnceWithItsAdminTeamProjectAndToken) {
  Installation made = founded();
  EXPECT_EQ(made.access.user_named("root")->role, Role::Admin);
  EXPECT_TRUE(made.access.is_member(made.access.project_named("default")->id, UserId{1}));
  EXPECT_NE(made.access.token_for("root-hash", made.now), nullptr);
  EXPECT_EQ(made.refusal(Found{"other", "h"}), "this installation has users already");
}

TEST(Access, NamesAreCheckedAndTakenOnce) {
  Installation made = founded();
  ASSERT_TRUE(made.ask(MakeUser{"ada", Role::Member}));
  EXPECT_EQ(made.refusal(MakeUser{"ada", Role::Viewer}), "there is a user named ada already");
  EXPECT_NE(made.refusal(MakeUser{"../etc", Role::Viewer}), "granted");
  EXPECT_EQ(made.refusal(MakeTeam{"default"}), "there is a team named default already");
  EXPECT_EQ(made.refusal(MakeProject{"p", TeamId{9}}), "there is no team-9");
}

TEST(Access, TheLastAdminStays) {
  Installation made = founded();
  EXPECT_EQ(made.refusal(ChangeUser{UserId{1}, Role::Member, {}}), "root is the only admin");
  EXPECT_EQ(made.refusal(ChangeUser{UserId{1}, {}, true}), "root is the only admin");
  ASSERT_TRUE(made.ask(MakeUser{"ada", Role::Admin}));
  EXPECT_EQ(made.refusal(ChangeUser{UserId{1}, Role::Member, {}}), "granted");
}

TEST(Access, ATokenOpensUntilItIsRevokedExpiresOrItsUserIsDisabled) {
  Installation made = founded();
  ASSERT_TRUE(made.ask(MakeUser{"ada", Role::Member}));
  ASSERT_TRUE(made.ask(MakeToken{TokenKind::User, UserId{2}, "laptop", "h1", Time{2'000}}));
  ASSERT_TRUE(made.ask(MakeToken{TokenKind::User, UserId{2}, "server", "h2", {}}));
  EXPECT_NE(made.access.token_for("h1", Time{1'999}), nullptr);
  EXPECT_EQ(made.access.token_for("h1", Time{2'000}), nullptr);
  EXPECT_NE(made.access.token_for("h2", Time{9'999}), nullptr);
  ASSERT_TRUE(made.ask(RevokeToken{TokenId{2}}));
  EXPECT_EQ(made.access.token_for("h1", Time{1'000}), nullptr);
  ASSERT_TRUE(made.ask(ChangeUser{UserId{2}, {}, true}));
  EXPECT_EQ(made.access.token_for("h2", made.now), nullptr);
  EXPECT_EQ(made.access.token_for("unheard of", made.now), nullptr);
}

TEST(Access, ATokenThatWouldHaveExpiredIsRefused) {
  Installation made = founded();
  EXPECT_EQ(made.refusal(MakeToken{TokenKind::User, UserId{1}, "late", "h", Time{1'000}}), "the token would have expired already");
}

TEST(Access, MembersComeAndGoAndTheSameAgainChangesNothing) {
  Installation made = founded();
  ASSERT_TRUE(made.ask(MakeUser{"ada", Role::Member}));
  ASSERT_TRUE(made.ask(ChangeProject{ProjectId{1}, {UserId{2}}, {}}));
  EXPECT_TRUE(made.access.is_member(ProjectId{1}, UserId{2}));
  EXPECT_TRUE(made.ask(ChangeProject{ProjectId{1}, {UserId{2}}, {}})->empty());
  EXPECT_EQ(made.refusal(ChangeProject{ProjectId{1}, {UserId{7}}, {}}), "there is no user-7");
  ASSERT_TRUE(made.ask(ChangeProject{ProjectId{1}, {}, {UserId{2}}}));
  EXPECT_FALSE(made.access.is_member(ProjectId{1}, UserId{2}));
}

TEST(Access, ACircleOfTeamsIsRefusedAndNamed) {
  Installation made = founded();
  ASSERT_TRUE(made.ask(MakeTeam{"lab", TeamId{1}}));
  ASSERT_TRUE(made.ask(MakeTeam{"group", TeamId{2}}));
  auto const refused = made.ask(ChangeTeam{TeamId{1}, TeamId{3}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "parent");
  EXPECT_EQ(refused.error().message, "the teams would go round in a circle: default is part of group is part of lab is part of default");
  EXPECT_EQ(made.refusal(ChangeTeam{TeamId{3}, TeamId{3}}), "the teams would go round in a circle: group is part of group");
  EXPECT_TRUE(made.ask(ChangeTeam{TeamId{3}, TeamId{}})) << "to the top";
}

TEST(Access, AQuotaThatMeansNothingIsRefusedWithItsField) {
  Installation made = founded();
  auto const refused = made.ask(ChangeTeam{TeamId{1}, {}, Quota{.slices = 7, .lend_slices = 8}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "quota.lend_slices");
  EXPECT_EQ(to_text(refused.error()), "8 slices cannot be lent (at most quota.slices, which is 7)");
  EXPECT_EQ(made.refusal(ChangeProject{.project = ProjectId{1}, .quota = Quota{.weight = 0}}), "the weight is 0");
}

TEST(Access, RolesIncludeThoseBelowThem) {
  EXPECT_TRUE(includes(Role::Admin, Role::Viewer));
  EXPECT_TRUE(includes(Role::Member, Role::Member));
  EXPECT_FALSE(includes(Role::Viewer, Role::Member));
}

TEST(Access, AWebhookGoesToOneAddressOnceAndItsNumberDoesNotComeBack) {
  Installation made = founded();
  ASSERT_TRUE(made.ask(MakeWebhook{"https://example.org/a", {NoticeKind::SetAside, NoticeKind::NodeSilent, NoticeKind::SetAside}}));
  EXPECT_EQ(made.access.webhooks.at(WebhookId{1}).kinds, (std::vector{NoticeKind::NodeSilent, NoticeKind::SetAside}));
  EXPECT_EQ(made.refusal(MakeWebhook{"https://example.org/a", {}}), "webhook-1 goes to this address already");
  EXPECT_EQ(made.refusal(MakeWebhook{"gopher://example.org", {}}), "\"gopher://example.org\" is no http or https address");
  ASSERT_TRUE(made.ask(RemoveWebhook{WebhookId{1}}));
  EXPECT_EQ(made.ask(RemoveWebhook{WebhookId{1}})->size(), 0u) << "again";
  ASSERT_TRUE(made.ask(MakeWebhook{"https://example.org/a", {}}));
  EXPECT_FALSE(made.access.webhooks.at(WebhookId{2}).removed);
  EXPECT_EQ(made.refusal(RemoveWebhook{WebhookId{3}}), "there is no webhook-3");
}

TEST(Access, AsManyWebhooksAreTakenAsThereMayBe) {
  Installation made = founded();
  for (std::size_t i = 0; i < most_webhooks; ++i) ASSERT_TRUE(made.ask(MakeWebhook{fmt::format("https://example.org/{}", i), {}}));
  EXPECT_NE(made.refusal(MakeWebhook{"https://example.org/x", {}}), "granted");
  ASSERT_TRUE(made.ask(RemoveWebhook{WebhookId{3}}));
  EXPECT_EQ(made.refusal(MakeWebhook{"https://example.org/x", {}}), "granted");
}

ReportWish weekly() {
  return {.report = "usage", .by = {"team"}, .span = {}, .cron = "@weekly", .time_zone = "UTC", .formats = {ReportFormat::Json, ReportFormat::Csv}, .keep = 4};
}

TEST(Access, AScheduleOfReportsIsMadeChangedPausedAndDeleted) {
  Installation made = founded();
  ASSERT_TRUE(made.ask(MakeReportSchedule{"weekly", weekly()}));
  auto const& schedules = made.access.report_schedules;
  EXPECT_EQ(schedules.at("weekly").wish.formats, (std::vector{ReportFormat::Csv, ReportFormat::Json}));
  EXPECT_EQ(schedules.at("weekly").begins, Time{1'000});
  EXPECT_EQ(made.refusal(MakeReportSchedule{"weekly", weekly()}), "there is a schedule of reports named weekly already");

  made.now = Time{2'000};
  ReportWish more = schedules.at("weekly").wish;
  more.keep = 9;
  ASSERT_TRUE(made.ask(ChangeReportSchedule{"weekly", 0, more}));
  EXPECT_EQ(schedules.at("weekly").begins, Time{1'000}) << "what was due is still to be made";
  EXPECT_EQ(made.refusal(ChangeReportSchedule{"weekly", 0, weekly()}), "it was changed by somebody else meanwhile");
  more.cron = "@daily";
  ASSERT_TRUE(made.ask(ChangeReportSchedule{"weekly", 1, more}));
  EXPECT_EQ(schedules.at("weekly").begins, Time{2'000});
  EXPECT_TRUE(made.ask(ChangeReportSchedule{"weekly", 2, more})->empty()) << "the same again";

  ASSERT_TRUE(made.ask(PauseReportSchedule{"weekly"}));
  EXPECT_TRUE(made.ask(PauseReportSchedule{"weekly"})->empty()) << "again";
  made.now = Time{3'000};
  ASSERT_TRUE(made.ask(ResumeReportSchedule{"weekly"}));
  EXPECT_EQ(schedules.at("weekly").begins, Time{3'000}) << "what came meanwhile is not made up for";
  ASSERT_TRUE(made.ask(RemoveReportSchedule{"weekly"}));
  EXPECT_EQ(made.refusal(RemoveReportSchedule{"weekly"}), "there is no schedule of reports \"weekly\"");
}

TEST(Access, AScheduleOfReportsThatMeansNothingIsRefusedWithItsField) {
  Installation made = founded();
  auto const field = [&](std::string const& name, void (*spoil)(ReportWish&)) {
    ReportWish wish = weekly();
    spoil(wish);
    auto const refused = made.ask(MakeReportSchedule{name, wish});
    return refused ? "granted" : refused.error().field;
  };
  for (char const* name : {"", "a/b", "..", ".hidden", "Weekly", "a b"}) EXPECT_EQ(field(name, [](ReportWish&) {}), "name") << name;
  EXPECT_EQ(field("a", [](ReportWish& wish) { wish.keep = 0; }), "keep");
  EXPECT_EQ(field("a", [](ReportWish& wish) { wish.keep = 1001; }), "keep");
  EXPECT_EQ(field("a", [](ReportWish& wish) { wish.formats.clear(); }), "formats");
  EXPECT_EQ(field("a", [](ReportWish& wish) { wish.span = seconds(59); }), "span");
  EXPECT_EQ(field("a", [](ReportWish& wish) { wish.span = days(401); }), "span");
  EXPECT_EQ(field("a", [](ReportWish& wish) { wish.by = {"team", "user", "node"}; }), "by");
  for (std::size_t i = 0; i < most_report_schedules; ++i) ASSERT_TRUE(made.ask(MakeReportSchedule{fmt::format("r{}", i), weekly()}));
  EXPECT_EQ(made.refusal(MakeReportSchedule{"one-more", weekly()}), "there are 100 schedules of reports already, which is the most");
}

}  // namespace
}  // namespace nav
