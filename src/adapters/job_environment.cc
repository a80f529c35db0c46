// SPDX-License-Identifier: Apache-2.0
#include "adapters/job_environment.h"

#include <fmt/ranges.h>

#include "experiments/store.h"

namespace nav {

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
