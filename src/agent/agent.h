// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/conversation.h"
#include "agent/messages.h"
#include "agent/patience.h"

namespace nav {

/// How long the agent waits for what.
struct AgentTimes {
  Duration look_at_gpus = seconds(5);     ///< changes from outside are seen within this
  Duration look_at_jobs = seconds(2);     ///< should a notice of theirs be lost
  Duration look_for_driver = minutes(1);  ///< on a machine that shows no GPU yet
  Duration discover_again = minutes(5);   ///< for GPUs that could not be asked the last time
  Duration stuck = seconds(45);           ///< a call of the driver that takes longer marks its GPU
  Duration stuck_mode = minutes(3);       ///< so for switching MIG, which resets the GPU
  Duration first_retry = milliseconds(100);
  Duration longest_retry = seconds(20);
  Duration blocked = seconds(10);  ///< a refusal that lasts longer is reported as the GPU's problem
  std::uint32_t tries = 4;         ///< creations, switches, starts and fetches refused so often are given up
  Duration repeat_stop = seconds(5);
  Duration missing = seconds(10);  ///< an attempt whose folder is not seen for so long is lost
  std::size_t kept_xids = 64;
};

/// The agent of one node as a step machine: no thread, clock, socket or chance but what comes in. What to do is reconcile's decision; here is when:
/// one action at a time for a GPU and for an attempt, retried with growing waits, and given up in words the controller can show.
class Agent {
 public:
  explicit Agent(Random random, AgentTimes times = {});

  std::vector<Output> step(Input input, Time now);
  /// When to give a Tick at the latest.
  Time next_wake() const;

  /// All that is on the node, as it would be reported; meaningful once knows_itself().
  NodeStatus const& status() const { return status_; }
  /// The jobs and every GPU have been looked at.
  bool knows_itself() const;
  std::optional<NodeSpec> const& spec() const { return spec_; }

 private:
  /// A GPU and what is going on with it.
  struct GpuState {
    std::optional<GpuStatus> seen;
    std::optional<Output> call;  ///< the driver's call in flight
    Time called;
    Time look_at;  ///< next look due
    bool is_stuck = false;
    std::string look_error;
    std::map<std::string, Patience> troubles;  ///< by action, "create 1g.5gb@4"
  };
  /// An attempt and what is going on with it.
  struct AttemptState {
    std::optional<Action> call;
    std::optional<LaunchAnswer> launch;
    Patience trouble;
    Time stop_asked;
    Time leased_until;
    /// Once its start was begun it counts as here, until a look that began after the start's end says otherwise.
    std::optional<LocalAttempt> begun;
    std::uint64_t trust_look = 0;
    Time missing_since;                 ///< its folder is not seen any more
    std::optional<AttemptStatus> over;  ///< ended without a folder: given up, or stopped before it began
  };

  void take(Start& start);
  void take(Discovered& discovered);
  void take(GpuLooked& looked);
  void take(JobsChanged&);
  void take(JobsLooked& looked);
  void take(Done& done);
  void take(LaunchArrived& arrived);
  void take(Synced& synced);
  void take(XidsSeen& seen);
  void take(Tick&) {}

  bool take_spec(NodeSpec& spec);
  void done_on_gpu(GpuState& gpu, std::string const& placement, Done& done);
  void done_on_attempt(AttemptId id, Done& done);
  void renew_leases(Duration lease, Time asked);

  void act();
  void carry_out(Action const& action);
  void call_driver(SliceStep step, Output call);
  void start(StartAttempt const& action);
  void give_up_what_cannot_be();
  void end_without_folder(AttemptId id, Outcome outcome, std::string message);
  void clear_the_gone();
  void look();
  void talk();
  void refresh_status();
  void mark_stuck();
  Duration patience_with(Output const& call) const;

  Local local() const;
  AttemptSpec const* wanted(AttemptId id) const;
  std::string problem_of(std::string const& uuid, GpuState const& gpu, std::string const& placement) const;
  bool is_switching(std::string const& gpu) const;
  void step_ended(std::string const& gpu, std::string const& placement);
  void warn(std::string message);

  AgentTimes times_;
  Random random_;
  Conversation conversation_;
  Time now_;
  std::vector<Output> out_;

  Start start_{};
  bool is_started_ = false;
  NodeRecord record_;
  bool record_changed_ = false;

  bool is_discovering_ = false, discover_again_ = false;
  Patience discovery_;
  Time discover_at_;
  std::optional<Inventory> inventory_;
  std::map<std::string, GpuState> gpus_;

  std::uint64_t looks_ = 0;  ///< at jobs, so far asked for
  bool is_looking_ = false, look_again_ = false, jobs_known_ = false;
  Time look_at_jobs_at_;
  std::vector<LocalAttempt> folders_;  ///< as last looked at
  std::map<AttemptId, AttemptState> attempts_;
  std::vector<XidStatus> xids_;

  std::optional<NodeSpec> spec_;
  Time leased_until_;  ///< what runs here may do so until then
  std::string last_warning_;

  NodeStatus status_;
  std::string hash_;
};

}  // namespace nav
