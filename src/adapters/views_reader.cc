// SPDX-License-Identifier: Apache-2.0
#include "adapters/views_reader.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <limits>
#include <numeric>

#include "adapters/views_tables.h"

namespace nav::views {

namespace {

using sqlite::Database;
using sqlite::Statement;
using Numbers = std::vector<std::int64_t>;

/// Beyond so many keys it is cheaper to walk along all jobs and look at each.
constexpr std::size_t most_keys = 64;

template <class... Args>
Result<Numbers> numbers(Database& database, std::string const& sql, Args const&... args) {
  TRY(auto query, database.prepared(sql));
  query->with(args...);
  Numbers found;
  while (true) {
    TRY(bool const row, query->step());
    if (!row) return found;
    found.push_back(query->number(0));
  }
}

Result<Numbers> numbers_of(Database& database, std::string const& table, std::vector<std::string> const& names) {
  Numbers all;
  for (auto const& name : names) {
    TRY(auto const found, numbers(database, fmt::format("SELECT id FROM {} WHERE name = ?", table), name));
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

/// A part of a name, taken literally.
std::string like(std::string const& part) {
  std::string pattern = "%";
  for (char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

/// What may be shown, as numbers; nothing given: no such condition.
struct Conditions {
  std::optional<Numbers> states, projects, users, nodes, names, lists, gangs, ranks;

  bool is_empty() const {
    for (auto const* numbers : {&states, &projects, &users, &nodes, &names, &lists, &gangs, &ranks})
      if (*numbers && (*numbers)->empty()) return true;
    return false;
  }
};

Result<Conditions> conditions_of(Database& database, JobFilter const& filter) {
  Conditions c;
  if (!filter.states.empty()) {
    c.states.emplace();
    for (auto const& word : filter.states) {
      auto const it = std::find(state_words.begin(), state_words.end(), word);
      if (it == state_words.end()) return fail_field("state", fmt::format("one of {}", fmt::join(state_words, ", ")), "there is no state \"{}\"", word);
      c.states->push_back(it - state_words.begin());
    }
  }
  if (filter.project) { TRY(c.projects, numbers_of(database, "projects", {*filter.project})); }
  if (filter.visible_projects) {
    TRY(Numbers visible, numbers_of(database, "projects", *filter.visible_projects));
    if (c.projects) std::erase_if(*c.projects, [&](std::int64_t p) { return std::find(visible.begin(), visible.end(), p) == visible.end(); });
    else c.projects = std::move(visible);
  }
  if (filter.user) { TRY(c.users, numbers_of(database, "users", {*filter.user})); }
  if (filter.node) {
    TRY(c.nodes, numbers_of(database, "nodes", {*filter.node}));  // several, if a lost one gave its name back
  }
  if (filter.name) { TRY(c.names, numbers(database, "SELECT id FROM names WHERE name LIKE ? ESCAPE '\\'", like(*filter.name))); }
  if (filter.gang) c.gangs = Numbers{static_cast<std::int64_t>(filter.gang->value)};
  else if (!filter.node) c.ranks = Numbers{0};
  if (filter.on) { TRY(c.lists, numbers(database, "SELECT id FROM lists WHERE EXISTS(SELECT 1 FROM json_each(wanted) WHERE value = ?)", *filter.on)); }
  return c;
}

/// One walk along an index: its equalities, and what else has to hold of each row on the way. The "+" keeps SQLite from another index.
struct Walk {
  std::string where;
  std::vector<std::pair<char const*, Numbers const*>> checks;

  std::string sql() const {
    std::string text = "SELECT id FROM jobs WHERE id < ?1";
    if (!where.empty()) text += " AND " + where;
    for (auto const& [column, allowed] : checks) text += fmt::format(" AND +{} IN ({})", column, fmt::join(*allowed, ","));
    return text + " ORDER BY id DESC LIMIT ?2";
  }
};

/// The walks that together give what is asked for: along the index that leaves out most.
std::vector<Walk> walks_for(Conditions const& c) {
  static Numbers const every_state = [] {
    Numbers all(state_words.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
  }();
  std::vector<std::pair<char const*, Numbers const*>> all;
  for (auto const& [column, given] : {std::pair{"state", &c.states},
                                      {"project", &c.projects},
                                      {"user", &c.users},
                                      {"node", &c.nodes},
                                      {"name", &c.names},
                                      {"list", &c.lists},
                                      {"gang", &c.gangs},
                                      {"rank", &c.ranks}})
    if (*given) all.emplace_back(column, &**given);
  auto const without = [&](std::vector<std::string_view> const& used) {
    auto rest = all;
    std::erase_if(rest, [&](auto const& check) { return std::find(used.begin(), used.end(), check.first) != used.end(); });
    return rest;
  };
  std::vector<Walk> walks;
  auto const along = [&](char const* column, Numbers const& keys) {
    for (std::int64_t key : keys) walks.push_back({fmt::format("{} = {}", column, key), without({column})});
  };
  auto const along_with_state = [&](char const* column, Numbers const& keys) {
    for (std::int64_t key : keys)
      for (std::int64_t state : c.states ? *c.states : every_state)
        walks.push_back({fmt::format("{} = {} AND state = {}", column, key, state), without({column, "state"})});
  };
  auto const few = [](std::optional<Numbers> const& given) { return given && given->size() <= most_keys; };
  if (c.gangs) along("gang", *c.gangs);
  else if (few(c.names)) along("name", *c.names);
  else if (few(c.nodes)) along("node", *c.nodes);
  else if (few(c.users)) along_with_state("user", *c.users);
  else if (few(c.projects)) along_with_state("project", *c.projects);
  else if (few(c.lists)) along("list", *c.lists);
  else if (c.states) along("state", *c.states);
  else walks.push_back({"", without({})});
  return walks;
}

constexpr char select_job[] = R"(
  SELECT jobs.id, names.name, projects.name, users.name, state, lists.wanted, rung, attempt, nodes.name, place, submitted, started, ended, exit_code, message,
    gang, members
  FROM jobs LEFT JOIN names ON names.id = jobs.name LEFT JOIN projects ON projects.id = jobs.project LEFT JOIN users ON users.id = jobs.user
    LEFT JOIN lists ON lists.id = jobs.list LEFT JOIN nodes ON nodes.id = jobs.node
  WHERE jobs.id = ?)";

std::vector<std::string> wanted_of(std::string_view text) { return json_read<std::vector<std::string>>(text).value_or(std::vector<std::string>{}); }

JobRow job_in(Statement& row) {
  JobRow job{.id = JobId{row.unsigned_number(0)},
             .name = row.text(1),
             .project = row.text(2),
             .user = row.text(3),
             .state = std::string(state_words.at(row.unsigned_number(4))),
             .on = {},
             .wanted = wanted_of(row.bytes(5)),
             .attempt = static_cast<std::uint32_t>(row.number(7)),
             .node = row.text(8),
             .place = row.text(9),
             .submitted = Time{row.number(10)},
             .started = Time{row.number(11)},
             .ended = Time{row.number(12)},
             .exit_code = {},
             .message = row.text(14),
             .gang = JobId{row.unsigned_number(15)},
             .members = static_cast<std::uint32_t>(row.number(16))};
  if (std::size_t const rung = row.unsigned_number(6); rung < job.wanted.size()) job.on = job.wanted[rung];
  if (!row.is_null(13)) job.exit_code = static_cast<std::int32_t>(row.number(13));
  return job;
}

}  // namespace

Result<JobRow> job(Database& database, JobId id) {
  TRY(auto query, database.prepared(select_job));
  TRY(bool const row, query->with(id.value).step());
  if (!row) return fail(ErrorKind::NotFound, "there is no job {}", to_text(id));
  JobRow found = job_in(*query);
  query->reset();
  return found;
}

Result<std::vector<JobRow>> jobs(Database& database, JobFilter const& filter) {
  std::vector<JobRow> rows;
  TRY(Conditions const conditions, conditions_of(database, filter));
  if (conditions.is_empty() || filter.limit == 0) return rows;
  auto const below = filter.below ? static_cast<std::int64_t>(filter.below->value) : std::numeric_limits<std::int64_t>::max();
  Numbers ids;
  for (Walk const& walk : walks_for(conditions)) {
    // Not kept prepared: the texts are as many as there are keys.
    TRY(Statement query, database.prepare(walk.sql()));
    query.with(below, static_cast<std::int64_t>(filter.limit));
    while (true) {
      TRY(bool const row, query.step());
      if (!row) break;
      ids.push_back(query.number(0));
    }
  }
  std::sort(ids.rbegin(), ids.rend());
  if (ids.size() > filter.limit) ids.resize(filter.limit);
  for (std::int64_t id : ids) {
    TRY(JobRow row, job(database, JobId{static_cast<std::uint64_t>(id)}));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<std::vector<AttemptRow>> attempts(Database& database, JobId id) {
  TRY(auto query, database.prepared(R"(
    SELECT attempts.number, lists.wanted, attempts.rung, nodes.name, attempts.place, instance, placed, attempts.started, attempts.ended, outcome,
      attempts.exit_code, signal, attempts.message, peak_memory_mib, cpu_time
    FROM attempts JOIN jobs ON jobs.id = attempts.job JOIN lists ON lists.id = attempts.list LEFT JOIN nodes ON nodes.id = attempts.node
    WHERE attempts.job = ? ORDER BY attempts.number)"));
  query->with(id.value);
  std::vector<AttemptRow> rows;
  while (true) {
    TRY(bool const more, query->step());
    if (!more) return rows;
    Statement& row = *query;
    AttemptRow attempt{.id = {id, static_cast<std::uint32_t>(row.number(0))},
                       .on = {},
                       .node = row.text(3),
                       .place = row.text(4),
                       .instance_uuid = row.text(5),
                       .placed = Time{row.number(6)},
                       .started = Time{row.number(7)},
                       .ended = Time{row.number(8)},
                       .outcome = row.text(9),
                       .exit_code = {},
                       .signal = static_cast<std::int32_t>(row.number(11)),
                       .message = row.text(12),
                       .peak_memory_mib = row.unsigned_number(13),
                       .cpu_time = Duration{row.number(14)}};
    auto wanted = wanted_of(row.bytes(1));
    if (std::size_t const rung = row.unsigned_number(2); rung < wanted.size()) attempt.on = std::move(wanted[rung]);
    if (!row.is_null(10)) attempt.exit_code = static_cast<std::int32_t>(row.number(10));
    rows.push_back(std::move(attempt));
  }
}

Result<std::map<std::string, std::uint64_t>> counts(Database& database) {
  std::map<std::string, std::uint64_t> by_state;
  for (auto word : state_words) by_state[std::string(word)] = 0;
  TRY(auto query, database.prepared("SELECT state, jobs FROM counts"));
  while (true) {
    TRY(bool const row, query->step());
    if (!row) return by_state;
    by_state[std::string(state_words.at(query->unsigned_number(0)))] = query->unsigned_number(1);
  }
}

Result<std::vector<std::uint64_t>> events(Database& database, EventFilter const& filter) {
  auto const limit = static_cast<std::int64_t>(filter.limit);
  auto const below = filter.below ? static_cast<std::int64_t>(*filter.below) : std::numeric_limits<std::int64_t>::max();
  Numbers found;
  if (filter.job && filter.audit) {
    TRY(found, numbers(database,
                       "SELECT sequence FROM (SELECT queued AS sequence FROM jobs WHERE id = ?1 UNION ALL SELECT sequence FROM job_events WHERE job = ?1) "
                       "WHERE sequence IN (SELECT sequence FROM audit) ORDER BY 1 LIMIT ?2",
                       filter.job->value, limit));
  } else if (filter.job) {
    TRY(found, numbers(database, "SELECT queued FROM jobs WHERE id = ?1 UNION ALL SELECT sequence FROM job_events WHERE job = ?1 ORDER BY 1 LIMIT ?2",
                       filter.job->value, limit));
  } else if (filter.audit) {
    TRY(found, numbers(database, "SELECT sequence FROM audit WHERE sequence < ? ORDER BY sequence DESC LIMIT ?", below, limit));
  } else {
    TRY(auto const newest, numbers(database, "SELECT value FROM meta WHERE key = 'sequence'"));
    std::int64_t const first = std::min(below - 1, newest.empty() ? 0 : newest.front());
    for (std::int64_t at = first; at > 0 && at > first - limit; --at) found.push_back(at);
  }
  return std::vector<std::uint64_t>(found.begin(), found.end());
}

Result<std::map<UserId, std::string>> users(Database& database) {
  TRY(auto query, database.prepared("SELECT id, name FROM users"));
  std::map<UserId, std::string> names;
  while (true) {
    TRY(bool const row, query->step());
    if (!row) return names;
    names[UserId{query->unsigned_number(0)}] = query->text(1);
  }
}

}  // namespace nav::views
