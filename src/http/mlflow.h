// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "experiments/store.h"
#include "http/call.h"

/// The part of MLflow's REST API that its own client uses, over the experiments' store. Its words and its errors are MLflow's.
namespace nav::http::mlflow {

/// An error as MLflow's client reads it, and as ours does too.
Response error_answer(Error const& error);

/// A number as MLflow writes it: "NaN", "Infinity" and "-Infinity" are texts.
Json number_text(double value);
/// Such a number, or a text that holds one.
Result<double> read_number_text(Json const& json, std::string const& field);

/// A caller at the store: what they may see, and the run of their own they may have.
class Desk {
 public:
  Desk(Api& api, Call& call, experiments::Store& store) : api_(api), call_(call), store_(store) {}

  experiments::Store& store() { return store_; }
  Call& call() { return call_; }
  Api& api() { return api_; }
  std::int64_t now_ms() const { return api_.now().us / 1000; }
  std::string user() const;
  /// Forbidden to viewers.
  Result<void> may_change() const;

  /// The project named, or the one that can be meant.
  Result<ProjectId> project(std::string const& name) const;
  /// "0" is the experiment `Default` of the caller's project, made when it is first asked for. NotFound if the caller may not see it.
  Result<experiments::Experiment> experiment(std::string const& id);
  /// In the caller's own project first, then in any they see.
  Result<experiments::Experiment> experiment_named(std::string const& name);
  Result<std::uint64_t> make_experiment(std::string const& name, std::vector<experiments::Pair> const& tags);
  /// NotFound if the caller may not see it. A job's own run is made when the job first asks for it; a run whose job is over is over too.
  Result<experiments::Run> run(std::string const& id);
  /// Ends a run that its job left open.
  Result<void> settle(experiments::Run& run);
  /// The job named an experiment: its own run belongs there, unless it has logged elsewhere already.
  Result<void> chose(experiments::Experiment const& experiment);

 private:
  Result<void> make_own_run(std::uint64_t experiment);
  bool is_own(std::string const& id) const { return call_.caller.kind == Caller::Kind::Job && id == experiments::run_of(call_.caller.attempt); }
  Result<experiments::Experiment> usual_experiment();

  Api& api_;
  Call& call_;
  experiments::Store& store_;
};

}  // namespace nav::http::mlflow
