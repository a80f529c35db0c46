// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "telemetry/reading.h"
#include "telemetry/usage.h"

/// Questions about what was measured and held, apart from where it is kept.
namespace nav::telemetry {

enum class Dimension { Team, Project, User, Template, Profile, Node, Site };
BOOST_DESCRIBE_ENUM(Dimension, Team, Project, User, Template, Profile, Node, Site)
std::string const& part_of(Dimensions const& all, Dimension one);

/// A stretch of time in steps. A step of zero: all of it in one.
struct Range {
  Time from, to;
  Duration step;
};
inline constexpr std::int64_t most_points = 11'000;

/// Refuses a range that ends before it begins, and one with more steps than anybody reads: the hint says which step would do.
Result<void> check(Range const& range);
/// Which grain of use answers the range: the coarsest no wider than its step that is still kept where it begins. Refused, with what would
/// be fine, where that is no longer kept so finely.
Result<std::size_t> grain_for(Range const& range, Time now);
/// The same of the levels of a series.
Result<std::size_t> level_for(Range const& range, Time now);

/// What was held, idle, waited for: sums over all who are alike in what is asked.
struct UsageQuestion {
  Range range;
  std::vector<Measure> measures;
  std::vector<Dimension> by;
  std::map<Dimension, std::string> where = {};
  std::optional<std::set<std::string>> projects = {};  ///< what may be seen beside what is nobody's; none: everything
};
struct UsageGroup {
  std::vector<std::string> names;  ///< in the order of `by`
  std::map<Time, Cells> points;    ///< by the start of the step
};

/// Folds rows of the store into groups.
class UsageFold {
 public:
  explicit UsageFold(UsageQuestion question);
  /// The group of these dimensions, or none if they are not asked for. Keep it for rows of the same key.
  std::optional<std::size_t> group_of(Dimensions const& who);
  void add(std::size_t group, Time start, Measure measure, Cell const& cell);
  bool wants(Measure measure) const { return wanted_.contains(measure); }
  /// Sorted by names.
  std::vector<UsageGroup> take();

 private:
  UsageQuestion question_;
  std::set<Measure> wanted_;
  std::map<std::vector<std::string>, std::size_t> known_;
  std::vector<UsageGroup> groups_;
};

/// What single things did.
struct SeriesQuestion {
  Range range;
  Metric metric = Metric::Activity;
  std::string node = {};  ///< by name; empty: any
  std::optional<SubjectKind> kind = {};
  std::string gpu = {};  ///< UUID
  std::string placement = {};
  std::optional<AttemptId> attempt = {};
  std::optional<JobId> job = {};
};
struct Series {
  NodeId node;
  Subject subject;
  Source source = Source::Host;
  std::vector<Bucket> points;
};

/// The newest of a subject.
struct Latest {
  NodeId node;
  Subject subject;
  struct Value {
    Source source = Source::Host;
    Sample last;
    std::vector<Sample> recent;  ///< oldest first
  };
  std::map<Metric, Value> values;
};

}  // namespace nav::telemetry
