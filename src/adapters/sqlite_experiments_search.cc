// SPDX-License-Identifier: Apache-2.0
// Searches of experiments and runs as SQL. Whatever a person wrote is bound, never written into the text.
#include <fmt/ranges.h>
#include <map>

#include "adapters/sqlite_experiments.h"

namespace nav {

using namespace experiments;

namespace {

std::string_view sign_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::Equal: return "=";
    case Comparison::NotEqual: return "<>";
    case Comparison::Less: return "<";
    case Comparison::LessOrEqual: return "<=";
    case Comparison::Greater: return ">";
    case Comparison::GreaterOrEqual: return ">=";
    case Comparison::Like: return "GLOB";
    case Comparison::LikeAnyCase: return "LIKE";
    case Comparison::In: return "IN";
    case Comparison::NotIn: return "NOT IN";
  }
  return "=";
}

/// Columns by MLflow's names.
std::string_view column_of(std::string_view attribute) {
  static std::map<std::string_view, std::string_view> const columns{{"run_id", "r.id"},
                                                                    {"run_name", "r.name"},
                                                                    {"status", "upper(r.status)"},
                                                                    {"start_time", "r.start"},
                                                                    {"end_time", "r.end"},
                                                                    {"user_id", "r.user"},
                                                                    {"name", "e.name"},
                                                                    {"experiment_id", "e.id"},
                                                                    {"creation_time", "e.made"},
                                                                    {"last_update_time", "e.changed"},
                                                                    {"artifact_uri", "('mlflow-artifacts:/' || r.id || '/artifacts')"}};
  auto const found = columns.find(attribute);
  return found == columns.end() ? std::string_view("NULL") : found->second;
}

/// SQLite's LIKE does not tell cases apart, its GLOB does.
std::string glob_of(std::string const& like) {
  std::string glob;
  for (char const c : like) {
    if (c == '%') glob += '*';
    else if (c == '_') glob += '?';
    else if (c == '*' || c == '?' || c == '[') glob += std::string("[") + c + "]";
    else glob += c;
  }
  return glob;
}

/// "column sign ?", with its values.
std::string compared(SearchSql& sql, std::string_view column, Condition const& condition, bool is_numeric) {
  if (is_numeric) {
    sql.values.emplace_back(condition.number);
    return fmt::format("{} {} ?", column, sign_of(condition.comparison));
  }
  for (auto const& text : condition.texts) sql.values.emplace_back(condition.comparison == Comparison::Like ? glob_of(text) : text);
  if (condition.comparison == Comparison::In || condition.comparison == Comparison::NotIn) {
    std::vector<std::string_view> const marks(condition.texts.size(), "?");
    return fmt::format("{} {} ({})", column, sign_of(condition.comparison), fmt::join(marks, ","));
  }
  return fmt::format("{} {} ?", column, sign_of(condition.comparison));
}

/// Metrics, parameters and tags have rows of their own.
std::string in_table(SearchSql& sql, std::string_view table, std::string_view owner, Condition const& condition, bool is_numeric) {
  sql.values.emplace_back(condition.key);
  std::string const inner = compared(sql, "x.value", condition, is_numeric);
  std::string const guard = is_numeric ? "typeof(x.value) <> 'text' AND " : "";  // NaN is neither less nor more
  return fmt::format("EXISTS (SELECT 1 FROM {} AS x WHERE x.{} AND x.key = ? AND {}{})", table, owner, guard, inner);
}

void add_conditions(SearchSql& sql, std::vector<Condition> const& filter, std::string_view tags, std::string_view tag_owner) {
  for (auto const& one : filter) {
    sql.where += " AND ";
    switch (one.about) {
      case About::Attribute: sql.where += compared(sql, column_of(one.key), one, is_number(one.key)); break;
      case About::Metric: sql.where += in_table(sql, "latest", "run = r.number", one, true); break;
      case About::Param: sql.where += in_table(sql, "params", "run = r.number", one, false); break;
      case About::Tag: sql.where += in_table(sql, tags, tag_owner, one, false); break;
    }
  }
}

/// Those without the value come last, whichever the direction.
void add_order(SearchSql& sql, std::vector<Order> const& order, std::string_view tags, std::string_view tag_owner) {
  for (auto const& one : order) {
    std::string value(column_of(one.key));
    if (one.about != About::Attribute) {
      auto const [table, owner] = one.about == About::Metric  ? std::pair<std::string_view, std::string_view>("latest", "run = r.number")
                                  : one.about == About::Param ? std::pair<std::string_view, std::string_view>("params", "run = r.number")
                                                              : std::pair(tags, tag_owner);
      value = fmt::format("(SELECT {} FROM {} AS x WHERE x.{} AND x.key = ?)",
                          one.about == About::Metric ? "CASE typeof(x.value) WHEN 'text' THEN NULL ELSE x.value END" : "x.value", table, owner);
      sql.values.emplace_back(one.key);
    }
    sql.order += fmt::format("{} {} NULLS LAST, ", value, one.ascending ? "ASC" : "DESC");
  }
}

void add_projects(SearchSql& sql, std::optional<std::set<ProjectId>> const& projects) {
  if (!projects) return;
  std::vector<std::uint64_t> numbers;
  for (auto const id : *projects) numbers.push_back(id.value);
  sql.where += fmt::format(" AND e.project IN ({})", fmt::join(numbers, ","));
}

void add_stage(SearchSql& sql, std::string_view column, Shown shown) {
  if (shown != Shown::All) sql.where += fmt::format(" AND {} = {}", column, shown == Shown::Active ? 0 : 1);
}

}  // namespace

void SearchSql::bind_to(sqlite::Statement& statement) const {
  int index = 0;
  for (auto const& value : values) std::visit([&](auto const& one) { statement.bind(++index, one); }, value);
}

SearchSql search_sql(ExperimentSearch const& search) {
  SearchSql sql;
  add_projects(sql, search.projects);
  add_stage(sql, "e.stage", search.shown);
  add_conditions(sql, search.filter, "experiment_tags", "experiment = e.id");
  add_order(sql, search.order, "experiment_tags", "experiment = e.id");
  return sql;
}

SearchSql search_sql(RunSearch const& search) {
  SearchSql sql;
  add_projects(sql, search.projects);
  add_stage(sql, "r.stage", search.shown);
  sql.where += fmt::format(" AND r.experiment IN ({})", fmt::join(search.experiments, ","));
  add_conditions(sql, search.filter, "tags", "run = r.number");
  add_order(sql, search.order, "tags", "run = r.number");
  return sql;
}

}  // namespace nav
