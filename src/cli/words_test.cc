// SPDX-License-Identifier: Apache-2.0
#include "cli/words.h"

#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "cli/job_watch.h"

namespace nav::cli {
namespace {

Time const now{1'700'000'000'000'000};

TEST(Words, SayHowLongAgoInOneUnit) {
  EXPECT_EQ(age_text(now - seconds(5), now), "5s");
  EXPECT_EQ(age_text(now - seconds(125), now), "2m");
  EXPECT_EQ(age_text(now - hours(47), now), "47h");
  EXPECT_EQ(age_text(now - hours(49), now), "2d");
  EXPECT_EQ(age_text(now + seconds(3), now), "0s") << "clocks differ a little";
}

TEST(Words, SayHowLongAJobRan) {
  EXPECT_EQ(ran_text(api::Job{.state = api::JobState::Queued}, now), "");
  EXPECT_EQ(ran_text(api::Job{.state = api::JobState::Running, .started = now - seconds(75)}, now), "1m15s");
  EXPECT_EQ(ran_text(api::Job{.state = api::JobState::Failed, .started = now - seconds(75), .ended = now - seconds(70)}, now), "5s");
  EXPECT_EQ(ran_text(api::Job{.state = api::JobState::Succeeded, .started = now, .ended = now + microseconds(214)}, now), "0s");
  EXPECT_EQ(ran_text(api::Job{.state = api::JobState::Queued, .started = now - seconds(75)}, now), "") << "it waits for its next attempt";
}

TEST(Words, SayStatesInTheirColour) {
  EXPECT_EQ(state_cell(api::Job{.state = api::JobState::Running}).text, "running");
  EXPECT_EQ(state_cell(api::Job{.state = api::JobState::Running}).paint, Paint::Accent);
  EXPECT_EQ(state_cell(api::Job{.state = api::JobState::Failed, .exit_code = 3}).text, "failed (3)");
  EXPECT_EQ(state_cell(api::Job{.state = api::JobState::Lost}).paint, Paint::Bad);
}

TEST(Words, SayWhereAJobIsButNotWhereItWas) {
  EXPECT_EQ(where_text(api::Job{.state = api::JobState::Running, .node = "dgx-1", .place = "gpu0 1g.5gb@4"}), "dgx-1 gpu0 1g.5gb@4");
  EXPECT_EQ(where_text(api::Job{.state = api::JobState::Queued, .node = "dgx-1", .place = "gpu0 1g.5gb@4"}), "");
}

TEST(Words, QuoteForTheShell) { EXPECT_EQ(shell_text({"python", "train.py", "--lr=0.1", "a b", "it's", ""}), "python train.py --lr=0.1 'a b' 'it'\\''s' ''"); }

TEST(Words, CountProcessors) {
  EXPECT_EQ(processors_text(4000), "4");
  EXPECT_EQ(processors_text(500), "0.5");
  EXPECT_EQ(processors_text(1250), "1.25");
}

api::JobDetails ended(api::JobState state, api::Attempt attempt) { return {.job = {.state = state}, .attempts = {std::move(attempt)}}; }

TEST(ExitCode, OfRunWaitIsTheJobsOwn) {
  using enum api::JobState;
  EXPECT_EQ(exit_code_of(ended(Succeeded, {.outcome = api::Outcome::Exited, .exit_code = 0})), 0);
  EXPECT_EQ(exit_code_of(ended(Failed, {.outcome = api::Outcome::Exited, .exit_code = 3})), 3);
  EXPECT_EQ(exit_code_of(ended(Failed, {.outcome = api::Outcome::Signalled, .signal = 9})), 137);
  EXPECT_EQ(exit_code_of(ended(Failed, {.outcome = api::Outcome::TimeLimit})), 124);
  EXPECT_EQ(exit_code_of(ended(Failed, {.outcome = api::Outcome::CouldNotStart})), 125);
  EXPECT_EQ(exit_code_of(ended(Cancelled, {.outcome = api::Outcome::Exited, .exit_code = 143})), 125);
  EXPECT_EQ(exit_code_of(ended(Lost, {.outcome = api::Outcome::Lost})), 125);
  EXPECT_EQ(exit_code_of({.job = {.state = Cancelled}}), 125);
}

TEST(ExitCode, OfAnErrorFollowsItsKind) {
  EXPECT_EQ(exit_code_of(ErrorKind::InvalidArgument), 3);
  EXPECT_EQ(exit_code_of(ErrorKind::Conflict), 3);
  EXPECT_EQ(exit_code_of(ErrorKind::NotFound), 4);
  EXPECT_EQ(exit_code_of(ErrorKind::Unauthenticated), 5);
  EXPECT_EQ(exit_code_of(ErrorKind::Forbidden), 5);
  EXPECT_EQ(exit_code_of(ErrorKind::Unavailable), 6);
  EXPECT_EQ(exit_code_of(ErrorKind::TooMany), 6);
  EXPECT_EQ(exit_code_of(ErrorKind::Timeout), 7);
  EXPECT_EQ(exit_code_of(ErrorKind::Internal), 1);
}

TEST(Errors, ArePrintedWithFieldAndHint) {
  EXPECT_EQ(error_text({ErrorKind::NotFound, "there is no job 42", {}, {}}), "nav: there is no job 42\n");
  EXPECT_EQ(error_text({ErrorKind::InvalidArgument, "there is no template \"mig-1g\"", "did you mean mig-1g.5gb?", "on[0]"}),
            "nav: there is no template \"mig-1g\"\n  field: on[0]\n  did you mean mig-1g.5gb?\n");
}

}  // namespace
}  // namespace nav::cli
