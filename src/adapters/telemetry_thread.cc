// SPDX-License-Identifier: Apache-2.0
#include "adapters/telemetry_thread.h"

#include <chrono>
#include <filesystem>

#include "adapters/clock.h"
#include "adapters/telemetry_tables.h"
#include "base/log.h"
#include "controller/checkpoint.h"

namespace nav {

using namespace telemetry;

namespace {

constexpr std::size_t frames_counted_at_once = 5'000;
constexpr std::size_t most_deliveries = 4'096;
/// A series with a longer gap than this was not measured in between.
constexpr Duration longest_gap = seconds(30);
/// The books trail a little, so that what was decided before a moment is in them when the moment is counted.
constexpr Duration trail = seconds(1);

Result<void> set_meta(sqlite::Database& database, char const* key, std::int64_t value) {
  TRY(auto insert, database.prepared("INSERT OR REPLACE INTO meta VALUES(?, ?)"));
  return insert->with(key, value).run();
}

}  // namespace

Result<std::unique_ptr<TelemetryThread>> TelemetryThread::open(std::string const& folder, Journal& journal, Options options) {
  std::unique_ptr<TelemetryThread> made(new TelemetryThread(folder + "/telemetry.db", journal, options));
  auto opened = made->open_database();
  if (!opened && opened.error().kind == ErrorKind::StorageFull) return Unexpected(opened.error());
  if (!opened) {
    log_line("telemetry", "{}: it is put aside and begun anew", to_text(opened.error()));
    made.reset();
    std::error_code ignored;
    for (char const* end : {"", "-wal", "-shm"}) std::filesystem::rename(folder + "/telemetry.db" + end, folder + "/telemetry.db.damaged" + end, ignored);
    made.reset(new TelemetryThread(folder + "/telemetry.db", journal, options));
    TRY_VOID(made->open_database());
  }
  TRY_VOID(made->open_books());
  made->thread_ = std::thread([self = made.get()] { self->run(); });
  return made;
}

TelemetryThread::TelemetryThread(std::string path, Journal& journal, Options options)
    : path_(std::move(path)), journal_(journal), options_(options), samples_(path_), usage_(path_) {}

TelemetryThread::~TelemetryThread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> TelemetryThread::open_database() {
  TRY(database_, sqlite::Database::open(path_, sqlite::Open::Create));
  TRY_VOID(database_->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768"));
  TRY(auto query, database_->prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'"));
  TRY(bool const row, query.step());
  bool const is_new = row && query.number(0) == 0;
  query.reset();
  if (is_new) {
    TRY_VOID(database_->run("BEGIN"));
    TRY_VOID(database_->run(telemetry_tables::create));
    TRY_VOID(set_meta(*database_, "format", telemetry_tables::format));
    TRY_VOID(database_->run("COMMIT"));
  }
  TRY(std::int64_t const format, database_->meta("format"));
  if (format != telemetry_tables::format) return fail(ErrorKind::Unsupported, "{} is of form {}, not {}", path_, format, telemetry_tables::format);
  TRY_VOID(samples_.open(*database_));
  TRY_VOID(usage_.open(*database_));
  TRY(auto streams, database_->prepare("SELECT node, stream, number FROM stream"));
  while (true) {
    TRY(bool const more, streams.step());
    if (!more) return {};
    streams_[NodeId{streams.unsigned_number(0)}] = {streams.unsigned_number(1), streams.unsigned_number(2)};
  }
}

/// The pool as it was at the event the books are kept up to.
Result<void> TelemetryThread::open_books() {
  TRY(std::int64_t const kept_until, database_->meta("sequence"));
  TRY(std::int64_t const counted, database_->meta("counted"));
  sequence_ = static_cast<std::uint64_t>(kept_until);
  Pool pool;
  Access access;
  std::uint64_t from = 0;
  TRY(auto checkpoint, journal_.checkpoint());
  if (checkpoint && checkpoint->sequence <= sequence_) {
    TRY(auto restored, load_checkpoint(checkpoint->body));
    pool = std::move(restored.pool);
    access = std::move(restored.access);
    from = checkpoint->sequence;
  }
  std::uint64_t reached = from;
  Result<void> read;
  if (from < sequence_) {
    TRY_VOID(journal_.read(from, 0, [&](Frame const& frame) {
      if (frame.stamp.sequence > sequence_) return false;
      reached = frame.stamp.sequence;
      if (frame.stream == "pool") {
        auto event = json_read<PoolEvent>(frame.body, Unknown::Ignore);
        if (event) apply(pool, *event, frame.stamp);
        else read = Unexpected(event.error());
      } else if (frame.stream == "access") {
        auto event = json_read<AccessEvent>(frame.body, Unknown::Ignore);
        if (event) nav::apply(access, *event);
        else read = Unexpected(event.error());
      }
      return read.has_value();
    }));
  }
  TRY_VOID(read);
  if (reached < sequence_) {
    // The journal ends before the books do: a backup was restored. What was counted stays; from here on the journal says.
    log_line("telemetry", "the journal ends at event {}, the books at {}: they go on from there", reached, sequence_);
    sequence_ = reached;
  }
  books_ = std::make_unique<Bookkeeper>(
      std::move(pool), std::move(access), [this](Dimensions const& who) { return usage_.key_of(who); }, Time{counted});
  return {};
}

void TelemetryThread::deliver(NodeId node, SampleBatch batch, Duration skew, std::function<void(Result<void>)> done) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_ && deliveries_.size() < most_deliveries) {
      deliveries_.push_back({node, std::move(batch), skew, std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(Unexpected(Error{ErrorKind::TooMany, "too many samples wait to be written already", "send them again in a few seconds", ""}));
}

void TelemetryThread::run() {
  while (true) {
    std::vector<Delivery> deliveries;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_ || !deliveries_.empty(); });
      if (!stopping_) wake_.wait_for(lock, std::chrono::microseconds(options_.gather.us), [&] { return stopping_; });
      if (stopping_ && deliveries_.empty()) break;
      deliveries.assign(std::make_move_iterator(deliveries_.begin()), std::make_move_iterator(deliveries_.end()));
      deliveries_.clear();
    }
    auto const done = turn(deliveries);
    for (auto const& delivery : deliveries) delivery.done(done);
    auto const ordered = done ? in_order() : done;
    std::lock_guard lock(mutex_);
    std::string const problem = ordered ? "" : to_text(ordered.error());
    if (problem != progress_.problem && !problem.empty()) log_line("telemetry", "{}", problem);
    progress_.problem = problem;
    progress_.series = samples_.count();
    if (!done) continue;  // what the books counted meanwhile cannot be asked for yet
    progress_.sequence = sequence_;
    progress_.counted = books_->counted_until();
  }
  // What is open is on disk already, or is derived from the journal again.
}

template <class F>
Result<void> TelemetryThread::within_transaction(F&& work) {
  TRY_VOID(database_->run("BEGIN IMMEDIATE"));
  Result<void> done = work();
  if (done) done = database_->run("COMMIT");
  if (!done) (void)database_->run("ROLLBACK");
  return done;
}

Result<void> TelemetryThread::follow_journal() {
  while (true) {
    std::vector<Frame> frames;
    TRY_VOID(journal_.read(sequence_, frames_counted_at_once, [&](Frame const& frame) { return frames.push_back(frame), true; }));
    for (auto const& frame : frames) {
      if (auto taken = books_->take(frame); !taken) return within(fmt::format("books: event {}", frame.stamp.sequence), taken.error());
      sequence_ = frame.stamp.sequence;
    }
    if (frames.size() < frames_counted_at_once) return {};
  }
}

/// Deliveries and the books' news, in one transaction. The books' memory is ahead of the file if it fails, and written with the next.
Result<void> TelemetryThread::turn(std::vector<Delivery>& deliveries) {
  Time const now = clock_now();
  TRY_VOID(follow_journal());
  bool const is_settling = now - settled_at_ >= options_.settle;
  if (is_settling) books_->settle(now - trail);
  if (!deliveries.empty() || is_settling) {
    auto const streams = streams_;
    Progress const before = progress_;
    // The samples' part of the sums must not be counted again when the batch comes again.
    UsageSums const sums = books_->sums();
    auto done = within_transaction([&]() -> Result<void> {
      for (auto const& delivery : deliveries) TRY_VOID(take(delivery));
      if (!is_settling) return {};
      TRY_VOID(usage_.flush(*database_, books_->sums().all(), books_->closed()));
      TRY_VOID(set_meta(*database_, "sequence", static_cast<std::int64_t>(sequence_)));
      return set_meta(*database_, "counted", books_->counted_until().us);
    });
    if (!done) {
      streams_ = streams;
      samples_.rolled_back();
      books_->sums() = sums;
      std::lock_guard lock(mutex_);
      progress_ = before;
      return done;
    }
    samples_.committed();
    if (is_settling) {
      usage_.committed();
      (void)books_->sums().take();
      books_->clear_closed();
      settled_at_ = now;
    }
  }
  std::lock_guard lock(mutex_);
  unwritten_ = books_->sums().all();
  if (is_settling) {
    names_.clear();
    books_->pool().nodes.each([&](Node const& node) { names_[node.name] = node.id; });
  }
  return {};
}

Result<void> TelemetryThread::take(Delivery const& delivery) {
  auto& [stream, number] = streams_[delivery.node];
  SampleBatch const& batch = delivery.batch;
  if (stream == batch.stream && batch.number <= number) {
    std::lock_guard lock(mutex_);
    ++progress_.repeated;
    return {};
  }
  stream = batch.stream;
  number = batch.number;
  // A clock that is a little off is not worth moving times for: they would jitter with the network.
  Duration const skew = delivery.skew > seconds(5) || delivery.skew < seconds(-5) ? delivery.skew : Duration{};
  TRY(auto const taken,
      samples_.take(*database_, delivery.node, batch, skew,
                    [&](telemetry::Subject const& subject, Metric metric, Sample const& sample, Time before) { measured(subject, metric, sample, before); }));
  TRY(auto insert, database_->prepared("INSERT OR REPLACE INTO stream VALUES(?, ?, ?)"));
  TRY_VOID(insert->with(delivery.node.value, stream, number).run());
  std::lock_guard lock(mutex_);
  ++progress_.batches;
  progress_.samples += taken.samples;
  progress_.refused += taken.refused;
  progress_.dropped += batch.dropped;
  progress_.skews[delivery.node] = delivery.skew;
  return {};
}

/// What was measured on a place counts for who held it then.
void TelemetryThread::measured(telemetry::Subject const& subject, Metric metric, Sample const& sample, Time before) {
  bool const is_place = subject.kind == SubjectKind::Instance || subject.kind == SubjectKind::Gpu;
  if (!is_place || (metric != Metric::Activity && metric != Metric::MemoryUsed)) return;
  Duration const length = before && sample.at > before && sample.at - before <= longest_gap ? sample.at - before : seconds(5);
  UsageStore::Holder holder;
  auto const* open = books_->ledger().holder(subject.gpu, subject.placement);
  if (open && open->since <= sample.at) holder = {open->part.key, open->part.memory_slices};
  else if (auto const past = usage_.holder(*database_, subject.gpu, subject.placement, sample.at); past && *past) holder = **past;
  if (holder.key == 0) return;
  double const value = shown(metric, sample.value), seconds = length.seconds();
  if (metric == Metric::Activity) {
    double const weight = seconds * std::max(1u, holder.memory_slices);
    books_->sums().add(sample.at, holder.key, Measure::Activity, {value * weight, weight, value});
  } else {
    books_->sums().add(sample.at, holder.key, Measure::MemoryUsed, {value * seconds, seconds, value});
  }
}

/// Chunks, roll-ups, and what has been kept long enough.
Result<void> TelemetryThread::in_order() {
  Time const now = clock_now();
  if (!sealed_at_) sealed_at_ = now;
  if (now - sealed_at_ < options_.seal) return {};
  TRY_VOID(within_transaction([&] { return samples_.seal(*database_, now); }));
  samples_.sealed();
  sealed_at_ = now;
  for (bool more = true; more;) {
    TRY_VOID(within_transaction([&]() -> Result<void> {
      TRY(more, samples_.roll(*database_, now));
      return {};
    }));
  }
  return within_transaction([&]() -> Result<void> {
    TRY_VOID(samples_.expire(*database_, now));
    return usage_.expire(*database_, now);
  });
}

Result<std::vector<UsageGroup>> TelemetryThread::usage(UsageQuestion const& question) const {
  TRY(auto const grain, grain_for(question.range, clock_now()));
  std::map<UsageSums::At, Cells> open;
  {
    std::lock_guard lock(mutex_);
    open = unwritten_;
  }
  return usage_.usage(question, grain, open);
}

Result<std::vector<Series>> TelemetryThread::series(SeriesQuestion const& question, std::size_t most) const {
  TRY(auto const level, telemetry::level_for(question.range, clock_now()));
  std::optional<NodeId> node;
  if (!question.node.empty()) {
    std::lock_guard lock(mutex_);
    auto const it = names_.find(question.node);
    if (it == names_.end()) return std::vector<Series>();
    node = it->second;
  }
  return samples_.series(question, node, level, most);
}

std::vector<Latest> TelemetryThread::latest(std::optional<NodeId> node, Duration age, std::size_t recent) const {
  return samples_.latest(node, clock_now() - age, recent);
}

TelemetryThread::Progress TelemetryThread::progress() const {
  std::lock_guard lock(mutex_);
  return progress_;
}

}  // namespace nav
