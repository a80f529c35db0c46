// SPDX-License-Identifier: Apache-2.0
#include "adapters/process.h"

#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/attempt_logs.h"
#include "adapters/folder_watch.h"
#include "adapters/job_environment.h"
#include "adapters/trial_files.h"
#include "adapters/unix_user.h"
#include "base/text.h"
#include "supervisor/attempt_folder.h"
#include "supervisor/files.h"

namespace nav {
namespace {

using supervisor::Cause;
using supervisor::Phase;

Outcome outcome_of(Cause cause) {
  switch (cause) {
    case Cause::Exited: return Outcome::Exited;
    case Cause::Signalled: return Outcome::Signalled;
    case Cause::TimeLimit: return Outcome::TimeLimit;
    case Cause::Cancelled: return Outcome::Stopped;
    case Cause::OutOfMemory:
    case Cause::GpuOutOfMemory: return Outcome::OutOfMemory;
    case Cause::LeaseExpired: return Outcome::LeaseExpired;
    case Cause::CouldNotStart: return Outcome::CouldNotStart;
    case Cause::NodeError: return Outcome::NodeError;
    // Nobody asked for its end and nobody knows what it would have come to: as good as a lost one.
    case Cause::Interrupted: return Outcome::Lost;
  }
  return Outcome::Lost;
}

/// A restartable job without a lease would run on for ever beside its next attempt: what is over counts from now.
std::int64_t deadline_of(Duration lease) { return supervisor::boot_clock_us() + std::max<std::int64_t>(lease.us, 1); }

}  // namespace

ProcessJobs::ProcessJobs(ProcessSettings settings) : settings_(std::move(settings)), jobs_folder_(settings_.data_folder + "/jobs") {}
ProcessJobs::~ProcessJobs() = default;

Result<std::unique_ptr<ProcessJobs>> ProcessJobs::open(ProcessSettings settings) {
  if (::access(settings.supervisor.c_str(), X_OK) != 0)
    return fail(ErrorKind::Unavailable, "{} cannot be run: {}", settings.supervisor, supervisor::errno_text("look at it"));
  std::unique_ptr<ProcessJobs> jobs(new ProcessJobs(std::move(settings)));
  if (auto made = supervisor::make_folder(jobs->jobs_folder_, 0700); !made) return fail(ErrorKind::Unavailable, "{}", made.error());
  jobs->clear_what_only_began();
  return jobs;
}

/// A folder whose supervisor never came is no attempt. What is taken up this very moment refuses to be removed.
void ProcessJobs::clear_what_only_began() {
  auto const attempts = supervisor::list_attempts(jobs_folder_);
  if (!attempts) return;
  for (auto const attempt : *attempts) {
    auto const sight = supervisor::look(folder_of(attempt));
    if (sight && sight->phase == Phase::Prepared) (void)supervisor::remove_folder(folder_of(attempt));
  }
}

std::string ProcessJobs::folder_of(AttemptId attempt) const { return jobs_folder_ + "/" + to_text(attempt); }

/// Empty where the folder's path is too long for one.
std::string ProcessJobs::socket_of(AttemptId attempt) const {
  std::string path = folder_of(attempt) + "/work/service.sock";
  return path.size() <= longest_socket_path ? path : std::string();
}

Result<supervisor::Spec> ProcessJobs::spec_of(Launch const& launch) const {
  supervisor::Spec spec;
  spec.attempt = to_text(launch.attempt);
  spec.command = launch.request.command;
  spec.environment = environment_of(launch, settings_.environment);
  if (!launch.request.run.empty()) {
    spec.environment["NAV_INPUTS"] = folder_of(launch.attempt) + "/work/inputs";
    spec.environment["NAV_OUTPUTS"] = folder_of(launch.attempt) + "/work/outputs";
  }
  spec.workdir = launch.request.workdir;
  spec.token = launch.token;
  spec.data_folder = settings_.hidden_folder.empty() ? settings_.data_folder : settings_.hidden_folder;
  spec.visible = settings_.visible;
  spec.limits.memory_mib = launch.memory_mib;
  if (settings_.simulated_gpus) spec.limits.simulated_gpu_mib = launch.gpu_memory_mib;
  spec.limits.cpus = launch.cpu_milli / 1000.0;
  spec.limits.time = launch.time_limit;
  spec.limits.log_bytes = settings_.log_bytes;
  spec.lease_deadline_us = deadline_of(launch.lease);
  spec.at_deadline = launch.restartable ? supervisor::AtDeadline::Stop : supervisor::AtDeadline::RunOn;
  spec.grace = settings_.grace;
  if (::geteuid() == 0) {
    spec.private_devices = true;
    spec.run_as_given = true;
    if (auto const user = settings_.project_users.find(launch.project); user != settings_.project_users.end()) {
      TRY(spec.run_as, unix_user(user->second));
    } else {
      auto const number = launch.attempt.job.value * 64 + launch.attempt.number;
      spec.run_as.uid = spec.run_as.gid = settings_.first_uid + static_cast<std::uint32_t>(number % settings_.uid_count);
    }
  }
  if (settings_.device_nodes) {
    TRY(spec.devices, settings_.device_nodes(launch));
    spec.private_devices = true;
  }
  auto const gpus = launch.gpu_of_instance.empty() ? launch.gpus : std::vector<std::string>{launch.gpu_of_instance};
  spec.labels = {{"gpus", fmt::format("{}", fmt::join(gpus, " "))}, {"placement", launch.placement}, {"instance", launch.instance_uuid}};
  if (!launch.request.run.empty()) {
    spec.labels["run"] = launch.request.run;
    spec.labels["outputs"] = fmt::format("{}", fmt::join(launch.request.outputs, " "));
  }
  if (launch.request.service) spec.labels["service"] = json_write(*launch.request.service);
  return spec;
}

Result<void> ProcessJobs::start(Launch const& launch) {
  auto const folder = folder_of(launch.attempt);
  if (auto const sight = supervisor::look(folder); sight && sight->phase == Phase::Prepared) TRY_VOID(supervisor::remove_folder(folder));
  TRY(auto spec, spec_of(launch));
  TRY(std::uint16_t const port, port_for(launch));
  spec.environment["NAV_PORT"] = spec.labels["port"] = fmt::format("{}", port);
  spec.environment["NAV_SERVICE_PREFIX"] = fmt::format("/jobs/{}/", to_text(launch.attempt.job));
  if (auto const socket = socket_of(launch.attempt); !socket.empty()) spec.environment["NAV_SOCKET"] = socket;
  auto const prepared = supervisor::prepare(folder, spec);
  {
    std::lock_guard const lock(mutex_);
    starting_.erase(launch.attempt);  // from here on its folder says so
  }
  // The request's own fault is the attempt's outcome, and no error of this node.
  if (!prepared && prepared.error().kind == ErrorKind::InvalidArgument) return supervisor::refuse(folder, spec.attempt, prepared.error().message);
  if (!prepared) return prepared;
  if (is_furnished(launch.request))
    if (auto furnished = furnish(settings_.data_folder, folder, launch.attempt, launch.request, spec.run_as_given ? &spec.run_as : nullptr); !furnished) {
      (void)supervisor::remove_folder(folder);
      return within("start " + spec.attempt, furnished.error());
    }
  auto const started = supervisor::start(folder, settings_.supervisor);
  if (!started && started.error().kind != ErrorKind::Conflict) {
    // The command has not run, so nothing is lost with the folder, and it may be tried again. (What may come up yet keeps its lock.)
    (void)supervisor::remove_folder(folder);
    return within("start " + spec.attempt, started.error());
  }
  std::lock_guard const lock(mutex_);
  if (watch_) watch_->add(folder);
  return started;
}

/// Of those that were given to attempts whose folders are here, none: one that runs may not listen yet.
Result<std::uint16_t> ProcessJobs::port_for(Launch const& launch) {
  std::set<std::uint16_t> given;
  auto const attempts = supervisor::list_attempts(jobs_folder_);
  for (auto const attempt : attempts ? *attempts : std::vector<AttemptId>{}) given.insert(remarks_of(attempt).port);
  std::lock_guard const lock(mutex_);
  for (auto const& [attempt, port] : starting_) given.insert(port);
  // Agents of several installations on one machine begin apart: a port is taken only once somebody listens there.
  TRY(std::uint16_t const port, free_port(std::hash<std::string>{}(jobs_folder_) + launch.attempt.job.value * 7 + launch.attempt.number, given));
  starting_[launch.attempt] = port;
  return port;
}

Result<ServiceAddress> ProcessJobs::service_of(AttemptId attempt) {
  auto const sight = supervisor::look(folder_of(attempt));
  if (!sight || sight->phase != Phase::Running) return fail(ErrorKind::Conflict, "attempt {} does not run here", to_text(attempt));
  auto const remarks = remarks_of(attempt);
  std::string const socket = socket_of(attempt);
  struct stat seen {};
  if (!socket.empty() && ::lstat(socket.c_str(), &seen) == 0 && S_ISSOCK(seen.st_mode))
    return ServiceAddress{.port = 0, .unix_socket = socket, .user = ::geteuid() == 0 ? std::optional(remarks.user) : std::nullopt};
  auto const listener = remarks.port == 0 ? std::nullopt : listener_on(remarks.port);
  if (!listener) return fail(ErrorKind::Unavailable, "nothing of job {} listens on its port yet", to_text(attempt.job));
  // Whoever is quicker may listen on any port of loopback: what is sent to a job is for nobody else.
  if (::geteuid() == 0 && *listener != remarks.user) return fail(ErrorKind::Unavailable, "somebody else listens on the port of job {}", to_text(attempt.job));
  return ServiceAddress{.port = remarks.port};
}

std::vector<LocalAttempt> ProcessJobs::look() {
  std::vector<LocalAttempt> all;
  auto const attempts = supervisor::list_attempts(jobs_folder_);
  if (!attempts) return all;
  for (auto const attempt : *attempts) {
    auto const sight = supervisor::look(folder_of(attempt));
    // Prepared: between the two halves of start(), or cleared at the next start of the agent. Nothing of it has run.
    if (sight && sight->phase != Phase::Prepared) all.push_back(local_of(attempt, *sight));
  }
  return all;
}

ProcessJobs::Remarks ProcessJobs::remarks_of(AttemptId attempt) {
  std::lock_guard const lock(mutex_);
  if (auto const known = remarks_.find(attempt); known != remarks_.end()) return known->second;
  Remarks remarks;
  auto const text = supervisor::read_whole(folder_of(attempt) + "/spec");
  auto spec = text ? supervisor::read_spec(*text) : supervisor::Checked<supervisor::Spec>(supervisor::Refused(""));
  if (!spec) return remarks;
  for (auto const gpu : split(spec->labels["gpus"], ' '))
    if (!gpu.empty()) remarks.gpus.emplace_back(gpu);
  remarks.placement = spec->labels["placement"];
  remarks.instance_uuid = spec->labels["instance"];
  remarks.is_trial = spec->labels.contains("run");
  std::uint64_t port = 0;
  if (read_number(spec->labels["port"], port)) remarks.port = static_cast<std::uint16_t>(port);
  remarks.user = spec->run_as_given ? spec->run_as.uid : ::geteuid();
  if (auto const service = spec->labels.find("service"); service != spec->labels.end())
    if (auto const read = json_read<Service>(service->second, Unknown::Ignore)) remarks.service = *read;
  return remarks_[attempt] = remarks;
}

LocalAttempt ProcessJobs::local_of(AttemptId attempt, supervisor::Sight const& sight) {
  auto const remarks = remarks_of(attempt);
  LocalAttempt local{.gpus = remarks.gpus, .placement = remarks.placement, .service = remarks.service};
  auto const& seen = sight.status;
  AttemptStatus& status = local.status;
  status.id = attempt;
  status.instance_uuid = remarks.instance_uuid;
  status.started = seen.started_at;
  if (sight.phase == Phase::Starting || sight.phase == Phase::Running) {
    status.phase = sight.phase == Phase::Running ? AttemptPhase::Running : AttemptPhase::Starting;
    return local;
  }
  status.phase = AttemptPhase::Ended;
  local.log_delivered = AttemptLogs::all_delivered(folder_of(attempt));
  if (sight.phase == Phase::Lost) {
    status.outcome = Outcome::Lost;
    status.message = !sight.problem.empty()                    ? sight.problem
                     : seen.boot_id != supervisor::this_boot() ? "the machine was restarted while it ran"
                                                               : "its supervisor was killed, and everything of it with it";
    std::lock_guard const lock(mutex_);
    status.ended = found_lost_.try_emplace(attempt, supervisor::utc_now()).first->second;
    return local;
  }
  status.ended = seen.ended_at;
  status.outcome = outcome_of(seen.outcome.cause);
  if (seen.outcome.cause == Cause::GpuOutOfMemory) status.short_of = nav::Memory::Gpu;
  status.exit_code = std::max(seen.outcome.exit_code, 0);
  status.signal = seen.outcome.signal;
  bool const has_left_something = remarks.is_trial && status.outcome == Outcome::Exited && status.exit_code == 0;
  if (has_left_something && !OutputBringer::all_brought(folder_of(attempt))) local.log_delivered = false;
  status.message = seen.outcome.cause == Cause::Interrupted ? "its supervisor was ended from outside, as when the machine shuts down" : seen.outcome.message;
  status.peak_memory_mib = static_cast<std::uint64_t>(seen.peak_memory_bytes + (1 << 20) - 1) >> 20;
  status.cpu_time = seen.cpu_time;
  return local;
}

void ProcessJobs::renew(AttemptId attempt, Duration lease) { (void)supervisor::renew(folder_of(attempt), deadline_of(lease)); }

void ProcessJobs::stop(AttemptId attempt) { (void)supervisor::stop(folder_of(attempt), settings_.grace); }

void ProcessJobs::forget(AttemptId attempt) {
  if (!supervisor::remove_folder(folder_of(attempt))) return;
  std::lock_guard const lock(mutex_);
  remarks_.erase(attempt);
  found_lost_.erase(attempt);
}

Result<void> ProcessJobs::watch(std::function<void()> changed) {
  TRY(auto watch, FolderWatch::open("status", std::move(changed)));
  std::lock_guard const lock(mutex_);
  watch_ = std::move(watch);
  if (auto const attempts = supervisor::list_attempts(jobs_folder_))
    for (auto const attempt : *attempts) watch_->add(folder_of(attempt));
  return {};
}

}  // namespace nav
