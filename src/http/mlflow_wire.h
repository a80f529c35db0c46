// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "experiments/store.h"

/// MLflow's messages, with its names of fields. Numbers of experiments are texts there; moments are milliseconds.
namespace nav::http::mlflow {

using experiments::Pair;

struct WireExperiment {
  std::string experiment_id, name, artifact_location, lifecycle_stage;
  std::int64_t last_update_time = 0, creation_time = 0;
  std::vector<Pair> tags;
};
BOOST_DESCRIBE_STRUCT(WireExperiment, (), (experiment_id, name, artifact_location, lifecycle_stage, last_update_time, creation_time, tags))

struct WireMetric {
  std::string key;
  Json value;
  std::int64_t timestamp = 0, step = 0;
};
BOOST_DESCRIBE_STRUCT(WireMetric, (), (key, value, timestamp, step))

struct RunFacts {
  std::string run_id, run_uuid, run_name, experiment_id, user_id, status;
  std::int64_t start_time = 0;
  std::optional<std::int64_t> end_time;
  std::string artifact_uri, lifecycle_stage;
};
BOOST_DESCRIBE_STRUCT(RunFacts, (), (run_id, run_uuid, run_name, experiment_id, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage))

struct RunLog {
  std::vector<WireMetric> metrics;
  std::vector<Pair> params, tags;
};
BOOST_DESCRIBE_STRUCT(RunLog, (), (metrics, params, tags))

struct WireRun {
  RunFacts info;
  RunLog data;
  Json inputs{"{}"};
};
BOOST_DESCRIBE_STRUCT(WireRun, (), (info, data, inputs))

WireExperiment wire(experiments::Experiment const& experiment);
WireRun wire(experiments::Run const& run);
WireMetric wire(experiments::Point const& point);

/// The fields of every request in one: each method uses its own.
struct Asked {
  std::string experiment_id, experiment_name, name, new_name, run_id, run_uuid, run_name, status, key, metric_key, filter, view_type, run_view_type, page_token,
      path;
  std::vector<std::string> experiment_ids, order_by;
  std::vector<Pair> tags, params;
  std::vector<WireMetric> metrics;
  std::optional<Json> value;
  std::optional<std::int64_t> start_time, end_time, timestamp, step, max_results;

  std::string const& run() const { return run_id.empty() ? run_uuid : run_id; }
};
BOOST_DESCRIBE_STRUCT(Asked, (),
                      (experiment_id, experiment_name, name, new_name, run_id, run_uuid, run_name, status, key, metric_key, filter, view_type, run_view_type,
                       page_token, path, experiment_ids, order_by, tags, params, metrics, value, start_time, end_time, timestamp, step, max_results))

}  // namespace nav::http::mlflow
