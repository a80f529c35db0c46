// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>

#include "supervisor/attempts_fixture.h"
#include "supervisor/files.h"

namespace nav::supervisor {
namespace {

class Sandbox : public Attempts {
 protected:
  void SetUp() override {
    Attempts::SetUp();
    if (!is_root()) GTEST_SKIP() << "only root can run a job as another user";
  }
  Spec shell_as(std::uint32_t uid, std::string const& script, std::string attempt = "42.1") const {
    Spec made = shell(script, std::move(attempt));
    made.run_as_given = true;
    made.run_as = {uid, uid};
    made.token = "secret of " + made.attempt;
    return made;
  }
};

TEST_F(Sandbox, AJobIsItsOwnUserWithoutPrivilegesAndWithItsToken) {
  run(shell_as(
      somebody,
      "id -u; id -G; grep NoNewPrivs /proc/self/status; pwd; cat $NAV_TOKEN_FILE; echo; stat -c '%a %u' $NAV_TOKEN_FILE; touch $HOME/mine && echo can write"));
  EXPECT_EQ(log(), "54321\n54321\nNoNewPrivs:\t1\n" + folder() + "/work\nsecret of 42.1\n600 54321\ncan write\n");
}

TEST_F(Sandbox, AJobsUserHasANameAndTheNamesOfTheMachineStay) {
  run(shell_as(somebody, "id -un; id -gn; getent passwd 54321 | cut -d: -f6; id -un 0; echo x >> /etc/passwd; true"));
  EXPECT_EQ(log().substr(0, log().find("root") + 5), "nav-job\nnav-job\n" + folder() + "/work\nroot\n") << log();
  EXPECT_EQ(read_whole("/etc/passwd").value().find("nav-job"), std::string::npos);
  // One who has a name keeps it.
  run(shell_as(1, "id -un", "43.1"));
  EXPECT_EQ(log("43.1"), "daemon\n");
}

TEST_F(Sandbox, AJobReadsNeitherTheDataFolderNorAnotherJobsToken) {
  std::ofstream(data_ / "journal.db") << "all there is";
  fs::permissions(data_ / "journal.db", fs::perms::all);
  launch(shell_as(somebody_else, "echo up; exec sleep 1000", "7.1"));
  wait_for_log("up", "7.1");
  auto const other_token = folder("7.1") + "/token";
  ASSERT_TRUE(fs::exists(other_token));
  // Even the same user's other job, and even root, sees an empty folder only.
  for (std::uint32_t uid : {somebody, somebody_else, 0u}) {
    std::string const attempt = "42." + std::to_string(uid + 1);
    run(shell_as(uid,
                 "ls -A " + data_.string() + " " + (data_ / "jobs").string() + " " + folder(attempt) + "; cat " + other_token + " " +
                     (data_ / "journal.db").string() + " " + folder(attempt) + "/spec; touch " + data_.string() + "/x; true",
                 attempt));
    auto const text = log(attempt);
    EXPECT_EQ(text.find("journal.db\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    EXPECT_EQ(text.find("all there is"), std::string::npos) << text;
    EXPECT_NE(text.find("jobs:\n" + attempt + "\n"), std::string::npos) << text;
    EXPECT_NE(text.find("token\nwork\n"), std::string::npos) << text;
    EXPECT_FALSE(fs::exists(data_ / "x"));
  }
}

TEST_F(Sandbox, WhatIsToStayVisibleCanBeReadAndNotWritten) {
  fs::create_directories(data_ / "nodes/a/driver");
  std::ofstream(data_ / "nodes/a/driver/state") << "of the driver";
  std::ofstream(data_ / "nodes/a/secret") << "all there is";
  for (std::uint32_t uid : {somebody, 0u}) {
    std::string const attempt = "42." + std::to_string(uid + 1);
    std::string const look = "cat nodes/a/driver/state; ls nodes/a; echo x > nodes/a/driver/state; touch nodes/a/driver/x; true";
    auto seeing = shell_as(uid, "cd " + data_.string() + "; " + look, attempt);
    seeing.visible = {data_ / "nodes/a/driver"};
    run(seeing);
    EXPECT_EQ(log(attempt).substr(0, 20), "of the driverdriver\n") << log(attempt);
  }
  EXPECT_EQ(read_whole(data_ / "nodes/a/driver/state").value(), "of the driver");
  EXPECT_FALSE(fs::exists(data_ / "nodes/a/driver/x"));
}

TEST_F(Sandbox, AJobThatIsRootCannotTakeItsViewApart) {
  std::ofstream(data_ / "journal.db") << "all there is";
  run(shell_as(0, "umount " + data_.string() + "; umount -l " + data_.string() + "; mount -t tmpfs none /mnt; cat /proc/1/root" + data_.string() +
                      "/journal.db; ls -A " + data_.string()));
  EXPECT_EQ(log().find("all there is"), std::string::npos) << log();
  EXPECT_EQ(log().substr(log().size() - 5), "jobs\n") << log();
}

TEST_F(Sandbox, AJobSeesItsOwnProcessesOnly) {
  auto const seen = run(shell_as(somebody, "ls /proc > seen; grep -c '^[0-9]' seen; kill -9 1; kill -9 " + std::to_string(::getpid()) + "; exit 4"));
  EXPECT_EQ(text_of(seen), "exited 4 0 ");
  EXPECT_EQ(log().substr(0, 2), "3\n") << log();  // init, the shell and ls
}

TEST_F(Sandbox, AJobHasATmpOfItsOwn) {
  std::string name = "/tmp/nav-test-XXXXXX";
  int const fd = ::mkstemp(name.data());
  ASSERT_GE(fd, 0);
  ::close(fd);
  run(shell_as(somebody, "ls -A /tmp; touch /tmp/mine; ls /tmp"));
  ::unlink(name.c_str());
  EXPECT_EQ(log(), "mine\n");
  EXPECT_FALSE(fs::exists("/tmp/mine"));
}

TEST_F(Sandbox, OfTheDevicesAJobSeesOnlyItsOwn) {
  auto narrow = shell_as(somebody,
                         "ls /dev; echo hello > /dev/null; head -c 4 /dev/urandom | wc -c; echo to stderr > /dev/stderr; touch /dev/shm/x && ls /dev/shm");
  narrow.private_devices = true;
  ASSERT_TRUE(fs::exists("/dev/kmsg"));
  narrow.devices = {"/dev/kmsg"};
  run(narrow);
  EXPECT_EQ(log(), "fd\nfull\n" + std::string(fs::exists("/dev/infiniband") ? "infiniband\n" : "") +
                       "kmsg\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n4\nto stderr\nx\n");
}

TEST_F(Sandbox, ADeviceThatIsNotThereIsNamed) {
  auto narrow = shell_as(somebody, "true");
  narrow.private_devices = true;
  narrow.devices = {"/dev/nvidia77"};
  EXPECT_EQ(text_of(run(narrow)), "node_error -1 0 device /dev/nvidia77: No such file or directory (2)");
}

TEST_F(Sandbox, AWorkdirTheUserMayNotEnterIsNamed) {
  std::string closed = "/var/tmp/nav-test-XXXXXX";
  ASSERT_NE(::mkdtemp(closed.data()), nullptr);
  auto moved = shell_as(somebody, "true");
  moved.workdir = closed;
  EXPECT_EQ(text_of(run(moved)), "could_not_start -1 0 workdir " + closed + " may not be entered by the job's user, uid 54321");
  fs::remove(closed);
}

TEST_F(Sandbox, AFolderOnTheWayThatTheUserMayNotEnterIsNoHindrance) {
  // As when the data folder is in root's home.
  fs::permissions(data_, fs::perms::owner_all);
  auto inside = shell_as(somebody, "pwd; cat $NAV_TOKEN_FILE; ls -A " + data_.string());
  inside.data_folder = data_ / "jobs";
  EXPECT_EQ(text_of(run(inside)), "exited 0 0 ");
  EXPECT_EQ(log(), folder() + "/work\nsecret of 42.1jobs\n");
}

TEST_F(Sandbox, AnAttemptBelowTmpWorksToo) {
  std::string name = "/tmp/nav-test-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  auto away = shell_as(somebody, "pwd; cat $NAV_TOKEN_FILE; mkdir outputs; touch mine outputs/kept");
  away.data_folder = name;
  std::string const place = name + "/9.1";
  ASSERT_TRUE(prepare(place, away));
  ASSERT_TRUE(start(place, program));
  EXPECT_TRUE(soon([&] { return look(place)->phase == Phase::Ended; }));
  EXPECT_EQ(read_log(place, 0, 1000)->bytes, place + "/work\nsecret of 42.1");
  EXPECT_FALSE(fs::exists(place + "/work/mine")) << "what it wrote for itself goes with its end";
  EXPECT_TRUE(fs::exists(place + "/work/outputs/kept"));
  EXPECT_TRUE(soon([&] { return remove_folder(place).has_value(); }));
  fs::remove_all(name);
}

TEST_F(Attempts, AJobInheritsNothingOfTheAgent) {
  int const fd = ::open("/etc/passwd", O_RDONLY);  // on purpose without close-on-exec
  ::setenv("NAV_TEST_SECRET", "leaked", 1);
  auto open_files = shell(
      "ls /proc/self/fd | wc -l; env -0 | cut -z -d= -f1 | tr '\\0' '\\n' | grep -v -x -e _ -e SHLVL -e OLDPWD | sort; grep SigIgn /proc/self/status");
  open_files.environment["GIVEN"] = "with a \\ and\na line end";
  run(open_files);
  ::close(fd);
  EXPECT_EQ(log(), "4\nGIVEN\nHOME\nNAV_TERMINATION_FILE\nPATH\nPWD\nSigIgn:\t0000000000000000\n");
}

/// Runs `act` as an ordinary user in a process of its own, and answers what it returns.
std::string as_user(std::uint32_t uid, std::function<std::string()> const& act) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  pid_t const child = ::fork();
  if (child == 0) {
    if (::setresgid(uid, uid, uid) != 0 || ::setresuid(uid, uid, uid) != 0) ::_exit(1);
    auto const text = act();
    (void)!::write(ends[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

/// Where the build folder lies behind a closed door, such as root's home, others cannot run what is built.
bool others_reach_the_program() {
  return as_user(somebody, [] { return std::string(::access(program.c_str(), X_OK) == 0 ? "yes" : "no"); }) == "yes";
}

TEST_F(Sandbox, WithoutRootEverythingElseStillHoldsAndTheStatusSaysWhatDoesNot) {
  if (!others_reach_the_program()) GTEST_SKIP() << program << " is out of reach for others";
  ASSERT_EQ(::chown(data_.c_str(), somebody, somebody), 0);
  ASSERT_EQ(::chown((data_ / "jobs").c_str(), somebody, somebody), 0);
  auto const text = as_user(somebody, [&]() -> std::string {
    auto plain = shell("id -u; cat $NAV_TOKEN_FILE; setsid sleep 76543 & echo; exit 3");
    plain.token = "secret";
    plain.limits.memory_mib = 64;
    if (auto prepared = prepare(folder(), plain); !prepared) return to_text(prepared.error());
    if (auto started = start(folder(), program); !started) return to_text(started.error());
    soon([&] { return sight().phase == Phase::Ended; });
    std::string notes;
    for (auto const& note : sight().status.notes) notes += note + "\n";
    return text_of(sight()) + "\n" + log() + notes;
  });
  EXPECT_TRUE(text.starts_with("exited 3 0 \n54321\nsecret\n")) << text;
  EXPECT_NE(text.find("not run by root: the job is the same user as the agent"), std::string::npos) << text;
  EXPECT_NE(text.find("limits not enforced: memory"), std::string::npos) << text;
  EXPECT_TRUE(processes_with("76543").empty());
}

TEST_F(Sandbox, WithoutRootAnotherUserIsRefused) {
  if (!others_reach_the_program()) GTEST_SKIP() << program << " is out of reach for others";
  ASSERT_EQ(::chown((data_ / "jobs").c_str(), somebody, somebody), 0);
  fs::permissions(data_, fs::perms(0755));
  auto const text = as_user(somebody, [&]() -> std::string {
    auto other = shell_as(somebody_else, "echo ran");
    if (auto prepared = prepare(folder(), other); !prepared) return to_text(prepared.error());
    if (auto started = start(folder(), program); !started) return to_text(started.error());
    soon([&] { return sight().phase == Phase::Ended; });
    return text_of(sight());
  });
  EXPECT_EQ(text, "could_not_start -1 0 only root can run a job as another user: the supervisor is uid 54321, the job should be uid 54322");
}

}  // namespace
}  // namespace nav::supervisor
