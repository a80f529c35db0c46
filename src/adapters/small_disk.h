// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/test_folder.h"

namespace nav {

/// Runs a test's body in a process of its own that sees a disk of so few bytes under the path it is given. The disk goes with the
/// process. Skips the test where the system allows no file system of one's own.
inline void on_small_disk(std::size_t bytes, std::function<void(std::string const& path)> const& body) {
  TestFolder folder;
  pid_t const child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    constexpr int not_possible = 77;
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(not_possible);
    (void)::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, fmt::format("size={}", bytes).c_str()) != 0) ::_exit(not_possible);
    body(folder.path());
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no file system can be mounted here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace nav
