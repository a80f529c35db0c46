// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "experiments/filter.h"

/// What people try and what came of it: experiments, their runs, and what each run logged.
///
/// None of this is in the journal: a training logs thousands of points, and nothing is decided by them. They live in a file of their own,
/// which is the only truth about them. Moments here are milliseconds since 1970, as MLflow has them.
namespace nav::experiments {

enum class Stage { Active, Deleted };
BOOST_DESCRIBE_ENUM(Stage, Active, Deleted)

/// In MLflow's words.
enum class RunStatus { Running, Scheduled, Finished, Failed, Killed };
BOOST_DESCRIBE_ENUM(RunStatus, Running, Scheduled, Finished, Failed, Killed)

/// A parameter or a tag.
struct Pair {
  std::string key, value;
};
BOOST_DESCRIBE_STRUCT(Pair, (), (key, value))

struct Point {
  std::string key;
  double value = 0;  ///< may be NaN or infinite
  std::int64_t at_ms = 0;
  std::int64_t step = 0;
};

struct Experiment {
  std::uint64_t id = 0;
  ProjectId project;
  std::string name;  ///< unique in its project, the deleted ones included
  std::string made_by;
  Stage stage = Stage::Active;
  std::int64_t made_ms = 0, changed_ms = 0;
  std::vector<Pair> tags;
  std::uint64_t runs = 0;  ///< that are not deleted
};

struct Run {
  std::string id;  ///< 32 hexadecimal digits
  std::uint64_t experiment = 0;
  ProjectId project;  ///< of its experiment
  std::string name;
  std::string user;
  RunStatus status = RunStatus::Running;
  Stage stage = Stage::Active;
  std::int64_t start_ms = 0;
  std::optional<std::int64_t> end_ms;
  AttemptId attempt;           ///< that made it; 0.0 if a person did
  std::vector<Point> metrics;  ///< the last of each key
  std::vector<Pair> params, tags;
};

enum class Shown { Active, Deleted, All };

struct ExperimentSearch {
  std::optional<std::set<ProjectId>> projects;  ///< none: all
  Shown shown = Shown::Active;
  std::vector<Condition> filter;
  std::vector<Order> order;
  std::size_t limit = 100, offset = 0;
};

struct RunSearch {
  std::optional<std::set<ProjectId>> projects;  ///< none: all
  std::vector<std::uint64_t> experiments;
  Shown shown = Shown::Active;
  std::vector<Condition> filter;
  std::vector<Order> order;
  std::size_t limit = 100, offset = 0;
};

/// What is absent stays as it is.
struct ExperimentChange {
  std::optional<std::string> name;
  std::optional<Stage> stage;
  std::vector<Pair> tags;
  std::vector<std::string> removed_tags;
};

struct RunChange {
  std::optional<std::string> name;
  std::optional<RunStatus> status;
  std::optional<std::int64_t> end_ms;
  std::optional<Stage> stage;
  std::optional<std::uint64_t> experiment;
};

struct Batch {
  std::vector<Point> metrics;
  std::vector<Pair> params, tags;
  std::vector<std::string> removed_tags;
};

/// How far an attempt has come with a metric.
struct Standing {
  AttemptId attempt;
  std::int64_t last_step = 0;         ///< of all it logged of the metric
  std::optional<double> least, most;  ///< up to the step asked for; none: nothing but NaN, or nothing at all
};

/// Whatever is answered with success is on disk. Any thread may call.
class Store {
 public:
  virtual ~Store() = default;

  /// Its number. Conflict: the project has one of this name.
  virtual Result<std::uint64_t> make_experiment(Experiment const& wanted) = 0;
  virtual Result<Experiment> experiment(std::uint64_t id) const = 0;
  virtual Result<std::optional<Experiment>> experiment_named(ProjectId project, std::string const& name) const = 0;
  virtual Result<std::vector<Experiment>> experiments(ExperimentSearch const& search) const = 0;
  /// Conflict: the new name is taken.
  virtual Result<void> change_experiment(std::uint64_t id, ExperimentChange const& change, std::int64_t now_ms) = 0;

  /// A run that is there already stays as it is.
  virtual Result<void> make_run(Run const& wanted) = 0;
  virtual Result<Run> run(std::string const& id) const = 0;
  virtual Result<std::vector<Run>> runs(RunSearch const& search) const = 0;
  virtual Result<void> change_run(std::string const& id, RunChange const& change) = 0;
  /// All of it or nothing. A point logged twice is there once. InvalidArgument: a parameter would change.
  virtual Result<void> log(std::string const& run, Batch const& batch) = 0;
  /// By step, then time.
  virtual Result<std::vector<Point>> history(std::string const& run, std::string const& metric, std::size_t limit, std::size_t offset) const = 0;
  /// Of each of these jobs the last attempt that logged the metric, in their order.
  virtual Result<std::vector<Standing>> standings(std::vector<JobId> const& jobs, std::string const& metric, std::int64_t up_to_step) const = 0;
};

/// The run every attempt of a job has: known to the node that starts it without asking, and made when the job first speaks of it.
std::string run_of(AttemptId attempt);
std::optional<AttemptId> attempt_of_run(std::string const& id);

}  // namespace nav::experiments
