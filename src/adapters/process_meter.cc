// SPDX-License-Identifier: Apache-2.0
#include "adapters/process_meter.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

#include "base/text.h"
#include "supervisor/attempt_folder.h"

namespace nav {

using namespace telemetry;

namespace {

double const ticks_a_second = static_cast<double>(sysconf(_SC_CLK_TCK));
double const pages_a_mib = static_cast<double>(1 << 20) / static_cast<double>(sysconf(_SC_PAGESIZE));

std::string whole(std::string const& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

/// "read_bytes: 4096" of /proc/PID/io, which only its owner and root may read.
std::optional<std::uint64_t> field(std::string const& text, std::string_view name) {
  auto const at = text.find(name);
  if (at == std::string::npos) return {};
  std::uint64_t value = 0;
  std::istringstream in(text.substr(at + name.size()));
  if (!(in >> value)) return {};
  return value;
}

std::map<std::int64_t, ProcessUse> processes() {
  std::map<std::int64_t, ProcessUse> all;
  std::error_code error;
  for (auto const& entry : std::filesystem::directory_iterator("/proc", error)) {
    std::string const name = entry.path().filename();
    if (name.empty() || name[0] < '0' || name[0] > '9') continue;
    if (auto const use = read_process_stat(whole(entry.path() / "stat"))) all[use->pid] = *use;
  }
  return all;
}

}  // namespace

std::optional<double> rate_of(std::uint64_t before, std::uint64_t now, Duration time) {
  if (now < before || time.us <= 0) return {};
  return static_cast<double>(now - before) / time.seconds();
}

std::optional<ProcessUse> read_process_stat(std::string_view stat) {
  // "17 (any (name) at all) S 1 ...": the name ends at the last parenthesis.
  auto const open = stat.find(" ("), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close + 2 >= stat.size()) return {};
  ProcessUse use;
  std::uint64_t pid = 0;
  if (!read_number(stat.substr(0, open), pid)) return {};
  use.pid = static_cast<std::int64_t>(pid);
  std::istringstream in{std::string(stat.substr(close + 2))};
  std::string state, skipped;
  std::uint64_t user = 0, system = 0, children_user = 0, children_system = 0;
  in >> state >> use.parent;
  for (int i = 0; i < 9; ++i) in >> skipped;
  in >> user >> system >> children_user >> children_system;
  for (int i = 0; i < 6; ++i) in >> skipped;
  in >> use.resident_pages;
  if (!in) return {};
  use.cpu_ticks = user + system + children_user + children_system;
  return use;
}

std::vector<Readings> ProcessMeter::measure(Time now) {
  std::vector<Readings> out;
  auto const attempts = supervisor::list_attempts(jobs_folder_);
  auto const all = processes();
  std::multimap<std::int64_t, std::int64_t> children;
  for (auto const& [pid, use] : all) children.emplace(use.parent, pid);
  std::map<AttemptId, Counters> seen;
  for (AttemptId const attempt : attempts ? *attempts : std::vector<AttemptId>{}) {
    auto const sight = supervisor::look(fmt::format("{}/{}", jobs_folder_, to_text(attempt)));
    if (!sight || sight->status.init_pid == 0 || !all.contains(sight->status.init_pid)) continue;
    Counters counters{.at = now, .read_bytes = 0, .written_bytes = 0};
    std::uint64_t pages = 0;
    std::vector<std::int64_t> next{sight->status.init_pid};
    std::size_t count = 0;
    while (!next.empty()) {
      std::int64_t const pid = next.back();
      next.pop_back();
      auto const& use = all.at(pid);
      counters.cpu_ticks += use.cpu_ticks;
      pages += use.resident_pages;
      ++count;
      std::string const io = whole(fmt::format("/proc/{}/io", pid));
      auto const read = field(io, "\nread_bytes: "), written = field(io, "\nwrite_bytes: ");
      // Of one whose use we may not read the sum is not known.
      if (read && counters.read_bytes) *counters.read_bytes += *read;
      else counters.read_bytes.reset();
      if (written && counters.written_bytes) *counters.written_bytes += *written;
      else counters.written_bytes.reset();
      auto const [first, last] = children.equal_range(pid);
      for (auto it = first; it != last; ++it)
        if (it->second != pid) next.push_back(it->second);
    }
    Readings one{.subject = {.kind = SubjectKind::Attempt, .attempt = attempt}, .source = Source::Host, .at = {now}, .values = {}};
    put(one, Metric::MemoryUsed, static_cast<double>(pages) / pages_a_mib);
    put(one, Metric::Processes, static_cast<double>(count));
    if (auto const known = before_.find(attempt); known != before_.end()) {
      Duration const time = now - known->second.at;
      if (auto const rate = rate_of(known->second.cpu_ticks, counters.cpu_ticks, time)) put(one, Metric::Processors, *rate / ticks_a_second);
      if (known->second.read_bytes && counters.read_bytes)
        if (auto const rate = rate_of(*known->second.read_bytes, *counters.read_bytes, time)) put(one, Metric::ReadRate, *rate);
      if (known->second.written_bytes && counters.written_bytes)
        if (auto const rate = rate_of(*known->second.written_bytes, *counters.written_bytes, time)) put(one, Metric::WriteRate, *rate);
    }
    seen[attempt] = counters;
    out.push_back(std::move(one));
  }
  before_ = std::move(seen);
  if (of_ == Of::AttemptsAndNode) add_node(now, out);
  return out;
}

void ProcessMeter::add_node(Time now, std::vector<Readings>& out) {
  Readings one{.subject = {.kind = SubjectKind::Node}, .source = Source::Host, .at = {now}, .values = {}};
  std::istringstream stat(whole("/proc/stat"));
  std::string word;
  std::uint64_t ticks[8] = {};
  stat >> word;
  for (auto& one_kind : ticks) stat >> one_kind;
  if (stat && word == "cpu") {
    std::uint64_t const busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6];  // not idle, waiting or stolen
    if (node_before_)
      if (auto const rate = rate_of(node_before_->second, busy, now - node_before_->first)) put(one, Metric::Processors, *rate / ticks_a_second);
    node_before_ = {now, busy};
  }
  std::string const memory = whole("/proc/meminfo");
  auto const total = field(memory, "MemTotal:"), available = field(memory, "MemAvailable:");
  if (total && available && *total >= *available) {
    put(one, Metric::MemoryTotal, static_cast<double>(*total) / 1024);
    put(one, Metric::MemoryUsed, static_cast<double>(*total - *available) / 1024);
  }
  if (!one.values.empty()) out.push_back(std::move(one));
}

}  // namespace nav
