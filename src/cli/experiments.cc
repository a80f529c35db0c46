// SPDX-License-Identifier: Apache-2.0
// nav experiments list|show|best|compare
#include "api/experiments.h"

#include <algorithm>
#include <memory>
#include <set>

#include "api/page.h"
#include "api/query.h"
#include "cli/access_text.h"
#include "cli/commands.h"

namespace nav::cli {

namespace {

struct ExperimentOptions {
  std::string experiment, metric;
  std::string project, name, filter, order;
  std::vector<std::string> runs;
  std::uint32_t limit = 100;
  bool least = false;
  bool json = false;
};

/// A number as short as it can be read back, a text without its quotes.
std::string value_text(Json const& value) {
  std::string text = value.text;
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

std::string pairs_text(std::map<std::string, std::string> const& pairs) {
  std::string out;
  for (auto const& [key, value] : pairs) out += fmt::format("{}{}={}", out.empty() ? "" : " ", printable(key), printable(value));
  return out;
}

std::string metrics_text(api::Run const& run) {
  std::map<std::string, std::string> values;
  for (auto const& [key, value] : run.metrics) values[key] = value_text(value);
  return pairs_text(values);
}

std::string tag_of(api::Run const& run, std::string const& key) {
  auto const found = run.tags.find(key);
  return found == run.tags.end() ? "" : found->second;
}

Cell run_state_cell(api::Run const& run) {
  Paint const paint = run.state == api::RunState::Finished ? Paint::Good : run.state == api::RunState::Failed ? Paint::Bad : Paint::Plain;
  return Cell(enum_text(run.state), paint);
}

Result<int> list_experiments(Context& nav, ExperimentOptions const& asked) {
  api::ExperimentsQuery query{.project = given(asked.project), .name = given(asked.name), .limit = asked.limit, .cursor = {}};
  TRY(auto const body, nav.server->call({api::Operation::ListExperiments, {}, api::query_text(query)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const page, Server::read<api::Page<api::Experiment>>(body));
  Table table(
      {{"NUMBER", Fit::Keep, Align::Right}, {"NAME", Fit::Shrink}, {"PROJECT", Fit::Shrink}, {"RUNS", Fit::Keep, Align::Right}, {"MADE"}, {"BY", Fit::Shrink}});
  for (auto const& one : page.items)
    table.add({fmt::format("{}", one.id), Cell(printable(one.name), Paint::Strong), one.project, fmt::format("{}", one.runs), clock_text(one.made), one.user});
  nav.print(table.text(nav.terminal));
  if (page.next) nav.print_error("There are more: --limit shows up to 1000.\n");
  return 0;
}

Result<int> show_runs(Context& nav, ExperimentOptions const& asked) {
  api::RunsQuery query{.filter = given(asked.filter), .order = given(asked.order), .limit = asked.limit, .cursor = {}};
  if (!asked.metric.empty()) {
    query.order = fmt::format("metrics.`{}` {}", asked.metric, asked.least ? "ASC" : "DESC");
    // What never logged the metric is no candidate.
    std::string const has = fmt::format("metrics.`{}` <= 1e308", asked.metric);
    query.filter = query.filter ? *query.filter + " AND " + has : has;
  }
  TRY(auto const body, nav.server->call({api::Operation::ListRuns, {asked.experiment}, api::query_text(query)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const page, Server::read<api::Page<api::Run>>(body));
  if (page.items.empty() && !asked.metric.empty())
    return Unexpected(Error{
        ErrorKind::NotFound, fmt::format("no run of {} has the metric {}", asked.experiment, asked.metric), "nav experiments show lists what they have", {}});
  Table table({{"RUN"},
               {"NAME", Fit::Shrink},
               {"STATE"},
               {"STARTED"},
               {"JOB", Fit::Optional},
               {"ON", Fit::Optional},
               {"METRICS", Fit::Shrink},
               {"PARAMETERS", Fit::Shrink}});
  for (auto const& run : page.items)
    table.add({run.id, Cell(printable(run.name), Paint::Strong), run_state_cell(run), clock_text(run.started), run.attempt ? to_text(run.attempt->job) : "",
               tag_of(run, "nav.on"), metrics_text(run), pairs_text(run.params)});
  nav.print(table.text(nav.terminal));
  if (page.next && asked.metric.empty()) nav.print_error("There are more: --limit shows up to 1000.\n");
  return 0;
}

/// One row a name, one column a run.
void add_rows(Table& table, std::vector<api::Run> const& runs, std::string const& kind, auto const& value_of, auto const& names_of) {
  std::set<std::string> names;
  for (auto const& run : runs)
    for (auto const& one : names_of(run)) names.insert(one.first);
  for (auto const& name : names) {
    std::vector<Cell> row{kind, printable(name)};
    std::set<std::string> values;
    for (auto const& run : runs) values.insert(value_of(run, name));
    // What is not the same in all of them is what a comparison is for.
    for (auto const& run : runs) row.emplace_back(printable(value_of(run, name)), values.size() > 1 ? Paint::Strong : Paint::Dim);
    table.add(std::move(row));
  }
}

Result<int> compare_runs(Context& nav, ExperimentOptions const& asked) {
  std::vector<api::Run> runs;
  std::string bodies;
  for (auto const& id : asked.runs) {
    TRY(auto const body, nav.server->call({api::Operation::GetRun, {id}}));
    bodies += (bodies.empty() ? "" : ",") + body;
    TRY(auto run, Server::read<api::Run>(body));
    runs.push_back(std::move(run));
  }
  if (asked.json) return nav.print(json_line(fmt::format(R"({{"items":[{}]}})", bodies))), 0;
  std::vector<Column> columns{{""}, {"", Fit::Shrink}};
  for (auto const& run : runs) columns.push_back({printable(run.name), Fit::Shrink});
  Table table(std::move(columns));
  auto const fact = [&](char const* name, auto const& of) {
    std::vector<Cell> row{"", name};
    for (auto const& run : runs) row.emplace_back(of(run));
    table.add(std::move(row));
  };
  fact("state", [](api::Run const& run) { return enum_text(run.state); });
  fact("job", [](api::Run const& run) { return run.attempt ? to_text(*run.attempt) : std::string(); });
  fact("on", [](api::Run const& run) { return tag_of(run, "nav.on"); });
  fact("commit", [](api::Run const& run) { return tag_of(run, "mlflow.source.git.commit").substr(0, 12); });
  auto const found_in = [](auto const& all, std::string const& name) { return all.contains(name) ? all.at(name) : std::string(); };
  add_rows(
      table, runs, "parameter", [&](api::Run const& run, std::string const& name) { return found_in(run.params, name); },
      [](api::Run const& run) { return run.params; });
  add_rows(
      table, runs, "metric",
      [](api::Run const& run, std::string const& name) { return run.metrics.contains(name) ? value_text(run.metrics.at(name)) : std::string(); },
      [](api::Run const& run) { return run.metrics; });
  nav.print(table.text(nav.terminal));
  return 0;
}

using RunExperiments = Result<int> (*)(Context&, ExperimentOptions const&);

Command verb(std::string name, std::string summary, std::shared_ptr<ExperimentOptions> const& asked, RunExperiments run) {
  Command command(std::move(name), std::move(summary));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked, run](Context& nav) { return run(nav, *asked); });
  return command;
}

Command list_verb() {
  auto asked = std::make_shared<ExperimentOptions>();
  Command command = verb("list", "List experiments, new to old", asked, list_experiments);
  command.option("--project P", "only of this project", into(asked->project), Names::Project);
  command.option("--name TEXT", "only those with this in their name", into(asked->name));
  command.option("-n, --limit N", "at most so many (100)", into(asked->limit));
  return command;
}

Command show_verb() {
  auto asked = std::make_shared<ExperimentOptions>();
  Command command = verb("show", "Show the runs of an experiment, new to old", asked, show_runs);
  command.argument("EXPERIMENT", "name or number of an experiment", into(asked->experiment));
  command.option("--filter F", "only those it holds for, in MLflow's language", into(asked->filter));
  command.option("--order O", "metrics.accuracy DESC, params.lr, attributes.start_time", into(asked->order));
  command.option("-n, --limit N", "at most so many (100)", into(asked->limit));
  command.example("Those that came far", "nav experiments show digits --filter \"metrics.accuracy > 0.9 AND params.model = 'tree'\"");
  return command;
}

Command best_verb() {
  auto asked = std::make_shared<ExperimentOptions>();
  asked->limit = 1;
  Command command = verb("best", "Show the run of an experiment with the highest last value of a metric", asked, show_runs);
  command.argument("EXPERIMENT", "name or number of an experiment", into(asked->experiment));
  command.option("--metric M!", "which", into(asked->metric));
  command.option("--least", "the lowest is the best, as with a loss", into_switch(asked->least));
  command.option("--filter F", "only among those it holds for, in MLflow's language", into(asked->filter));
  command.option("-n, --limit N", "so many of the best (1)", into(asked->limit));
  command.example("The three with the least loss", "nav experiments best digits --metric loss --least -n 3");
  return command;
}

Command compare_verb() {
  auto asked = std::make_shared<ExperimentOptions>();
  Command command = verb("compare", "Show runs side by side: parameters, metrics, on what they ran", asked, compare_runs);
  command.argument("RUN...!", "ids of runs, as nav experiments show prints them", into(asked->runs));
  return command;
}

}  // namespace

Command experiments_command() {
  Command command("experiments", "Look at what was tried, and what came of it");
  command.about(
      "A script that logs with MLflow needs no change to log here: inside a job MLFLOW_TRACKING_URI, its token and the job's own run are set. Elsewhere set "
      "MLFLOW_TRACKING_URI to the server's address and MLFLOW_TRACKING_TOKEN to a token.");
  command.add(list_verb());
  command.add(show_verb());
  command.add(best_verb());
  command.add(compare_verb());
  return command;
}

}  // namespace nav::cli
