// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

#include "supervisor/attempt_folder.h"
#include "supervisor/files.h"
#include "supervisor/log.h"

/// The small world of this library's tests: real attempts in a data folder of their own.
namespace nav::supervisor {

namespace fs = std::filesystem;

inline std::string const program = NAV_BUILD_DIR "/bin/nav-supervisor";
constexpr std::uint32_t somebody = 54321, somebody_else = 54322;

/// Looks again and again until `what` is so; false after half a minute, when something is broken.
inline bool soon(std::function<bool()> const& what) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!what()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// Processes whose command line holds `mark`.
inline std::vector<pid_t> processes_with(std::string const& mark) {
  std::vector<pid_t> found;
  for (auto const& entry : fs::directory_iterator("/proc")) {
    auto const name = entry.path().filename().string();
    if (std::isdigit(static_cast<unsigned char>(name[0])) == 0) continue;
    auto const line = read_whole("/proc/" + name + "/cmdline");
    if (line && line->find(mark) != std::string::npos) found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return found;
}

inline bool is_root() { return ::geteuid() == 0; }

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
    auto const attempts = list_attempts(data_ / "jobs").value();
    for (auto const attempt : attempts) {
      auto const path = folder(to_text(attempt));
      (void)stop(path, {});
      EXPECT_TRUE(soon([&] { return remove_folder(path).has_value(); })) << path;
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
inline std::string text_of(Sight const& seen) {
  auto const& outcome = seen.status.outcome;
  if (seen.phase != Phase::Ended) return std::string(word_of(seen.phase)) + " " + seen.problem;
  return fmt::format("{} {} {} {}", word_of(outcome.cause), outcome.exit_code, outcome.signal, outcome.message);
}

}  // namespace nav::supervisor
