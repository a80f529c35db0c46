// SPDX-License-Identifier: Apache-2.0
#include "supervisor/attempt_folder.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/cgroup.h"
#include "supervisor/files.h"
#include "supervisor/folder_lock.h"
#include "supervisor/supervise.h"

extern char** environ;

namespace nav::supervisor {
namespace {

namespace fs = std::filesystem;

/// Longer than any disk that still works takes to write a few small files.
constexpr int start_patience_ms = 30'000;

Unexpected refused(std::string const& why) {
  bool const full = why.ends_with("(" + std::to_string(ENOSPC) + ")") || why.ends_with("(" + std::to_string(EDQUOT) + ")");
  return fail(full ? ErrorKind::StorageFull : ErrorKind::Internal, "{}", why);
}

Result<void> checked(Checked<void> done) {
  if (!done) return refused(done.error());
  return {};
}

bool exists(std::string const& path) { return ::access(path.c_str(), F_OK) == 0; }

/// Asks the supervisor to look at what was left for it. Nobody there to hear it is no failure.
void ring(std::string const& folder) {
  // Open for reading too: else a supervisor that ends between the two calls would send us SIGPIPE.
  Fd const bell(::open((folder + "/bell").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (bell) (void)!::write(bell.get(), "!", 1);  // a full fifo rings already
}

/// Everything the new supervisor says before it closes its mouth.
Result<std::string> last_words(Fd const& from) {
  std::string words;
  char buffer[512];
  for (;;) {
    pollfd wait{from.get(), POLLIN, 0};
    int const ready = ::poll(&wait, 1, start_patience_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail(ErrorKind::Timeout, "the supervisor did not take the attempt up within {} s", start_patience_ms / 1000);
    auto const n = ::read(from.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    words.append(buffer, static_cast<std::size_t>(n));
  }
  while (!words.empty() && words.back() == '\n') words.pop_back();
  return words;
}

Result<pid_t> spawn(std::string const& program, std::string const& folder, int words) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, 0, 1);
  ::posix_spawn_file_actions_adddup2(&actions, words, 2);
  std::string name = "nav-supervisor", argument = folder;
  char* const arguments[] = {name.data(), argument.data(), nullptr};
  pid_t pid = -1;
  int const error = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  errno = error;
  if (error != 0) return fail(ErrorKind::Unavailable, "{}", errno_text("run " + program));
  return pid;
}

}  // namespace

Result<void> prepare(std::string const& folder, Spec spec) {
  if (spec.boot_id.empty()) spec.boot_id = this_boot();
  if (auto fault = fault_of(spec); !fault.empty()) return fail_field(fault.substr(0, fault.find(' ')), "", "{}", fault);
  if (exists(folder + "/spec") || exists(folder + "/status")) return fail(ErrorKind::Conflict, "attempt {} is prepared already", spec.attempt);
  TRY_VOID(checked(make_folder(folder, 0700)));
  // Not synced: after a loss of power the attempt is over in any case.
  return checked(replace_file(folder, "spec", write_spec(spec), 0600, Durability::Process));
}

Result<void> refuse(std::string const& folder, std::string const& attempt, std::string const& why) {
  TRY_VOID(checked(make_folder(folder, 0700)));
  if (exists(folder + "/spec") || exists(folder + "/status")) return fail(ErrorKind::Conflict, "attempt {} is prepared already", attempt);
  return checked(replace_file(folder, "status", write_status(never_began(attempt, Cause::CouldNotStart, why)), 0600, Durability::Process));
}

Result<void> start(std::string const& folder, std::string const& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return refused(errno_text("make a pipe"));
  Fd const hear(ends[0]);
  Fd tell(ends[1]);
  TRY(pid_t const pid, spawn(program, folder, tell.get()));
  tell.reset();
  auto words = last_words(hear);
  int status = 0;
  if (words)
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (!words) return Unexpected(std::move(words).error());
  auto const answer = WIFEXITED(status) ? static_cast<StartAnswer>(WEXITSTATUS(status)) : StartAnswer::Failed;
  if (answer == StartAnswer::AlreadyStarted) return fail(ErrorKind::Conflict, "{}", *words);
  if (answer == StartAnswer::BadSpec) return fail(ErrorKind::InvalidArgument, "{}", *words);
  if (!words->empty()) return refused(*words);
  if (answer != StartAnswer::Taken) return fail(ErrorKind::Internal, "{} ended without a word (wait status {})", program, status);
  return {};
}

namespace {

Sight look_once(std::string const& folder) {
  // In this order: the outcome is written before the lock is let go, so who finds no lock finds the last status there is.
  bool const held = is_held(folder);
  Sight sight;
  // What appears only after this was not there to be misunderstood.
  bool const has_status = exists(folder + "/status"), has_spec = exists(folder + "/spec");
  auto const text = read_whole(folder + "/status");
  auto const status = text ? read_status(*text) : Checked<Status>(Refused(text.error()));
  if (!status) {
    if (has_status) sight.problem = "the status was not understood: " + status.error();
    bool const reset = has_spec && [&] {
      auto const spec_text = read_whole(folder + "/spec");
      auto const spec = spec_text ? read_spec(*spec_text) : Checked<Spec>(Refused(spec_text.error()));
      if (!spec && sight.problem.empty()) sight.problem = "the spec was not understood: " + spec.error();
      return spec && spec->boot_id != this_boot();
    }();
    sight.phase = held ? Phase::Starting : reset || !sight.problem.empty() ? Phase::Lost : Phase::Prepared;
    return sight;
  }
  sight.status = *status;
  bool const init_lives = status->boot_id == this_boot() && is_alive(status->init_pid, status->init_start);
  // A supervisor that was killed takes its tree along, but not in the same instant: until then the attempt still runs.
  sight.phase = status->phase == Phase::Ended || held || init_lives ? status->phase : Phase::Lost;
  return sight;
}

}  // namespace

Result<Sight> look(std::string const& folder) {
  if (!exists(folder)) return fail(ErrorKind::NotFound, "there is no attempt folder {}", folder);
  auto const sight = look_once(folder);
  // A supervisor that takes the attempt up between the look at the lock and the look at the status seems lost, but not twice.
  return sight.phase == Phase::Lost ? look_once(folder) : sight;
}

Result<void> renew(std::string const& folder, std::int64_t deadline_us) {
  // The supervisor would take the later one too, but it may not have seen the one that is there yet.
  if (auto const text = read_whole(folder + "/lease"))
    if (auto const there = read_lease(*text)) deadline_us = std::max(deadline_us, there->deadline_us);
  TRY_VOID(checked(replace_file(folder, "lease", write_lease({deadline_us}), 0600, Durability::Process)));
  ring(folder);
  return {};
}

Result<void> stop(std::string const& folder, Duration grace) {
  TRY_VOID(checked(replace_file(folder, "stop", write_stop({std::max(grace, Duration{})}), 0600, Durability::Process)));
  ring(folder);
  return {};
}

Result<void> remove_folder(std::string const& folder) {
  TRY(auto const sight, look(folder));
  if (sight.phase == Phase::Starting || sight.phase == Phase::Running) return fail(ErrorKind::Conflict, "attempt {} still runs", folder);
  // From here on no supervisor can take it up, also not one that a dead agent has just begun to start.
  auto const lock = try_lock(folder);
  if (!lock) return refused(lock.error());
  if (!lock->taken) return fail(ErrorKind::Conflict, "{} still has a supervisor", folder);
  if (!remove_cgroups(sight.status.cgroups)) return fail(ErrorKind::Conflict, "processes are left in a control group of {}", folder);
  std::error_code error;
  // Out of the way first, so that a removal cut short is no attempt any more.
  std::string const doomed = fs::path(folder).parent_path() / (".removed-" + fs::path(folder).filename().string());
  fs::remove_all(doomed, error);
  fs::rename(folder, doomed, error);
  if (error) return refused("remove " + folder + ": " + error.message());
  fs::remove_all(doomed, error);
  if (error) return refused("remove " + doomed + ": " + error.message());
  return {};
}

Result<std::vector<AttemptId>> list_attempts(std::string const& jobs_folder) {
  std::vector<AttemptId> attempts;
  std::error_code error;
  for (fs::directory_iterator at(jobs_folder, error), end; !error && at != end; at.increment(error)) {
    auto const id = parse_attempt_id(at->path().filename().string());
    if (id && at->is_directory(error)) attempts.push_back(*id);
  }
  if (error && error != std::errc::no_such_file_or_directory) return fail(ErrorKind::Internal, "list {}: {}", jobs_folder, error.message());
  std::sort(attempts.begin(), attempts.end());
  return attempts;
}

}  // namespace nav::supervisor
