// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite_experiments.h"

#include <map>

namespace nav {

using namespace experiments;
using sqlite::Database;

namespace {

constexpr std::int64_t format = 1;

// A point's key is its metric's number, its step, its time and its value: what is logged twice is there once. `latest` has, of each
// metric, what lists and searches show.
constexpr char experiment_tables[] = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE experiments(id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, name TEXT NOT NULL, made_by TEXT NOT NULL,
  stage INTEGER NOT NULL, made INTEGER NOT NULL, changed INTEGER NOT NULL, UNIQUE(project, name));
CREATE TABLE experiment_tags(experiment INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(experiment, key)) WITHOUT ROWID;
CREATE TABLE runs(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, experiment INTEGER NOT NULL, name TEXT NOT NULL, user TEXT NOT NULL,
  status TEXT NOT NULL, stage INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER, job INTEGER NOT NULL, attempt INTEGER NOT NULL);
CREATE INDEX runs_of ON runs(experiment, start);
CREATE TABLE params(run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(run, key)) WITHOUT ROWID;
CREATE TABLE tags(run INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(run, key)) WITHOUT ROWID;
CREATE TABLE metrics(number INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL, UNIQUE(run, key));
CREATE TABLE latest(metric INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, value NOT NULL);
CREATE INDEX latest_of ON latest(run, key, value);
CREATE TABLE points(metric INTEGER NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, value NOT NULL,
  PRIMARY KEY(metric, step, at, value)) WITHOUT ROWID;
)";

constexpr char experiment_columns[] =
    "SELECT id, project, name, made_by, stage, made, changed, (SELECT count(*) FROM runs WHERE experiment = e.id AND stage = 0) FROM experiments AS e ";
constexpr char run_columns[] =
    "SELECT r.number, r.id, r.experiment, e.project, r.name, r.user, r.status, r.stage, r.start, r.end, r.job, r.attempt FROM runs AS r "
    "JOIN experiments AS e ON e.id = r.experiment ";

Result<std::vector<Pair>> pairs(Database& database, char const* sql, std::int64_t of) {
  TRY(auto query, database.prepared(sql));
  query->with(of);
  std::vector<Pair> found;
  while (true) {
    TRY(bool const row, query->step());
    if (!row) return found;
    found.push_back({query->text(0), query->text(1)});
  }
}

Result<Experiment> experiment_of(Database& database, sqlite::Statement& row) {
  Experiment found{.id = row.unsigned_number(0),
                   .project = ProjectId{row.unsigned_number(1)},
                   .name = row.text(2),
                   .made_by = row.text(3),
                   .stage = row.number(4) == 0 ? Stage::Active : Stage::Deleted,
                   .made_ms = row.number(5),
                   .changed_ms = row.number(6),
                   .tags = {},
                   .runs = row.unsigned_number(7)};
  TRY(found.tags, pairs(database, "SELECT key, value FROM experiment_tags WHERE experiment = ?", row.number(0)));
  return found;
}

Result<Run> run_of_row(Database& database, sqlite::Statement& row) {
  std::int64_t const number = row.number(0);
  Run found{.id = row.text(1),
            .experiment = row.unsigned_number(2),
            .project = ProjectId{row.unsigned_number(3)},
            .name = row.text(4),
            .user = row.text(5),
            .status = enum_of<RunStatus>(row.text(6)).value_or(RunStatus::Running),
            .stage = row.number(7) == 0 ? Stage::Active : Stage::Deleted,
            .start_ms = row.number(8),
            .end_ms = row.is_null(9) ? std::nullopt : std::optional(row.number(9)),
            .attempt = {JobId{row.unsigned_number(10)}, static_cast<std::uint32_t>(row.number(11))},
            .metrics = {},
            .params = {},
            .tags = {}};
  TRY(auto latest, database.prepared("SELECT key, value, at, step FROM latest WHERE run = ? ORDER BY key"));
  latest->with(number);
  while (true) {
    TRY(bool const more, latest->step());
    if (!more) break;
    found.metrics.push_back({latest->text(0), latest->real(1), latest->number(2), latest->number(3)});
  }
  TRY(found.params, pairs(database, "SELECT key, value FROM params WHERE run = ?", number));
  TRY(found.tags, pairs(database, "SELECT key, value FROM tags WHERE run = ?", number));
  return found;
}

/// The statement is left at its end, so that it does not hold its snapshot open.
template <class T, class Read>
Result<std::optional<T>> one_of(Database& database, sqlite::Statement& query, Read read) {
  TRY(bool const row, query.step());
  if (!row) return std::nullopt;
  auto found = read(database, query);
  query.reset();
  if (!found) return Unexpected(found.error());
  return std::move(*found);
}

template <class T, class Read>
Result<std::vector<T>> all_of(Database& database, sqlite::Statement& query, Read read) {
  std::vector<T> found;
  while (true) {
    TRY(bool const row, query.step());
    if (!row) return found;
    TRY(auto one, read(database, query));
    found.push_back(std::move(one));
  }
}

Unexpected no_experiment(std::uint64_t id) { return fail(ErrorKind::NotFound, "there is no experiment {}", id); }
Unexpected no_run(std::string const& id) { return fail(ErrorKind::NotFound, "there is no run {}", id.substr(0, 64)); }

Unexpected name_taken(std::string const& name) {
  return Unexpected(
      Error{ErrorKind::Conflict, fmt::format("the project has an experiment \"{}\" already", name), "use that one, or take another name", "name"});
}

}  // namespace

