// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace nav::cli {

Interrupt::Interrupt(std::function<void()> then) {
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_BLOCK, &interrupt, &before_);
  signals_ = signalfd(-1, &interrupt, SFD_CLOEXEC);
  leave_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this, then = std::move(then)] {
    pollfd waits[] = {{signals_, POLLIN, 0}, {leave_, POLLIN, 0}};
    while (poll(waits, 2, -1) < 0) {}
    if ((waits[0].revents & POLLIN) == 0) return;
    signalfd_siginfo which;
    if (read(signals_, &which, sizeof which) != sizeof which) return;
    happened_ = true;
    then();
  });
}

Interrupt::~Interrupt() {
  std::uint64_t const one = 1;
  if (write(leave_, &one, sizeof one) < 0) {
    // An eventfd takes a one as long as it is open.
  }
  thread_.join();
  close(signals_);
  close(leave_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace nav::cli
