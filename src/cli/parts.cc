// SPDX-License-Identifier: Apache-2.0
// nav controller, nav agent, nav doctor: the parts of an installation over several machines.
#include <memory>

#include "cli/commands.h"
#include "cli/local_syntax.h"

namespace nav::cli {

Command controller_command(LocalCommands const& local, Variables const& variables) {
  auto asked = std::make_shared<ControllerOptions>();
  asked->listen = default_listen;
  asked->agents_listen = default_agents_listen;
  Command command("controller", "Serve the API and agents, without an agent here");
  command.about(
      "The API speaks plain HTTP on loopback alone; on any other address it needs TLS, with a certificate of the installation's own CA for the "
      "names given. Agents dial in at a port of their own, with mutual TLS.");
  command.option("--listen HOST:PORT", fmt::format("where the API listens ({})", default_listen), into_address(asked->listen));
  command.option("--agents-listen HOST:PORT", fmt::format("where agents dial in ({})", default_agents_listen), into_address(asked->agents_listen));
  add_door_options(command, asked->door);
  command.option("--tls-name NAME", "a name or address others reach this machine by; may be given again", into(asked->tls_names));
  add_artifact_options(command, asked->artifacts, asked->keep_artifacts);
  add_data_option(command, asked->data, variables);
  command.example("For a machine room", "nav controller --listen 0.0.0.0:8440 --tls-name gpu.example.org");
  command.runs(handed_to(local.controller, asked));
  return command;
}

Command agent_command(LocalCommands const& local, Variables const& variables) {
  auto asked = std::make_shared<AgentOptions>();
  Command command("agent", "Bring this machine into the pool");
  command.about(
      "The first time, an agent needs an address and a join token, both of which nav token create --join prints. The address carries the "
      "fingerprint of the installation's CA, so the agent knows whom it speaks with. Later it goes by the certificate in its folder, and "
      "nav agent alone is enough.");
  command.option("--join URL", "https://HOST:PORT#sha256:FINGERPRINT of the controller", into(asked->join));
  command.option("--token-file FILE", "holds the join token", into_path(asked->token_file), Names::File);
  command.option("--name NAME", "the node's name (the host's)", into(asked->name));
  command.option("--site S", "the site this machine belongs to", into(asked->site));
  command.option("--address A", "by which other nodes reach this machine, for members of gangs (the one it has towards the controller)", into(asked->address));
  command.option("--label K=V", "a label for the node; may be given again", into(asked->labels));
  add_data_option(command, asked->data, variables);
  command.option("--nvml PATH", "the driver's libnvidia-ml.so.1, where it is not in its usual place", into_path(asked->nvml), Names::File);
  std::vector<std::string> machines;
  for (auto const& machine : local.machines) machines.push_back(machine.name);
  command.option("--simulate BOARD", "show a simulated machine instead of this one's GPUs",
                 machines.empty() ? into(asked->simulate) : into_word(asked->simulate, machines), Names::Machine);
  command.option("--dcgm-exporter URL", "read activity from a dcgm-exporter here, as http://127.0.0.1:9400: on Ampere nobody else knows that of a slice",
                 into(asked->dcgm_exporter));
  command.option("--metrics HOST:PORT", "let a Prometheus on this machine scrape this node at /metrics there, on loopback", into_address(asked->metrics));
  command.checked([asked]() -> Result<void> {
    if (asked->join.empty() == asked->token_file.empty()) return {};
    return Unexpected(Error{ErrorKind::InvalidArgument,
                            asked->join.empty() ? "--join is missing" : "--token-file is missing",
                            "a first join needs both: nav token create --join prints the whole command",
                            {}});
  });
  command.example("Join", "nav agent --join https://gpu.example.org:8443#sha256:3f... --token-file join-token --site lab");
  command.example("Go on after a restart", "nav agent");
  command.runs(handed_to(local.agent, asked));
  return command;
}

Command doctor_command(LocalCommands const& local, Variables const& variables) {
  auto asked = std::make_shared<DoctorOptions>();
  Command command("doctor", "Look what this machine lacks, and say the remedy");
  command.about(
      "Looks at the driver, rights, MIG mode, control groups, ports and disk. Changes nothing. Exits with 1 when something is wrong that keeps "
      "jobs from running here.");
  add_data_option(command, asked->data, variables);
  command.option("--nvml PATH", "the driver's libnvidia-ml.so.1, where it is not in its usual place", into_path(asked->nvml), Names::File);
  command.option("--json", "print the findings as JSON", into_switch(asked->json));
  command.runs(handed_to(local.doctor, asked));
  return command;
}

}  // namespace nav::cli
