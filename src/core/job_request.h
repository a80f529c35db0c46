// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/code_files.h"
#include "core/rung.h"
#include "core/service.h"

namespace nav {

/// What becomes of a job whose attempt ran out of memory.
enum class OnOutOfMemory : std::uint8_t {
  Fail,   ///< it is a failure as any other
  Climb,  ///< it begins anew where there is more memory; core/more_memory.h
};
BOOST_DESCRIBE_ENUM(OnOutOfMemory, Fail, Climb)

/// What a person asked for: an immutable blob, kept by its digest outside the pool.
struct JobRequest {
  std::string name;
  std::string project;               ///< by name
  std::vector<std::string> on;       ///< the compute list: templates in order of preference
  std::vector<std::string> command;  ///< argv
  std::map<std::string, std::string> env;
  std::string workdir;                  ///< on the node; empty: a folder of the attempt's own
  Duration time_limit;                  ///< zero: none
  std::uint64_t memory_mib = 0;         ///< zero: the template's share
  std::uint32_t cpu_milli = 0;          ///< zero: the template's share
  std::uint32_t retries = 0;            ///< how often a failed attempt is tried again
  bool restartable = false;             ///< may be stopped and begun anew
  bool no_preempt = false;              ///< though it is restartable, it is not stopped to make room for others
  std::int32_t priority = 0;            ///< higher goes first
  std::vector<RungLimits> limits = {};  ///< of each rung; empty: none has any
  bool climbs = false;                  ///< it may be stopped, to begin anew, when something better is free
  OnOutOfMemory on_out_of_memory = OnOutOfMemory::Fail;
  std::vector<CodeFile> code = {};      ///< in the folder each attempt starts in
  std::uint32_t members = 0;            ///< of a gang: they start together or not at all; zero: it is a job by itself
  std::optional<Service> service = {};  ///< it is there to be used; none: it runs to its end

  // Of a trial of a flow.
  std::string run = {};                            ///< "run-3"; empty: it is none
  std::string component = {};                      ///< of that run's flow
  std::uint32_t trial = 0;                         ///< number within the component
  std::map<std::string, std::string> inputs = {};  ///< files to be found under NAV_INPUTS: name -> "sha256:..."
  std::vector<std::string> outputs = {};           ///< files to be brought from NAV_OUTPUTS

  bool operator==(JobRequest const&) const = default;
};
BOOST_DESCRIBE_STRUCT(JobRequest, (),
                      (name, project, on, command, env, workdir, time_limit, memory_mib, cpu_milli, retries, restartable, no_preempt, priority, limits, climbs,
                       on_out_of_memory, code, run, component, trial, inputs, outputs, members, service))

}  // namespace nav
