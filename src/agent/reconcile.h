// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "agent/ports.h"
#include "core/node_spec.h"

/// The heart of the agent: from what should be and what is to what to do next. Pure and without memory, so that a restart, a lost message or a
/// change from outside needs no special case.
namespace nav {

struct StopAttempt {
  AttemptId attempt;
};
struct ForgetAttempt {
  AttemptId attempt;
};
struct FetchLaunch {
  AttemptId attempt;
};
struct StartAttempt {
  AttemptId attempt;
  std::string instance_uuid;
};
struct SetMode {
  std::string gpu;
  GpuMode mode;
};
struct CreateInstance {
  std::string gpu;
  std::string placement;
  AttemptId attempt;
};
struct DestroyInstance {
  std::string gpu;
  std::string placement;
};

using Action = std::variant<StopAttempt, ForgetAttempt, FetchLaunch, StartAttempt, SetMode, CreateInstance, DestroyInstance>;

/// What there is, as far as the agent knows.
struct Local {
  std::vector<GpuStatus> gpus;
  std::vector<LocalAttempt> attempts;  ///< sorted by id
  std::set<AttemptId> launches;        ///< attempts whose launch is at hand
  std::set<AttemptId> gave_up;         ///< attempts the agent reports as failed without a folder
};

/// All that can be done now, in the order to do it: what must go before what comes. Nothing here waits for anything else in the list; what does
/// is left for the next round.
std::vector<Action> reconcile(NodeSpec const& spec, Local const& local);

/// Where an attempt would run, once all it needs is there and free: the UUID of its MIG instance, empty for whole GPUs and CPU jobs. None
/// while something has to happen first.
std::optional<std::string> seat_of(AttemptSpec const& want, NodeSpec const& spec, Local const& local);

/// Whether an attempt that is not over lives on this GPU, or, with a placement, on this slice of it.
bool is_lived_on(Local const& local, std::string const& gpu, std::string const& placement);

/// A process on the instance that no attempt started, if one is seen for certain.
GpuProcess const* stranger_on(InstanceStatus const& instance);

std::string to_text(Action const& action);

}  // namespace nav
