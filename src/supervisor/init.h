// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "supervisor/files.h"
#include "supervisor/spec.h"
#include "supervisor/status.h"

namespace nav::supervisor {

/// What init tells its supervisor, one message a write, small enough for a pipe to carry it whole.
struct Report {
  enum class Kind : int { Note, NodeError, CouldNotStart, Started, Exited };
  Kind kind = Kind::Note;
  int wait_status = 0;   ///< Exited: as waitpid() gave it
  Time began = {};       ///< Started: just before the command was its own, so nothing it did was earlier
  char text[1024] = {};  ///< Note, NodeError, CouldNotStart: a sentence, ending in NUL
};

/// One byte down the control pipe; its end says: kill everything.
inline constexpr char control_go = 'G', control_terminate = 'T';

struct InitPlan {
  std::string const& folder;
  Spec const& spec;
  Tree tree;
  Fd control;  ///< read end
  Fd report;   ///< write end
  Fd output;   ///< write end of the pipe that carries the job's stdout and stderr
};

/// The first process of an attempt: waits for the word to go, starts the command, reaps what the job leaves behind, and ends when the
/// command ends. In a PID namespace the kernel ends all other processes with it; else it kills them until none is left.
[[noreturn]] void run_init(InitPlan plan);

/// Kills the children of this process, which must be a subreaper, and theirs, until there is none.
void kill_all_children();

}  // namespace nav::supervisor
