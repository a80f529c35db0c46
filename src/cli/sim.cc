// SPDX-License-Identifier: Apache-2.0
// nav sim, nav simulate: simulated machines and simulated storms.
#include <memory>

#include "cli/commands.h"
#include "cli/local_syntax.h"

namespace nav::cli {

namespace {

Command sim_node_command(std::string name, std::string summary, std::function<int(SimNodeOptions const&)> local, Variables const& variables) {
  auto asked = std::make_shared<SimNodeOptions>();
  Command command(std::move(name), std::move(summary));
  command.argument("NODE", "name of a simulated node", into(asked->node), Names::SimulatedNode);
  add_data_option(command, asked->data, variables);
  command.runs(handed_to(std::move(local), asked));
  return command;
}

Command sim_list_command(LocalCommands const& local, Variables const& variables) {
  auto asked = std::make_shared<SimListOptions>();
  Command command("list", "The simulated nodes here, and the machines that can be simulated");
  add_data_option(command, asked->data, variables);
  command.option("--json", "print as JSON", into_switch(asked->json));
  command.runs(handed_to(local.sim_list, asked));
  return command;
}

Command sim_fault_command(LocalCommands const& local, Variables const& variables) {
  auto asked = std::make_shared<SimFaultOptions>();
  Command command("fault", "Let a simulated GPU fail, as real ones do");
  command.about("One fault at a time; faults add up until nav sim clear.");
  command.argument("NODE", "name of a simulated node", into(asked->node), Names::SimulatedNode);
  command.option("--gpu N", "index of the GPU (0)", into(asked->gpu));
  command.option("--xid CODE", "report this XID once", into(asked->xid));
  command.option("--slice PLACEMENT", "the slice the XID is on, as 1g.5gb@4 (else the whole GPU)", into(asked->slice));
  command.option("--refuse-create N", "the next N creations of an instance fail", into(asked->refuse_create));
  command.option("--busy-destroy N", "the next N destructions answer that it is in use", into(asked->busy_destroy));
  command.option("--slow MS", "every call to the driver waits so many milliseconds", into(asked->slow_ms));
  command.option("--gone", "the GPU falls off the bus", into_switch(asked->gone));
  command.option("--worn-out", "a row of its memory goes bad, and no spare one is left", into_switch(asked->worn_out));
  command.checked([asked]() -> Result<void> {
    int const faults = asked->xid.has_value() + asked->refuse_create.has_value() + asked->busy_destroy.has_value() + asked->slow_ms.has_value() + asked->gone +
                       asked->worn_out;
    if (faults != 1)
      return Unexpected(Error{ErrorKind::InvalidArgument,
                              faults == 0 ? "no fault is named" : "one fault at a time",
                              "give one of --xid, --refuse-create, --busy-destroy, --slow, --gone, --worn-out",
                              {}});
    if (!asked->slice.empty() && !asked->xid)
      return Unexpected(Error{ErrorKind::InvalidArgument, "--slice goes with --xid", "the other faults are of a whole GPU", {}});
    return {};
  });
  add_data_option(command, asked->data, variables);
  command.example("A memory error contained to one slice", "nav sim fault dgx-a100-1 --gpu 0 --xid 94 --slice 1g.5gb@4");
  command.runs(handed_to(local.sim_fault, asked));
  return command;
}

}  // namespace

Command sim_command(LocalCommands const& local, Variables const& variables) {
  Command command("sim", "Look at, break and restart simulated machines");
  command.add(sim_list_command(local, variables));
  Command env = sim_node_command("env", "Print what points any NVML program at a simulated node", local.sim_env, variables);
  env.example("Every NVML program of this shell sees the node from now on", "eval \"$(nav sim env dgx-a100-1)\"");
  command.add(std::move(env));
  command.add(sim_fault_command(local, variables));
  command.add(sim_node_command("clear", "End all faults of a node", local.sim_clear, variables));
  command.add(sim_node_command("reboot", "Reboot a node: no instance survives, lost GPUs are back", local.sim_reboot, variables));
  return command;
}

Command simulate_command(LocalCommands const& local) {
  auto asked = std::make_shared<SimulateFaultsOptions>();
  Command faults("faults", "Run the real controller and agents through a storm of faults");
  faults.about(
      "One thread, a virtual clock and one seed: network, GPUs, processes and disk misbehave, and after every step it is held that no slice has two "
      "jobs, no attempt runs twice, nothing leaks and the journal replays. A failure prints its seed, which repeats it exactly. Exits with 1 if any world "
      "failed.");
  faults.option("--seed S", "the first seed (1)", into(asked->seed));
  faults.option("--seeds N", "how many seeds, one world each (1)", into(asked->seeds));
  faults.option("--steps N", "length of each world", into(asked->steps));
  faults.option("--trace", "print every step", into_switch(asked->trace));
  faults.option("--json", "print the results as JSON", into_switch(asked->json));
  faults.example("Fifty worlds", "nav simulate faults --seed 1 --seeds 50");
  faults.example("One again, step by step", "nav simulate faults --seed 17 --trace");
  faults.runs(handed_to(local.simulate_faults, asked));
  Command command("simulate", "Try whole data centres out in virtual time");
  command.add(std::move(faults));
  command.add(simulate_trace_command(local));
  return command;
}

}  // namespace nav::cli
