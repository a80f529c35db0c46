// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "core/job_request.h"
#include "http/mlflow.h"
#include "http/shown.h"
#include "http/submission.h"

namespace nav::http::mlflow {

using namespace experiments;

namespace {

constexpr char usual_name[] = "Default";

/// What a run's tag says may be as long as this.
constexpr std::size_t longest_tag = 8'000;

std::string_view error_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidArgument:
    case ErrorKind::TooLarge: return "INVALID_PARAMETER_VALUE";
    case ErrorKind::Unauthenticated: return "UNAUTHENTICATED";
    case ErrorKind::Forbidden: return "PERMISSION_DENIED";
    case ErrorKind::NotFound: return "RESOURCE_DOES_NOT_EXIST";
    case ErrorKind::Conflict: return "RESOURCE_ALREADY_EXISTS";
    case ErrorKind::PreconditionFailed: return "INVALID_STATE";
    case ErrorKind::TooMany: return "REQUEST_LIMIT_EXCEEDED";
    case ErrorKind::Unsupported: return "NOT_IMPLEMENTED";
    case ErrorKind::Unavailable:
    case ErrorKind::Timeout: return "TEMPORARILY_UNAVAILABLE";
    case ErrorKind::StorageFull:
    case ErrorKind::Internal: return "INTERNAL_ERROR";
  }
  return "INTERNAL_ERROR";
}

RunStatus status_after(std::string const& job_state) {
  if (job_state == "succeeded") return RunStatus::Finished;
  return job_state == "cancelled" ? RunStatus::Killed : RunStatus::Failed;
}

}  // namespace

Response error_answer(Error const& error) {
  Response response = error_response(error);
  std::string words = error.message;
  if (!error.hint.empty()) words += " (" + error.hint + ")";
  std::string own;
  json::write_string(own, words);
  response.body = fmt::format(R"({{"error_code":"{}","message":{},{})", error_code(error.kind), own, response.body.substr(1));
  return response;
}

Json number_text(double value) {
  if (std::isnan(value)) return Json{R"("NaN")"};
  if (std::isinf(value)) return Json{value > 0 ? R"("Infinity")" : R"("-Infinity")"};
  return Json{json_write(value)};
}

Result<double> read_number_text(Json const& json, std::string const& field) {
  std::string_view text = json.text;
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity" || text == "-Infinity") return (text[0] == '-' ? -1 : 1) * std::numeric_limits<double>::infinity();
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value)) return value;
  return fail_field(field, "a number, \"NaN\", \"Infinity\" or \"-Infinity\"", "{} is no number", shortened(json.text, 60));
}

std::string Desk::user() const { return user_name(*call_.snapshot->access, call_.caller.user); }

Result<void> Desk::may_change() const {
  if (includes(call_.caller.role, Role::Member)) return {};
  return Unexpected(Error{ErrorKind::Forbidden, "a viewer may look at experiments, and not change them", "ask an admin", {}});
}

Result<ProjectId> Desk::project(std::string const& name) const {
  TRY(Project const* found, project_for(call_, name));
  return found->id;
}

Result<Experiment> Desk::usual_experiment() {
  TRY(ProjectId const mine, project(""));
  TRY(auto known, store_.experiment_named(mine, usual_name));
  if (known) return std::move(*known);
  auto const made = store_.make_experiment({.project = mine, .name = usual_name, .made_by = user(), .made_ms = now_ms()});
  if (!made && made.error().kind != ErrorKind::Conflict) return Unexpected(made.error());
  TRY(known, store_.experiment_named(mine, usual_name));
  if (!known) return fail(ErrorKind::Internal, "the experiment {} went away again", usual_name);
  return std::move(*known);
}

