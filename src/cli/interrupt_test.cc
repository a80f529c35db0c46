// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.h"

#include <future>
#include <gtest/gtest.h>
#include <unistd.h>

namespace nav::cli {
namespace {

TEST(Interrupt, TellsOfControlCInsteadOfEndingTheProcess) {
  std::promise<void> told;
  Interrupt const interrupt([&] { told.set_value(); });
  EXPECT_FALSE(interrupt.has_happened());
  kill(getpid(), SIGINT);
  told.get_future().wait();
  EXPECT_TRUE(interrupt.has_happened());
}

TEST(Interrupt, LeavesControlCAsItWas) {
  sigset_t before, after;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  {
    Interrupt const interrupt([] {});
  }
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
}

}  // namespace
}  // namespace nav::cli
