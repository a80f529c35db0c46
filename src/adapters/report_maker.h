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

#include "adapters/report_files.h"
#include "api/metrics.h"
#include "controller/front.h"
#include "controller/telemetry.h"
#include "controller/time_zones.h"

namespace nav {

/// Makes the reports that are due, from a thread of its own. What was made is told by the files alone: after a start, all times after the
/// newest report that is there whole are still to be made, as many as are kept. What fails is tried again, ever more seldom, and holds up no
/// other schedule.
class ReportMaker final : public Reports {
 public:
  struct Options {
    std::string folder;  ///< made with the first report
    std::function<Time()> clock;
    TimeZones const* time_zones = nullptr;  ///< lent; none: UTC alone is known
    std::function<void(std::string const&)> say = {};
    Duration first_pause = seconds(10), longest_pause = minutes(10);
    Duration on_the_way = seconds(15);  ///< so long after a moment agents may still deliver what they measured until then
    Duration patience = minutes(2);     ///< so long the counting of what was held may trail before that is told as a problem
    Duration look_every = seconds(1);
  };

  /// `front` and `telemetry` are lent. Nothing is made until start() or look().
  ReportMaker(Front const& front, Telemetry& telemetry, Options options);
  ~ReportMaker() override;
  void start();
  /// The report under way is made to its end.
  void stop();

  /// Makes what is due: what the thread does again and again.
  void look();

  ReportProgress progress(std::string const& schedule) const override;
  Result<std::vector<api::ReportFile>> files(std::string const& schedule) const override { return files_.list(schedule); }
  Result<std::string> read(std::string const& schedule, std::string const& file) const override { return files_.read(schedule, file); }
  Result<std::vector<api::ReportFile>> make_now(ReportSchedule const& schedule) override;

 private:
  /// How far a schedule has come.
  struct Standing {
    ReportSchedule schedule;
    Time settled;             ///< every time until then is made, or not kept any more
    std::optional<Time> due;  ///< the next after it
    Time try_at;
    Duration pause;
  };

  void watch();
  Result<void> begin(Standing& standing);
  Result<void> make_due(Standing& standing);
  void tell_of(std::string const& schedule, Result<void> const& done, Time now);
  Result<void> make(ReportSchedule const& schedule, Time until);
  /// Up to here what was held is counted, and what was measured has come.
  Time known_until() const;
  Result<void> note_files(std::string const& schedule);
  /// The report of this schedule that ends then, in its formats.
  Result<api::Report> report_until(ReportSchedule const& schedule, Time until) const;

  Front const& front_;
  Telemetry& telemetry_;
  Options const options_;
  ReportFiles files_;

  std::mutex making_;  ///< one report at a time; `standings_` goes with it
  std::map<std::string, Standing> standings_;

  mutable std::mutex mutex_;
  std::condition_variable bell_;
  std::map<std::string, ReportProgress> progress_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace nav
