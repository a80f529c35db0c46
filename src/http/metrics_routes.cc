// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include "api/metrics.h"
#include "base/text.h"
#include "controller/usage_answer.h"
#include "http/handlers.h"
#include "http/metrics.h"
#include "http/shown.h"

namespace nav::http {

using namespace telemetry;

namespace {

constexpr std::size_t most_series = 2'000;

std::optional<std::uint32_t> index_of(Node const& node, std::string const& uuid) {
  for (auto const& gpu : node.gpus)
    if (gpu.uuid == uuid) return gpu.index;
  return {};
}

/// The seven filters of use.
std::map<Dimension, std::string> filters_of(api::MetricsQuery const& query) {
  std::map<Dimension, std::string> where;
  auto const add = [&](Dimension dimension, std::optional<std::string> const& name) {
    if (name) where[dimension] = *name;
  };
  add(Dimension::Team, query.team);
  add(Dimension::Project, query.project);
  add(Dimension::User, query.user);
  add(Dimension::Template, query.on);
  add(Dimension::Profile, query.profile);
  add(Dimension::Node, query.node);
  add(Dimension::Site, query.site);
  return where;
}

std::map<std::string, std::string> labels_of(Snapshot const& snapshot, Series const& series) {
  std::map<std::string, std::string> labels{{"kind", enum_text(series.subject.kind)}, {"source", enum_text(series.source)}};
  if (Node const* node = snapshot.pool.node(series.node)) {
    labels["node"] = node->name;
    if (auto const gpu = index_of(*node, series.subject.gpu)) labels["gpu"] = std::to_string(*gpu);
  }
  if (!series.subject.gpu.empty()) labels["uuid"] = series.subject.gpu;
  if (!series.subject.placement.empty()) labels["slice"] = series.subject.placement, labels["born"] = to_text(series.subject.born);
  if (series.subject.attempt) labels["attempt"] = to_text(series.subject.attempt);
  return labels;
}

/// A job that is over is looked up, so that whoever may not see it learns nothing of it.
bool may_see(Api const& api, Call const& call, JobId job) {
  if (call.caller.sees_all()) return true;
  if (Job const* living = call.snapshot->pool.job(job)) return call.caller.sees(living->project);
  auto const row = api.views.job(job);
  Project const* project = row ? call.snapshot->access->project_named(row->project) : nullptr;
  return project != nullptr && call.caller.sees(project->id);
}

Result<api::MetricsAnswer> series_answer(Api& api, Call const& call, api::MetricsQuery const& query, api::MetricsAnswer answer) {
  auto const metric = enum_of<Metric>(query.metric);
  if (!metric) {
    auto const words = enum_words<Metric>();
    auto const near = nearest(query.metric, words);
    return fail_field("metric", near.empty() ? fmt::format("one of {}", fmt::join(words, ", ")) : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                      "there is no metric \"{}\" of single things", shortened(query.metric, 60));
  }
  SeriesQuestion question{
      .range = {answer.since, answer.until, answer.step}, .metric = *metric, .node = query.node.value_or(""), .gpu = query.gpu.value_or("")};
  question.placement = query.slice.value_or("");
  question.job = query.job;
  if (query.job && !may_see(api, call, *query.job)) return fail(ErrorKind::NotFound, "there is no job {}", to_text(*query.job));
  TRY(auto const all, api.options.telemetry->series(question, most_series));
  // Nothing has been measured yet of a node that has just joined; one that has left is known by what was.
  if (all.empty() && query.node && call.snapshot->pool.node_named->find(*query.node) == call.snapshot->pool.node_named->end())
    return fail_field("node", "as nav nodes lists them", "there is no node \"{}\", nor was anything measured of one", shortened(*query.node, 60));
  answer.unit = facts_of(*metric).unit;
  for (auto const& series : all) {
    if (series.subject.attempt && !query.job && !may_see(api, call, series.subject.attempt.job)) continue;
    api::MetricsGroup group{.labels = labels_of(*call.snapshot, series)};
    std::int64_t max = series.points.front().max;
    for (auto const& point : series.points) {
      group.at.push_back(point.start);
      group.values.push_back(point.mean() / facts_of(*metric).steps);
      max = std::max(max, point.max);
    }
    group.max = shown(*metric, max);
    answer.groups.push_back(std::move(group));
  }
  return answer;
}

}  // namespace

Result<Telemetry*> telemetry_of(Api const& api) {
  if (api.options.telemetry == nullptr) return fail(ErrorKind::NotFound, "nothing is measured here");
  return api.options.telemetry;
}

std::optional<std::set<std::string>> visible_projects(Call const& call) {
  if (call.caller.sees_all()) return {};
  std::set<std::string> names;
  for (auto const& [id, project] : call.snapshot->access->projects)
    if (call.caller.sees(id)) names.insert(project.name);
  return names;
}

Result<void> query_metrics(Api& api, CallPtr const& call) {
  TRY(Telemetry* const telemetry, telemetry_of(api));
  TRY(auto query, query_of<api::MetricsQuery>(*call));
  Time const now = api.now();
  api::MetricsAnswer answer{.metric = query.metric, .unit = {}, .since = {}, .until = query.until.value_or(now), .step = query.step, .groups = {}};
  answer.since = query.since.value_or(answer.until < first_time + hours(1) ? first_time : answer.until - hours(1));
  TRY_VOID(check(Range{answer.since, answer.until, answer.step}));
  if (query.by == std::vector<std::string>{"series"}) {
    on_searcher(api, call, [&api, query, answer](Call& asked) -> Result<void> {
      TRY(auto found, series_answer(api, asked, query, answer));
      http::answer(asked, found);
      return {};
    });
    return {};
  }
  for (auto const& [field, given] : {std::pair{"gpu", query.gpu.has_value()}, {"slice", query.slice.has_value()}, {"job", query.job.has_value()}})
    if (given) return fail_field(field, "add by=series", "{} is asked for of single things only", field);
  TRY(auto by, dimensions_of(query.by));
  auto const measure = enum_of<Measure>(query.metric);
  if (!measure) {
    auto const near = nearest(query.metric, enum_words<Measure>());
    std::string const single = enum_of<Metric>(query.metric) ? "add by=series: it is of single things" : "";
    return fail_field("metric",
                      !single.empty() ? single
                      : near.empty()  ? fmt::format("one of {}", fmt::join(enum_words<Measure>(), ", "))
                                      : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                      "there is no metric \"{}\"", shortened(query.metric, 60));
  }
  UsageQuestion question{.range = {answer.since, answer.until, answer.step}, .measures = {*measure}, .by = std::move(by), .where = filters_of(query)};
  question.projects = visible_projects(*call);
  on_searcher(api, call, [telemetry, question, measure = *measure, answer, now](Call& asked) -> Result<void> {
    TRY(auto found, usage_answer(*telemetry, question, measure, answer, now));
    http::answer(asked, found);
    return {};
  });
  return {};
}

Result<void> latest_metrics(Api& api, CallPtr const& call) {
  TRY(Telemetry* const telemetry, telemetry_of(api));
  TRY(auto query, query_of<api::LatestQuery>(*call));
  if (query.recent > 60) return fail_field("recent", "at most 60", "{} values are more than are at hand", query.recent);
  std::optional<NodeId> only;
  if (query.node) {
    auto const named = call->snapshot->pool.node_named->find(*query.node);
    if (named == call->snapshot->pool.node_named->end())
      return fail_field("node", "as nav nodes lists them", "there is no node \"{}\"", shortened(*query.node, 60));
    only = named->second;
  }
  on_worker(api, call, [telemetry, only, recent = query.recent, now = api.now()](Call& asked) -> Result<void> {
    api::LatestAnswer out{.at = now, .items = {}};
    Snapshot const& snapshot = *asked.snapshot;
    for (auto const& one : telemetry->latest(only, minutes(1), std::max<std::uint32_t>(1, recent))) {
      Node const* node = snapshot.pool.node(one.node);
      if (node == nullptr || node->state == NodeState::Lost) continue;
      if (one.subject.attempt && !sees_holder(snapshot, one.subject.attempt, asked.caller)) continue;
      api::LatestValues item{.node = node->name, .kind = enum_text(one.subject.kind)};
      if (!one.subject.gpu.empty()) {
        item.uuid = one.subject.gpu;
        item.gpu = index_of(*node, one.subject.gpu);
        if (item.gpu)
          if (AttemptId const holder = holder_of(node->gpus[*item.gpu], one.subject.placement); holder && sees_holder(snapshot, holder, asked.caller))
            item.attempt = holder;
      }
      if (!one.subject.placement.empty()) item.slice = one.subject.placement;
      if (one.subject.attempt) item.attempt = one.subject.attempt;
      for (auto const& [metric, value] : one.values) {
        item.values[enum_text(metric)] = shown(metric, value.last.value);
        if (item.source.empty() || metric == Metric::Activity) item.source = enum_text(value.source);
        item.at = std::max(item.at, value.last.at);
        if (metric == Metric::Activity && recent > 0)
          for (auto const& sample : value.recent) item.activity.push_back(shown(metric, sample.value));
      }
      out.items.push_back(std::move(item));
    }
    http::answer(asked, out);
    return {};
  });
  return {};
}

AttemptId holder_of(Gpu const& gpu, std::string const& placement) {
  if (placement.empty()) return gpu.holder;
  for (auto const& slice : gpu.slices)
    if (gpu.geometry && mig::to_text(gpu.geometry->board(), slice.at) == placement) return slice.holder;
  return {};
}

Result<void> push_samples(Api& api, CallPtr const& call) {
  TRY(Telemetry* const telemetry, telemetry_of(api));
  TRY(auto query, query_of<api::SamplesQuery>(*call));
  // A newer agent may measure what this controller does not know.
  TRY(auto batch, json_read<SampleBatch>(call->request.body, Unknown::Ignore));
  for (auto& readings : batch.readings) std::erase_if(readings.values, [](auto const& column) { return !enum_of<Metric>(column.first); });
  TRY_VOID(check(batch));
  bool const is_sent_now = query.sent && *query.sent >= first_time && *query.sent <= last_time;
  Duration const skew = is_sent_now ? api.now() - *query.sent : Duration{};
  std::uint64_t const number = batch.number;
  telemetry->deliver(call->caller.node, std::move(batch), skew, [call, number](Result<void> done) {
    if (!done) return refuse(*call, done.error());
    answer(*call, api::StoredSamples{.number = number});
  });
  return {};
}

}  // namespace nav::http
