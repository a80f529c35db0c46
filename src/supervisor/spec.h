// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "supervisor/lines.h"

namespace nav::supervisor {

/// What a supervisor does when nobody has renewed its lease in time.
enum class AtDeadline {
  RunOn,  ///< a job that cannot be restarted is worth more running than stopped
  Stop,   ///< a restartable job ends here, so that it may be placed elsewhere after the lease and a margin
};

/// Whom a job runs as. A supervisor that is not root can only run a job as itself.
struct RunAs {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups = {};  ///< supplementary groups; none unless named

  bool operator==(RunAs const&) const = default;
};

/// Zero means: no limit, except for the log.
struct Limits {
  std::uint64_t memory_mib = 0;
  double cpus = 0;                      ///< processors' worth of time, 0.01 and more
  Duration time = {};                   ///< from the start of the command
  std::uint64_t log_bytes = 64u << 20;  ///< at least 4096: half for the head of the log, half for its tail
  std::uint64_t simulated_gpu_mib = 0;  ///< what a simulated slice or GPU has: nothing but the job's own memory can be held against it

  bool operator==(Limits const&) const = default;
};

/// All that a supervisor is told about one attempt of a job: the file `spec` in its folder, written before it starts and never changed.
struct Spec {
  static constexpr int version = 1;

  std::string attempt;                             ///< "42.1"
  std::vector<std::string> command;                ///< looked up in the PATH of `environment`
  std::map<std::string, std::string> environment;  ///< all of it; PATH, HOME and NAV_TOKEN_FILE are added where absent, NAV_TERMINATION_FILE is ours
  std::string workdir = {};                        ///< empty: the folder `work` of the attempt, which belongs to the job's user
  bool run_as_given = false;                       ///< false: the job runs as whoever the supervisor is
  RunAs run_as = {};
  Limits limits = {};
  std::string token = {};                 ///< put into a file of mode 0600 that only the job's user can read
  std::string data_folder = {};           ///< hidden from the job, all but its own work folder and token
  std::vector<std::string> visible = {};  ///< files and folders the job sees, only to read, even where they lie in what is hidden from it
  /// Device nodes of which a job sees only its own: the job gets a /dev of its own with the usual nodes and `devices`.
  bool private_devices = false;
  std::vector<std::string> devices = {};  ///< such as /dev/nvidia0, /dev/nvidia-caps/nvidia-cap21
  std::int64_t lease_deadline_us = 0;     ///< on the boot-time clock (clock.h); 0: no lease
  AtDeadline at_deadline = AtDeadline::RunOn;
  Duration grace = seconds(10);                    ///< between SIGTERM and the end of the whole tree
  std::string boot_id = {};                        ///< of the machine's boot in which this was written; prepare() fills it in
  std::map<std::string, std::string> labels = {};  ///< the agent's own remarks, kept for the next agent

  bool operator==(Spec const&) const = default;
};

std::string write_spec(Spec const& spec);
Checked<Spec> read_spec(std::string_view text);
/// Why no job can be started from this spec, naming the field; empty when it can.
std::string fault_of(Spec const& spec);

/// The file `lease`: the newest deadline. Written whole by the agent at every renewal; the supervisor takes the latest deadline it has seen.
struct Lease {
  static constexpr int version = 1;
  std::int64_t deadline_us = 0;
};
std::string write_lease(Lease lease);
Checked<Lease> read_lease(std::string_view text);

/// The file `stop`: once it is there, the job ends, and nothing takes that back.
struct Stop {
  static constexpr int version = 1;
  Duration grace = {};
};
std::string write_stop(Stop stop);
Checked<Stop> read_stop(std::string_view text);

}  // namespace nav::supervisor
