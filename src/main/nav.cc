// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "main/commands.h"
#include "nvmlsim/control.h"

int main(int argc, char** argv) {
  using namespace nav;
  cli::LocalCommands local{.up = run_up,
                           .down = run_down,
                           .controller = run_controller,
                           .agent = run_agent_command,
                           .doctor = run_doctor,
                           .sim_list = run_sim_list,
                           .sim_env = run_sim_env,
                           .sim_fault = run_sim_fault,
                           .sim_reboot = run_sim_reboot,
                           .sim_clear = run_sim_clear,
                           .simulate_faults = run_simulate_faults,
                           .simulate_trace = run_simulate_trace,
                           .bench = run_bench,
                           .bench_placement = run_bench_placement,
                           .bench_queue = run_bench_queue,
                           .bench_packing = run_bench_packing,
                           .bench_openb = run_bench_openb};
  for (auto const& machine : nvmlsim::machines()) local.machines.push_back({std::string(machine.name), std::string(machine.description)});
  local.check_machine = [](std::string_view name) -> Result<void> {
    auto simulation = nvmlsim::parse_simulation(name);
    if (simulation) return {};
    Error error = std::move(simulation).error();
    error.field.clear();  // the command line names its option
    return Unexpected(std::move(error));
  };
  try {
    int const code = cli::run_cli(argc, argv, local, [](char const* name) -> std::optional<std::string> {
      char const* value = std::getenv(name);
      return value ? std::optional<std::string>(value) : std::nullopt;
    });
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    return told(Error{ErrorKind::StorageFull, fmt::format("the output could not be written: {}", std::strerror(errno)), {}, {}});
  } catch (std::exception const& error) {  // as when no more threads can be made
    return told(Error{ErrorKind::Internal, error.what(), "see the limits on processes, files and memory of this user (ulimit -a)", {}});
  }
}
