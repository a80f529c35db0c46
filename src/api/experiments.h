// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

struct Experiment {
  std::uint64_t id = 0;
  std::string name;
  std::string project;
  std::string user;
  std::uint64_t runs = 0;
  Time made;
  Time changed;
  bool deleted = false;
  std::map<std::string, std::string> tags;

  static constexpr Doc docs[] = {
      {"", "Runs that belong together."},
      {"id", "Its number, which is also its id for MLflow.", "3"},
      {"name", "Unique in its project.", R"("digits")"},
      {"project", "Whose work it is.", R"("vision")"},
      {"user", "Who made it.", R"("ada")"},
      {"runs", "How many runs it has, without the deleted ones.", "18"},
      {"made", "When."},
      {"changed", "When its name or tags last changed."},
      {"deleted", "It is shown no more.", "false"},
      {"tags", "What people noted about it.", R"({"data":"mnist"})"},
  };
};
BOOST_DESCRIBE_STRUCT(Experiment, (), (id, name, project, user, runs, made, changed, deleted, tags))

enum class RunState { Running, Scheduled, Finished, Failed, Killed };
BOOST_DESCRIBE_ENUM(RunState, Running, Scheduled, Finished, Failed, Killed)

struct Run {
  std::string id;
  std::string name;
  std::uint64_t experiment = 0;
  std::string project;
  std::string user;
  RunState state = RunState::Running;
  Time started;
  std::optional<Time> ended;
  std::optional<AttemptId> attempt;
  bool deleted = false;
  std::map<std::string, std::string> params;
  std::map<std::string, Json> metrics;
  std::map<std::string, std::string> tags;

  static constexpr Doc docs[] = {
      {"", "One try: its parameters and what came of it."},
      {"id", "32 hexadecimal digits.", R"("00000000000000000000002a00000001")"},
      {"name", "For people.", R"("train")"},
      {"experiment", "Number of its experiment.", "3"},
      {"project", "Whose work it is.", R"("vision")"},
      {"user", "Who ran it.", R"("ada")"},
      {"state", "What it is doing.", R"("finished")"},
      {"started", "When it began."},
      {"ended", "When it was over."},
      {"attempt", "The attempt of a job that made it.", R"("42.1")"},
      {"deleted", "It is shown no more.", "false"},
      {"params", "What it was given.", R"({"lr":"0.1"})"},
      {"metrics", "The last value of each: a number, or the text NaN, Infinity or -Infinity.", R"({"accuracy":0.97})", R"("type":["number","string"])"},
      {"tags", "What was noted about it. Those beginning with `nav.` say on what its job ran; `mlflow.source.git.commit` is the code.",
       R"({"nav.on":"mig-1g.5gb"})"},
  };
};
BOOST_DESCRIBE_STRUCT(Run, (), (id, name, experiment, project, user, state, started, ended, attempt, deleted, params, metrics, tags))

struct Point {
  Json value{"0"};
  std::int64_t step = 0;
  Time at;

  static constexpr Doc docs[] = {
      {"", "A metric at one step."},
      {"value", "A number, or the text NaN, Infinity or -Infinity.", "0.31", R"("type":["number","string"])"},
      {"step", "Where in the training.", "200"},
      {"at", "When."},
  };
};
BOOST_DESCRIBE_STRUCT(Point, (), (value, step, at))

/// GET /v1/experiments
struct ExperimentsQuery {
  std::optional<std::string> project;
  std::optional<std::string> name;
  bool deleted = false;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"project", "Only those of this project."},
      {"name", "Only those with this text in their name."},
      {"deleted", "Those that were deleted, instead of the others.", "false"},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(ExperimentsQuery, (), (project, name, deleted, limit, cursor))

/// GET /v1/experiments/{experiment}/runs
struct RunsQuery {
  std::optional<std::string> filter;
  std::optional<std::string> order;
  bool deleted = false;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"filter", "Only those it holds for, in MLflow's language: metrics.loss < 0.3 AND params.model = 'tree'.", R"("metrics.loss < 0.3")"},
      {"order", "The best first: metrics.accuracy DESC. Else new to old.", R"("metrics.accuracy DESC")"},
      {"deleted", "Those that were deleted, instead of the others.", "false"},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(RunsQuery, (), (filter, order, deleted, limit, cursor))

/// GET /v1/runs/{run}/points
struct PointsQuery {
  std::string metric;
  std::uint32_t limit = 1000;
  std::optional<std::string> cursor;

  static constexpr std::array required{"metric"};
  static constexpr Doc docs[] = {
      {"metric", "Which.", R"("loss")"},
      {"limit", "At most so many.", "1000", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(PointsQuery, (), (metric, limit, cursor))

}  // namespace nav::api
