// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervision.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/machine.h"
#include "supervisor/resident.h"

namespace nav::supervisor {

namespace fs = std::filesystem;

namespace {

/// More than the longest status: a handful of notes of at most a few hundred bytes each.
constexpr std::size_t room_for_status = 16u << 10;
constexpr std::size_t most_notes = 16;
/// A job that writes faster waits for us: else it would keep a processor and the disk busy with what is left out in the end. 64 MiB/s.
/// How often the memory of a job on a simulated GPU is looked at.
constexpr std::int64_t between_looks_us = 500'000;
constexpr std::int64_t log_window_us = 50'000, log_bytes_a_window = (64ll << 20) / 20;

Checked<void> make_pipe(Fd& read_end, Fd& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Refused(errno_text("make a pipe"));
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
  return {};
}

void never_block(Fd const& fd) { ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

/// Like fork(), with namespaces.
pid_t clone_process(unsigned long flags) { return static_cast<pid_t>(::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr)); }

/// Unlike any other on the machine, also when several installations number their jobs alike.
std::string cgroup_name(Status const& status) {
  std::string attempt = status.attempt;
  std::replace(attempt.begin(), attempt.end(), '/', '_');
  return "nav-" + attempt + "-" + std::to_string(status.supervisor_pid) + "-" + std::to_string(status.supervisor_start);
}

}  // namespace

Supervision::Supervision(std::string folder, Spec spec)
    : folder_(std::move(folder)), spec_(std::move(spec)), log_(folder_, spec_.limits.log_bytes), lease_deadline_us_(spec_.lease_deadline_us) {
  status_.attempt = spec_.attempt;
  status_.boot_id = this_boot();
  status_.supervisor_pid = ::getpid();
  status_.supervisor_start = start_of_process(::getpid());
}

Checked<void> Supervision::begin() {
  // The subreaper of last resort: whoever loses its parent comes to us.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (auto done = furnish(); !done) return done;
  auto reserved = ReservedFile::take(folder_, "status", room_for_status);
  if (!reserved) return Refused(std::move(reserved).error());
  last_status_ = std::move(*reserved);
  cgroups_ = Cgroups::make(cgroup_name(status_), spec_.limits, status_.notes);
  status_.cgroups = cgroups_.folders();
  auto started = start_init();
  if (started) started = replace_file(folder_, "status", write_status(status_), 0600, Durability::Process);
  notes_written_ = status_.notes.size();
  if (!started) {
    control_.reset();
    kill_tree();
    kill_all_children();
    remove_cgroups(status_.cgroups);
  }
  return started;
}

/// What the attempt's folder holds beside the spec.
Checked<void> Supervision::furnish() {
  bool const other_user = spec_.run_as_given && ::geteuid() == 0;
  auto const hand_over = [&](std::string const& path) -> Checked<void> {
    if (other_user && ::lchown(path.c_str(), spec_.run_as.uid, spec_.run_as.gid) != 0) return Refused(errno_text("hand over " + path));
    return {};
  };
  if (auto done = make_folder(folder_ + "/work", 0700); !done) return done;
  if (auto done = hand_over(folder_ + "/work"); !done) return done;
  if (auto done = make_folder(folder_ + "/tmp", 01777); !done) return done;
  if (!spec_.token.empty()) {
    if (auto done = replace_file(folder_, "token", spec_.token, 0600, Durability::Process); !done) return done;
    if (auto done = hand_over(folder_ + "/token"); !done) return done;
  }
  std::string const bell = folder_ + "/bell";
  if (::mkfifo(bell.c_str(), 0600) != 0 && errno != EEXIST) return Refused(errno_text("make " + bell));
  bell_.reset(::open(bell.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));  // also for writing, or it would end with each ring
  if (!bell_) return Refused(errno_text("open " + bell));

  sigset_t ours;
  sigemptyset(&ours);
  sigaddset(&ours, SIGCHLD);
  sigaddset(&ours, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &ours, nullptr);
  for (int ignored : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2}) ::signal(ignored, SIG_IGN);
  signals_.reset(::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK));
  timer_.reset(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!signals_ || !timer_) return Refused(errno_text("make a signal and a timer descriptor"));
  return {};
}

