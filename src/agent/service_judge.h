// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/service.h"

/// What becomes of checks and measurements of one attempt that is there to be used: a state that changes seldom.
namespace nav {

/// What was seen of it at one moment.
struct ServiceSighting {
  Time at;
  std::string problem;               ///< why it did not answer as it should; empty: it did
  Time last_traffic;                 ///< through the door; none: none since the agent began
  std::optional<double> processors;  ///< used since the sighting before; none: it could not be measured
};

struct ServicePatience {
  Duration until_ready = seconds(1);  ///< between checks of one that has not answered yet
  Duration between = seconds(5);      ///< between checks of one that has
  std::uint32_t failures = 3;         ///< so many in a row, and it is not well
  double least_processors = 0.02;     ///< one that uses less rests
  Duration quiet = minutes(1);        ///< it is said to be idle only after this long, or half of what it may be, so that a pause is no news
};

/// Its first sighting counts as use: what was before it nobody saw.
class ServiceJudge {
 public:
  enum class Before {
    Unseen,
    Ready,  ///< it has answered to an earlier agent
  };
  explicit ServiceJudge(Service service, Before before = Before::Unseen, ServicePatience patience = {});

  void saw(ServiceSighting const& sighting);
  /// Nothing before the first sighting.
  std::optional<ServiceStatus> const& status() const { return status_; }
  /// When to look again.
  Time next_check() const { return next_check_; }

 private:
  void judge_health(ServiceSighting const& sighting);
  void judge_use(ServiceSighting const& sighting);

  Service service_;
  ServicePatience patience_;
  bool has_answered_;
  std::uint32_t failures_ = 0;
  Time last_use_, next_check_;
  std::optional<ServiceStatus> status_;
};

}  // namespace nav
