// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/ports.h"
#include "agent/reconcile.h"

/// What goes into the agent's step machine, and what comes out. Whoever runs the machine carries the outputs out in their order, side by side
/// where they may, and answers each with the input named beside it.
namespace nav {

/// An agent speaks over two calls at once: one tells news the moment there is some, the other waits for the controller's.
enum class Channel { Report, Listen };

// --- Outputs -------------------------------------------------------------------------------------------------------------------------

/// Answered by Discovered.
struct Discover {};
/// Answered by GpuLooked.
struct LookAtGpu {
  std::string gpu;
};
/// Answered by JobsLooked with the same number.
struct LookAtJobs {
  std::uint64_t number = 0;
};
/// Answered by LaunchArrived. (FetchLaunch is one of reconcile's actions.)
/// SetMode, CreateInstance, DestroyInstance, StopAttempt and ForgetAttempt are reconcile's too, answered by Done; as is
struct StartJob {
  Launch launch;
};
/// Answered by Synced.
struct Sync {
  Channel channel = Channel::Report;
  SyncRequest request;
};
/// To be on disk before anything after it is done. Not answered.
struct SaveRecord {
  NodeRecord record;
};
/// Not answered.
struct RenewLease {
  AttemptId attempt;
  Duration lease;
};
/// Something a person would act on, said once. Not answered.
struct Warn {
  std::string message;
};

using Output = std::variant<Discover, LookAtGpu, LookAtJobs, FetchLaunch, SetMode, CreateInstance, DestroyInstance, StopAttempt, ForgetAttempt, StartJob, Sync,
                            SaveRecord, RenewLease, Warn>;

std::string to_text(Output const& output);

// --- Inputs --------------------------------------------------------------------------------------------------------------------------

/// The first input, once.
struct Start {
  NodeRecord record;  ///< installation may be empty: the first spec then names it
  Machine machine;
  std::string agent_version;
  std::string controller;  ///< NAV_URL for jobs
};
struct Discovered {
  Result<Inventory> inventory;
};
struct GpuLooked {
  std::string gpu;
  Result<GpuStatus> status;
};
/// A supervisor wrote something: look soon.
struct JobsChanged {};
struct JobsLooked {
  std::uint64_t number = 0;
  std::vector<LocalAttempt> attempts;
};
/// An action came to its end. `made` is filled by CreateInstance alone.
struct Done {
  Action action;
  Result<void> result;
  InstanceStatus made;
};
struct LaunchArrived {
  AttemptId attempt;
  Result<LaunchAnswer> launch;
};
struct Synced {
  Channel channel = Channel::Report;
  Time asked;
  Result<SyncAnswer> answer;
};
struct XidsSeen {
  std::vector<XidStatus> xids;
};
/// Time went by.
struct Tick {};

using Input = std::variant<Start, Discovered, GpuLooked, JobsChanged, JobsLooked, Done, LaunchArrived, Synced, XidsSeen, Tick>;

}  // namespace nav
