// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <rapidcheck.h>

#include "supervisor/attempts_fixture.h"

namespace nav::supervisor {
namespace {

Spec full_spec() {
  Spec spec;
  spec.attempt = "42.1";
  spec.command = {"sh", "-c", "echo \\n\nhello", ""};
  spec.environment = {{"A", ""}, {"B", "x=y\nz\\"}};
  spec.workdir = "/some where";
  spec.run_as_given = true;
  spec.run_as = {1000, 1001, {7, 8}};
  spec.limits = {4096, 1.5, seconds(60), 1 << 20, 512};
  spec.token = "secret";
  spec.data_folder = "/var/lib/opennav";
  spec.visible = {"/var/lib/opennav/driver", "/opt/a b"};
  spec.private_devices = true;
  spec.devices = {"/dev/nvidia0", "/dev/nvidia-caps/nvidia-cap21"};
  spec.lease_deadline_us = 5;
  spec.at_deadline = AtDeadline::Stop;
  spec.grace = seconds(3);
  spec.boot_id = "a-b-c";
  spec.labels = {{"gpu", "GPU-1"}, {"placement", "1g.5gb@4"}};
  return spec;
}

TEST(Formats, WhatIsWrittenIsReadBack) {
  auto const spec = read_spec(write_spec(full_spec()));
  ASSERT_TRUE(spec) << spec.error();
  EXPECT_EQ(*spec, full_spec());

  Status status{"42.1", Phase::Ended, "boot", 1,      2,      3, 4, Tree::Subreaper, Time{5}, Time{6}, {Cause::TimeLimit, -1, 15, "so it\nis"},
                7,      Duration{8},  9,      {"/g"}, {"n\\"}};
  auto const back = read_status(write_status(status));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(*back, status);
}

TEST(Formats, AFileOnTheDiskStaysReadableForLaterVersions) {
  EXPECT_EQ(write_lease({93}), "nav-lease 1\ndeadline_us 93\nend\n");
  EXPECT_EQ(write_stop({seconds(2)}), "nav-stop 1\ngrace_us 2000000\nend\n");
  auto const status = read_status(
      "nav-status 1\nattempt 42.1\nphase ended\nboot b\nsupervisor_pid 10\nsupervisor_start 20\ninit_pid 11\ninit_start 21\n"
      "tree pid_namespace\nstarted_at 5\nended_at 6\ncause exited\nexit_code 3\nsignal 0\npeak_memory_bytes 1\ncpu_time_us 2\nlog_bytes 3\n"
      "something_newer x\nend\n");
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->outcome.exit_code, 3);
}

TEST(Formats, WhatIsTornForeignOrNewerIsRefused) {
  auto const text = write_spec(full_spec());
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(read_spec(text.substr(0, size))) << size;
  EXPECT_EQ(read_lease("").error(), "it does not begin with the line \"nav-lease 1\"");
  EXPECT_EQ(read_lease("nav-lease 2\ndeadline_us 1\nend\n").error(), "it does not begin with the line \"nav-lease 1\"");
  EXPECT_EQ(read_lease("nav-lease 1\ndeadline_us 1\n").error(), "it is cut short");
  EXPECT_EQ(read_lease("nav-lease 1\nend\n").error(), "deadline_us is missing");
  EXPECT_EQ(read_lease("nav-lease 1\ndeadline_us soon\nend\n").error(), "deadline_us must be a number from 0 to 9223372036854775807");
  EXPECT_EQ(read_lease("nav-lease 1\ndeadline_us 1\ndeadline_us 2\nend\n").error(), "deadline_us is given twice");
  EXPECT_EQ(read_lease("nav-lease 1\nend\nmore\n").error(), "something follows its last line");
  EXPECT_EQ(read_stop("nav-stop 1\ngrace_us -1\nend\n").error(), "grace_us must be a number from 0 to 3153600000000000");
  EXPECT_EQ(read_status("nav-status 1\nphase dancing\nend\n").error(), "phase cannot be \"dancing\"");
  EXPECT_EQ(read_status("nav-status 1\nphase ended\nend\n").error(), "cause is missing");
}

TEST(Formats, NoBytesWhateverBringAReaderDown) {
  auto const all = {write_spec(full_spec()), write_lease({1}), write_stop({}), write_status({})};
  EXPECT_TRUE(rc::check([&] {
    auto text = *rc::gen::elementOf(all);
    for (int edits = *rc::gen::inRange(0, 6); edits > 0 && !text.empty(); --edits) {
      auto const at = *rc::gen::inRange<std::size_t>(0, text.size());
      if (*rc::gen::arbitrary<bool>()) text.erase(at, *rc::gen::inRange<std::size_t>(0, 9));
      else text.insert(at, *rc::gen::arbitrary<std::string>());
    }
    (void)read_spec(text), (void)read_lease(text), (void)read_stop(text), (void)read_status(text);
    auto const spec = read_spec(text);
    if (spec) RC_ASSERT((*read_spec(write_spec(*spec)) == *spec));
  }));
}

TEST(Formats, AFaultNamesTheField) {
  auto const fault = [](auto change) {
    auto spec = full_spec();
    change(spec);
    auto const refused = prepare("/nonexistent/1.1", spec);
    return refused.error().field + ": " + refused.error().message;
  };
  EXPECT_EQ(fault([](Spec& s) { s.command.clear(); }), "command: command is empty");
  EXPECT_EQ(fault([](Spec& s) { s.attempt = "../../etc"; }), "attempt: attempt must look like 42.1, not \"../../etc\"");
  EXPECT_EQ(fault([](Spec& s) { s.workdir = "here"; }), "workdir: workdir must be a whole path, not \"here\"");
  EXPECT_EQ(fault([](Spec& s) { s.devices = {"/etc/shadow"}; }), "device: device must be a path below /dev, not \"/etc/shadow\"");
  EXPECT_EQ(fault([](Spec& s) { s.environment["A=B"] = ""; }), "environment: environment holds a name that is empty or holds \"=\", or a NUL byte");
  EXPECT_EQ(fault([](Spec& s) { s.limits.log_bytes = 10; }), "log_bytes: log_bytes must be 4096 or more, not 10");
}

TEST_F(Attempts, ASpecThatIsGarbageIsRefusedAndTheAttemptEndsWithThatWord) {
  fs::create_directory(folder());
  std::ofstream(folder() + "/spec") << "\x7f"
                                       "ELF garbage";
  EXPECT_EQ(sight().problem, "the spec was not understood: it does not begin with the line \"nav-spec 1\"");
  auto const started = start(folder(), program);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::InvalidArgument);
  EXPECT_EQ(text_of(end_of()), "could_not_start -1 0 the spec was not understood: it does not begin with the line \"nav-spec 1\"");
}

