// SPDX-License-Identifier: Apache-2.0
#include "supervisor/attempt_folder.h"

#include "supervisor/attempts_fixture.h"
#include "supervisor/files.h"

namespace nav::supervisor {
namespace {

TEST_F(Attempts, ACommandThatSucceedsIsSeenToHaveSucceededWithItsLog) {
  auto const seen = run(shell("echo hello; echo there >&2"));
  EXPECT_EQ(text_of(seen), "exited 0 0 ");
  EXPECT_EQ(log(), "hello\nthere\n");
  EXPECT_EQ(seen.status.log_bytes, 12);
  EXPECT_EQ(seen.status.attempt, "42.1");
  EXPECT_TRUE(seen.status.started_at);
  EXPECT_GE(seen.status.ended_at, seen.status.started_at);
  EXPECT_GT(seen.status.peak_memory_bytes, 0);
  EXPECT_TRUE(seen.status.cgroups.empty());
}

TEST_F(Attempts, AnExitCodeIsKept) { EXPECT_EQ(text_of(run(shell("exit 7"))), "exited 7 0 "); }

TEST_F(Attempts, ASignalIsKept) { EXPECT_EQ(text_of(run(shell("kill -SEGV $$"))), "signalled -1 11 "); }

TEST_F(Attempts, WhatCannotBeStartedSaysWhy) {
  EXPECT_EQ(text_of(run(spec({"no-such-thing", "x"}, "1.1"))), "could_not_start -1 0 no such command: no-such-thing");
  auto moved = spec({"true"}, "2.1");
  moved.workdir = "/no/such/folder";
  EXPECT_EQ(text_of(run(moved)), "could_not_start -1 0 workdir /no/such/folder is not there");
  EXPECT_EQ(text_of(run(spec({"/etc/passwd"}, "3.1"))),
            "could_not_start -1 0 /etc/passwd may not be run by the job's user, uid " + std::to_string(::geteuid()));
}

TEST_F(Attempts, ASecondStartIsRefusedWhileItRunsAndAfterwards) {
  launch(shell("sleep 1000"));
  auto const again = start(folder(), program);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(again.error().message, "a supervisor holds this attempt already");
  ASSERT_TRUE(stop(folder(), {}));
  EXPECT_EQ(end_of().status.outcome.cause, Cause::Cancelled);
  ASSERT_TRUE(soon([&] { return start(folder(), program).error().message == "this attempt was started before"; }));
}

TEST_F(Attempts, AStopEndsEveryProcessAlsoThoseThatLeftTheSession) {
  launch(shell("trap 'echo asked; exit 3' TERM; setsid sh -c 'trap \"\" TERM; exec sleep 54321' & setsid sleep 54321 & echo up; wait"));
  wait_for_log("up");
  ASSERT_TRUE(stop(folder(), seconds(20)));
  EXPECT_EQ(text_of(end_of()), "cancelled 3 0 ");
  EXPECT_EQ(log(), "up\nasked\n");
  EXPECT_NE(std::system("pgrep -f '^sleep 54321' > /dev/null"), 0);
}

TEST_F(Attempts, WhoeverIgnoresTheStopIsKilledAfterTheGrace) {
  launch(shell("trap '' TERM; echo up; while :; do sleep 0.01; done"));
  wait_for_log("up");
  ASSERT_TRUE(stop(folder(), milliseconds(50)));
  EXPECT_EQ(text_of(end_of()), "cancelled -1 9 ");
}

TEST_F(Attempts, KillingTheSupervisorKillsTheTreeAndLeavesTheAttemptLost) {
  launch(shell("setsid sleep 65432 & setsid sh -c 'sleep 65432; true' & echo up; wait"));
  wait_for_log("up");
  ASSERT_TRUE(soon([&] { return sight().phase == Phase::Running; }));
  ASSERT_EQ(std::system("pgrep -f '^sleep 65432' > /dev/null"), 0);
  ::kill(static_cast<pid_t>(sight().status.supervisor_pid), SIGKILL);
  EXPECT_EQ(text_of(end_of()), "lost ");
  // Lost is said only when nothing is left: no waiting here.
  EXPECT_NE(std::system("pgrep -f '^sleep 65432' > /dev/null"), 0);
}

}  // namespace
}  // namespace nav::supervisor