Checked<void> Supervision::start_init() {
  Fd output, report, control;
  if (auto done = make_pipe(output_, output); !done) return done;
  if (auto done = make_pipe(reports_, report); !done) return done;
  if (auto done = make_pipe(control, control_); !done) return done;
  // So that the job can open /dev/stdout and /dev/stderr.
  if (spec_.run_as_given && ::geteuid() == 0) (void)!::fchown(output.get(), spec_.run_as.uid, spec_.run_as.gid);
  never_block(output_);
  never_block(reports_);

  constexpr unsigned long own = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC;
  bool const root = ::geteuid() == 0;
  pid_t init = clone_process(root ? own : own | CLONE_NEWUSER);
  bool const refused = init < 0;
  std::string const why = refused ? errno_text("make a PID namespace") : "";
  status_.tree = refused ? Tree::Subreaper : Tree::PidNamespace;
  if (refused) init = ::fork();
  if (init == 0) {
    // Its ends only: a copy of ours would keep a pipe open beyond our death.
    control_.reset();
    output_.reset();
    reports_.reset();
    bell_.reset();
    run_init({folder_, spec_, refused ? Tree::Subreaper : Tree::PidNamespace, std::move(control), std::move(report), std::move(output)});
  }
  if (init < 0) return Refused(errno_text("start the first process"));
  status_.init_pid = init;
  status_.init_start = start_of_process(init);
  if (refused) {
    note("the job sees other processes, files and devices of the machine: " + why);
    // The folder is the job's way to its work and its token now; all else in it stays unreadable to others.
    if (spec_.run_as_given && ::chmod(folder_.c_str(), 0711) != 0) return Refused(errno_text("open the way to the work folder"));
  } else if (!root) {
    if (auto mapped = map_user(); !mapped) return mapped;
  }
  if (!root) note("not run by root: the job is the same user as the agent");
  cgroups_.add(init, status_.notes);
  return {};
}

/// In its user namespace the job stays who it is.
Checked<void> Supervision::map_user() const {
  std::string const process = "/proc/" + std::to_string(status_.init_pid);
  auto const itself = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  if (auto done = write_kernel(process + "/uid_map", itself(::geteuid())); !done) return done;
  if (auto done = write_kernel(process + "/setgroups", "deny"); !done) return done;
  return write_kernel(process + "/gid_map", itself(::getegid()));
}

void Supervision::run() {
  look_at_wishes();
  check_deadlines();
  if (!ending_) {
    (void)!::write(control_.get(), &control_go, 1);
  } else {
    could_not_start_ = "it was to end before it had started";
    kill_tree();
  }
  while (!init_reaped_) listen();
  kill_all_children();
  drain_log();
  take_reports();
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  settle(used);
}

/// Waits for whatever comes next and deals with it.
void Supervision::listen() {
  if (boot_clock_us() >= log_budget_until_us_) {
    log_budget_ = log_bytes_a_window;
    log_budget_until_us_ = boot_clock_us() + log_window_us;
  }
  set_timer();
  std::array<pollfd, 5> waits{{{signals_.get(), POLLIN, 0},
                               {bell_.get(), POLLIN, 0},
                               {timer_.get(), POLLIN, 0},
                               {reports_.get(), POLLIN, 0},
                               {log_budget_ > 0 ? output_.get() : -1, POLLIN, 0}}};
  if (::poll(waits.data(), waits.size(), -1) < 0) return;
  char drained[256];
  if (waits[1].revents != 0) {
    while (::read(bell_.get(), drained, sizeof drained) > 0) {}
    look_at_wishes();
  }
  if (waits[2].revents != 0) {
    while (::read(timer_.get(), drained, sizeof drained) > 0) {}
    look_at_wishes();  // the bell may have been missed, and nobody is stopped over that
  }
  check_deadlines();
  if (waits[3].revents != 0) take_reports();
  if (waits[4].revents != 0) carry_log();
  signalfd_siginfo signal;
  while (waits[0].revents != 0 && ::read(signals_.get(), &signal, sizeof signal) == sizeof signal)
    if (signal.ssi_signo == SIGTERM) end(Cause::Interrupted, spec_.grace);
  if (status_.notes.size() != notes_written_) write_status_now();
  init_reaped_ = reap();
}

/// Reads what the agent has left in the folder.
void Supervision::look_at_wishes() {
  if (auto text = read_whole(folder_ + "/lease")) {
    auto const lease = read_lease(*text);
    if (lease) lease_deadline_us_ = std::max(lease_deadline_us_, lease->deadline_us);
    else note("a lease was not understood: " + lease.error());
  }
  if (auto text = read_whole(folder_ + "/stop")) {
    auto const stop = read_stop(*text);
    if (stop) end(Cause::Cancelled, stop->grace);
    else note("a stop was not understood: " + stop.error());
  }
}

