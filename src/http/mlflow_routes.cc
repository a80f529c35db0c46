// SPDX-License-Identifier: Apache-2.0
// /api/2.0/mlflow: one table of MLflow's methods behind two routes.
#include <algorithm>
#include <random>

#include "base/text.h"
#include "http/early_stopping.h"
#include "http/handlers.h"
#include "http/mlflow.h"
#include "http/mlflow_wire.h"

namespace nav::http {
namespace mlflow {

using namespace experiments;

namespace {

constexpr std::size_t most_in_a_batch = 1'000, longest_key = 250, longest_value = 8'000;
constexpr std::int64_t most_in_a_page = 50'000;
/// What an answer without a limit holds.
constexpr std::int64_t usual_page = 1'000, usual_history = 25'000;

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

/// 32 hexadecimal digits that no attempt's run has: those begin with zeros.
std::string fresh_run() {
  static thread_local std::random_device source;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", source() | 0x10000000u, source(), source(), source());
}

Result<void> check_pairs(std::vector<Pair> const& pairs, std::string const& field) {
  if (pairs.size() > most_in_a_batch) return fail_field(field, fmt::format("at most {}", most_in_a_batch), "there are {} {}", pairs.size(), field);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].key.empty() || pairs[i].key.size() > longest_key)
      return fail_field(fmt::format("{}[{}].key", field, i), fmt::format("1 to {} bytes", longest_key), "the key has {} bytes", pairs[i].key.size());
    if (pairs[i].value.size() > longest_value)
      return fail_field(fmt::format("{}[{}].value", field, i), fmt::format("at most {} bytes", longest_value), "the value has {} bytes", pairs[i].value.size());
  }
  return {};
}

/// Milliseconds that a calendar has a year of four digits for.
Result<void> check_moment(std::int64_t ms, std::string const& field) {
  constexpr std::int64_t last = 253'402'300'799'999;
  if (ms >= 0 && ms <= last) return {};
  return fail_field(field, "milliseconds since 1970", "{} is no moment", ms);
}

Result<std::vector<Point>> points_of(std::vector<WireMetric> const& metrics) {
  if (metrics.size() > most_in_a_batch) return fail_field("metrics", fmt::format("at most {}", most_in_a_batch), "there are {} metrics", metrics.size());
  std::vector<Point> points;
  points.reserve(metrics.size());
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    auto const& one = metrics[i];
    if (one.key.empty() || one.key.size() > longest_key)
      return fail_field(fmt::format("metrics[{}].key", i), fmt::format("1 to {} bytes", longest_key), "the key has {} bytes", one.key.size());
    TRY_VOID(check_moment(one.timestamp, fmt::format("metrics[{}].timestamp", i)));
    TRY(double const value, read_number_text(one.value, fmt::format("metrics[{}].value", i)));
    points.push_back({one.key, value, one.timestamp, one.step});
  }
  return points;
}

Result<Shown> shown_of(std::string const& view) {
  if (view.empty() || view == "ACTIVE_ONLY") return Shown::Active;
  if (view == "DELETED_ONLY") return Shown::Deleted;
  if (view == "ALL") return Shown::All;
  return fail_field("view_type", "ACTIVE_ONLY, DELETED_ONLY or ALL", "\"{}\" is no view", shortened(view, 40));
}

