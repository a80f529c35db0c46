// SPDX-License-Identifier: Apache-2.0
#include "supervisor/init.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/machine.h"
#include "supervisor/sandbox.h"

namespace nav::supervisor {
namespace {

void send(Fd const& to, Report::Kind kind, int wait_status, std::string_view text, Time began = {}) {
  Report report;
  report.kind = kind;
  report.wait_status = wait_status;
  report.began = began;
  text.copy(report.text, sizeof report.text - 1);
  // A supervisor that is gone cannot be told; the end of the control pipe says so soon enough.
  while (::write(to.get(), &report, sizeof report) < 0 && errno == EINTR) {}
}

/// The next byte from the supervisor; 0 when it is gone.
char next_control(Fd const& control) {
  char byte = 0;
  for (;;) {
    auto const n = ::read(control.get(), &byte, 1);
    if (n == 1) return byte;
    if (n == 0 || errno != EINTR) return 0;
  }
}

[[noreturn]] void finish(Tree tree) {
  if (tree == Tree::Subreaper) kill_all_children();
  ::_exit(0);
}

/// Starts the command; `why` is what kept it from running, told by the new process through a pipe that its exec closes.
pid_t start_command(InitPlan const& plan, std::string& why) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return why = errno_text("make a pipe"), -1;
  Fd news(ends[0]), tell(ends[1]);
  pid_t const child = ::fork();
  if (child < 0) return why = errno_text("start a process"), -1;
  if (child == 0) {
    auto const text = become_command(plan.folder, plan.spec, plan.output.get());
    (void)!::write(tell.get(), text.data(), text.size());
    ::_exit(127);
  }
  tell.reset();
  char buffer[512];
  for (;;) {
    auto const n = ::read(news.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    why.append(buffer, static_cast<std::size_t>(n));
  }
  if (!why.empty()) ::waitpid(child, nullptr, 0);
  return child;
}

}  // namespace

void kill_all_children() {
  // Children of the killed become ours, so each round reaches one generation deeper.
  for (;;) {
    for (auto const child : children_of("/proc/self/task/" + std::to_string(::getpid()))) ::kill(static_cast<pid_t>(child), SIGKILL);
    pid_t reaped;
    while ((reaped = ::waitpid(-1, nullptr, WNOHANG)) > 0) {}
    if (reaped < 0) return;
    timespec const pause{0, 500'000};
    ::nanosleep(&pause, nullptr);
  }
}

void run_init(InitPlan plan) {
  if (plan.tree == Tree::PidNamespace) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  else ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "nav-init");
  ::umask(022);  // what is made for the job's view is for its user to enter
  ::dup2(0, 2);  // whoever started the supervisor waits for the end of its stderr
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  Fd const signals(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));

  if (next_control(plan.control) != control_go) ::_exit(0);
  if (plan.tree == Tree::PidNamespace) {
    std::string note;
    if (auto narrowed = narrow_view(plan.folder, plan.spec, note); !narrowed) {
      send(plan.report, Report::Kind::NodeError, 0, narrowed.error());
      ::_exit(0);
    }
    if (!note.empty()) send(plan.report, Report::Kind::Note, 0, note);
  }
  std::string why;
  Time const began = utc_now();
  pid_t const command = start_command(plan, why);
  plan.output.reset();
  if (!why.empty()) {
    send(plan.report, Report::Kind::CouldNotStart, 0, why);
    finish(plan.tree);
  }
  send(plan.report, Report::Kind::Started, 0, "", began);

  for (;;) {
    pollfd waits[2]{{plan.control.get(), POLLIN, 0}, {signals.get(), POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0) continue;
    signalfd_siginfo drained;
    while (::read(signals.get(), &drained, sizeof drained) > 0) {}
    int status = 0;
    for (pid_t reaped; (reaped = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (reaped != command) continue;
      send(plan.report, Report::Kind::Exited, status, "");
      finish(plan.tree);
    }
    if (waits[0].revents == 0) continue;
    if (next_control(plan.control) != control_terminate) finish(plan.tree);
    // To the whole group, so that a shell around the real command does not swallow it.
    ::kill(-command, SIGTERM);
  }
}

}  // namespace nav::supervisor
