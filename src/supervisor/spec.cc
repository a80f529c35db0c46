// SPDX-License-Identifier: Apache-2.0
#include "supervisor/spec.h"

#include <limits>

namespace nav::supervisor {
namespace {

constexpr std::int64_t highest_id = std::numeric_limits<std::uint32_t>::max() - 1;  // -1 means "unchanged" to the kernel
constexpr std::uint64_t least_log_bytes = 4096;
constexpr std::int64_t longest_us = 100ll * 365 * 24 * 3600 * 1'000'000;  // sums of two stay far from overflow

void read_duration(LineReader& lines, std::string_view key, Duration& out) { lines.read(key, out.us, 0, longest_us); }

void read_pairs(LineReader& lines, std::string_view key, std::map<std::string, std::string>& out) {
  std::vector<std::string> entries;
  lines.read(key, entries);
  for (auto const& entry : entries) {
    auto const sign = entry.find('=');
    if (sign == std::string::npos || sign == 0) lines.refuse(std::string(key) + " must be NAME=VALUE, not \"" + entry + "\"");
    else out[entry.substr(0, sign)] = entry.substr(sign + 1);
  }
}

}  // namespace

std::string write_spec(Spec const& spec) {
  LineWriter lines("nav-spec", Spec::version);
  lines.add("attempt", spec.attempt).add("boot", spec.boot_id);
  for (auto const& word : spec.command) lines.add("command", word);
  for (auto const& [name, value] : spec.environment) lines.add("env", name + "=" + value);
  if (!spec.workdir.empty()) lines.add("workdir", spec.workdir);
  if (spec.run_as_given) {
    lines.add_number("uid", spec.run_as.uid).add_number("gid", spec.run_as.gid);
    for (auto group : spec.run_as.groups) lines.add("group", std::to_string(group));
  }
  lines.add_number("memory_mib", static_cast<std::int64_t>(spec.limits.memory_mib));
  if (spec.limits.simulated_gpu_mib != 0) lines.add_number("simulated_gpu_mib", static_cast<std::int64_t>(spec.limits.simulated_gpu_mib));
  lines.add_number("cpu_millis", static_cast<std::int64_t>(spec.limits.cpus * 1000 + 0.5));
  lines.add_number("time_us", spec.limits.time.us);
  lines.add_number("log_bytes", static_cast<std::int64_t>(spec.limits.log_bytes));
  if (!spec.token.empty()) lines.add("token", spec.token);
  if (!spec.data_folder.empty()) lines.add("data_folder", spec.data_folder);
  for (auto const& path : spec.visible) lines.add("visible", path);
  lines.add_number("private_devices", spec.private_devices);
  for (auto const& device : spec.devices) lines.add("device", device);
  lines.add_number("lease_deadline_us", spec.lease_deadline_us);
  lines.add("at_deadline", spec.at_deadline == AtDeadline::Stop ? "stop" : "run_on");
  lines.add_number("grace_us", spec.grace.us);
  for (auto const& [name, value] : spec.labels) lines.add("label", name + "=" + value);
  return std::move(lines).finish();
}

Checked<Spec> read_spec(std::string_view text) {
  auto lines = LineReader::open(text, "nav-spec", Spec::version);
  if (!lines) return Refused(std::move(lines).error());
  Spec spec;
  lines->read("attempt", spec.attempt);
  lines->read("boot", spec.boot_id);
  lines->read("command", spec.command);
  read_pairs(*lines, "env", spec.environment);
  read_pairs(*lines, "label", spec.labels);
  lines->read("workdir", spec.workdir);
  std::int64_t uid = 0, gid = 0, memory = 0, gpu = 0, cpus = 0, log = static_cast<std::int64_t>(spec.limits.log_bytes), devices = 0;
  lines->read("uid", uid, 0, highest_id);
  lines->read("gid", gid, 0, highest_id);
  spec.run_as_given = lines->has("uid");
  if (lines->has("gid") != spec.run_as_given) lines->refuse("uid and gid belong together");
  spec.run_as.uid = static_cast<std::uint32_t>(uid);
  spec.run_as.gid = static_cast<std::uint32_t>(gid);
  std::vector<std::string> several;
  lines->read("group", several);
  for (auto const& entry : several) {
    std::uint64_t group = 0;
    for (char c : entry) group = c >= '0' && c <= '9' && entry.size() < 11 ? group * 10 + static_cast<unsigned>(c - '0') : highest_id + 1;
    if (entry.empty() || group > static_cast<std::uint64_t>(highest_id)) lines->refuse("group must be a number, not \"" + entry + "\"");
    else spec.run_as.groups.push_back(static_cast<std::uint32_t>(group));
  }
  if (!several.empty() && !spec.run_as_given) lines->refuse("group belongs to a uid");
  lines->read("memory_mib", memory, 0, LineReader::highest >> 20);
  lines->read("simulated_gpu_mib", gpu, 0, LineReader::highest >> 20);
  lines->read("cpu_millis", cpus, 0, 1'000'000'000);
  read_duration(*lines, "time_us", spec.limits.time);
  lines->read("log_bytes", log, 0, LineReader::highest / 2);
  spec.limits.memory_mib = static_cast<std::uint64_t>(memory);
  spec.limits.simulated_gpu_mib = static_cast<std::uint64_t>(gpu);
  spec.limits.cpus = static_cast<double>(cpus) / 1000;
  spec.limits.log_bytes = static_cast<std::uint64_t>(log);
  lines->read("token", spec.token);
  lines->read("data_folder", spec.data_folder);
  lines->read("visible", spec.visible);
  lines->read("private_devices", devices, 0, 1);
  spec.private_devices = devices == 1;
  lines->read("device", spec.devices);
  lines->read("lease_deadline_us", spec.lease_deadline_us, 0, LineReader::highest);
  std::string word = "run_on";
  lines->read("at_deadline", word);
  if (word != "stop" && word != "run_on") lines->refuse("at_deadline must be stop or run_on, not \"" + word + "\"");
  spec.at_deadline = word == "stop" ? AtDeadline::Stop : AtDeadline::RunOn;
  read_duration(*lines, "grace_us", spec.grace);
  if (lines->problem().empty()) lines->refuse(fault_of(spec));
  if (!lines->problem().empty()) return Refused(lines->problem());
  return spec;
}

std::string fault_of(Spec const& spec) {
  auto const has_nul = [](std::string const& text) { return text.find('\0') != std::string::npos; };
  auto const is_path = [&](std::string const& text) { return text.starts_with('/') && !has_nul(text); };
  if (spec.attempt.empty() || spec.attempt.find_first_not_of("0123456789./") != std::string::npos)
    return "attempt must look like 42.1, not \"" + spec.attempt + "\"";
  if (spec.command.empty() || spec.command[0].empty()) return "command is empty";
  for (auto const& word : spec.command)
    if (has_nul(word)) return "command holds a NUL byte";
  for (auto const& [name, value] : spec.environment)
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
      return "environment holds a name that is empty or holds \"=\", or a NUL byte";
  if (!spec.workdir.empty() && !is_path(spec.workdir)) return "workdir must be a whole path, not \"" + spec.workdir + "\"";
  if (!spec.data_folder.empty() && (!is_path(spec.data_folder) || spec.data_folder == "/"))
    return "data_folder must be a whole path below /, not \"" + spec.data_folder + "\"";
  for (auto const& path : spec.visible)
    if (!is_path(path) || path.find("/../") != std::string::npos) return "visible must be a whole path, not \"" + path + "\"";
  for (auto const& device : spec.devices)
    if (!is_path(device) || !device.starts_with("/dev/") || device.find("/../") != std::string::npos)
      return "device must be a path below /dev, not \"" + device + "\"";
  if (!spec.run_as_given && spec.run_as != RunAs{}) return "run_as is given, and is not to be taken";
  if (has_nul(spec.token)) return "token holds a NUL byte";
  if (has_nul(spec.boot_id)) return "boot_id holds a NUL byte";
  for (auto const& [name, value] : spec.labels)
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
      return "labels hold a name that is empty or holds \"=\", or a NUL byte";
  if (spec.limits.log_bytes < least_log_bytes)
    return "log_bytes must be " + std::to_string(least_log_bytes) + " or more, not " + std::to_string(spec.limits.log_bytes);
  if (spec.limits.cpus < 0 || (spec.limits.cpus > 0 && spec.limits.cpus < 0.01)) return "cpus must be 0.01 or more";
  return {};
}

std::string write_lease(Lease lease) {
  LineWriter lines("nav-lease", Lease::version);
  lines.add_number("deadline_us", lease.deadline_us);
  return std::move(lines).finish();
}

Checked<Lease> read_lease(std::string_view text) {
  auto lines = LineReader::open(text, "nav-lease", Lease::version);
  if (!lines) return Refused(std::move(lines).error());
  Lease lease;
  if (!lines->has("deadline_us")) lines->refuse("deadline_us is missing");
  lines->read("deadline_us", lease.deadline_us, 0, LineReader::highest);
  if (!lines->problem().empty()) return Refused(lines->problem());
  return lease;
}

std::string write_stop(Stop stop) {
  LineWriter lines("nav-stop", Stop::version);
  lines.add_number("grace_us", stop.grace.us);
  return std::move(lines).finish();
}

Checked<Stop> read_stop(std::string_view text) {
  auto lines = LineReader::open(text, "nav-stop", Stop::version);
  if (!lines) return Refused(std::move(lines).error());
  Stop stop;
  if (!lines->has("grace_us")) lines->refuse("grace_us is missing");
  read_duration(*lines, "grace_us", stop.grace);
  if (!lines->problem().empty()) return Refused(lines->problem());
  return stop;
}

}  // namespace nav::supervisor
