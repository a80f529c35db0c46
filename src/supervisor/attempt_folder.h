// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "supervisor/machine.h"
#include "supervisor/spec.h"
#include "supervisor/status.h"

/// The agent's side of a supervisor: one folder for each attempt, in which the two tell each other everything. An agent may die at any
/// moment between these calls; the next one looks and goes on.
///
///   spec      what to run (agent, once)                 status    what became of it (supervisor)
///   lease     the newest deadline (agent)               stop      end it (agent)
///   bell      a fifo: "look at lease and stop"          lock      held while a supervisor or init lives
///   log, log.tail   see log_writer.h                    token     of the job, for its user alone
///   work/     the job's home                            tmp/      the job's /tmp
namespace nav::supervisor {

/// Makes the folder (mode 0700) and writes the spec, filling in its boot_id. InvalidArgument names the field that is wrong; Conflict
/// where there is a spec already: an attempt is prepared once.
Result<void> prepare(std::string const& folder, Spec spec);

/// In place of prepare() where no spec can be made: the attempt has ended with CouldNotStart, for all who look.
Result<void> refuse(std::string const& folder, std::string const& attempt, std::string const& why);

/// Starts the supervisor, whose program file is `program`, and comes back when the attempt is safely taken up; the command may not
/// run yet. Conflict: the attempt was started before. Other errors mean that the command has not run.
Result<void> start(std::string const& folder, std::string const& program);

/// What is to be seen of an attempt.
struct Sight {
  Phase phase = Phase::Prepared;
  Status status = {};        ///< the last the supervisor wrote; its own `phase` is older than the one above where it is lost
  std::string problem = {};  ///< why spec or status could not be read; such an attempt is Lost once no supervisor holds it
};

/// NotFound where there is no such folder. Never fails over what the folder holds.
Result<Sight> look(std::string const& folder);

/// Moves the deadline of the lease, on the boot-time clock (boot_clock_us()). Deadlines only move forward. Fine also when nobody listens any more.
Result<void> renew(std::string const& folder, std::int64_t deadline_us);

/// Ends the attempt: SIGTERM to the command's process group, and after `grace` the end of all its processes. May be said again with
/// another grace: the sooner end counts. An attempt that is prepared but not started will not run.
Result<void> stop(std::string const& folder, Duration grace);

/// Removes the folder of an attempt that nothing runs of, with control groups that a dead supervisor left. Conflict while something runs.
Result<void> remove_folder(std::string const& folder);

/// All attempts that have a folder in `jobs_folder`, in order. Empty when that is not there.
Result<std::vector<AttemptId>> list_attempts(std::string const& jobs_folder);

}  // namespace nav::supervisor
