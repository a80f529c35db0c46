// SPDX-License-Identifier: Apache-2.0
#include "adapters/sample_store.h"

#include <algorithm>

#include "base/bytes.h"

namespace nav {

using namespace telemetry;

namespace {

constexpr std::size_t blocks_at_once = 20'000;
constexpr int rows_expired_at_once = 20'000;
/// A series that has been silent so long is looked for on disk if it is asked for.
constexpr Duration silent = minutes(30);

template <class... Args>
Result<void> run(sqlite::Database& database, char const* sql, Args const&... args) {
  TRY(auto statement, database.prepared(sql));
  return statement->with(args...).run();
}

bool is_earlier(Sample const& a, Sample const& b) { return a.at < b.at; }

}  // namespace

Result<void> SampleStore::open(sqlite::Database& database) {
  for (std::size_t level = 1; level < level_count; ++level) { TRY(rolled_[level].us, database.meta(fmt::format("rolled.{}", level))); }
  TRY(auto heads, database.prepare("SELECT body FROM head ORDER BY id"));
  while (true) {
    TRY(bool const row, heads.step());
    if (!row) break;
    ByteReader in(heads.bytes(0));
    std::uint64_t const count = in.number();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
      std::uint64_t const series = in.number();
      Time const at{in.signed_number()};
      std::int64_t const value = in.signed_number();
      if (!in.failed()) remember(series, {at, value});
    }
  }
  TRY(auto names, database.prepare("SELECT id, node, kind, gpu, placement, born, job, attempt, metric, source, instance FROM series WHERE id = ?"));
  for (auto& [number, state] : states_) {
    TRY(bool const row, names.with(number).step());
    if (!row) continue;
    Subject subject{.kind = static_cast<SubjectKind>(names.number(2)),
                    .gpu = names.text(3),
                    .placement = names.text(4),
                    .born = Time{names.number(5)},
                    .attempt = {JobId{names.unsigned_number(6)}, static_cast<std::uint32_t>(names.number(7))},
                    .id = static_cast<std::uint32_t>(names.number(10))};
    state.name = {NodeId{names.unsigned_number(1)}, std::move(subject), static_cast<Metric>(names.number(8)), static_cast<Source>(names.number(9))};
    numbers_[state.name] = number;
  }
  return {};
}