Result<Experiment> Desk::experiment(std::string const& id) {
  if (id == "0") return usual_experiment();
  std::uint64_t number = 0;
  auto const unknown = [&] { return fail(ErrorKind::NotFound, "there is no experiment {}", shortened(id, 60)); };
  if (id.empty() || id[0] == '+' || !read_number(id, number) || number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return unknown();
  TRY(auto found, store_.experiment(number));
  if (!call_.caller.sees(found.project)) return unknown();
  return found;
}

Result<Experiment> Desk::experiment_named(std::string const& name) {
  auto const mine = project("");
  if (mine) {
    TRY(auto known, store_.experiment_named(*mine, name));
    if (known) return std::move(*known);
  }
  ExperimentSearch search{.projects = call_.caller.projects, .shown = Shown::All, .limit = 1};
  search.filter.push_back({.about = About::Attribute, .key = "name", .comparison = Comparison::Equal, .texts = {name}});
  TRY(auto const others, store_.experiments(search));
  if (others.empty()) return fail(ErrorKind::NotFound, "there is no experiment \"{}\" of yours", shortened(name, 100));
  return others.front();
}

Result<std::uint64_t> Desk::make_experiment(std::string const& name, std::vector<Pair> const& tags) {
  TRY_VOID(may_change());
  if (name.empty() || name.size() > 500) return fail_field("name", "1 to 500 characters", "the name has {} characters", name.size());
  std::string wanted;
  for (auto const& tag : tags)
    if (tag.key == "nav.project") wanted = tag.value;
  TRY(ProjectId const whose, project(wanted));
  return store_.make_experiment({.project = whose, .name = name, .made_by = user(), .made_ms = now_ms(), .tags = tags});
}

/// A run with what is known of its job before it says anything itself.
Result<void> Desk::make_own_run(std::uint64_t experiment) {
  AttemptId const attempt = call_.caller.attempt;
  Job const* job = call_.snapshot->pool.job(attempt.job);
  if (job == nullptr) return fail(ErrorKind::NotFound, "job {} is over", to_text(attempt.job));
  TRY(std::string const blob, api_.front.blob(job->body));
  TRY(auto const request, json_read<JobRequest>(blob, Unknown::Ignore));
  api::Job const seen = shown(*call_.snapshot, *job, blob);
  std::string const command = fmt::format("{}", fmt::join(request.command, " "));
  Run run{.id = run_of(attempt), .experiment = experiment, .name = seen.name, .user = user(), .start_ms = now_ms(), .attempt = attempt};
  auto const tag = [&](char const* key, std::string value) {
    if (!value.empty()) run.tags.push_back({key, shortened(value, longest_tag)});
  };
  tag("mlflow.runName", run.name);
  tag("mlflow.user", run.user);
  tag("mlflow.source.type", "JOB");
  tag("mlflow.source.name", command);
  auto const given = [&](char const* name) { return request.env.contains(name) ? request.env.at(name) : std::string(); };
  tag("mlflow.source.git.commit", given("NAV_CODE_COMMIT"));
  tag("mlflow.source.git.repoURL", given("NAV_CODE_URL"));
  tag("nav.job", to_text(attempt.job));
  tag("nav.attempt", to_text(attempt));
  tag("nav.on", seen.on.value_or(""));
  tag("nav.node", seen.node.value_or(""));
  tag("nav.place", seen.place.value_or(""));
  return store_.make_run(run);
}

Result<Run> Desk::run(std::string const& id) {
  auto found = store_.run(id);
  if (!found && found.error().kind == ErrorKind::NotFound && is_own(id)) {
    TRY(auto const usual, usual_experiment());
    TRY_VOID(make_own_run(usual.id));
    found = store_.run(id);
  }
  if (!found) return found;
  if (!call_.caller.sees(found->project)) return fail(ErrorKind::NotFound, "there is no run {}", shortened(id, 64));
  TRY_VOID(settle(*found));
  return found;
}

Result<void> Desk::settle(Run& run) {
  if (run.status != RunStatus::Running || run.attempt.number == 0) return {};
  Job const* living = call_.snapshot->pool.job(run.attempt.job);
  if (living != nullptr && living->attempt == run.attempt.number && living->has_seat()) return {};
  auto const row = api_.views.job(run.attempt.job);
  bool const is_last = row && row->attempt == run.attempt.number && living == nullptr;
  run.status = is_last ? status_after(row->state) : RunStatus::Failed;
  run.end_ms = is_last && row->ended.us > 0 ? row->ended.us / 1000 : now_ms();
  return store_.change_run(run.id, {.status = run.status, .end_ms = run.end_ms});
}

Result<void> Desk::chose(Experiment const& experiment) {
  if (call_.caller.kind != Caller::Kind::Job || experiment.stage == Stage::Deleted) return {};
  std::string const own = run_of(call_.caller.attempt);
  auto const known = store_.run(own);
  if (!known) return known.error().kind == ErrorKind::NotFound ? make_own_run(experiment.id) : Result<void>(Unexpected(known.error()));
  if (known->experiment == experiment.id || !known->metrics.empty() || !known->params.empty()) return {};
  return store_.change_run(own, {.experiment = experiment.id});
}

}  // namespace nav::http::mlflow
