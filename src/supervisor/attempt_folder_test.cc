// SPDX-License-Identifier: Apache-2.0
#include "supervisor/attempt_folder.h"

#include <atomic>
#include <fcntl.h>
#include <sys/stat.h>

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

TEST_F(Attempts, AFolderThatIsJustBeingPreparedIsNotLost) {
  ASSERT_TRUE(make_folder(folder(), 0700));
  EXPECT_EQ(sight().phase, Phase::Prepared);
  EXPECT_EQ(sight().problem, "");
}

TEST_F(Attempts, NoLookWhileAttemptsAreStartedFindsOneLost) {
  std::atomic<bool> done = false;
  std::string lost;
  std::thread onlooker([&] {
    while (!done) {
      auto const attempts = list_attempts(data_ / "jobs").value();
      for (auto const attempt : attempts)
        if (auto const seen = look(folder(to_text(attempt))); seen && seen->phase == Phase::Lost) lost = to_text(attempt) + ": " + seen->problem;
    }
  });
  for (int i = 1; i <= 40; ++i) launch(spec({"true"}, std::to_string(i) + ".1"));
  done = true;
  onlooker.join();
  EXPECT_EQ(lost, "");
}

TEST_F(Attempts, AStopEndsEveryProcessAlsoThoseThatLeftTheSession) {
  launch(shell("trap 'echo asked; exit 3' TERM; setsid sh -c 'trap \"\" TERM; exec sleep 54321' & setsid sleep 54321 & echo up; wait"));
  wait_for_log("up");
  ASSERT_TRUE(stop(folder(), seconds(20)));
  EXPECT_EQ(text_of(end_of()), "cancelled 3 0 ");
  EXPECT_EQ(log(), "up\nasked\n");
  EXPECT_TRUE(processes_with(std::string("sleep\0"
                                         "54321",
                                         11))
                  .empty());
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
  ASSERT_TRUE(soon([] {
    return !processes_with(std::string("sleep\0"
                                       "65432",
                                       11))
                .empty();
  }));
  ::kill(static_cast<pid_t>(sight().status.supervisor_pid), SIGKILL);
  EXPECT_EQ(text_of(end_of()), "lost ");
  // Lost is said only when nothing is left: no waiting here.
  EXPECT_TRUE(processes_with(std::string("sleep\0"
                                         "65432",
                                         11))
                  .empty());
}

TEST_F(Attempts, ARefusedAttemptHasEndedForAllWhoLook) {
  ASSERT_TRUE(refuse(folder(), "42.1", "its project has no user here"));
  EXPECT_EQ(text_of(sight()), "could_not_start -1 0 its project has no user here");
  EXPECT_EQ(prepare(folder(), spec({"true"})).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(start(folder(), program).error().kind, ErrorKind::Conflict);
}

TEST_F(Attempts, OnlyPreparedIsNotStartedAndCanBeRemoved) {
  ASSERT_TRUE(prepare(folder(), spec({"true"})));
  EXPECT_EQ(sight().phase, Phase::Prepared);
  EXPECT_EQ(prepare(folder(), spec({"true"})).error().kind, ErrorKind::Conflict);
  ASSERT_TRUE(remove_folder(folder()));
  EXPECT_EQ(look(folder()).error().kind, ErrorKind::NotFound);
}

TEST_F(Attempts, WhatRunsIsNotRemoved) {
  launch(shell("exec sleep 1000"));
  EXPECT_EQ(remove_folder(folder()).error().kind, ErrorKind::Conflict);
  EXPECT_NE(sight().phase, Phase::Lost);
}

TEST_F(Attempts, AnAttemptStoppedBeforeItsStartNeverRuns) {
  ASSERT_TRUE(prepare(folder(), shell("echo ran")));
  ASSERT_TRUE(stop(folder(), {}));
  ASSERT_TRUE(start(folder(), program));
  EXPECT_EQ(text_of(end_of()), "cancelled -1 0 it was to end before it had started");
  EXPECT_EQ(log(), "");
}

TEST_F(Attempts, AnotherBootMakesAnAttemptLost) {
  auto old = spec({"true"});
  old.boot_id = "some other boot";
  ASSERT_TRUE(prepare(folder(), old));
  EXPECT_EQ(sight().phase, Phase::Lost);
  ASSERT_TRUE(prepare(folder("43.1"), spec({"true"}, "43.1")));
  Status before{.attempt = "43.1",
                .phase = Phase::Running,
                .boot_id = "some other boot",
                .supervisor_pid = 1,
                .init_pid = ::getpid(),
                .init_start = start_of_process(::getpid())};
  ASSERT_TRUE(replace_file(folder("43.1"), "status", write_status(before), 0600, Durability::Process));
  EXPECT_EQ(sight("43.1").phase, Phase::Lost);
}

TEST_F(Attempts, APidGivenToSomebodyElseDoesNotPassForOurs) {
  ASSERT_TRUE(prepare(folder(), spec({"true"})));
  Status stale{.attempt = "42.1", .phase = Phase::Running, .boot_id = this_boot(), .init_pid = ::getpid(), .init_start = start_of_process(::getpid()) - 1};
  ASSERT_TRUE(replace_file(folder(), "status", write_status(stale), 0600, Durability::Process));
  EXPECT_EQ(sight().phase, Phase::Lost);
  ++stale.init_start;
  ASSERT_TRUE(replace_file(folder(), "status", write_status(stale), 0600, Durability::Process));
  EXPECT_EQ(sight().phase, Phase::Running);
  ::unlink((folder() + "/status").c_str());
}

TEST_F(Attempts, ASupervisorToldToEndEndsItsJobFirst) {
  launch(shell("trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.01; done"));
  wait_for_log("up");
  ::kill(static_cast<pid_t>(sight().status.supervisor_pid), SIGTERM);
  EXPECT_EQ(text_of(end_of()), "interrupted 0 0 ");
}

TEST_F(Attempts, AStopThatMeetsTheEndOfASupervisorHarmsNobody) {
  ASSERT_TRUE(prepare(folder(), spec({"true"})));
  auto const bell = folder() + "/bell";
  ASSERT_EQ(::mkfifo(bell.c_str(), 0600), 0);
  std::atomic<bool> done = false;
  std::thread coming_and_going([&] {
    while (!done) Fd(::open(bell.c_str(), O_RDONLY | O_NONBLOCK));
  });
  for (int i = 0; i < 300; ++i) (void)stop(folder(), {});  // SIGPIPE would be the end of this test, as of an agent
  done = true;
  coming_and_going.join();
}

TEST_F(Attempts, AllAttemptsAreListedInOrder) {
  for (auto const* attempt : {"10.1", "9.2", "9.1"}) ASSERT_TRUE(prepare(folder(attempt), spec({"true"}, attempt)));
  std::string text;
  auto const all = list_attempts(data_ / "jobs").value();
  for (auto const id : all) text += to_text(id) + " ";
  EXPECT_EQ(text, "9.1 9.2 10.1 ");
  EXPECT_TRUE(list_attempts(data_ / "nowhere").value().empty());
}

TEST_F(Attempts, FromStartToFirstOutputIsAMatterOfMilliseconds) {
  auto const before = boot_clock_us();
  launch(shell("echo up; exec sleep 1000"));
  wait_for_log("up");
  auto const taken_us = boot_clock_us() - before;
  std::printf("start to first output seen: %.1f ms\n", static_cast<double>(taken_us) / 1000);
  EXPECT_LT(taken_us, 2'000'000);  // of a busy machine
}

}  // namespace
}  // namespace nav::supervisor