/// Rolled back unless committed.
class SqliteExperiments::Transaction {
 public:
  explicit Transaction(SqliteExperiments& store) : lock_(store.writing_), database_(*store.writer_), begun_(database_.run("BEGIN IMMEDIATE")) {}
  ~Transaction() {
    if (begun_ && !committed_) (void)database_.run("ROLLBACK");
  }
  Result<void> const& begun() const { return begun_; }
  Result<void> commit() {
    TRY_VOID(database_.run("COMMIT"));
    committed_ = true;
    return {};
  }

 private:
  std::lock_guard<std::mutex> lock_;
  Database& database_;
  Result<void> begun_;
  bool committed_ = false;
};

Result<std::unique_ptr<SqliteExperiments>> SqliteExperiments::open(std::string const& folder) {
  std::string const path = folder + "/experiments.db";
  std::unique_ptr<SqliteExperiments> store(new SqliteExperiments(path));
  TRY(store->writer_, Database::open(path, sqlite::Open::Create));
  Database& database = *store->writer_;
  TRY_VOID(database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384"));
  TRY(auto has_tables, database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'"));
  TRY(bool const row, has_tables.step());
  bool const made = row && has_tables.number(0) == 1;
  has_tables.reset();
  if (!made) {
    TRY_VOID(database.run("BEGIN"));
    TRY_VOID(database.run(experiment_tables));
    TRY(auto insert, database.prepare("INSERT INTO meta VALUES('format', ?)"));
    TRY_VOID(insert.with(format).run());
    TRY_VOID(database.run("COMMIT"));
  } else {
    TRY(std::int64_t const found, database.meta("format"));
    if (found != format) return fail(ErrorKind::Unsupported, "{} was written by another version of nav", path);
  }
  TRY_VOID(database.run("CREATE INDEX IF NOT EXISTS runs_of_job ON runs(job, attempt)"));
  TRY(store->keeper_, WalKeeper::start(database));
  return store;
}

Result<std::uint64_t> SqliteExperiments::make_experiment(Experiment const& wanted) {
  Transaction transaction(*this);
  TRY_VOID(transaction.begun());
  TRY(auto taken, writer_->prepared("SELECT id FROM experiments WHERE project = ? AND name = ?"));
  TRY(bool const is_taken, taken->with(wanted.project.value, wanted.name).step());
  taken->reset();
  if (is_taken) return name_taken(wanted.name);
  TRY(auto insert, writer_->prepared("INSERT INTO experiments(project, name, made_by, stage, made, changed) VALUES(?, ?, ?, 0, ?, ?) RETURNING id"));
  TRY(bool const row, insert->with(wanted.project.value, wanted.name, wanted.made_by, wanted.made_ms, wanted.made_ms).step());
  std::uint64_t const id = row ? insert->unsigned_number(0) : 0;
  TRY_VOID(insert->run());
  TRY(auto tag, writer_->prepared("INSERT OR REPLACE INTO experiment_tags VALUES(?, ?, ?)"));
  for (auto const& one : wanted.tags) TRY_VOID(tag->with(id, one.key, one.value).run());
  TRY_VOID(transaction.commit());
  return id;
}

Result<Experiment> SqliteExperiments::experiment(std::uint64_t id) const {
  TRY(auto database, readers_.take());
  TRY(auto query, database->prepared(std::string(experiment_columns) + "WHERE id = ?"));
  TRY(auto found, one_of<Experiment>(*database.operator->(), query->with(id), experiment_of));
  if (!found) return no_experiment(id);
  return std::move(*found);
}

Result<std::optional<Experiment>> SqliteExperiments::experiment_named(ProjectId project, std::string const& name) const {
  TRY(auto database, readers_.take());
  TRY(auto query, database->prepared(std::string(experiment_columns) + "WHERE project = ? AND name = ?"));
  return one_of<Experiment>(*database.operator->(), query->with(project.value, name), experiment_of);
}

Result<std::vector<Experiment>> SqliteExperiments::experiments(ExperimentSearch const& search) const {
  SearchSql const sql = search_sql(search);
  TRY(auto database, readers_.take());
  TRY(auto query, database->prepare(
                      fmt::format("{}WHERE {} ORDER BY {}id DESC LIMIT {} OFFSET {}", experiment_columns, sql.where, sql.order, search.limit, search.offset)));
  sql.bind_to(query);
  return all_of<Experiment>(*database.operator->(), query, experiment_of);
}

Result<void> SqliteExperiments::change_experiment(std::uint64_t id, ExperimentChange const& change, std::int64_t now_ms) {
  Transaction transaction(*this);
  TRY_VOID(transaction.begun());
  TRY(auto known, writer_->prepared("SELECT project FROM experiments WHERE id = ?"));
  TRY(bool const is_known, known->with(id).step());
  std::uint64_t const project = is_known ? known->unsigned_number(0) : 0;
  known->reset();
  if (!is_known) return no_experiment(id);
  if (change.name) {
    TRY(auto taken, writer_->prepared("SELECT id FROM experiments WHERE project = ? AND name = ? AND id <> ?"));
    TRY(bool const is_taken, taken->with(project, *change.name, id).step());
    taken->reset();
    if (is_taken) return name_taken(*change.name);
    TRY(auto rename, writer_->prepared("UPDATE experiments SET name = ? WHERE id = ?"));
    TRY_VOID(rename->with(*change.name, id).run());
  }
  if (change.stage) {
    TRY(auto update, writer_->prepared("UPDATE experiments SET stage = ? WHERE id = ?"));
    TRY_VOID(update->with(*change.stage == Stage::Active ? 0 : 1, id).run());
  }
  TRY(auto tag, writer_->prepared("INSERT OR REPLACE INTO experiment_tags VALUES(?, ?, ?)"));
  for (auto const& one : change.tags) TRY_VOID(tag->with(id, one.key, one.value).run());
  TRY(auto untag, writer_->prepared("DELETE FROM experiment_tags WHERE experiment = ? AND key = ?"));
  for (auto const& key : change.removed_tags) TRY_VOID(untag->with(id, key).run());
  TRY(auto touch, writer_->prepared("UPDATE experiments SET changed = ? WHERE id = ?"));
  TRY_VOID(touch->with(now_ms, id).run());
  return transaction.commit();
}

Result<void> SqliteExperiments::make_run(Run const& wanted) {
  Transaction transaction(*this);
  TRY_VOID(transaction.begun());
  TRY(auto insert, writer_->prepared("INSERT INTO runs(id, experiment, name, user, status, stage, start, job, attempt) VALUES(?, ?, ?, ?, ?, 0, ?, ?, ?) "
                                     "ON CONFLICT(id) DO NOTHING RETURNING number"));
  TRY(bool const row, insert
                          ->with(wanted.id, wanted.experiment, wanted.name, wanted.user, enum_text(wanted.status), wanted.start_ms, wanted.attempt.job.value,
                                 wanted.attempt.number)
                          .step());
  if (!row) return {};  // it is there already
  std::int64_t const number = insert->number(0);
  TRY_VOID(insert->run());
  TRY(auto tag, writer_->prepared("INSERT OR REPLACE INTO tags VALUES(?, ?, ?)"));
  for (auto const& one : wanted.tags) TRY_VOID(tag->with(number, one.key, one.value).run());
  return transaction.commit();
}

Result<Run> SqliteExperiments::run(std::string const& id) const {
  TRY(auto database, readers_.take());
  TRY(auto query, database->prepared(std::string(run_columns) + "WHERE r.id = ?"));
  TRY(auto found, one_of<Run>(*database.operator->(), query->with(id), run_of_row));
  if (!found) return no_run(id);
  return std::move(*found);
}

Result<std::vector<Run>> SqliteExperiments::runs(RunSearch const& search) const {
  SearchSql const sql = search_sql(search);
  TRY(auto database, readers_.take());
  TRY(auto query, database->prepare(fmt::format("{}WHERE {} ORDER BY {}r.start DESC, r.number DESC LIMIT {} OFFSET {}", run_columns, sql.where, sql.order,
                                                search.limit, search.offset)));
  sql.bind_to(query);
  return all_of<Run>(*database.operator->(), query, run_of_row);
}

Result<void> SqliteExperiments::change_run(std::string const& id, RunChange const& change) {
  Transaction transaction(*this);
  TRY_VOID(transaction.begun());
  TRY(std::int64_t const number, number_of(id));
  auto const set = [&](char const* column, auto const& value) -> Result<void> {
    TRY(auto update, writer_->prepared(fmt::format("UPDATE runs SET {} = ? WHERE number = ?", column)));
    return update->with(value, number).run();
  };
  if (change.name) TRY_VOID(set("name", *change.name));
  if (change.status) TRY_VOID(set("status", enum_text(*change.status)));
  if (change.end_ms) TRY_VOID(set("end", *change.end_ms));
  if (change.stage) TRY_VOID(set("stage", *change.stage == Stage::Active ? 0 : 1));
  if (change.experiment) TRY_VOID(set("experiment", *change.experiment));
  return transaction.commit();
}

Result<void> SqliteExperiments::log(std::string const& run, Batch const& batch) {
  Transaction transaction(*this);
  TRY_VOID(transaction.begun());
  TRY(std::int64_t const number, number_of(run));
  TRY_VOID(log_params(number, batch.params));
  TRY_VOID(log_metrics(number, batch.metrics));
  TRY(auto tag, writer_->prepared("INSERT OR REPLACE INTO tags VALUES(?, ?, ?)"));
  for (auto const& one : batch.tags) TRY_VOID(tag->with(number, one.key, one.value).run());
  TRY(auto untag, writer_->prepared("DELETE FROM tags WHERE run = ? AND key = ?"));
  for (auto const& key : batch.removed_tags) TRY_VOID(untag->with(number, key).run());
  return transaction.commit();
}

Result<std::int64_t> SqliteExperiments::number_of(std::string const& run) {
  TRY(auto query, writer_->prepared("SELECT number FROM runs WHERE id = ?"));
  TRY(bool const row, query->with(run).step());
  if (!row) return no_run(run);
  std::int64_t const number = query->number(0);
  query->reset();
  return number;
}

Result<void> SqliteExperiments::log_params(std::int64_t run, std::vector<Pair> const& params) {
  TRY(auto known, writer_->prepared("SELECT value FROM params WHERE run = ? AND key = ?"));
  TRY(auto insert, writer_->prepared("INSERT INTO params VALUES(?, ?, ?)"));
  for (auto const& one : params) {
    TRY(bool const is_known, known->with(run, one.key).step());
    std::string const value = is_known ? known->text(0) : "";
    known->reset();
    if (is_known && value != one.value)
      return fail_field("params", "a parameter is said once; what changes is a metric or a tag", "the parameter \"{}\" is \"{}\" and cannot become \"{}\"",
                        one.key, value, one.value);
    if (!is_known) TRY_VOID(insert->with(run, one.key, one.value).run());
  }
  return {};
}

Result<void> SqliteExperiments::log_metrics(std::int64_t run, std::vector<Point> const& points) {
  TRY(auto find, writer_->prepared("SELECT number FROM metrics WHERE run = ? AND key = ?"));
  TRY(auto make, writer_->prepared("INSERT INTO metrics(run, key) VALUES(?, ?) RETURNING number"));
  TRY(auto insert, writer_->prepared("INSERT OR IGNORE INTO points VALUES(?, ?, ?, ?)"));
  struct Latest {
    std::int64_t metric = 0;
    Point const* point = nullptr;
  };
  std::map<std::string_view, Latest> latest;
  for (auto const& point : points) {
    Latest& of_key = latest[point.key];
    if (of_key.metric == 0) {
      TRY(bool const known, find->with(run, point.key).step());
      if (known) of_key.metric = find->number(0);
      find->reset();
    }
    if (of_key.metric == 0) {
      TRY(bool const made, make->with(run, point.key).step());
      if (made) of_key.metric = make->number(0);
      TRY_VOID(make->run());
    }
    TRY_VOID(insert->with(of_key.metric, point.step, point.at_ms, point.value).run());
    if (of_key.point == nullptr || std::pair(of_key.point->step, of_key.point->at_ms) <= std::pair(point.step, point.at_ms)) of_key.point = &point;
  }
  TRY(auto renew, writer_->prepared("INSERT INTO latest VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(metric) DO UPDATE SET step = excluded.step, at = excluded.at, "
                                    "value = excluded.value WHERE (excluded.step, excluded.at) >= (latest.step, latest.at)"));
  for (auto const& [key, one] : latest) TRY_VOID(renew->with(one.metric, run, one.point->key, one.point->step, one.point->at_ms, one.point->value).run());
  return {};
}

Result<std::vector<Point>> SqliteExperiments::history(std::string const& run, std::string const& metric, std::size_t limit, std::size_t offset) const {
  TRY(auto database, readers_.take());
  TRY(auto query,
      database->prepared("SELECT p.value, p.at, p.step FROM points AS p JOIN metrics AS m ON m.number = p.metric JOIN runs AS r ON r.number = m.run "
                         "WHERE r.id = ? AND m.key = ? ORDER BY p.step, p.at LIMIT ? OFFSET ?"));
  query->with(run, metric, std::uint64_t{limit}, std::uint64_t{offset});
  std::vector<Point> found;
  while (true) {
    TRY(bool const row, query->step());
    if (!row) return found;
    found.push_back({metric, query->real(0), query->number(1), query->number(2)});
  }
}

Result<std::vector<Standing>> SqliteExperiments::standings(std::vector<JobId> const& jobs, std::string const& metric, std::int64_t up_to_step) const {
  std::vector<std::uint64_t> numbers;
  for (JobId job : jobs) numbers.push_back(job.value);
  TRY(auto database, readers_.take());
  // NaN is kept as a text: it is neither the least nor the most.
  TRY(auto query, database->prepared(R"(
    SELECT r.job, r.attempt, l.step, min(CASE WHEN typeof(p.value) = 'real' THEN p.value END), max(CASE WHEN typeof(p.value) = 'real' THEN p.value END)
    FROM json_each(?) AS wanted JOIN runs AS r ON r.job = wanted.value JOIN metrics AS m ON m.run = r.number AND m.key = ?
      JOIN latest AS l ON l.metric = m.number LEFT JOIN points AS p ON p.metric = m.number AND p.step <= ?
    WHERE r.stage = 0 GROUP BY r.number ORDER BY r.job, r.attempt)"));
  query->with(json_write(numbers), metric, up_to_step);
  std::vector<Standing> found;
  while (true) {
    TRY(bool const row, query->step());
    if (!row) return found;
    Standing one{.attempt = {JobId{query->unsigned_number(0)}, static_cast<std::uint32_t>(query->number(1))}, .last_step = query->number(2)};
    if (!query->is_null(3)) one.least = query->real(3), one.most = query->real(4);
    if (!found.empty() && found.back().attempt.job == one.attempt.job) found.back() = one;
    else found.push_back(one);
  }
}

}  // namespace nav