struct Part {
  std::size_t limit = 0, offset = 0;
};
Result<Part> part_of(Asked const& asked, std::int64_t usual) {
  std::int64_t const limit = asked.max_results.value_or(usual);
  if (limit < 1 || limit > most_in_a_page) return fail_field("max_results", fmt::format("1 to {}", most_in_a_page), "max_results is {}", limit);
  TRY(auto const offset, cursor_of(asked.page_token.empty() ? std::nullopt : std::optional(asked.page_token), 'o'));
  if (offset.value_or(0) > 1'000'000'000) return fail_field("page_token", "give next_page_token of the page before", "there is no such page");
  return Part{static_cast<std::size_t>(limit), static_cast<std::size_t>(offset.value_or(0))};
}

/// One more was looked for than is shown: that it is there says that the list goes on.
template <class T>
std::string next_of(std::vector<T>& found, Part const& part) {
  if (found.size() <= part.limit) return "";
  found.resize(part.limit);
  return fmt::format(R"(,"next_page_token":"o{}")", part.offset + part.limit);
}

template <class T>
std::string list_of(std::vector<T> const& found) {
  std::string out = "[";
  for (auto const& one : found) out += (out.size() > 1 ? "," : "") + json_write(wire(one));
  return out + "]";
}

Result<std::vector<Order>> orders_of(std::vector<std::string> const& texts, experiments::Subject subject) {
  std::vector<Order> orders;
  if (texts.size() > 10) return fail_field("order_by", "at most 10", "there are {} orders", texts.size());
  for (auto const& text : texts) {
    TRY(auto order, parse_order(text, subject));
    orders.push_back(std::move(order));
  }
  return orders;
}

// ---- experiments

Result<std::string> create_experiment(Desk& desk, Asked const& asked) {
  TRY_VOID(check_pairs(asked.tags, "tags"));
  TRY(auto const id, desk.make_experiment(asked.name, asked.tags));
  TRY(auto const made, desk.store().experiment(id));
  TRY_VOID(desk.chose(made));
  return fmt::format(R"({{"experiment_id":"{}"}})", id);
}

Result<std::string> get_experiment(Desk& desk, Asked const& asked) {
  TRY(auto const found, desk.experiment(asked.experiment_id));
  return fmt::format(R"({{"experiment":{}}})", json_write(wire(found)));
}

Result<std::string> get_experiment_by_name(Desk& desk, Asked const& asked) {
  TRY(auto const found, desk.experiment_named(asked.experiment_name));
  TRY_VOID(desk.chose(found));
  return fmt::format(R"({{"experiment":{}}})", json_write(wire(found)));
}

Result<std::string> search_experiments(Desk& desk, Asked const& asked) {
  TRY(auto const part, part_of(asked, usual_page));
  ExperimentSearch search{.projects = desk.call().caller.projects, .limit = part.limit + 1, .offset = part.offset};
  TRY(search.shown, shown_of(asked.view_type));
  TRY(search.filter, parse_filter(asked.filter, experiments::Subject::Experiments));
  TRY(search.order, orders_of(asked.order_by, experiments::Subject::Experiments));
  TRY(auto found, desk.store().experiments(search));
  std::string const next = next_of(found, part);
  return fmt::format(R"({{"experiments":{}{}}})", list_of(found), next);
}

Result<std::string> change_experiment(Desk& desk, std::string const& id, ExperimentChange const& change) {
  TRY_VOID(desk.may_change());
  TRY(auto const found, desk.experiment(id));
  TRY_VOID(desk.store().change_experiment(found.id, change, desk.now_ms()));
  return "{}";
}

Result<std::string> update_experiment(Desk& desk, Asked const& asked) {
  if (asked.new_name.empty() || asked.new_name.size() > 500)
    return fail_field("new_name", "1 to 500 characters", "the name has {} characters", asked.new_name.size());
  return change_experiment(desk, asked.experiment_id, {.name = asked.new_name});
}
Result<std::string> delete_experiment(Desk& desk, Asked const& asked) { return change_experiment(desk, asked.experiment_id, {.stage = Stage::Deleted}); }
Result<std::string> restore_experiment(Desk& desk, Asked const& asked) { return change_experiment(desk, asked.experiment_id, {.stage = Stage::Active}); }

Result<std::string> text_value(Asked const& asked) {
  if (!asked.value) return fail_field("value", "give it a value", "value is missing");
  TRY(auto const document, json::Document::parse(asked.value->text));
  if (document.root().kind() != json::Node::Kind::String) return asked.value->text;  // a number, written as it came
  return std::string(document.root().as_string());
}

Result<Pair> pair_of(Asked const& asked, std::string const& field) {
  TRY(auto value, text_value(asked));
  Pair pair{asked.key, std::move(value)};
  TRY_VOID(check_pairs({pair}, field));
  return pair;
}

Result<std::string> set_experiment_tag(Desk& desk, Asked const& asked) {
  TRY(auto pair, pair_of(asked, "tags"));
  return change_experiment(desk, asked.experiment_id, {.tags = {std::move(pair)}});
}
Result<std::string> delete_experiment_tag(Desk& desk, Asked const& asked) {
  return change_experiment(desk, asked.experiment_id, {.removed_tags = {asked.key}});
}

// ---- runs

Result<std::string> create_run(Desk& desk, Asked const& asked) {
  TRY_VOID(desk.may_change());
  TRY_VOID(check_pairs(asked.tags, "tags"));
  TRY_VOID(check_moment(asked.start_time.value_or(0), "start_time"));
  TRY(auto const experiment, desk.experiment(asked.experiment_id.empty() ? "0" : asked.experiment_id));
  if (experiment.stage == Stage::Deleted) return fail_field("experiment_id", "restore it, or take another", "the experiment {} is deleted", experiment.id);
  Run run{.id = fresh_run(),
          .experiment = experiment.id,
          .name = asked.run_name,
          .user = desk.user(),
          .start_ms = asked.start_time.value_or(desk.now_ms()),
          .attempt = desk.call().caller.attempt,
          .tags = asked.tags};
  for (auto const& tag : run.tags)
    if (run.name.empty() && tag.key == "mlflow.runName") run.name = tag.value;
  if (run.name.empty()) run.name = "run-" + run.id.substr(0, 8);
  if (run.name.size() > longest_value) return fail_field("run_name", "a shorter one", "the name has {} bytes", run.name.size());
  bool const named = std::any_of(run.tags.begin(), run.tags.end(), [](Pair const& tag) { return tag.key == "mlflow.runName"; });
  if (!named) run.tags.push_back({"mlflow.runName", run.name});
  if (run.attempt.number != 0) run.tags.push_back({"nav.job", to_text(run.attempt.job)}), run.tags.push_back({"nav.attempt", to_text(run.attempt)});
  TRY_VOID(desk.store().make_run(run));
  TRY(auto const made, desk.store().run(run.id));
  return fmt::format(R"({{"run":{}}})", json_write(wire(made)));
}

Result<std::string> get_run(Desk& desk, Asked const& asked) {
  TRY(auto const found, desk.run(asked.run()));
  return fmt::format(R"({{"run":{}}})", json_write(wire(found)));
}

/// The run, if the caller may write to it.
Result<Run> own_run(Desk& desk, Asked const& asked) {
  TRY_VOID(desk.may_change());
  return desk.run(asked.run());
}

Result<std::string> update_run(Desk& desk, Asked const& asked) {
  TRY(auto const found, own_run(desk, asked));
  TRY_VOID(check_moment(asked.end_time.value_or(0), "end_time"));
  RunChange change{.end_ms = asked.end_time};
  if (!asked.run_name.empty()) change.name = asked.run_name;
  if (!asked.status.empty()) {
    for (auto const& word : enum_words<RunStatus>())
      if (upper(word) == asked.status) change.status = enum_of<RunStatus>(word);
    if (!change.status) return fail_field("status", "RUNNING, SCHEDULED, FINISHED, FAILED or KILLED", "\"{}\" is no status", shortened(asked.status, 40));
  }
  TRY_VOID(desk.store().change_run(found.id, change));
  if (change.name) TRY_VOID(desk.store().log(found.id, {.tags = {{"mlflow.runName", *change.name}}}));
  TRY(auto const now, desk.store().run(found.id));
  return fmt::format(R"({{"run_info":{}}})", json_write(wire(now).info));
}

Result<std::string> stage_run(Desk& desk, Asked const& asked, Stage stage) {
  TRY(auto const found, own_run(desk, asked));
  TRY_VOID(desk.store().change_run(found.id, {.stage = stage}));
  return "{}";
}
Result<std::string> delete_run(Desk& desk, Asked const& asked) { return stage_run(desk, asked, Stage::Deleted); }
Result<std::string> restore_run(Desk& desk, Asked const& asked) { return stage_run(desk, asked, Stage::Active); }

Result<std::string> search_runs(Desk& desk, Asked const& asked) {
  TRY(auto const part, part_of(asked, usual_page));
  RunSearch search{.projects = desk.call().caller.projects, .limit = part.limit + 1, .offset = part.offset};
  TRY(search.shown, shown_of(asked.run_view_type));
  TRY(search.filter, parse_filter(asked.filter, experiments::Subject::Runs));
  TRY(search.order, orders_of(asked.order_by, experiments::Subject::Runs));
  for (auto const& id : asked.experiment_ids) {
    auto const experiment = desk.experiment(id);
    if (experiment) search.experiments.push_back(experiment->id);
    else if (experiment.error().kind != ErrorKind::NotFound) return Unexpected(experiment.error());
  }
  TRY(auto found, desk.store().runs(search));
  std::string const next = next_of(found, part);
  for (auto& run : found) TRY_VOID(desk.settle(run));
  return fmt::format(R"({{"runs":{}{}}})", list_of(found), next);
}

Result<std::string> log_to(Desk& desk, Asked const& asked, Batch const& batch) {
  TRY(auto const found, own_run(desk, asked));
  if (found.stage == Stage::Deleted) return fail_field("run_id", "restore it first", "the run {} is deleted", found.id);
  TRY_VOID(desk.store().log(found.id, batch));
  compare_with_others(desk.api(), desk.call(), desk.store(), found, batch.metrics);
  return "{}";
}

Result<std::string> log_metric(Desk& desk, Asked const& asked) {
  if (!asked.value) return fail_field("value", "a number", "value is missing");
  TRY(auto points, points_of({{asked.key, *asked.value, asked.timestamp.value_or(desk.now_ms()), asked.step.value_or(0)}}));
  return log_to(desk, asked, {.metrics = std::move(points)});
}
Result<std::string> log_parameter(Desk& desk, Asked const& asked) {
  TRY(auto pair, pair_of(asked, "params"));
  return log_to(desk, asked, {.params = {std::move(pair)}});
}
Result<std::string> set_tag(Desk& desk, Asked const& asked) {
  TRY(auto pair, pair_of(asked, "tags"));
  if (pair.key == "mlflow.runName") {
    TRY(auto const found, own_run(desk, asked));
    TRY_VOID(desk.store().change_run(found.id, {.name = pair.value}));
  }
  return log_to(desk, asked, {.tags = {std::move(pair)}});
}
Result<std::string> delete_tag(Desk& desk, Asked const& asked) { return log_to(desk, asked, {.removed_tags = {asked.key}}); }
Result<std::string> log_batch(Desk& desk, Asked const& asked) {
  TRY_VOID(check_pairs(asked.params, "params"));
  TRY_VOID(check_pairs(asked.tags, "tags"));
  TRY(auto points, points_of(asked.metrics));
  return log_to(desk, asked, {.metrics = std::move(points), .params = asked.params, .tags = asked.tags});
}
/// Data sets and models are noted by MLflow's client in passing; what it needs is that nobody objects.
Result<std::string> log_in_passing(Desk& desk, Asked const& asked) {
  TRY_VOID(own_run(desk, asked));
  return "{}";
}

Result<std::string> get_history(Desk& desk, Asked const& asked) {
  TRY(auto const run, desk.run(asked.run()));
  TRY(auto const part, part_of(asked, usual_history));
  TRY(auto found, desk.store().history(run.id, asked.metric_key, part.limit + 1, part.offset));
  std::string const next = next_of(found, part);
  return fmt::format(R"({{"metrics":{}{}}})", list_of(found), next);
}

Result<std::string> list_artifacts(Desk& desk, Asked const& asked) {
  TRY(auto const run, desk.run(asked.run()));
  return fmt::format(R"({{"root_uri":"mlflow-artifacts:/{}/artifacts"}})", run.id);
}

/// MLflow 3 looks for models among a run's files. None were kept.
Result<std::string> search_models(Desk&, Asked const&) { return R"({"models":[]})"; }

struct Method {
  std::string_view verb, noun, name;
  Result<std::string> (*act)(Desk&, Asked const&);
};
constexpr Method methods[] = {
    {"POST", "experiments", "create", create_experiment},
    {"GET", "experiments", "get", get_experiment},
    {"GET", "experiments", "get-by-name", get_experiment_by_name},
    {"POST", "experiments", "search", search_experiments},
    {"GET", "experiments", "search", search_experiments},
    {"POST", "experiments", "update", update_experiment},
    {"POST", "experiments", "delete", delete_experiment},
    {"POST", "experiments", "restore", restore_experiment},
    {"POST", "experiments", "set-experiment-tag", set_experiment_tag},
    {"POST", "experiments", "delete-experiment-tag", delete_experiment_tag},
    {"POST", "runs", "create", create_run},
    {"GET", "runs", "get", get_run},
    {"POST", "runs", "update", update_run},
    {"POST", "runs", "delete", delete_run},
    {"POST", "runs", "restore", restore_run},
    {"POST", "runs", "search", search_runs},
    {"POST", "runs", "log-metric", log_metric},
    {"POST", "runs", "log-parameter", log_parameter},
    {"POST", "runs", "set-tag", set_tag},
    {"POST", "runs", "delete-tag", delete_tag},
    {"POST", "runs", "log-batch", log_batch},
    {"POST", "runs", "log-inputs", log_in_passing},
    {"POST", "runs", "log-model", log_in_passing},
    {"POST", "logged-models", "search", search_models},
    {"GET", "metrics", "get-history", get_history},
    {"GET", "artifacts", "list", list_artifacts},
};

/// A GET's fields stand in its query.
Result<Asked> asked_in_query(Request const& request) {
  Asked asked;
  Result<void> wrong;
  boost::mp11::mp_for_each<boost::describe::describe_members<Asked, boost::describe::mod_public>>([&](auto d) {
    std::string const* const text = request.parameter(d.name);
    if (text == nullptr) return;
    using Field = std::remove_cvref_t<decltype(asked.*d.pointer)>;
    if constexpr (std::same_as<Field, std::string>) asked.*d.pointer = *text;
    if constexpr (std::same_as<Field, std::optional<std::int64_t>>) {
      std::uint64_t number = 0;
      if (read_number(*text, number) && number < (1ull << 62)) asked.*d.pointer = static_cast<std::int64_t>(number);
      else wrong = fail_field(d.name, "a whole number", "\"{}\" is no number", shortened(*text, 40));
    }
    if constexpr (std::same_as<Field, std::vector<std::string>>) asked.*d.pointer = request.query.at(d.name);
  });
  if (!wrong) return Unexpected(wrong.error());
  return asked;
}

}  // namespace

