// SPDX-License-Identifier: Apache-2.0
// nav sim: the simulated nodes of this installation, and trouble for them.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "base/json.h"
#include "base/text.h"
#include "cli/exit_code.h"
#include "main/commands.h"
#include "main/data_folder.h"
#include "nvmlsim/control.h"
#include "supervisor/attempt_folder.h"

namespace nav {

namespace fs = std::filesystem;

namespace {

struct SimulatedNode {
  std::string name;
  std::string machine;
  std::uint32_t gpus = 0;
  std::string folder;
  std::string caveat;
};
BOOST_DESCRIBE_STRUCT(SimulatedNode, (), (name, machine, gpus, folder, caveat))

Result<std::vector<SimulatedNode>> simulated_nodes(std::string const& data) {
  std::vector<SimulatedNode> nodes;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(data + "/nodes", error)) {
    std::string const folder = entry.path() / "driver";
    if (auto const node = nvmlsim::describe_node(folder)) nodes.push_back({entry.path().filename(), node->machine, node->gpus, folder, node->caveat});
  }
  if (error == std::errc::permission_denied)
    return Unexpected(Error{ErrorKind::Forbidden, fmt::format("{}/nodes: {}", data, error.message()), "use sudo, or be the user that runs it", {}});
  if (error && error != std::errc::no_such_file_or_directory) return fail(ErrorKind::Internal, "{}/nodes: {}", data, error.message());
  std::sort(nodes.begin(), nodes.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
  return nodes;
}

Result<std::string> folder_of(std::string const& data, std::string const& node) {
  std::vector<std::string> names;
  TRY(auto const nodes, simulated_nodes(data));
  for (auto const& one : nodes) {
    if (one.name == node) return one.folder;
    names.push_back(one.name);
  }
  if (names.empty())
    return Unexpected(Error{ErrorKind::NotFound, fmt::format("there are no simulated nodes in {}", data), "nav up --simulate dgx-a100 makes one", "node"});
  return Unexpected(Error{ErrorKind::NotFound, fmt::format("there is no simulated node \"{}\"", shortened(node, 60)),
                          fmt::format("there are: {}", fmt::join(names, ", ")), "node"});
}

Result<void> set_fault(cli::SimFaultOptions const& options) {
  TRY(auto const folder, folder_of(options.data, options.node));
  TRY(auto const node, nvmlsim::describe_node(folder));
  if (options.gpu >= node.gpus) return fail_field("gpu", fmt::format("0 to {}", node.gpus - 1), "{} has no GPU {}", options.node, options.gpu);
  if (options.xid && !options.slice.empty()) {
    TRY(auto const instance, nvmlsim::instance_at(folder, options.gpu, options.slice));
    return nvmlsim::inject_xid(folder, options.gpu, *options.xid, instance.gpu_instance, instance.compute_instance);
  }
  if (options.xid) return nvmlsim::inject_xid(folder, options.gpu, *options.xid);
  if (options.refuse_create) return nvmlsim::refuse_creations(folder, options.gpu, *options.refuse_create);
  if (options.busy_destroy) return nvmlsim::keep_busy(folder, options.gpu, *options.busy_destroy);
  if (options.slow_ms) return nvmlsim::slow_down(folder, options.gpu, *options.slow_ms);
  if (options.gone) return nvmlsim::lose_gpu(folder, options.gpu);
  if (options.worn_out) return nvmlsim::wear_out(folder, options.gpu);
  return fail(ErrorKind::InvalidArgument, "no fault is named: see nav sim fault --help");
}

/// As a machine that goes down takes its processes with it: nothing of a job outlives its supervisor.
void kill_jobs(std::string const& jobs_folder) {
  auto const attempts = supervisor::list_attempts(jobs_folder);
  if (!attempts) return;
  for (AttemptId const attempt : *attempts) {
    auto const seen = supervisor::look(fmt::format("{}/{}", jobs_folder, to_text(attempt)));
    if (seen && (seen->phase == supervisor::Phase::Starting || seen->phase == supervisor::Phase::Running) && seen->status.supervisor_pid > 1)
      kill(static_cast<pid_t>(seen->status.supervisor_pid), SIGKILL);
  }
}

int answered(Result<void> const& result, std::string const& well) {
  if (!result) return told(result.error());
  std::puts(well.c_str());
  return 0;
}

}  // namespace

int told(Error const& error) {
  std::fputs(cli::error_text(error).c_str(), stderr);
  return cli::exit_code_of(error.kind);
}

int run_sim_list(cli::SimListOptions const& options) {
  auto const found = simulated_nodes(options.data);
  if (!found) return told(found.error());
  auto const& nodes = *found;
  if (options.json) {
    std::puts(json_write(nodes).c_str());
    return 0;
  }
  std::puts("simulated nodes of this installation:");
  for (auto const& node : nodes)
    std::printf("  %-20s %-14s %u GPUs%s\n", node.name.c_str(), node.machine.c_str(), node.gpus, node.caveat.empty() ? "" : (", " + node.caveat).c_str());
  if (nodes.empty()) std::puts("  none: nav up --simulate dgx-a100 makes one");
  std::puts("\nmachines that can be simulated:");
  for (auto const& machine : nvmlsim::machines()) std::printf("  %-20s %s\n", std::string(machine.name).c_str(), std::string(machine.description).c_str());
  return 0;
}

int run_sim_env(cli::SimNodeOptions const& options) {
  auto const folder = folder_of(options.data, options.node);
  if (!folder) return told(folder.error());
  auto const library = nvmlsim::library_folder();
  if (!library) return told(library.error());
  // Made for eval: `eval "$(nav sim env dgx-a100-1)"`, and any NVML program of that shell sees the node.
  for (auto const& [name, value] : nvmlsim::env_for(*folder, *library)) std::printf("export %s='%s'\n", name.c_str(), value.c_str());
  return 0;
}

int run_sim_fault(cli::SimFaultOptions const& options) { return answered(set_fault(options), "The fault is set. nav sim clear ends lasting ones."); }

int run_sim_reboot(cli::SimNodeOptions const& options) {
  auto const folder = folder_of(options.data, options.node);
  if (!folder) return told(folder.error());
  auto const rebooted = nvmlsim::reboot_node(*folder);
  if (rebooted) kill_jobs(fs::path(*folder).parent_path() / "jobs");
  return answered(rebooted, "Rebooted: its instances are gone, and whatever ran on it.");
}

int run_sim_clear(cli::SimNodeOptions const& options) {
  auto const folder = folder_of(options.data, options.node);
  if (!folder) return told(folder.error());
  return answered(nvmlsim::clear_faults(*folder), "All faults are cleared.");
}

}  // namespace nav
