// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sys/mount.h>

#include "supervisor/attempts_fixture.h"
#include "supervisor/files.h"
#include "supervisor/termination.h"

namespace nav::supervisor {
namespace {

bool noted(Sight const& seen, std::string const& text) {
  for (auto const& note : seen.status.notes)
    if (note.find(text) != std::string::npos) return true;
  return false;
}

TEST_F(Attempts, TheTimeLimitEndsAJobThatTakesLonger) {
  auto slow = shell("echo up; exec sleep 1000");
  slow.limits.time = milliseconds(100);
  auto const seen = run(slow);
  EXPECT_EQ(text_of(seen), "time_limit -1 15 ");
  EXPECT_GE((seen.status.ended_at - seen.status.started_at).ms(), 90);
}

TEST_F(Attempts, ALeaseThatNobodyRenewsEndsARestartableJob) {
  auto leased = shell("exec sleep 1000");
  leased.at_deadline = AtDeadline::Stop;
  leased.lease_deadline_us = boot_clock_us() + 50'000;
  EXPECT_EQ(text_of(run(leased)), "lease_expired -1 15 ");
}

TEST_F(Attempts, ARenewedLeaseLetsItRunOn) {
  auto leased = shell("while [ ! -e done ]; do sleep 0.01; done");
  leased.at_deadline = AtDeadline::Stop;
  leased.lease_deadline_us = boot_clock_us() + 1'000'000;
  launch(leased);
  ASSERT_TRUE(renew(folder(), boot_clock_us() + 60'000'000));
  ASSERT_TRUE(renew(folder(), 1));  // late news of an earlier deadline
  ASSERT_TRUE(soon([&] { return boot_clock_us() > leased.lease_deadline_us + 100'000; }));
  EXPECT_EQ(sight().phase, Phase::Running);
  std::ofstream(folder() + "/work/done");
  EXPECT_EQ(text_of(end_of()), "exited 0 0 ");
}

TEST_F(Attempts, AJobThatCannotBeRestartedRunsOnWithoutALease) {
  auto leased = shell("while [ ! -e done ]; do sleep 0.01; done");
  leased.lease_deadline_us = boot_clock_us() + 1;
  launch(leased);
  ASSERT_TRUE(soon([&] { return sight().phase == Phase::Running; }));
  std::ofstream(folder() + "/work/done");
  EXPECT_EQ(text_of(end_of()), "exited 0 0 ");
}

TEST_F(Attempts, AnExpiredLeaseLetsNothingStart) {
  auto leased = shell("echo ran");
  leased.at_deadline = AtDeadline::Stop;
  leased.lease_deadline_us = 1;
  EXPECT_EQ(text_of(run(leased)), "lease_expired -1 0 it was to end before it had started");
  EXPECT_EQ(log(), "");
}

TEST_F(Attempts, MemoryBeyondTheLimitIsAnOutcomeOfItsOwn) {
  auto greedy = shell("exec tail /dev/zero");  // keeps what it takes for a line that never ends
  greedy.limits.memory_mib = 32;
  launch(greedy);
  auto const limited = soon([&] { return !sight().status.boot_id.empty(); }) && !noted(sight(), "limits not enforced");
  if (!limited) {
    ASSERT_TRUE(stop(folder(), {}));
    end_of();
    GTEST_SKIP() << "no control groups to be made here: " << sight().status.notes.at(0);
  }
  auto const seen = end_of();
  EXPECT_EQ(text_of(seen), "out_of_memory -1 9 it reached its memory limit of 32 MiB");
  EXPECT_LE(seen.status.peak_memory_bytes, 32ll << 20);
  EXPECT_GT(seen.status.peak_memory_bytes, 16ll << 20);
  EXPECT_TRUE(seen.status.cgroups.empty());
}

TEST_F(Attempts, AJobThatSaysThatItsGpusMemoryRanOutIsBelievedIfItFails) {
  std::string const tells = "printf 'gpu_out_of_memory\\nCUDA out of memory.\\n' > $NAV_TERMINATION_FILE; ";
  EXPECT_EQ(text_of(run(shell(tells + "exit 3", "42.1"))), "gpu_out_of_memory 3 0 CUDA out of memory.");
  EXPECT_EQ(text_of(run(shell(tells + "kill -9 $$", "42.2"))), "gpu_out_of_memory -1 9 CUDA out of memory.");
  EXPECT_EQ(text_of(run(shell(tells + "exit 0", "42.3"))), "exited 0 0 ");
  EXPECT_EQ(text_of(run(shell("mkfifo $NAV_TERMINATION_FILE; exit 3", "42.4"))), "exited 3 0 ") << "nobody waits for what never comes";
}

TEST_F(Attempts, WhatAJobSaysOfItsEndIsOneLineOfPlainText) {
  EXPECT_EQ(read_termination("out_of_memory"), (Termination{Cause::OutOfMemory, ""}));
  EXPECT_EQ(read_termination("gpu_out_of_memory\r\nno\x1b[31m \xff\n\n room\n"), (Termination{Cause::GpuOutOfMemory, "no?[31m ? room"}));
  EXPECT_EQ(read_termination("out_of_memory\n" + std::string(1000, 'x'))->message.size(), 303u);
  for (char const* other : {"", "\n", "out of memory", "node_error\nit was not me", "out_of_memory, perhaps"}) EXPECT_FALSE(read_termination(other)) << other;
}

TEST_F(Attempts, MoreThanASimulatedGpuHasIsItsEnd) {
  auto greedy = shell("head -c 100M /dev/zero | tail | sleep 1000");  // keeps what it takes for a line that never ends
  greedy.limits.simulated_gpu_mib = 32;
  auto const seen = run(greedy);
  EXPECT_EQ(seen.status.outcome.cause, Cause::GpuOutOfMemory);
  EXPECT_TRUE(seen.status.outcome.message.ends_with(" MiB, and its simulated GPU has 32 MiB for it")) << seen.status.outcome.message;
  auto modest = shell("head -c 10M /dev/zero | tail > /dev/null; sleep 0.1", "42.2");
  modest.limits.simulated_gpu_mib = 64;
  EXPECT_EQ(text_of(run(modest)), "exited 0 0 ");
}

TEST_F(Attempts, TheControlGroupsOfALostAttemptGoWithItsFolder) {
  auto limited = shell("echo up; exec sleep 1000");
  limited.limits.memory_mib = 64;
  limited.limits.cpus = 0.5;
  launch(limited);
  wait_for_log("up");
  auto const groups = sight().status.cgroups;
  if (groups.empty()) GTEST_SKIP() << sight().status.notes.at(0);
  for (auto const& group : groups) {
    EXPECT_TRUE(fs::exists(group)) << group;
    auto const quota = read_whole(group + "/cpu.cfs_quota_us"), maximum = read_whole(group + "/cpu.max");
    EXPECT_EQ(quota.value_or("50000\n"), "50000\n");
    EXPECT_EQ(maximum.value_or("50000 100000\n"), "50000 100000\n");
    EXPECT_NE(read_whole(group + "/cgroup.procs").value_or(""), "");
  }
  ::kill(static_cast<pid_t>(sight().status.supervisor_pid), SIGKILL);
  EXPECT_EQ(end_of().phase, Phase::Lost);
  ASSERT_TRUE(remove_folder(folder()));
  for (auto const& group : groups) EXPECT_FALSE(fs::exists(group)) << group;
}

TEST_F(Attempts, ProcessorTimeIsCounted) {
  auto const seen = run(shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
  EXPECT_GT(seen.status.cpu_time.us, 0);
}

TEST_F(Attempts, ALongLogKeepsItsHeadAndItsTailAndSaysWhatIsMissing) {
  auto wordy = shell("i=100000; while [ $i -lt 110000 ]; do echo $i; i=$((i+1)); done");  // 70,000 bytes
  wordy.limits.log_bytes = 10'000;
  EXPECT_EQ(run(wordy).status.log_bytes, 70'000);
  auto const head = read_log(folder(), 0, 1 << 20).value();
  EXPECT_EQ(head.bytes.size(), 5'000u);
  EXPECT_EQ(head.bytes.substr(0, 7), "100000\n");
  auto const tail = read_log(folder(), head.next, 1 << 20).value();
  EXPECT_EQ(tail.left_out, 60'000);
  EXPECT_EQ(tail.offset, 65'000);
  EXPECT_EQ(tail.bytes.size(), 5'000u);
  EXPECT_EQ(tail.bytes.substr(4'993), "109999\n");
  EXPECT_EQ(tail.next, 70'000);
  EXPECT_EQ(read_log(folder(), tail.next, 1 << 20).value().bytes, "");
  EXPECT_LE(fs::file_size(folder() + "/log") + fs::file_size(folder() + "/log.tail"), 10'064u);
}

TEST_F(Attempts, ASupervisorStaysBelowTwoMegabytes) {
  launch(shell("yes 'a line of a log' | head -c 3000000; echo; echo up; exec sleep 1000"));
  ASSERT_TRUE(soon([&] {
    auto const end = read_log(folder(), 3'000'000, 100);
    return end && end->bytes.find("up") != std::string::npos;
  }));
  auto const resident_kib = [](std::int64_t pid, std::string const& key) {
    std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string word; rollup >> word;)
      if (long kib = 0; word == key && rollup >> kib) return kib;
    return -1l;
  };
  auto const status = sight().status;
  for (auto pid : {status.supervisor_pid, status.init_pid}) {
    auto const rss = resident_kib(pid, "Rss:"), pss = resident_kib(pid, "Pss:");
    if (rss < 0) GTEST_SKIP() << "the kernel does not tell";
    std::printf("pid %ld: %ld KiB resident, %ld KiB as its share\n", static_cast<long>(pid), rss, pss);
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LT(rss, 2048);
#endif
  }
}

/// A disk so small that it is full at once.
class FullDisk : public Attempts {
 protected:
  void SetUp() override {
    Attempts::SetUp();
    if (!is_root() || ::mount("tmpfs", (data_ / "jobs").c_str(), "tmpfs", 0, "size=128k") != 0) GTEST_SKIP() << "needs the right to mount";
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) {
      (void)stop(folder(), {});
      soon([&] { return remove_folder(folder()).has_value(); });
      ::umount2((data_ / "jobs").c_str(), MNT_DETACH);
    }
    Attempts::TearDown();
  }
  bool mounted_ = false;
};

TEST_F(FullDisk, TheJobRunsOnItsOutcomeIsKeptAndTheStatusSaysWhatTheLogLacks) {
  auto wordy = shell("head -c 1000000 /dev/zero; echo end; exit 5");
  wordy.limits.log_bytes = 10 << 20;
  auto const seen = run(wordy);
  EXPECT_EQ(text_of(seen), "exited 5 0 ");
  EXPECT_EQ(seen.status.log_bytes, 1'000'004);
  EXPECT_TRUE(noted(seen, "some of the log was left out: write log: No space left on device")) << write_status(seen.status);
  auto const head = read_log(folder(), 0, 1 << 20).value();
  EXPECT_GT(head.bytes.size(), 0u);
  EXPECT_EQ(read_log(folder(), head.next, 100).value().bytes, "");
}

TEST_F(FullDisk, AnAttemptThatHasNoRoomIsRefusedAsAWhole) {
  std::ofstream(data_ / "jobs" / "filler") << std::string(112 << 10, 'x');
  auto prepared = prepare(folder(), shell("echo ran"));
  auto started = prepared ? start(folder(), program) : prepared;
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::StorageFull) << to_text(started.error());
  EXPECT_EQ(log().find("ran"), std::string::npos);
}

}  // namespace
}  // namespace nav::supervisor
