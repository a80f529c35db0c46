// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "supervisor/cgroup.h"
#include "supervisor/files.h"
#include "supervisor/init.h"
#include "supervisor/log_writer.h"
#include "supervisor/spec.h"
#include "supervisor/status.h"
#include "supervisor/termination.h"

struct rusage;

namespace nav::supervisor {

/// One attempt from its start to its written outcome: starts init, carries the log, holds the deadlines, and has the last word.
class Supervision {
 public:
  /// `folder` is a path without links; its lock is held already.
  Supervision(std::string folder, Spec spec);

  /// Up to where init waits for the word to go and the status is on the disk. After a failure nothing of the attempt is left running.
  Checked<void> begin();
  /// Lets the command run, and comes back when no process is left and the outcome is on the disk.
  void run();

 private:
  Checked<void> furnish();
  Checked<void> start_init();
  Checked<void> map_user() const;
  void listen();
  void look_at_wishes();
  void end(Cause cause, Duration grace);
  void kill_tree();
  void check_deadlines();
  void check_simulated_gpu(std::int64_t now);
  void set_timer() const;
  void carry_log();
  void drain_log();
  void take_reports();
  bool reap();
  void settle(rusage const& used);
  Outcome outcome_of_command() const;
  std::optional<Termination> told_by_the_job() const;
  void write_status_now();
  void clear_leftovers();
  void write_last_status();
  void note(std::string sentence);

  std::string folder_;
  Spec spec_;
  Status status_;
  Cgroups cgroups_;
  LogWriter log_;
  ReservedFile last_status_;
  Fd bell_, signals_, timer_, output_, reports_, control_;
  std::int64_t lease_deadline_us_, time_deadline_us_ = 0, kill_at_us_ = 0;  // on the boot-time clock; 0: none
  std::int64_t log_budget_ = 0, log_budget_until_us_ = 0;                   // bytes to be taken before then
  std::optional<Cause> ending_;                                             // why we end it, once we do
  std::int64_t next_look_us_ = 0;                                           // at what it holds of a simulated GPU
  std::string beyond_gpu_;                                                  // that it was too much
  std::size_t notes_written_ = 0;
  std::string could_not_start_;         // why the command never ran, once that is known
  Cause fault_ = Cause::CouldNotStart;  // and whose fault it was
  std::optional<int> wait_status_;      // of the command
  bool init_reaped_ = false;
};

}  // namespace nav::supervisor