/// The first cause stays; a later wish can only make the end come sooner.
void Supervision::end(Cause cause, Duration grace) {
  auto const kill_at = boot_clock_us() + grace.us;
  if (ending_) {
    kill_at_us_ = std::min(kill_at_us_, kill_at);
    return;
  }
  ending_ = cause;
  kill_at_us_ = kill_at;
  if (grace.us > 0) (void)!::write(control_.get(), &control_terminate, 1);
}

void Supervision::check_deadlines() {
  auto const now = boot_clock_us();
  if (time_deadline_us_ != 0 && now >= time_deadline_us_) end(Cause::TimeLimit, spec_.grace);
  if (lease_deadline_us_ != 0 && now >= lease_deadline_us_ && spec_.at_deadline == AtDeadline::Stop) end(Cause::LeaseExpired, spec_.grace);
  check_simulated_gpu(now);
  if (ending_ && now >= kill_at_us_) kill_tree();
}

/// A simulated GPU has no memory of its own that could run out.
void Supervision::check_simulated_gpu(std::int64_t now) {
  auto const limit = static_cast<std::int64_t>(spec_.limits.simulated_gpu_mib) << 20;
  if (limit == 0 || ending_ || status_.phase != Phase::Running || now < next_look_us_) return;
  next_look_us_ = now + between_looks_us;
  auto const held = resident_bytes_below(status_.init_pid, limit);
  if (held <= limit) return;
  beyond_gpu_ = "it held " + std::to_string(held >> 20) + " MiB, and its simulated GPU has " + std::to_string(spec_.limits.simulated_gpu_mib) + " MiB for it";
  end(Cause::GpuOutOfMemory, {});
}

void Supervision::set_timer() const {
  std::int64_t next = 0;
  auto const sooner = [&](std::int64_t at) { next = next == 0 || at < next ? at : next; };
  if (ending_) {
    if (control_) sooner(kill_at_us_);
  } else {
    if (time_deadline_us_ != 0) sooner(time_deadline_us_);
    if (lease_deadline_us_ != 0 && spec_.at_deadline == AtDeadline::Stop) sooner(lease_deadline_us_);
  }
  if (spec_.limits.simulated_gpu_mib != 0 && !ending_ && status_.phase == Phase::Running) sooner(std::max<std::int64_t>(next_look_us_, 1));
  if (log_budget_ <= 0) sooner(log_budget_until_us_);
  itimerspec when{};
  when.it_value.tv_sec = next / 1'000'000;
  when.it_value.tv_nsec = next % 1'000'000 * 1000;
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

/// The end of the control pipe makes init kill what is left; where init is the root of a namespace its own death does that at once.
void Supervision::kill_tree() {
  control_.reset();
  if (status_.tree == Tree::PidNamespace && status_.init_pid > 0 && !init_reaped_) ::kill(static_cast<pid_t>(status_.init_pid), SIGKILL);
}

void Supervision::carry_log() {
  char buffer[16384];
  while (log_budget_ > 0) {
    auto const n = ::read(output_.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) output_.reset();  // every process has closed its output; an ended pipe would wake us for ever
    if (n <= 0) return;
    log_.write({buffer, static_cast<std::size_t>(n)});
    log_budget_ -= n;
  }
}

/// What the job had written before its end. Somebody outside the tree may hold the pipe still: nobody waits for more than a pipe can hold.
void Supervision::drain_log() {
  constexpr std::int64_t largest_pipe = 1 << 20;
  log_budget_ = 2 * largest_pipe;
  carry_log();
}

void Supervision::take_reports() {
  Report report;
  while (::read(reports_.get(), &report, sizeof report) == sizeof report) {
    report.text[sizeof report.text - 1] = '\0';
    switch (report.kind) {
      case Report::Kind::Note: note(report.text); break;
      case Report::Kind::NodeError:
      case Report::Kind::CouldNotStart:
        fault_ = report.kind == Report::Kind::NodeError ? Cause::NodeError : Cause::CouldNotStart;
        could_not_start_ = report.text;
        break;
      case Report::Kind::Started:
        status_.phase = Phase::Running;
        status_.started_at = report.began;
        if (spec_.limits.time.us > 0) time_deadline_us_ = boot_clock_us() + spec_.limits.time.us;
        write_status_now();
        break;
      case Report::Kind::Exited: wait_status_ = report.wait_status; break;
    }
  }
}

/// True once init is gone, and with it, where it had a namespace, every process of the attempt.
bool Supervision::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == status_.init_pid) return true;
  return false;
}

