// SPDX-License-Identifier: Apache-2.0
#include "main/simulated_cloud.h"

#include <algorithm>
#include <filesystem>

#include "base/log.h"
#include "base/text.h"
#include "core/pool.h"
#include "nvmlsim/boards.h"
#include "nvmlsim/control.h"

namespace nav {

namespace fs = std::filesystem;

namespace {

constexpr Duration between_reports = seconds(5);

/// A machine with one GPU: the one of that name, or the first whose name goes on after it, as v100-16gb for v100.
nvmlsim::Machine const* machine_for(std::string const& word) {
  for (auto const& machine : nvmlsim::machines())
    if (machine.gpus == 1 && (machine.name == word || machine.name.starts_with(word + "-"))) return &machine;
  return nvmlsim::find_machine(word);
}

}  // namespace

Result<Cloud> SimulatedCloud::terms_of(cli::SimulatedCloudOptions const& options) {
  nvmlsim::Machine const* machine = machine_for(options.machine);
  if (!machine) {
    TRY(auto const simulation, nvmlsim::parse_simulation(options.machine));
    machine = simulation.machine;
  }
  Cloud cloud;
  cloud.name = options.machine + "-cloud";
  cloud.machine = machine->name;
  cloud.family = family_of(nvmlsim::board_of(*machine).product);
  cloud.gpus = machine->gpus;
  cloud.most = options.most;
  cloud.boot = options.boot;
  cloud.idle = options.idle;
  cloud.price_micro = options.price_micro;
  return cloud;
}

std::vector<Cloud> SimulatedCloud::kept_in(DataFolder const& folder) {
  std::vector<Cloud> clouds;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(folder.path + "/clouds", error)) {
    auto const text = read_file(entry.path() / "terms");
    if (!text) continue;
    if (auto terms = json_read<Cloud>(*text, Unknown::Ignore)) clouds.push_back(std::move(*terms));
  }
  return clouds;
}

SimulatedCloud::SimulatedCloud(DataFolder folder, Cloud terms, std::string join_address, std::string job_url, std::function<void(CloudStatus)> report)
    : folder_(folder), terms_(std::move(terms)), agents_(std::move(folder), std::move(join_address), std::move(job_url)), report_(std::move(report)) {
  std::error_code error;
  std::string const own = folder_.path + "/clouds/" + terms_.name;
  fs::create_directories(own, error);
  // Jobs of other users pass through to their own folder, as they do in nodes/.
  for (auto const& one : {folder_.path + "/clouds", own}) fs::permissions(one, fs::perms(0711), error);
  if (auto kept = write_private_file(own + "/terms", json_write(terms_)); !kept) log_line("cloud", "{}", to_text(kept.error()));
  for (auto const& entry : fs::directory_iterator(own, error)) {
    auto const text = read_file(entry.path() / "booted-at");
    std::uint64_t at = 0;
    if (text && read_number(*text, at)) machines_[entry.path().filename()] = Time{static_cast<std::int64_t>(at)};
  }
}

void SimulatedCloud::want(CloudSpec spec) {
  std::lock_guard lock(mutex_);
  wanted_ = std::move(spec);
}

void SimulatedCloud::boot(std::string const& machine, Time now) {
  std::error_code error;
  fs::create_directories(folder_of(machine), error);
  fs::permissions(folder_of(machine), fs::perms(0711), error);
  Time const booted = now + terms_.boot;
  // Written down first: whoever is asked twice for the same machine gives the same one.
  if (auto kept = write_private_file(folder_of(machine) + "/booted-at", fmt::format("{}", booted.us)); !kept)
    return log_line("cloud", "{} cannot be booted: {}", machine, to_text(kept.error()));
  machines_[machine] = booted;
}

void SimulatedCloud::end(std::string const& machine) {
  agents_.remove(machine);
  running_.erase(machine);
  std::error_code error;
  fs::remove_all(folder_of(machine), error);
  machines_.erase(machine);
}

void SimulatedCloud::watch(Time now) {
  std::optional<CloudSpec> wanted;
  {
    std::lock_guard lock(mutex_);
    wanted = wanted_;
  }
  if (wanted) {
    auto const& names = wanted->machines;
    for (auto const& name : names)
      if (!machines_.contains(name)) boot(name, now);
    std::vector<std::string> unwanted;
    for (auto const& [name, booted] : machines_)
      if (std::find(names.begin(), names.end(), name) == names.end()) unwanted.push_back(name);
    for (auto const& name : unwanted) end(name);
  }
  CloudStatus status{terms_.name, {}};
  for (auto const& [name, booted] : machines_) {
    bool const up = now >= booted;
    if (up && running_.insert(name).second) agents_.add({name, terms_.machine, {}, terms_.name, folder_of(name) + "/node"}, now);
    status.machines.push_back({name, up ? MachineState::Running : MachineState::Booting, {}});
  }
  agents_.watch(now);
  if (!wanted || (reported_ == status && now - reported_at_ < between_reports)) return;
  reported_ = status;
  reported_at_ = now;
  report_(std::move(status));
}

}  // namespace nav
