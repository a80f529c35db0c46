// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervise.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/folder_lock.h"
#include "supervisor/machine.h"
#include "supervisor/supervision.h"

namespace nav::supervisor {
namespace {

StartAnswer answer(StartAnswer what, std::string const& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return what;
}

/// Whoever looks later learns it too.
void write_refusal(std::string const& folder, std::string const& attempt, Cause cause, std::string const& why) {
  (void)replace_file(folder, "status", write_status(never_began(attempt, cause, why)), 0600, Durability::Power);
}

/// Cuts every tie to whoever started us; stderr is kept for the last words before the start.
void go_into_the_background() {
  ::setsid();
  ::prctl(PR_SET_NAME, "nav-supervisor");
  (void)!::chdir("/");
  ::umask(077);
  int const nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, 0);
  ::dup2(nothing, 1);
  ::close(nothing);
}

void close_last_words() { ::dup2(0, 2); }

}  // namespace

StartAnswer supervise(std::string const& given) {
  ::syscall(SYS_close_range, 3u, ~0u, 0u);
  char resolved[PATH_MAX];
  if (::realpath(given.c_str(), resolved) == nullptr) return answer(StartAnswer::Failed, errno_text("open the attempt folder " + given));
  std::string const folder = resolved;

  // Held by us and by init until the last of both is gone.
  auto const lock = try_lock(folder);
  if (!lock) return answer(StartAnswer::Failed, lock.error());
  if (!lock->taken) return answer(StartAnswer::AlreadyStarted, "a supervisor holds this attempt already");
  if (::access((folder + "/status").c_str(), F_OK) == 0) return answer(StartAnswer::AlreadyStarted, "this attempt was started before");

  auto const text = read_whole(folder + "/spec");
  if (!text) return answer(StartAnswer::BadSpec, text.error());
  auto spec = read_spec(*text);
  if (spec && !spec->data_folder.empty()) {
    if (::realpath(spec->data_folder.c_str(), resolved) == nullptr) spec = Refused(errno_text("data_folder " + spec->data_folder));
    else spec->data_folder = resolved;
  }
  if (!spec) {
    write_refusal(folder, "", Cause::CouldNotStart, "the spec was not understood: " + spec.error());
    return answer(StartAnswer::BadSpec, "the spec was not understood: " + spec.error());
  }

  pid_t const child = ::fork();
  if (child < 0) return answer(StartAnswer::Failed, errno_text("start a process"));
  if (child > 0) return StartAnswer::Taken;
  go_into_the_background();
  std::string const attempt = spec->attempt;
  {
    Supervision supervision(folder, std::move(*spec));
    if (auto begun = supervision.begin(); !begun) {
      write_refusal(folder, attempt, Cause::NodeError, begun.error());
      std::exit(static_cast<int>(answer(StartAnswer::Failed, begun.error())));
    }
    close_last_words();
    supervision.run();
  }
  std::exit(0);
}

}  // namespace nav::supervisor
