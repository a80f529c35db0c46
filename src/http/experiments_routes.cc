// SPDX-License-Identifier: Apache-2.0
// /v1/experiments and /v1/runs: the same experiments as MLflow sees, in this API's words.
#include "api/experiments.h"
#include "base/text.h"
#include "http/handlers.h"
#include "http/mlflow.h"

namespace nav::http {
namespace {

namespace kept = nav::experiments;

Time time_of(std::int64_t ms) { return Time{ms * 1000}; }

std::string project_name(Call const& call, ProjectId id) {
  auto const found = call.snapshot->access->projects.find(id);
  return found == call.snapshot->access->projects.end() ? to_text(id) : found->second.name;
}

std::map<std::string, std::string> map_of(std::vector<kept::Pair> const& pairs) {
  std::map<std::string, std::string> all;
  for (auto const& one : pairs) all[one.key] = one.value;
  return all;
}

api::Experiment shown_to(Call const& call, kept::Experiment const& one) {
  return {.id = one.id,
          .name = one.name,
          .project = project_name(call, one.project),
          .user = one.made_by,
          .runs = one.runs,
          .made = time_of(one.made_ms),
          .changed = time_of(one.changed_ms),
          .deleted = one.stage == kept::Stage::Deleted,
          .tags = map_of(one.tags)};
}

api::Run shown_to(Call const& call, kept::Run const& one) {
  api::Run run{.id = one.id,
               .name = one.name,
               .experiment = one.experiment,
               .project = project_name(call, one.project),
               .user = one.user,
               .state = same_word<api::RunState>(one.status),
               .started = time_of(one.start_ms),
               .ended = one.end_ms ? std::optional(time_of(*one.end_ms)) : std::nullopt,
               .attempt = one.attempt.number == 0 ? std::nullopt : std::optional(one.attempt),
               .deleted = one.stage == kept::Stage::Deleted,
               .params = map_of(one.params),
               .metrics = {},
               .tags = map_of(one.tags)};
  for (auto const& point : one.metrics) run.metrics[point.key] = mlflow::number_text(point.value);
  return run;
}

struct Part {
  std::size_t limit, offset;
};
Result<Part> part_of(std::uint32_t wanted, std::optional<std::string> const& cursor) {
  TRY(std::size_t const limit, checked_limit(wanted));
  TRY(auto const offset, cursor_of(cursor, 'o'));
  if (offset.value_or(0) > 1'000'000'000) return fail_field("cursor", "give `next` of the page before, unchanged", "there is no such page");
  return Part{limit, static_cast<std::size_t>(offset.value_or(0))};
}

/// A page of what was found, one more than which was looked for.
template <class T, class Item, class Show>
api::Page<T> page(std::vector<Item> const& found, Part const& part, Show show) {
  api::Page<T> out;
  for (auto const& item : found) {
    if (out.items.size() == part.limit) {
      out.next = fmt::format("o{}", part.offset + part.limit);
      break;
    }
    out.items.push_back(show(item));
  }
  return out;
}

/// By number, or by name.
Result<kept::Experiment> experiment_of(mlflow::Desk& desk, std::string const& wanted) {
  auto found = desk.experiment(wanted);
  if (!found && found.error().kind == ErrorKind::NotFound) return desk.experiment_named(wanted);
  return found;
}

using Act = Result<void> (*)(Api&, Call&, mlflow::Desk&);

Result<void> at_desk(Api& api, CallPtr const& call, Act act) {
  if (api.options.experiments == nullptr) return fail(ErrorKind::NotFound, "this installation keeps no experiments");
  on_worker(api, call, [&api, act](Call& asked) {
    mlflow::Desk desk(api, asked, *api.options.experiments);
    return act(api, asked, desk);
  });
  return {};
}

Result<void> answer_experiments(Api&, Call& call, mlflow::Desk& desk) {
  TRY(auto const query, query_of<api::ExperimentsQuery>(call));
  TRY(auto const part, part_of(query.limit, query.cursor));
  kept::ExperimentSearch search{.projects = call.caller.projects, .limit = part.limit + 1, .offset = part.offset};
  if (query.deleted) search.shown = kept::Shown::Deleted;
  if (query.project) {
    TRY(ProjectId const only, desk.project(*query.project));
    search.projects = std::set{only};
  }
  if (query.name) {
    std::string pattern = "%";
    for (char const c : *query.name) pattern += c == '%' ? '_' : c;
    search.filter.push_back({.about = kept::About::Attribute, .key = "name", .comparison = kept::Comparison::LikeAnyCase, .texts = {pattern + "%"}});
  }
  TRY(auto const found, desk.store().experiments(search));
  answer(call, page<api::Experiment>(found, part, [&](auto const& one) { return shown_to(call, one); }));
  return {};
}

Result<void> answer_experiment(Api&, Call& call, mlflow::Desk& desk) {
  TRY(auto const found, experiment_of(desk, call.parameter(0)));
  answer(call, shown_to(call, found));
  return {};
}

Result<void> answer_runs(Api&, Call& call, mlflow::Desk& desk) {
  TRY(auto const query, query_of<api::RunsQuery>(call));
  TRY(auto const part, part_of(query.limit, query.cursor));
  TRY(auto const experiment, experiment_of(desk, call.parameter(0)));
  kept::RunSearch search{.projects = call.caller.projects, .experiments = {experiment.id}, .limit = part.limit + 1, .offset = part.offset};
  if (query.deleted) search.shown = kept::Shown::Deleted;
  TRY(search.filter, kept::parse_filter(query.filter.value_or(""), kept::Subject::Runs));
  if (query.order) {
    auto order = kept::parse_order(*query.order, kept::Subject::Runs);
    if (!order) return fail_field("order", order.error().hint, "{}", order.error().message);
    search.order.push_back(std::move(*order));
  }
  TRY(auto found, desk.store().runs(search));
  for (auto& run : found) TRY_VOID(desk.settle(run));
  answer(call, page<api::Run>(found, part, [&](auto const& one) { return shown_to(call, one); }));
  return {};
}

Result<void> answer_run(Api&, Call& call, mlflow::Desk& desk) {
  TRY(auto const found, desk.run(call.parameter(0)));
  answer(call, shown_to(call, found));
  return {};
}

Result<void> answer_points(Api&, Call& call, mlflow::Desk& desk) {
  TRY(auto const query, query_of<api::PointsQuery>(call));
  TRY(auto const part, part_of(query.limit, query.cursor));
  TRY(auto const run, desk.run(call.parameter(0)));
  TRY(auto const found, desk.store().history(run.id, query.metric, part.limit + 1, part.offset));
  answer(call, page<api::Point>(found, part, [](auto const& one) {
           return api::Point{.value = mlflow::number_text(one.value), .step = one.step, .at = time_of(one.at_ms)};
         }));
  return {};
}

}  // namespace

Result<void> list_experiments(Api& api, CallPtr const& call) { return at_desk(api, call, answer_experiments); }
Result<void> get_experiment(Api& api, CallPtr const& call) { return at_desk(api, call, answer_experiment); }
Result<void> list_runs(Api& api, CallPtr const& call) { return at_desk(api, call, answer_runs); }
Result<void> get_run(Api& api, CallPtr const& call) { return at_desk(api, call, answer_run); }
Result<void> list_points(Api& api, CallPtr const& call) { return at_desk(api, call, answer_points); }

}  // namespace nav::http
