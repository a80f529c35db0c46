// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "supervisor/lines.h"

namespace nav::supervisor {

enum class Phase {
  Prepared,  ///< there is a spec; no supervisor has taken it up, and the command has not run
  Starting,  ///< a supervisor holds it; the command does not run yet
  Running,
  Ended,  ///< the outcome is known, and no process of the attempt is left
  Lost,   ///< the supervisor died, or the machine was restarted, before an outcome was written; no process is left
};

/// Why an attempt came to its end.
enum class Cause {
  Exited,     ///< by itself, with an exit code
  Signalled,  ///< by a signal that was not ours
  TimeLimit,
  Cancelled,    ///< stop() was asked for
  OutOfMemory,  ///< the kernel killed a process of it at its memory limit, or it says so itself (termination.h), and it did not succeed
  LeaseExpired,
  CouldNotStart,   ///< the command itself cannot be run: it is not there, may not be run, or its workdir is not there; the message says which
  Interrupted,     ///< the supervisor got SIGTERM, as when the machine shuts down
  NodeError,       ///< the command never ran because this machine could not make what it needs; the message says why
  GpuOutOfMemory,  ///< it says so itself, or it held more than its simulated GPU has
};

struct Outcome {
  Cause cause = Cause::Exited;
  int exit_code = -1;        ///< of the command; -1 when it did not exit
  int signal = 0;            ///< that ended the command; 0 when it exited
  std::string message = {};  ///< a sentence where there is more to say

  bool operator==(Outcome const&) const = default;
};

/// What holds the processes of an attempt together.
enum class Tree {
  PidNamespace,  ///< the kernel ends all of them with the supervisor, whatever happens
  Subreaper,     ///< no right to make a namespace: they are ended one by one, surely unless both of our processes are killed at once
};

/// The file `status`, replaced as a whole at every change.
struct Status {
  static constexpr int version = 1;

  std::string attempt = {};
  Phase phase = Phase::Starting;
  std::string boot_id = {};
  std::int64_t supervisor_pid = 0;
  std::int64_t supervisor_start = 0;  ///< in clock ticks since boot: a pid alone may be somebody else's later
  std::int64_t init_pid = 0;          ///< the root of the attempt's processes, seen from outside
  std::int64_t init_start = 0;
  Tree tree = Tree::PidNamespace;
  Time started_at = {};  ///< when the command began
  Time ended_at = {};
  Outcome outcome = {};  ///< where phase is Ended
  std::int64_t peak_memory_bytes = 0;
  Duration cpu_time = {};
  std::int64_t log_bytes = 0;             ///< that the job wrote, kept or not; where phase is Ended
  std::vector<std::string> cgroups = {};  ///< made for the attempt; remove_folder() clears them should the supervisor have died
  std::vector<std::string> notes = {};    ///< what was not enforced or went wrong beside the job, each a sentence

  bool operator==(Status const&) const = default;
};

/// Of an attempt whose command never ran.
Status never_began(std::string attempt, Cause cause, std::string why);

std::string write_status(Status const& status);
Checked<Status> read_status(std::string_view text);

/// "time_limit"
std::string_view word_of(Cause cause);
/// "running"
std::string_view word_of(Phase phase);

}  // namespace nav::supervisor
