// SPDX-License-Identifier: Apache-2.0
#include "adapters/usage_store.h"

#include <algorithm>

namespace nav {

using namespace telemetry;

namespace {

constexpr int keys_expired_at_once = 20'000;
/// Spans older than this tell nobody's samples any more: those are gone too.
constexpr Duration keep_spans = days(400);

}  // namespace

Result<void> UsageStore::open(sqlite::Database& database) {
  TRY(auto query, database.prepare("SELECT id, project, user, team, template, profile, node, site FROM key"));
  while (true) {
    TRY(bool const row, query.step());
    if (!row) return {};
    std::uint64_t const id = query.unsigned_number(0);
    Dimensions who{query.text(1), query.text(2), query.text(3), query.text(4), query.text(5), query.text(6), query.text(7)};
    next_ = std::max(next_, id + 1);
    names_[id] = who;
    keys_[std::move(who)] = id;
  }
}

std::uint64_t UsageStore::key_of(Dimensions const& who) {
  std::lock_guard lock(mutex_);
  auto const [it, fresh] = keys_.try_emplace(who, next_);
  if (fresh) {
    names_[next_] = who;
    new_keys_.push_back(next_++);
  }
  return it->second;
}

Result<void> UsageStore::flush(sqlite::Database& database, std::map<UsageSums::At, Cells> const& sums, std::vector<telemetry::Span> const& spans) {
  for (std::uint64_t const id : new_keys_) {
    auto const& d = names_.at(id);
    TRY(auto insert, database.prepared("INSERT OR IGNORE INTO key VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
    TRY_VOID(insert->with(id, d.project, d.user, d.team, d.on, d.profile, d.node, d.site).run());
  }
  for (auto const& [at, fresh] : sums) {
    Cells cells = fresh;
    TRY(auto query, database.prepared("SELECT cells FROM usage WHERE grain = ? AND start = ? AND key = ?"));
    TRY(bool const row, query->with(static_cast<std::int64_t>(at.grain), at.start.us, at.key).step());
    if (row)
      if (auto const before = decode_cells(query->bytes(0))) add(cells, *before);
    query->reset();
    TRY(auto insert, database.prepared("INSERT OR REPLACE INTO usage VALUES(?1, ?2, ?3, ?4)"));
    insert->with(static_cast<std::int64_t>(at.grain), at.start.us, at.key);
    insert->bind_bytes(4, encode(cells));
    TRY_VOID(insert->run());
  }
  for (auto const& span : spans) {
    TRY(auto insert, database.prepared("INSERT INTO span(gpu, placement, job, attempt, kind, key, memory_slices, gpu_slices, since, until) "
                                       "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    TRY_VOID(insert
                 ->with(span.gpu, span.part.placement, span.part.attempt.job.value, span.part.attempt.number, static_cast<std::int64_t>(span.part.kind),
                        span.part.key, span.part.memory_slices, span.gpu_memory_slices, span.from.us, span.to.us)
                 .run());
  }
  return {};
}

Result<void> UsageStore::expire(sqlite::Database& database, Time now) {
  for (std::size_t g = 0; g < std::size(grains); ++g) {
    TRY(auto old,
        database.prepared("DELETE FROM usage WHERE (grain, start, key) IN (SELECT grain, start, key FROM usage WHERE grain = ? AND start < ? LIMIT ?)"));
    TRY_VOID(old->with(static_cast<std::int64_t>(g), (now - grains[g].keep).us, keys_expired_at_once).run());
  }
  TRY(auto old, database.prepared("DELETE FROM span WHERE id IN (SELECT id FROM span WHERE until < ? LIMIT ?)"));
  return old->with((now - keep_spans).us, keys_expired_at_once).run();
}

Result<std::optional<UsageStore::Holder>> UsageStore::holder(sqlite::Database& database, std::string const& gpu, std::string const& placement, Time at) const {
  TRY(auto query, database.prepared("SELECT key, memory_slices, since FROM span WHERE gpu = ? AND until > ? AND placement = ? ORDER BY until LIMIT 1"));
  TRY(bool const row, query->with(gpu, at.us, placement).step());
  std::optional<Holder> found;
  if (row && query->number(2) <= at.us) found = {query->unsigned_number(0), static_cast<std::uint32_t>(query->number(1))};
  query->reset();
  return found;
}

Result<std::vector<UsageGroup>> UsageStore::usage(UsageQuestion const& question, std::size_t grain, std::map<UsageSums::At, Cells> const& open) const {
  UsageFold fold(question);
  // Many rows share a key: its group is looked up once.
  std::map<std::uint64_t, std::optional<std::size_t>> groups;
  auto const group_of = [&](std::uint64_t key) {
    auto const [it, fresh] = groups.try_emplace(key);
    if (fresh) {
      std::lock_guard lock(mutex_);
      if (auto const who = names_.find(key); who != names_.end()) it->second = fold.group_of(who->second);
    }
    return it->second;
  };
  auto const take = [&](std::uint64_t key, Time start, Cells const& cells) {
    auto const group = group_of(key);
    if (!group) return;
    for (auto const& [measure, cell] : cells)
      if (fold.wants(measure)) fold.add(*group, start, measure, cell);
  };
  Time const from = floor_to(question.range.from, grains[grain].width);
  TRY(auto lease, readers_.take());
  TRY(auto query, lease->prepared("SELECT key, start, cells FROM usage WHERE grain = ? AND start >= ? AND start < ?"));
  query->with(static_cast<std::int64_t>(grain), from.us, question.range.to.us);
  while (true) {
    TRY(bool const row, query->step());
    if (!row) break;
    std::uint64_t const key = query->unsigned_number(0);
    if (!group_of(key)) continue;
    TRY(auto const cells, decode_cells(query->bytes(2)));
    take(key, Time{query->number(1)}, cells);
  }
  for (auto const& [at, cells] : open)
    if (at.grain == grain && at.start >= from && at.start < question.range.to) take(at.key, at.start, cells);
  return fold.take();
}

}  // namespace nav
