// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "adapters/sqlite.h"
#include "adapters/wal_keeper.h"
#include "experiments/store.h"

namespace nav {

/// Experiments in `experiments.db`. One connection writes, a transaction a change, on disk before it returns; readers have their own.
class SqliteExperiments final : public experiments::Store {
 public:
  /// In `folder`. Unsupported: a later version wrote it.
  static Result<std::unique_ptr<SqliteExperiments>> open(std::string const& folder);

  Result<std::uint64_t> make_experiment(experiments::Experiment const& wanted) override;
  Result<experiments::Experiment> experiment(std::uint64_t id) const override;
  Result<std::optional<experiments::Experiment>> experiment_named(ProjectId project, std::string const& name) const override;
  Result<std::vector<experiments::Experiment>> experiments(experiments::ExperimentSearch const& search) const override;
  Result<void> change_experiment(std::uint64_t id, experiments::ExperimentChange const& change, std::int64_t now_ms) override;

  Result<void> make_run(experiments::Run const& wanted) override;
  Result<experiments::Run> run(std::string const& id) const override;
  Result<std::vector<experiments::Run>> runs(experiments::RunSearch const& search) const override;
  Result<void> change_run(std::string const& id, experiments::RunChange const& change) override;
  Result<void> log(std::string const& run, experiments::Batch const& batch) override;
  Result<std::vector<experiments::Point>> history(std::string const& run, std::string const& metric, std::size_t limit, std::size_t offset) const override;
  Result<std::vector<experiments::Standing>> standings(std::vector<JobId> const& jobs, std::string const& metric, std::int64_t up_to_step) const override;

 private:
  class Transaction;

  explicit SqliteExperiments(std::string path) : readers_(path) {}
  Result<std::int64_t> number_of(std::string const& run);
  Result<void> log_metrics(std::int64_t run, std::vector<experiments::Point> const& points);
  Result<void> log_params(std::int64_t run, std::vector<experiments::Pair> const& params);

  std::mutex writing_;
  std::unique_ptr<sqlite::Database> writer_;
  std::unique_ptr<WalKeeper> keeper_;
  mutable sqlite::Readers readers_;
};

/// A search as SQL: what comes after WHERE and ORDER BY, with what stands for each "?".
struct SearchSql {
  std::string where = "1", order;
  std::vector<std::variant<std::int64_t, double, std::string>> values;

  void bind_to(sqlite::Statement& statement) const;
};
SearchSql search_sql(experiments::ExperimentSearch const& search);
SearchSql search_sql(experiments::RunSearch const& search);

}  // namespace nav
