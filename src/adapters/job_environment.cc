// SPDX-License-Identifier: Apache-2.0
#include "adapters/job_environment.h"

#include <fmt/ranges.h>

#include "adapters/own_address.h"
#include "experiments/store.h"

namespace nav {

namespace {

/// Under our names, under those that torch.distributed and most others read (env://), and under those that torchrun takes for its options. A member
/// sees its own GPUs alone, so that it is the first on its node whoever else is there.
void add_member(MemberSpec const& member, std::map<std::string, std::string>& all) {
  std::string const rank = fmt::format("{}", member.rank), members = fmt::format("{}", member.hosts.size()), port = fmt::format("{}", member.port);
  std::string const master = member.hosts.empty() ? "" : member.hosts.front();
  all["NAV_HOSTS"] = fmt::format("{}", fmt::join(member.hosts, ","));
  for (auto const* name : {"NAV_RANK", "RANK", "PET_NODE_RANK"}) all[name] = rank;
  for (auto const* name : {"NAV_MEMBERS", "WORLD_SIZE", "PET_NNODES"}) all[name] = members;
  for (auto const* name : {"NAV_MASTER_ADDR", "MASTER_ADDR", "PET_MASTER_ADDR"}) all[name] = master;
  for (auto const* name : {"NAV_MASTER_PORT", "MASTER_PORT", "PET_MASTER_PORT"}) all[name] = port;
  all["LOCAL_RANK"] = "0";
  all["LOCAL_WORLD_SIZE"] = "1";
  // Gloo tells the others the address that the machine's own name has here, which many a machine calls loopback.
  auto const interface = member.rank < member.hosts.size() ? interface_with(member.hosts[member.rank]) : "";
  if (!interface.empty()) all.try_emplace("GLOO_SOCKET_IFNAME", interface);
}

}  // namespace

std::map<std::string, std::string> environment_of(Launch const& launch, std::map<std::string, std::string> const& extra) {
  auto all = launch.request.env;
  for (auto const& [name, value] : extra) all[name] = value;
  auto const devices = launch.instance_uuid.empty() ? fmt::format("{}", fmt::join(launch.gpus, ",")) : launch.instance_uuid;
  all["CUDA_VISIBLE_DEVICES"] = devices;
  all["NVIDIA_VISIBLE_DEVICES"] = devices.empty() ? "void" : devices;
  all["NAV_JOB_ID"] = to_text(launch.attempt.job);
  all["NAV_ATTEMPT"] = to_text(launch.attempt);
  auto const set_if_known = [&](char const* name, std::string const& value) {
    if (!value.empty()) all[name] = value;
    else all.erase(name);
  };
  set_if_known("NAV_PROJECT", launch.project);
  set_if_known("NAV_URL", launch.controller);
  set_if_known("NAV_PLACEMENT", launch.placement);
  if (launch.member) add_member(*launch.member, all);
  all.erase("NAV_TOKEN_FILE");
  // A script that logs with MLflow logs here, unless the job names another place.
  if (!launch.controller.empty() && !all.contains("MLFLOW_TRACKING_URI")) {
    all["MLFLOW_TRACKING_URI"] = launch.controller.substr(0, launch.controller.find('#'));  // the fingerprint is for ours alone
    all["MLFLOW_TRACKING_TOKEN"] = launch.token;
    all.try_emplace("MLFLOW_RUN_ID", experiments::run_of(launch.attempt));
  }
  return all;
}

}  // namespace nav
