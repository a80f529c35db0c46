// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/service_addresses.h"
#include "agent/ports.h"
#include "agent/service_judge.h"

namespace nav {

class ProcessMeter;

/// Looks, in a thread of its own, at the attempts of a node that are there to be used: whether they answer, whether they work, and who comes to them.
class ServiceWatch {
 public:
  struct Options {
    std::string jobs_folder;                                      ///< holds the attempts' folders
    std::function<Result<ServiceAddress>(AttemptId)> address_of;  ///< where it listens; an error: nobody of its own does
    std::function<std::optional<Time>(AttemptId)> last_traffic;   ///< by the clock of clock_now()
    std::function<void()> changed;                                ///< what `add_to` would say is another
    ServicePatience patience = {};
    Duration answer_within = seconds(3);
  };
  explicit ServiceWatch(Options options);
  /// Waits for questions on their way: for `answer_within` at the longest.
  ~ServiceWatch();

  /// Those that run now, and what was asked for them; others are forgotten.
  void keep(std::map<AttemptId, Service> services);
  /// Writes into the status of each what was seen of it, if anything was yet.
  void add_to(std::vector<LocalAttempt>& attempts) const;

 private:
  struct Watched {
    Service service;
    ServiceJudge judge;
    bool has_answered = false;
    std::optional<double> used = {};  ///< processors, by the last measurement; none: it could not be measured, or not yet
    std::optional<double> most = {};  ///< of all measurements since it was looked at last
  };

  void run(std::stop_token stop);
  void take_up(std::map<AttemptId, Service> const& wanted);
  void look(Time now);
  void measure(Time now);
  std::vector<std::string> problems_of(std::vector<AttemptId> const& due);
  std::string folder_of(AttemptId attempt) const;

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable_any bell_;
  bool is_news_ = false;
  std::map<AttemptId, Service> wanted_;
  std::map<AttemptId, ServiceStatus> seen_;

  // Of the thread alone.
  std::map<AttemptId, Watched> watched_;
  std::unique_ptr<ProcessMeter> meter_;
  Time measured_;

  std::jthread thread_;
};

}  // namespace nav