WireExperiment wire(Experiment const& one) {
  return {.experiment_id = fmt::format("{}", one.id),
          .name = one.name,
          .artifact_location = fmt::format("mlflow-artifacts:/{}", one.id),
          .lifecycle_stage = enum_text(one.stage),
          .last_update_time = one.changed_ms,
          .creation_time = one.made_ms,
          .tags = one.tags};
}

WireMetric wire(Point const& one) { return {.key = one.key, .value = number_text(one.value), .timestamp = one.at_ms, .step = one.step}; }

WireRun wire(Run const& one) {
  WireRun out{.info = {.run_id = one.id,
                       .run_uuid = one.id,
                       .run_name = one.name,
                       .experiment_id = fmt::format("{}", one.experiment),
                       .user_id = one.user,
                       .status = upper(enum_text(one.status)),
                       .start_time = one.start_ms,
                       .end_time = one.end_ms,
                       .artifact_uri = fmt::format("mlflow-artifacts:/{}/artifacts", one.id),
                       .lifecycle_stage = enum_text(one.stage)},
              .data = {.metrics = {}, .params = one.params, .tags = one.tags}};
  for (auto const& point : one.metrics) out.data.metrics.push_back(wire(point));
  return out;
}

}  // namespace mlflow

Result<void> call_mlflow(Api& api, CallPtr const& call) {
  std::string const &noun = call->parameter(0), &name = call->parameter(1);
  std::string_view const verb = call->route->method;
  auto const* const found = std::find_if(std::begin(mlflow::methods), std::end(mlflow::methods),
                                         [&](mlflow::Method const& one) { return one.verb == verb && one.noun == noun && one.name == name; });
  if (found == std::end(mlflow::methods) || api.options.experiments == nullptr)
    return Unexpected(Error{ErrorKind::NotFound,
                            fmt::format("there is no {} {}/{} of MLflow's here", verb, shortened(noun, 40), shortened(name, 40)),
                            "what there is: docs/experiments.md",
                            {}});
  on_worker(api, call, [&api, act = found->act](Call& asked_call) -> Result<void> {
    mlflow::Asked asked;
    if (asked_call.route->method == "GET") {
      TRY(asked, mlflow::asked_in_query(asked_call.request));
    } else {
      TRY(asked, json_read<mlflow::Asked>(asked_call.request.body.empty() ? "{}" : asked_call.request.body, Unknown::Ignore));
    }
    mlflow::Desk desk(api, asked_call, *api.options.experiments);
    TRY(auto body, act(desk, asked));
    answer_json(asked_call, std::move(body));
    return {};
  });
  return {};
}

}  // namespace nav::http