Result<std::uint64_t> SampleStore::number_of(sqlite::Database& database, Name const& name) {
  {
    std::lock_guard lock(mutex_);
    if (auto const it = numbers_.find(name); it != numbers_.end()) return it->second;
  }
  auto const& s = name.subject;
  auto const metric = static_cast<std::int64_t>(name.metric), kind = static_cast<std::int64_t>(s.kind), source = static_cast<std::int64_t>(name.source);
  TRY(auto query,
      database.prepared("SELECT id FROM series WHERE metric = ? AND node = ? AND kind = ? AND gpu = ? AND placement = ? AND born = ? AND job = ? AND "
                        "attempt = ? AND source = ? AND instance = ?"));
  TRY(bool const row, query->with(metric, name.node.value, kind, s.gpu, s.placement, s.born.us, s.attempt.job.value, s.attempt.number, source, s.id).step());
  std::uint64_t number = row ? query->unsigned_number(0) : 0;
  query->reset();
  if (number == 0) {
    TRY_VOID(run(database, "INSERT INTO series(metric, node, kind, gpu, placement, born, job, attempt, source, instance) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 metric, name.node.value, kind, s.gpu, s.placement, s.born.us, s.attempt.job.value, s.attempt.number, source, s.id));
    TRY(auto made, database.prepared("SELECT last_insert_rowid()"));
    TRY(bool const is_there, made->with().step());
    if (!is_there) return fail(ErrorKind::Internal, "a series has no number");
    number = made->unsigned_number(0);
    made->reset();
  }
  std::lock_guard lock(mutex_);
  numbers_[name] = number;
  states_[number].name = name;
  named_.push_back(name);
  return number;
}

Result<SampleStore::Taken> SampleStore::take(sqlite::Database& database, NodeId node, SampleBatch const& batch, Duration skew, Tell const& tell) {
  Taken taken;
  ByteWriter out;
  std::size_t const first = pending_.size();
  for (auto const& readings : batch.readings) {
    for (auto const& [word, column] : readings.values) {
      auto const metric = enum_of<Metric>(word);
      if (!metric) continue;
      TRY(std::uint64_t const number, number_of(database, {node, readings.subject, *metric, readings.source}));
      Time before;
      {
        std::lock_guard lock(mutex_);
        auto const& recent = states_[number].recent;
        if (!recent.empty()) before = recent.back().at;
      }
      for (std::size_t i = 0; i < column.size(); ++i) {
        if (!column[i]) continue;
        auto const value = kept(*metric, *column[i]);
        if (!value) {
          ++taken.refused;
          continue;
        }
        Sample const sample{readings.at[i] + skew, *value};
        pending_.push_back({number, sample});
        if (tell) tell(readings.subject, *metric, sample, before);
        before = sample.at;
        ++taken.samples;
      }
    }
  }
  out.number(pending_.size() - first);
  for (std::size_t i = first; i < pending_.size(); ++i) {
    out.number(pending_[i].series);
    out.signed_number(pending_[i].sample.at.us);
    out.signed_number(pending_[i].sample.value);
  }
  TRY(auto insert, database.prepared("INSERT INTO head(body) VALUES(?1)"));
  insert->reset();
  insert->bind_bytes(1, out.bytes());
  TRY_VOID(insert->run());
  return taken;
}

void SampleStore::remember(std::uint64_t series, Sample const& sample) {
  State& state = states_[series];
  state.open.push_back(sample);
  // What comes late belongs into the past, not among the newest.
  if (!state.recent.empty() && sample.at <= state.recent.back().at) return;
  if (state.recent.size() >= kept_recent) state.recent.erase(state.recent.begin(), state.recent.begin() + kept_recent / 2);
  state.recent.push_back(sample);
}

void SampleStore::committed() {
  std::lock_guard lock(mutex_);
  for (auto const& one : pending_) remember(one.series, one.sample);
  pending_.clear();
  named_.clear();
}

void SampleStore::rolled_back() {
  std::lock_guard lock(mutex_);
  pending_.clear();
  for (auto const& name : named_) {
    states_.erase(numbers_[name]);
    numbers_.erase(name);
  }
  named_.clear();
}

Result<void> SampleStore::write_chunk(sqlite::Database& database, std::uint64_t series, std::vector<Sample> samples) {
  std::stable_sort(samples.begin(), samples.end(), is_earlier);
  std::int64_t const first = samples.front().at.us;
  TRY(auto query, database.prepared("SELECT body FROM chunk WHERE level = 0 AND series = ? AND first = ?"));
  TRY(bool const row, query->with(series, first).step());
  if (row) {
    if (auto before = decode(query->bytes(0))) {
      before->insert(before->end(), samples.begin(), samples.end());
      samples = std::move(*before);
      std::stable_sort(samples.begin(), samples.end(), is_earlier);
    }
  }
  query->reset();
  TRY(auto insert, database.prepared("INSERT OR REPLACE INTO chunk(level, series, first, last, body) VALUES(0, ?1, ?2, ?3, ?4)"));
  insert->with(series, first, samples.back().at.us);
  insert->bind_bytes(4, encode(samples));
  TRY_VOID(insert->run());
  // What is rolled up already has to be rolled up again with what came late.
  for (Time block = floor_to(samples.front().at, levels[1].span); block < rolled_[1] && block <= samples.back().at; block = block + levels[1].span)
    TRY_VOID(run(database, "INSERT OR IGNORE INTO due VALUES(1, ?, ?)", series, block.us));
  return {};
}

Result<void> SampleStore::seal(sqlite::Database& database, Time now) {
  // Only this thread changes what is open.
  for (auto const& [number, state] : states_)
    if (!state.open.empty()) {
      // What was delivered late may be of many hours: a chunk covers its own ten minutes and no more.
      std::map<Time, std::vector<Sample>> by_span;
      for (auto const& sample : state.open) by_span[floor_to(sample.at, levels[0].span)].push_back(sample);
      for (auto& [start, samples] : by_span) TRY_VOID(write_chunk(database, number, std::move(samples)));
      Time const last = by_span.rbegin()->first + levels[0].span;
      TRY_VOID(run(database, "UPDATE series SET last = max(last, ?) WHERE id = ?", last.us, number));
    }
  TRY_VOID(database.run("DELETE FROM head"));
  for (std::size_t level = 1; level < level_count; ++level)
    if (!rolled_[level]) {
      rolled_[level] = floor_to(now - days(1), levels[level].span);
      TRY_VOID(run(database, "INSERT OR REPLACE INTO meta VALUES(?, ?)", fmt::format("rolled.{}", level), rolled_[level].us));
    }
  return {};
}

void SampleStore::sealed() {
  std::lock_guard lock(mutex_);
  Time newest;
  for (auto const& [number, state] : states_)
    if (!state.recent.empty()) newest = std::max(newest, state.recent.back().at);
  for (auto it = states_.begin(); it != states_.end();) {
    it->second.open = {};
    bool const is_silent = it->second.recent.empty() || it->second.recent.back().at < newest - silent;
    if (is_silent) numbers_.erase(it->second.name);
    it = is_silent ? states_.erase(it) : std::next(it);
  }
}

Result<void> SampleStore::roll_block(sqlite::Database& database, std::size_t level, std::uint64_t series, Time block) {
  Time const end = block + levels[level].span;
  TRY(auto query, database.prepared("SELECT body FROM chunk WHERE level = ? AND series = ? AND first > ? AND first < ? AND last >= ?"));
  query->with(static_cast<std::int64_t>(level - 1), series, (block - levels[level - 1].span).us, end.us, block.us);
  std::vector<Bucket> buckets;
  while (true) {
    TRY(bool const row, query->step());
    if (!row) break;
    if (level == 1) {
      if (auto samples = decode(query->bytes(0)))
        for (auto const& sample : *samples) buckets.push_back({sample.at, 1, sample.value, sample.value, sample.value});
    } else if (auto finer = decode_buckets(query->bytes(0))) {
      buckets.insert(buckets.end(), finer->begin(), finer->end());
    }
  }
  std::erase_if(buckets, [&](Bucket const& b) { return b.start < block || b.start >= end; });
  if (buckets.empty()) return {};
  auto const folded = fold(std::move(buckets), levels[level].width);
  TRY(auto insert, database.prepared("INSERT OR REPLACE INTO chunk(level, series, first, last, body) VALUES(?1, ?2, ?3, ?4, ?5)"));
  insert->with(static_cast<std::int64_t>(level), series, block.us, end.us - 1);
  insert->bind_bytes(5, encode(folded, levels[level].width));
  TRY_VOID(insert->run());
  if (level + 1 < level_count && block < rolled_[level + 1])
    TRY_VOID(
        run(database, "INSERT OR IGNORE INTO due VALUES(?, ?, ?)", static_cast<std::int64_t>(level + 1), series, floor_to(block, levels[level + 1].span).us));
  return {};
}

Result<bool> SampleStore::roll(sqlite::Database& database, Time sealed_until) {
  struct Block {
    std::size_t level;
    std::uint64_t series;
    Time at;
  };
  std::vector<Block> late;
  TRY(auto due, database.prepared("SELECT level, series, block FROM due ORDER BY level LIMIT ?"));
  due->with(static_cast<std::int64_t>(blocks_at_once));
  while (true) {
    TRY(bool const row, due->step());
    if (!row) break;
    late.push_back({static_cast<std::size_t>(due->number(0)), due->unsigned_number(1), Time{due->number(2)}});
  }
  for (auto const& block : late) {
    if (block.level != late.front().level) break;  // finer first: they may make more due
    TRY_VOID(run(database, "DELETE FROM due WHERE level = ? AND series = ? AND block = ?", static_cast<std::int64_t>(block.level), block.series, block.at.us));
    TRY_VOID(roll_block(database, block.level, block.series, block.at));
  }
  if (!late.empty()) return true;
  for (std::size_t level = 1; level < level_count; ++level) {
    Time const block = rolled_[level], end = block + levels[level].span, finer = level == 1 ? sealed_until : rolled_[level - 1];
    if (!block || end > finer) continue;
    std::vector<std::uint64_t> all;
    TRY(auto query, database.prepared("SELECT DISTINCT series FROM chunk INDEXED BY chunk_first WHERE level = ? AND first > ? AND first < ? AND last >= ?"));
    query->with(static_cast<std::int64_t>(level - 1), (block - levels[level - 1].span).us, end.us, block.us);
    while (true) {
      TRY(bool const row, query->step());
      if (!row) break;
      all.push_back(query->unsigned_number(0));
    }
    for (std::uint64_t series : all) TRY_VOID(roll_block(database, level, series, block));
    TRY_VOID(run(database, "INSERT OR REPLACE INTO meta VALUES(?, ?)", fmt::format("rolled.{}", level), end.us));
    std::lock_guard lock(mutex_);
    rolled_[level] = end;
    return true;
  }
  return false;
}

Result<void> SampleStore::expire(sqlite::Database& database, Time now) {
  for (std::size_t level = 0; level < level_count; ++level)
    TRY_VOID(run(database, "DELETE FROM chunk WHERE (level, series, first) IN (SELECT level, series, first FROM chunk WHERE level = ? AND first < ? LIMIT ?)",
                 static_cast<std::int64_t>(level), (now - levels[level].keep).us, rows_expired_at_once));
  return run(database, "DELETE FROM series WHERE id IN (SELECT id FROM series WHERE last > 0 AND last < ? LIMIT ?)", (now - levels[level_count - 1].keep).us,
             rows_expired_at_once);
}

Result<std::vector<Bucket>> SampleStore::points(sqlite::Database& database, std::uint64_t series, std::size_t level, Time from, Time to, Duration width) const {
  // As far as the level reaches, then the finer ones, down to what is not in any chunk yet.
  std::array<Time, level_count> rolled;
  std::vector<Bucket> all;
  {
    std::lock_guard lock(mutex_);
    rolled = rolled_;
    if (auto const it = states_.find(series); it != states_.end())
      for (auto const& sample : it->second.open)
        if (sample.at >= from && sample.at < to) all.push_back({sample.at, 1, sample.value, sample.value, sample.value});
  }
  Time begin = from;
  for (std::size_t l = level + 1; l-- > 0;) {
    Time const end = l == 0 ? to : std::min(to, rolled[l]);
    if (end <= begin) continue;
    TRY(auto query, database.prepared("SELECT body FROM chunk WHERE level = ? AND series = ? AND first > ? AND first < ? AND last >= ?"));
    query->with(static_cast<std::int64_t>(l), series, (begin - levels[l].span).us, end.us, begin.us);
    while (true) {
      TRY(bool const row, query->step());
      if (!row) break;
      if (l == 0) {
        if (auto const samples = decode(query->bytes(0)))
          for (auto const& sample : *samples)
            if (sample.at >= begin && sample.at < end) all.push_back({sample.at, 1, sample.value, sample.value, sample.value});
      } else if (auto const buckets = decode_buckets(query->bytes(0))) {
        for (auto const& bucket : *buckets)
          if (bucket.start >= begin && bucket.start < end) all.push_back(bucket);
      }
    }
    begin = end;
  }
  return fold(std::move(all), width);
}

Result<std::vector<Series>> SampleStore::series(SeriesQuestion const& question, std::optional<NodeId> node, std::size_t level, std::size_t most) const {
  TRY(auto lease, readers_.take());
  auto& database = *lease.operator->();
  std::string sql = "SELECT id, node, kind, gpu, placement, born, job, attempt, source, instance FROM series WHERE metric = ?1";
  if (node) sql += " AND node = ?2";
  if (question.kind) sql += " AND kind = ?3";
  if (!question.gpu.empty()) sql += " AND gpu = ?4";
  if (!question.placement.empty()) sql += " AND placement = ?5";
  if (question.job || question.attempt) sql += " AND job = ?6";
  if (question.attempt) sql += " AND attempt = ?7";
  sql += " AND (last = 0 OR last >= ?8) ORDER BY node, gpu, placement, born, job, attempt LIMIT ?9";
  TRY(auto query, database.prepared(sql));
  AttemptId const attempt = question.attempt.value_or(AttemptId{question.job.value_or(JobId{}), 0});
  query->with(static_cast<std::int64_t>(question.metric), node.value_or(NodeId{}).value, static_cast<std::int64_t>(question.kind.value_or(SubjectKind::Gpu)),
              question.gpu, question.placement, attempt.job.value, attempt.number, (question.range.from - minutes(20)).us, static_cast<std::int64_t>(most + 1));
  std::vector<std::pair<std::uint64_t, Series>> found;
  while (true) {
    TRY(bool const row, query->step());
    if (!row) break;
    Series one{.node = NodeId{query->unsigned_number(1)}, .source = static_cast<Source>(query->number(8))};
    one.subject = {.kind = static_cast<SubjectKind>(query->number(2)),
                   .gpu = query->text(3),
                   .placement = query->text(4),
                   .born = Time{query->number(5)},
                   .attempt = {JobId{query->unsigned_number(6)}, static_cast<std::uint32_t>(query->number(7))},
                   .id = static_cast<std::uint32_t>(query->number(9))};
    found.emplace_back(query->unsigned_number(0), std::move(one));
  }
  query->reset();
  if (found.size() > most)
    return Unexpected(
        Error{ErrorKind::TooLarge, fmt::format("more than {} series are asked for", most), "name a node, a gpu, a job, or group them with `by`", ""});
  Duration const width = question.range.step.us > 0 ? question.range.step : question.range.to - question.range.from;
  std::vector<Series> all;
  for (auto& [number, one] : found) {
    TRY(one.points, points(database, number, level, question.range.from, question.range.to, width));
    if (!one.points.empty()) all.push_back(std::move(one));
  }
  return all;
}

std::vector<Latest> SampleStore::latest(std::optional<NodeId> node, Time after, std::size_t recent) const {
  std::lock_guard lock(mutex_);
  std::map<std::pair<NodeId, Subject>, Latest> all;
  for (auto const& [number, state] : states_) {
    if ((node && state.name.node != *node) || state.recent.empty() || state.recent.back().at < after) continue;
    Latest& one = all[{state.name.node, state.name.subject}];
    one.node = state.name.node;
    one.subject = state.name.subject;
    auto& value = one.values[state.name.metric];
    if (!value.recent.empty() && value.last.at > state.recent.back().at) continue;  // another source is fresher
    value.source = state.name.source;
    value.last = state.recent.back();
    std::size_t const count = std::min(recent, state.recent.size());
    value.recent.assign(state.recent.end() - static_cast<std::ptrdiff_t>(count), state.recent.end());
  }
  std::vector<Latest> out;
  for (auto& [who, one] : all) out.push_back(std::move(one));
  return out;
}

std::size_t SampleStore::count() const {
  std::lock_guard lock(mutex_);
  return states_.size();
}

}  // namespace nav