std::optional<Termination> Supervision::told_by_the_job() const {
  auto const text = read_whole(termination_file(folder_));
  return text ? read_termination(*text) : std::nullopt;
}

Outcome Supervision::outcome_of_command() const {
  Outcome outcome;
  if (!wait_status_ && !could_not_start_.empty()) {
    outcome.cause = ending_.value_or(fault_);
    outcome.message = could_not_start_;
    return outcome;
  }
  // Without news of the command it was killed with init: by us after the grace, by the kernel for memory, or by a stranger.
  int const status = wait_status_.value_or(SIGKILL);
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  else outcome.signal = WTERMSIG(status);
  outcome.cause = WIFEXITED(status) ? Cause::Exited : Cause::Signalled;
  if (ending_) {
    outcome.cause = *ending_;
    if (ending_ == Cause::GpuOutOfMemory) outcome.message = beyond_gpu_;
  } else if (outcome.exit_code != 0 && cgroups_.oom_kills() > 0) {
    outcome.cause = Cause::OutOfMemory;
    outcome.message = "it reached its memory limit of " + std::to_string(spec_.limits.memory_mib) + " MiB";
  } else if (auto const told = told_by_the_job(); told && outcome.exit_code != 0) {
    outcome.cause = told->cause;
    outcome.message = told->message.empty() ? "its program says so" : told->message;
  } else if (!wait_status_) {
    outcome.message = "its first process was killed from outside";
  } else if (auto const killed = cgroups_.oom_kills(); killed > 0) {
    outcome.message = std::to_string(killed) + " of its processes were killed at its memory limit of " + std::to_string(spec_.limits.memory_mib) + " MiB";
  }
  return outcome;
}

void Supervision::settle(rusage const& used) {
  status_.outcome = outcome_of_command();
  status_.phase = Phase::Ended;
  status_.ended_at = std::max(utc_now(), status_.started_at);
  auto const us = [](timeval const& time) { return time.tv_sec * 1'000'000ll + time.tv_usec; };
  status_.cpu_time = {us(used.ru_utime) + us(used.ru_stime)};
  // Without a group of its own only the largest single process is known.
  status_.peak_memory_bytes = cgroups_.peak_memory_bytes();
  if (status_.peak_memory_bytes == 0 && status_.started_at) status_.peak_memory_bytes = used.ru_maxrss * 1024ll;
  status_.log_bytes = log_.total();
  if (!log_.trouble().empty()) note(log_.trouble());
  if (remove_cgroups(status_.cgroups)) status_.cgroups.clear();
  clear_leftovers();
  write_last_status();
}

/// What the job wrote for itself goes before its end is told, for a full disk may be why that cannot be told. Outputs are fetched later.
void Supervision::clear_leftovers() {
  std::error_code error;
  for (std::string const kept : {"/work", "/tmp"})
    for (fs::directory_iterator at(folder_ + kept, error), end; !error && at != end; at.increment(error)) {
      std::error_code ignored;  // what stays goes with the folder
      if (kept == "/tmp" || at->path().filename() != "outputs") fs::remove_all(at->path(), ignored);
    }
}

/// Should it fail, readers do without: the phase shows a little late, and the outcome has its room.
void Supervision::write_status_now() {
  if (auto written = replace_file(folder_, "status", write_status(status_), 0600, Durability::Process); !written) note(written.error());
  notes_written_ = status_.notes.size();
}

/// The one thing that must not be lost: tried until it is on the disk or the folder is gone.
void Supervision::write_last_status() {
  auto const text = write_status(status_);
  while (!last_status_.replace(text)) {
    struct stat there {};
    if (::stat(folder_.c_str(), &there) != 0 && errno == ENOENT) return;
    timespec const pause{1, 0};
    ::nanosleep(&pause, nullptr);
  }
}

void Supervision::note(std::string sentence) {
  auto& notes = status_.notes;
  if (notes.size() < most_notes && std::find(notes.begin(), notes.end(), sentence) == notes.end()) notes.push_back(std::move(sentence));
}

}  // namespace nav::supervisor
