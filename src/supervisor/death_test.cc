// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sched.h>
#include <sys/wait.h>

#include "supervisor/attempts_fixture.h"
#include "supervisor/files.h"

/// Whoever dies, and whenever: nothing of an attempt is left once it is called ended or lost, and none runs twice.
namespace nav::supervisor {
namespace {

TEST_F(Attempts, ASupervisorKilledAtAnyInstantLeavesNothingAndNoAttemptRunsTwice) {
  int lost = 0, ended = 0, never_began = 0;
  for (int round = 0; round < 40; ++round) {
    std::string const attempt = "42." + std::to_string(round + 1);
    auto const runs = (data_ / ("runs-" + attempt)).string();
    auto job = shell("echo run >> " + runs + "; setsid sleep 98765 & exec sleep 98765", attempt);
    job.data_folder.clear();
    ASSERT_TRUE(prepare(folder(attempt), job));
    std::thread starting([&] { (void)start(folder(attempt), program); });
    // From before the lock is taken to well after the command has started.
    std::this_thread::sleep_for(std::chrono::microseconds(round * 250));
    for (pid_t pid : processes_with(folder(attempt))) ::kill(pid, SIGKILL);
    starting.join();
    ASSERT_TRUE(soon([&] {
      for (pid_t const pid : processes_with(folder(attempt))) ::kill(pid, SIGKILL);
      return sight(attempt).phase == Phase::Lost || sight(attempt).phase == Phase::Ended ||
             (sight(attempt).phase == Phase::Prepared && processes_with(folder(attempt)).empty());
    })) << word_of(sight(attempt).phase);
    auto const phase = sight(attempt).phase;
    lost += phase == Phase::Lost;
    ended += phase == Phase::Ended;
    never_began += phase == Phase::Prepared;
    EXPECT_TRUE(processes_with("98765").empty());
    auto const ran = read_whole(runs).value_or("");
    EXPECT_TRUE(phase != Phase::Prepared || ran.empty());
    // The next agent: what has been started is not started again.
    auto const again = start(folder(attempt), program);
    EXPECT_EQ(again.has_value(), phase == Phase::Prepared);
    if (again) {
      ASSERT_TRUE(stop(folder(attempt), {}));
      end_of(attempt);
    }
    EXPECT_LE(read_whole(runs).value_or("").size(), std::string("run\n").size());
  }
  std::printf("%d lost, %d ended, %d never began\n", lost, ended, never_began);
  EXPECT_GT(lost, 0);
}

TEST_F(Attempts, KillingInitEndsTheAttemptWithThatWord) {
  launch(shell("setsid sleep 87654 & echo up; exec sleep 87654"));
  wait_for_log("up");
  ASSERT_TRUE(soon([&] { return sight().phase == Phase::Running; }));
  ::kill(static_cast<pid_t>(sight().status.init_pid), SIGKILL);
  EXPECT_EQ(text_of(end_of()), "signalled -1 9 its first process was killed from outside");
  EXPECT_TRUE(processes_with("87654").empty());
}

/// Where no namespaces can be made: inside a user namespace that allows none.
class WithoutNamespaces : public Attempts {
 protected:
  /// Runs `act` there, in a process of its own; false when the machine has no such place, or `act` says no.
  bool inside(std::function<bool()> const& act) {
    pid_t const child = ::fork();
    if (child == 0) {
      auto const uid = std::to_string(::geteuid()), gid = std::to_string(::getegid());
      if (::unshare(CLONE_NEWUSER) != 0) ::_exit(77);
      if (!write_kernel("/proc/self/uid_map", uid + " " + uid + " 1") || !write_kernel("/proc/self/setgroups", "deny") ||
          !write_kernel("/proc/self/gid_map", gid + " " + gid + " 1") || !write_kernel("/proc/sys/user/max_pid_namespaces", "0"))
        ::_exit(77);
      ::_exit(act() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    skipped_ = WIFEXITED(status) && WEXITSTATUS(status) == 77;
    return status == 0;
  }
  bool skipped_ = false;
};

TEST_F(WithoutNamespaces, AStopStillEndsEveryProcess) {
  bool const started = inside([&] {
    auto job = shell("trap 'exit 3' TERM; setsid sh -c 'trap \"\" TERM; setsid sleep 76540 & sleep 76540' & echo up; wait");
    return prepare(folder(), job) && start(folder(), program) && soon([&] { return log().find("up") != std::string::npos; });
  });
  if (skipped_) GTEST_SKIP() << "no user namespaces here";
  ASSERT_TRUE(started) << text_of(sight());
  EXPECT_EQ(sight().status.tree, Tree::Subreaper);
  EXPECT_TRUE(soon([&] { return processes_with("76540").size() >= 2; }));
  ASSERT_TRUE(stop(folder(), seconds(20)));
  EXPECT_EQ(text_of(end_of()), "cancelled 3 0 ");
  EXPECT_TRUE(processes_with("76540").empty());
}

TEST_F(WithoutNamespaces, KillingTheSupervisorStillKillsTheTree) {
  bool const started = inside([&] {
    return prepare(folder(), shell("setsid sh -c 'setsid sleep 76541 & sleep 76541' & echo up; wait")) && start(folder(), program) &&
           soon([&] { return log().find("up") != std::string::npos; });
  });
  if (skipped_) GTEST_SKIP() << "no user namespaces here";
  ASSERT_TRUE(started) << text_of(sight());
  ::kill(static_cast<pid_t>(sight().status.supervisor_pid), SIGKILL);
  EXPECT_EQ(end_of().phase, Phase::Lost);
  EXPECT_TRUE(processes_with("76541").empty());
}

TEST_F(WithoutNamespaces, KillingInitStillKillsTheTree) {
  bool const started = inside([&] {
    return prepare(folder(), shell("setsid sh -c 'setsid sleep 76542 & sleep 76542' & echo up; wait")) && start(folder(), program) &&
           soon([&] { return log().find("up") != std::string::npos; });
  });
  if (skipped_) GTEST_SKIP() << "no user namespaces here";
  ASSERT_TRUE(started) << text_of(sight());
  ::kill(static_cast<pid_t>(sight().status.init_pid), SIGKILL);
  EXPECT_EQ(text_of(end_of()), "signalled -1 9 its first process was killed from outside");
  EXPECT_TRUE(processes_with("76542").empty());
}

}  // namespace
}  // namespace nav::supervisor
