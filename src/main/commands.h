// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cli/local_commands.h"

/// The commands that run a part of nav or look at this machine. Each returns the process's exit code.
namespace nav {

int run_up(cli::UpOptions const& options);
int run_down(cli::DownOptions const& options);
int run_controller(cli::ControllerOptions const& options);
int run_agent_command(cli::AgentOptions const& options);
int run_doctor(cli::DoctorOptions const& options);
int run_sim_list(cli::SimListOptions const& options);
int run_sim_env(cli::SimNodeOptions const& options);
int run_sim_fault(cli::SimFaultOptions const& options);
int run_sim_reboot(cli::SimNodeOptions const& options);
int run_sim_clear(cli::SimNodeOptions const& options);
int run_simulate_faults(cli::SimulateFaultsOptions const& options);
int run_simulate_trace(cli::SimulateTraceOptions const& options);
int run_bench(cli::BenchOptions const& options);
int run_bench_placement(cli::BenchPlacementOptions const& options);
int run_bench_queue(cli::BenchQueueOptions const& options);
int run_bench_packing(cli::BenchPackingOptions const& options);
int run_bench_openb(cli::BenchOpenbOptions const& options);

/// Prints the error as the command line does and gives its exit code.
int told(Error const& error);

}  // namespace nav
