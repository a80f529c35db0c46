// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

enum class MachineState { Booting, Ready, Releasing };
BOOST_DESCRIBE_ENUM(MachineState, Booting, Ready, Releasing)

/// A machine of a cloud.
struct Machine {
  std::string name;
  MachineState state = MachineState::Booting;
  Time wanted;
  Time since;
  std::optional<JobId> job;
  std::int64_t price_micro = 0;

  static constexpr Doc docs[] = {
      {"", "A machine of a cloud, from the wish for it until the provider has it no more."},
      {"name", "Of its node, too.", R"("v100-cloud-7")"},
      {"state", "It is on its way, in the pool, or being given back.", R"("ready")"},
      {"wanted", "Since when it costs."},
      {"since", "Since when it is in that state."},
      {"job", "For which it was wanted, if you may see that job.", "42"},
      {"price_micro", "What an hour costs, in millionths.", "2500000"},
  };
};
BOOST_DESCRIBE_STRUCT(Machine, (), (name, state, wanted, since, job, price_micro))

/// GET /v1/clouds
struct Cloud {
  std::string name;
  std::string machine;
  std::string family;
  std::uint32_t gpus = 1;
  std::uint32_t most = 0;
  Duration boot;
  Duration idle;
  std::int64_t price_micro = 0;
  bool open = true;
  std::optional<std::string> problem;
  std::vector<Machine> machines;

  static constexpr Doc docs[] = {
      {"", "A site whose machines are booted when jobs want them."},
      {"name", "And the site of its nodes, and the template for one of its machines.", R"("v100-cloud")"},
      {"machine", "Which kind, in the provider's words.", R"("v100-16gb")"},
      {"family", "Of its GPUs.", R"("v100")"},
      {"gpus", "On one machine.", "1"},
      {"most", "Machines at once.", "4"},
      {"boot", "How long one usually takes.", "30000000"},
      {"idle", "One on which nothing ran for so long is given back.", "300000000"},
      {"price_micro", "What an hour of one costs, in millionths.", "2500000"},
      {"open", "Whether machines are booted. A closed one gives idle machines back at once.", "true"},
      {"problem", "What it failed at last.", R"("v100-cloud-3: no capacity")"},
      {"machines", "Those there are."},
  };
};
BOOST_DESCRIBE_STRUCT(Cloud, (), (name, machine, family, gpus, most, boot, idle, price_micro, open, problem, machines))

}  // namespace nav::api
