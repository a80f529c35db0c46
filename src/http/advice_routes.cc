// SPDX-License-Identifier: Apache-2.0
// Advice: who holds what they were not measured to use. What was not measured gives no advice.
#include <bit>

#include "api/advice.h"
#include "base/text.h"
#include "http/handlers.h"
#include "http/metrics.h"
#include "http/shown.h"
#include "telemetry/advice.h"

namespace nav::http {

using namespace telemetry;

namespace {

constexpr Duration usual_age = minutes(10);
constexpr double unused_below = 0.01;
/// Attempts looked at in one answer, the oldest first: each takes two reads of its series.
constexpr std::size_t most_looked_at = 2'000;

struct Held {
  Job job;
  Node const* node = nullptr;
  Gpu const* gpu = nullptr;
  Piece piece;
};

Piece piece_of(mig::Profile const& profile) { return {profile.name, profile.compute_slices, profile.memory_slices, profile.memory_mib}; }

/// Running attempts on one GPU or a slice of it, the oldest first. Several GPUs are a program's own affair.
std::vector<Held> held_since(Snapshot const& snapshot, Caller const& caller, Time before) {
  std::vector<Held> all;
  snapshot.pool.jobs.each([&](Job const& job) {
    if (job.state != JobState::Running || job.since > before || std::popcount(job.seat.gpus) != 1 || !caller.sees(job.project)) return;
    Node const* node = snapshot.pool.node(job.seat.node);
    if (node == nullptr) return;
    Gpu const& gpu = node->gpus[static_cast<std::size_t>(std::countr_zero(job.seat.gpus))];
    if (!gpu.geometry) return;
    mig::Board const& board = gpu.geometry->board();
    Piece const whole{"", board.compute_slices, board.memory_slices, gpu.memory_mib};
    all.push_back({job, node, &gpu, job.seat.placement ? piece_of(board.profiles[job.seat.placement->profile]) : whole});
  });
  std::sort(all.begin(), all.end(), [](Held const& a, Held const& b) { return a.job.since < b.job.since; });
  if (all.size() > most_looked_at) all.resize(most_looked_at);
  return all;
}

struct Measured {
  double most = 0, mean = 0;
};

/// Over the attempt's time, in steps of which the first is left out: it may be partly somebody else's.
Result<std::optional<Measured>> measured(Telemetry const& telemetry, Held const& held, Metric metric, Time now) {
  Duration const step{std::max(seconds(5).us, (now - held.job.since).us / 360)};
  SeriesQuestion question{.range = {held.job.since + step, now, step}, .metric = metric, .node = held.node->name, .gpu = held.gpu->uuid};
  question.kind = held.job.seat.placement ? SubjectKind::Instance : SubjectKind::Gpu;
  if (held.job.seat.placement) question.placement = mig::to_text(held.gpu->geometry->board(), *held.job.seat.placement);
  TRY(auto const found, telemetry.series(question, 100));
  std::int64_t most = 0;
  double sum = 0, count = 0;
  for (auto const& series : found)
    for (auto const& point : series.points) {
      if (point.start < held.job.since) continue;
      most = std::max(most, point.max);
      sum += static_cast<double>(point.sum), count += point.count;
    }
  if (count == 0) return std::nullopt;
  return Measured{shown(metric, most), sum / count / facts_of(metric).steps};
}

std::string percent(double share) { return fmt::format("{:.0f} %", share * 100); }

Result<std::optional<api::AdviceItem>> advice_on(Telemetry const& telemetry, Snapshot const& snapshot, Held const& held, Time now, api::Advice& all) {
  TRY(auto const memory, measured(telemetry, held, Metric::MemoryUsed, now));
  TRY(auto const activity, measured(telemetry, held, Metric::Activity, now));
  if (!memory && !activity) return ++all.unknown, std::nullopt;
  api::AdviceItem item{.job = held.job.id, .node = held.node->name, .place = place_text(*held.node, held.job.seat), .since = held.job.since};
  item.project = snapshot.access->projects.at(held.job.project).name;
  item.user = user_name(*snapshot.access, held.job.user);
  item.on = snapshot.pool.queues.at(held.job.queue).request.on[held.job.seat.rung];
  item.memory_mib = held.piece.memory_mib;
  if (memory) item.most_memory_mib = static_cast<std::uint64_t>(memory->most);
  if (activity) item.most_activity = activity->most, item.activity = activity->mean;

  std::vector<Piece> possible;
  for (auto const& profile : held.gpu->geometry->board().profiles) possible.push_back(piece_of(profile));
  auto const smaller = memory ? smaller_piece(possible, held.piece, {*item.most_memory_mib, item.most_activity}) : std::nullopt;
  bool const is_unused = activity && activity->most < unused_below;
  if (!smaller && !is_unused) return std::nullopt;

  item.kind = is_unused ? api::AdviceKind::Unused : api::AdviceKind::Smaller;
  item.saves_slices = held.piece.memory_slices - (is_unused || !smaller ? 0 : smaller->memory_slices);
  item.saves = static_cast<double>(item.saves_slices) / held.piece.memory_slices;
  if (smaller) item.fits = smaller->profile;
  std::string const took = fmt::format("{}{}", memory ? fmt::format("used at most {} of {}", mib_text(*item.most_memory_mib), mib_text(item.memory_mib)) : "",
                                       activity ? fmt::format("{}{} of its compute", memory ? " and " : "used at most ", percent(activity->most)) : "");
  Duration const age{(now - held.job.since).us / 1'000'000 * 1'000'000};
  item.text = is_unused ? fmt::format("{} in {}: it does nothing with its place", took, to_text(age))
                        : fmt::format("{} in {}: {} would do and save {}", took, to_text(age), item.fits, percent(item.saves));
  return item;
}

}  // namespace

Result<void> show_advice(Api& api, CallPtr const& call) {
  TRY(Telemetry* const telemetry, telemetry_of(api));
  TRY(auto const query, query_of<api::AdviceQuery>(*call));
  Duration const age = query.age.value_or(usual_age);
  if (age < seconds(10)) return fail_field("age", "10000000 (10 seconds) or more", "so soon nothing can be said");
  on_searcher(api, call, [&api, telemetry, age, now = api.now()](Call& asked) -> Result<void> {
    Snapshot const& snapshot = *asked.snapshot;
    api::Advice advice;
    for (auto const& held : held_since(snapshot, asked.caller, now - age)) {
      ++advice.looked_at;
      TRY(auto item, advice_on(*telemetry, snapshot, held, now, advice));
      if (!item) continue;
      if (auto const row = api.views.job(held.job.id)) item->name = row->name;
      advice.items.push_back(std::move(*item));
    }
    std::stable_sort(advice.items.begin(), advice.items.end(), [](auto const& a, auto const& b) { return a.saves_slices > b.saves_slices; });
    answer(asked, advice);
    return {};
  });
  return {};
}

}  // namespace nav::http
