// SPDX-License-Identifier: Apache-2.0
#include "api/experiment_route_table.h"

#include "api/experiments.h"
#include "api/page.h"
#include "api/schema.h"

namespace nav::api {
namespace {

using enum Permission;

constexpr Route experiment_table[] = {
    // Experiments
    {.operation = Operation::ListExperiments,
     .method = "GET",
     .path = "/v1/experiments",
     .noun = "experiments",
     .summary = "List experiments, new to old",
     .text = "Of the projects you see.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = type_of<ExperimentsQuery>(),
     .answer = type_of<Page<api::Experiment>>()},
    {.operation = Operation::GetExperiment,
     .method = "GET",
     .path = "/v1/experiments/{experiment}",
     .noun = "experiments",
     .summary = "One experiment",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .answer = type_of<api::Experiment>()},
    {.operation = Operation::ListRuns,
     .method = "GET",
     .path = "/v1/experiments/{experiment}/runs",
     .noun = "experiments",
     .summary = "Runs of an experiment: all, those that fit, or the best first",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = type_of<RunsQuery>(),
     .answer = type_of<Page<api::Run>>()},
    {.operation = Operation::GetRun,
     .method = "GET",
     .path = "/v1/runs/{run}",
     .noun = "experiments",
     .summary = "One run",
     .text = "A run whose job ended without ending it has ended with the job.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .answer = type_of<api::Run>()},
    {.operation = Operation::ListPoints,
     .method = "GET",
     .path = "/v1/runs/{run}/points",
     .noun = "experiments",
     .summary = "A metric of a run, step by step",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = type_of<PointsQuery>(),
     .answer = type_of<Page<api::Point>>()},
    {.operation = Operation::AskMlflow,
     .method = "GET",
     .path = "/api/2.0/mlflow/{noun}/{method}",
     .noun = "experiments",
     .summary = "MLflow's questions",
     .text = "The part of MLflow's REST API that its own client uses: see docs/experiments.md. Fields and errors are MLflow's.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .answer = type_of<Json>(),
     .foreign = true},
    {.operation = Operation::TellMlflow,
     .method = "POST",
     .path = "/api/2.0/mlflow/{noun}/{method}",
     .noun = "experiments",
     .summary = "MLflow's searches and changes",
     .text = "The part of MLflow's REST API that its own client uses: see docs/experiments.md. Searches are open to viewers, changes to members.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .request = type_of<Json>(),
     .answer = type_of<Json>(),
     .foreign = true},

    {.operation = Operation::WriteRunFile,
     .method = "PUT",
     .path = "/api/2.0/mlflow-artifacts/artifacts/{path...}",
     .noun = "experiments",
     .summary = "Keep a file of a run",
     .text = "As MLflow's client sends it, 256 MiB at most: RUN/artifacts/ and a path. What is there already is replaced as a whole.",
     .permission = Member,
     .job_tokens = JobTokens::Taken,
     .request_type = "application/octet-stream",
     .answer = type_of<Json>(),
     .foreign = true},
    {.operation = Operation::ReadRunFile,
     .method = "GET",
     .path = "/api/2.0/mlflow-artifacts/artifacts/{path...}",
     .noun = "experiments",
     .summary = "A file of a run",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .answer_type = "application/octet-stream",
     .foreign = true},
    {.operation = Operation::ListRunFiles,
     .method = "GET",
     .path = "/api/2.0/mlflow-artifacts/artifacts",
     .noun = "experiments",
     .summary = "Files of a run",
     .text = "`path` names the folder: RUN/artifacts, or deeper.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .answer = type_of<Json>(),
     .foreign = true},

};

}  // namespace

std::span<Route const> experiment_routes() { return experiment_table; }

}  // namespace nav::api
