// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/service_addresses.h"
#include "agent/ports.h"

namespace nav::supervisor {
struct Sight;
struct Spec;
}  // namespace nav::supervisor

namespace nav {

class FolderWatch;

/// How a node runs the processes of its attempts.
struct ProcessSettings {
  std::string data_folder;           ///< the agent's: attempts lie in `jobs` below it
  std::string hidden_folder;         ///< what jobs do not see: the whole installation's folder, where the agent's is a part of it; empty: data_folder
  std::vector<std::string> visible;  ///< of that, what jobs see all the same, only to read
  std::string supervisor;            ///< program file of nav-supervisor
  Duration grace = seconds(10);
  std::uint64_t log_bytes = 64u << 20;
  /// Under root: the unix user that the jobs of a project run as, by name. A job of any other project gets a uid of its own out of
  /// [first_uid, first_uid + uid_count), numbers that no distribution and no container tool gives out.
  std::map<std::string, std::string> project_users;
  std::uint32_t first_uid = 0x70000000;
  std::uint32_t uid_count = 0x0FF00000;
  bool simulated_gpus = false;                     ///< a job's own memory counts as that of its GPU, which has none
  std::map<std::string, std::string> environment;  ///< for every job, such as what points NVML at a simulated node
  /// The device nodes a job may open beside the usual ones. Without this function a job sees /dev as it is.
  std::function<Result<std::vector<std::string>>(Launch const&)> device_nodes;
};

/// Attempts as processes of this machine, each under a supervisor with a folder of its own, DATA/jobs/42.1, so that nothing is forgotten when
/// the agent dies. Safe to call from several threads, at most one for each attempt.
class ProcessJobs final : public JobPort {
 public:
  /// Makes DATA/jobs if need be, and clears away what a dead agent had only begun to start.
  static Result<std::unique_ptr<ProcessJobs>> open(ProcessSettings settings);
  ~ProcessJobs() override;

  Result<void> start(Launch const& launch) override;
  std::vector<LocalAttempt> look() override;
  void renew(AttemptId attempt, Duration lease) override;
  void stop(AttemptId attempt) override;
  void forget(AttemptId attempt) override;

  /// Calls `changed`, in a thread of its own, soon after a supervisor has written something. Looking now and then is needed all the same:
  /// one that was killed writes nothing.
  Result<void> watch(std::function<void()> changed);

  /// Where the attempt was told to listen. Conflict: it does not run; Unavailable: nobody listens there yet, or somebody else does. From any thread.
  Result<ServiceAddress> service_of(AttemptId attempt);

  /// The folder of an attempt, whether it is there or not.
  std::string folder_of(AttemptId attempt) const;

 private:
  /// What of an attempt's spec is reported about it ever after.
  struct Remarks {
    std::vector<std::string> gpus;
    std::string placement;
    std::string instance_uuid;
    bool is_trial = false;   ///< of a flow: what it leaves is to be brought
    std::uint16_t port = 0;  ///< NAV_PORT; zero: an older agent started it
    std::uint32_t user = 0;  ///< it runs as
    std::optional<Service> service;
  };
  explicit ProcessJobs(ProcessSettings settings);

  std::string socket_of(AttemptId attempt) const;
  void clear_what_only_began();
  Result<supervisor::Spec> spec_of(Launch const& launch) const;
  Result<std::uint16_t> port_for(Launch const& launch);
  Remarks remarks_of(AttemptId attempt);
  LocalAttempt local_of(AttemptId attempt, supervisor::Sight const& sight);

  ProcessSettings settings_;
  std::string jobs_folder_;
  std::mutex mutex_;
  std::map<AttemptId, Remarks> remarks_;
  std::map<AttemptId, std::uint16_t> starting_;  ///< ports given to attempts that have no folder yet
  std::map<AttemptId, Time> found_lost_;         ///< when; the attempt itself cannot tell
  std::unique_ptr<FolderWatch> watch_;
};

}  // namespace nav