TEST_F(Attempts, AStatusThatIsGarbageMakesTheAttemptLostOnceNobodyHoldsIt) {
  ASSERT_TRUE(prepare(folder(), spec({"true"})));
  std::ofstream(folder() + "/status") << std::string(100, '\0');
  EXPECT_EQ(sight().phase, Phase::Lost);
  EXPECT_EQ(sight().problem, "the status was not understood: it does not begin with the line \"nav-status 1\"");
  EXPECT_EQ(start(folder(), program).error().kind, ErrorKind::Conflict);
}

TEST_F(Attempts, GarbageInLeaseAndStopIsNotedAndDoesNoHarm) {
  launch(shell("echo up; exec sleep 1000"));
  wait_for_log("up");
  std::ofstream(folder() + "/lease") << "garbage";
  std::ofstream(folder() + "/stop") << "nav-stop 9\nend\n";
  ASSERT_TRUE(renew(folder(), boot_clock_us() + 1'000'000));
  std::ofstream(folder() + "/lease") << "garbage";
  { std::ofstream(folder() + "/bell") << "?"; }
  ASSERT_TRUE(soon([&] {
    auto const notes = sight().status.notes;
    return std::any_of(notes.begin(), notes.end(), [](auto const& note) { return note.starts_with("a stop was not understood"); });
  }));
  EXPECT_EQ(sight().phase, Phase::Running);
  ASSERT_TRUE(stop(folder(), seconds(20)));
  EXPECT_EQ(text_of(end_of()), "cancelled -1 15 ");
}

}  // namespace
}  // namespace nav::supervisor
