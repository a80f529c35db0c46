// SPDX-License-Identifier: Apache-2.0
#include "supervisor/attempt_folder.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "supervisor/files.h"
#include "supervisor/log.h"

namespace nav::supervisor {
namespace {

namespace fs = std::filesystem;

std::string const program = NAV_BUILD_DIR "/bin/nav-supervisor";
constexpr std::uint32_t somebody = 54321, somebody_else = 54322;

/// Looks again and again until `what` is so; false after half a minute, when something is broken.
bool soon(std::function<bool()> const& what) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!what()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

[[maybe_unused]] bool is_root() { return ::geteuid() == 0; }

/// A data folder with attempts in it, which is gone, with all that runs, at the end of the test.
class Attempts : public ::testing::Test {
 protected:
  void SetUp() override {
    // Not below /tmp, which is another one for a job; where the tests run, the current folder can be written.
    std::string name = NAV_BUILD_DIR "/supervisor-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    data_ = name;
    fs::create_directory(data_ / "jobs");
  }
  void TearDown() override {
    for (auto const& entry : fs::directory_iterator(data_ / "jobs")) {
      (void)stop(entry.path(), {});
      EXPECT_TRUE(soon([&] { return remove_folder(entry.path()).has_value(); })) << entry.path();
    }
    fs::remove_all(data_);
  }

  std::string folder(std::string const& attempt = "42.1") const { return data_ / "jobs" / attempt; }

  Spec spec(std::vector<std::string> command, std::string attempt = "42.1") const {
    Spec made;
    made.attempt = std::move(attempt);
    made.command = std::move(command);
    made.data_folder = data_;
    made.grace = seconds(20);
    return made;
  }
  Spec shell(std::string const& script, std::string attempt = "42.1") const { return spec({"sh", "-c", script}, std::move(attempt)); }

  void launch(Spec const& what) {
    auto prepared = prepare(folder(what.attempt), what);
    ASSERT_TRUE(prepared) << to_text(prepared.error());
    auto started = start(folder(what.attempt), program);
    ASSERT_TRUE(started) << to_text(started.error());
  }
  Sight sight(std::string const& attempt = "42.1") const { return look(folder(attempt)).value(); }
  Sight end_of(std::string const& attempt = "42.1") const {
    EXPECT_TRUE(soon([&] { return sight(attempt).phase == Phase::Ended || sight(attempt).phase == Phase::Lost; }));
    return sight(attempt);
  }
  Sight run(Spec const& what) {
    launch(what);
    return end_of(what.attempt);
  }
  std::string log(std::string const& attempt = "42.1") const {
    auto piece = read_log(folder(attempt), 0, 1 << 20);
    return piece ? piece->bytes : to_text(piece.error());
  }
  void wait_for_log(std::string const& text, std::string const& attempt = "42.1") const {
    ASSERT_TRUE(soon([&] { return log(attempt).find(text) != std::string::npos; })) << log(attempt);
  }

  fs::path data_;
};

/// "cause code signal message", the whole outcome at a glance.
std::string text_of(Sight const& seen) {
  auto const& outcome = seen.status.outcome;
  if (seen.phase != Phase::Ended) return std::string(word_of(seen.phase)) + " " + seen.problem;
  return fmt::format("{} {} {} {}", word_of(outcome.cause), outcome.exit_code, outcome.signal, outcome.message);
}

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
