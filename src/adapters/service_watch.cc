// SPDX-License-Identifier: Apache-2.0
#include "adapters/service_watch.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "adapters/clock.h"
#include "adapters/health_checks.h"
#include "adapters/process_meter.h"
#include "base/text.h"
#include "supervisor/files.h"

namespace nav {
namespace {

constexpr Duration longest_watch_pause = minutes(1);
/// In an attempt's folder once it has answered: the agent after this one does not take it for one that is still starting.
constexpr char const* answered_file = "answered";

std::optional<double> processors_in(telemetry::Readings const& readings) {
  auto const values = readings.values.find(enum_text(telemetry::Metric::Processors));
  return values == readings.values.end() || values->second.empty() ? std::nullopt : values->second.front();
}

}  // namespace

ServiceWatch::ServiceWatch(Options options)
    : options_(std::move(options)),
      meter_(std::make_unique<ProcessMeter>(options_.jobs_folder, ProcessMeter::Of::Attempts)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

ServiceWatch::~ServiceWatch() {
  thread_.request_stop();
  thread_.join();
}

void ServiceWatch::keep(std::map<AttemptId, Service> services) {
  std::lock_guard lock(mutex_);
  if (services == wanted_) return;
  wanted_ = std::move(services);
  std::erase_if(seen_, [this](auto const& one) { return !wanted_.contains(one.first); });
  is_news_ = true;
  bell_.notify_one();
}

void ServiceWatch::add_to(std::vector<LocalAttempt>& attempts) const {
  std::lock_guard lock(mutex_);
  for (auto& attempt : attempts)
    if (auto const seen = seen_.find(attempt.status.id); seen != seen_.end() && attempt.status.phase == AttemptPhase::Running)
      attempt.status.service = seen->second;
}

std::string ServiceWatch::folder_of(AttemptId attempt) const { return fmt::format("{}/{}", options_.jobs_folder, to_text(attempt)); }

void ServiceWatch::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::map<AttemptId, Service> wanted;
    {
      Time next = clock_now() + longest_watch_pause;
      for (auto const& one : watched_) next = std::min(next, one.second.judge.next_check());
      std::unique_lock lock(mutex_);
      // Also after the clock was set back nobody is forgotten for long.
      Duration const pause = std::clamp(next - clock_now(), Duration{}, longest_watch_pause);
      bell_.wait_for(lock, stop, std::chrono::microseconds(pause.us), [this] { return is_news_; });
      if (stop.stop_requested()) return;
      is_news_ = false;
      wanted = wanted_;
    }
    take_up(wanted);
    look(clock_now());
  }
}

void ServiceWatch::take_up(std::map<AttemptId, Service> const& wanted) {
  std::erase_if(watched_, [&](auto const& one) { return !wanted.contains(one.first); });
  for (auto const& entry : wanted) {
    if (watched_.contains(entry.first)) continue;
    bool const has_answered = ::access(fmt::format("{}/{}", folder_of(entry.first), answered_file).c_str(), F_OK) == 0;
    auto const before = has_answered ? ServiceJudge::Before::Ready : ServiceJudge::Before::Unseen;
    watched_.emplace(entry.first,
                     Watched{.service = entry.second, .judge = ServiceJudge(entry.second, before, options_.patience), .has_answered = has_answered});
  }
}

/// Rests between measurements, so that a check's own work is not taken for the service's.
void ServiceWatch::measure(Time now) {
  if (now - measured_ < options_.patience.between && now >= measured_) return;
  measured_ = now;
  for (auto& one : watched_) one.second.used.reset();
  for (auto const& readings : meter_->measure(now)) {
    auto const found = watched_.find(readings.subject.attempt);
    if (found == watched_.end()) continue;
    Watched& one = found->second;
    one.used = processors_in(readings);
    if (one.used) one.most = std::max(one.most.value_or(0), *one.used);
  }
}

std::vector<std::string> ServiceWatch::problems_of(std::vector<AttemptId> const& due) {
  std::vector<std::string> problems(due.size());
  std::vector<HealthCheck> checks;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < due.size(); ++i) {
    auto const address = options_.address_of(due[i]);
    std::string const& path = watched_.at(due[i]).service.health;
    if (!address) problems[i] = address.error().message;
    // A port without a listener is known already; a socket may be one that was left behind.
    else if (!path.empty() || !address->unix_socket.empty()) checks.push_back({*address, path}), asked.push_back(i);
  }
  auto answers = ask_all(checks, options_.answer_within);
  for (std::size_t i = 0; i < asked.size(); ++i) problems[asked[i]] = std::move(answers[i]);
  return problems;
}

void ServiceWatch::look(Time now) {
  std::vector<AttemptId> due;
  for (auto const& one : watched_)
    if (one.second.judge.next_check() <= now || one.second.judge.next_check() > now + longest_watch_pause) due.push_back(one.first);
  if (due.empty()) return;
  auto const problems = problems_of(due);
  now = clock_now();
  measure(now);
  bool has_changed = false;
  for (std::size_t i = 0; i < due.size(); ++i) {
    Watched& one = watched_.at(due[i]);
    auto const most = std::exchange(one.most, std::nullopt);
    // Between two measurements it rests or works as it did.
    auto const used = most && one.used ? most : one.used;
    one.judge.saw({.at = now, .problem = problems[i], .last_traffic = options_.last_traffic(due[i]).value_or(Time{}), .processors = used});
    ServiceStatus const& status = *one.judge.status();
    if (status.phase == ServicePhase::Ready && !one.has_answered)
      one.has_answered = supervisor::replace_file(folder_of(due[i]), answered_file, "", 0600, supervisor::Durability::Process).has_value();
    std::lock_guard lock(mutex_);
    if (!wanted_.contains(due[i])) continue;
    auto& seen = seen_[due[i]];
    has_changed = has_changed || seen != status;
    seen = status;
  }
  if (has_changed) options_.changed();
}

}  // namespace nav
