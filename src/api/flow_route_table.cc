// SPDX-License-Identifier: Apache-2.0
#include "api/flow_route_table.h"

#include "api/flows.h"
#include "api/page.h"
#include "api/schema.h"

namespace nav::api {
namespace {

template <class T>
constexpr Type const* of() {
  return type_of<T>();
}

using enum Operation;
using enum Permission;

constexpr Route table[] = {
    // Flows
    {.operation = Operation::CheckFlow,
     .method = "POST",
     .path = "/v1/flows/check",
     .noun = "flows",
     .summary = "Hold a flow against all that is known",
     .text = "The first thing that is wrong is answered as 400 with its place. Nothing is kept or started.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .request = of<api::CheckFlow>(),
     .answer = of<FlowGraph>()},
    {.operation = ListFlows,
     .method = "GET",
     .path = "/v1/flows",
     .noun = "flows",
     .summary = "List flows",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = of<FlowsQuery>(),
     .answer = of<Page<Flow>>()},
    {.operation = GetFlow,
     .method = "GET",
     .path = "/v1/flows/{flow}",
     .noun = "flows",
     .summary = "One version of a flow",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = of<FlowQuery>(),
     .answer = of<FlowDetails>()},
    {.operation = Operation::StartFlowRun,
     .method = "POST",
     .path = "/v1/flow-runs",
     .noun = "flows",
     .summary = "Run a flow",
     .text = "The run is durable when this answers, and goes on whatever happens to the controller. A flow that is not sound is refused whole.",
     .permission = Member,
     .job_tokens = JobTokens::Taken,
     .request = of<api::StartFlowRun>(),
     .status = 201,
     .answer = of<StartedFlowRun>()},
    {.operation = ListFlowRuns,
     .method = "GET",
     .path = "/v1/flow-runs",
     .noun = "flows",
     .summary = "List runs, new to old",
     .text = "Of runs that are over, the newest thousand are kept.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = of<FlowRunsQuery>(),
     .answer = of<Page<FlowRun>>()},
    {.operation = GetFlowRun,
     .method = "GET",
     .path = "/v1/flow-runs/{flow_run}",
     .noun = "flows",
     .summary = "One run: its components, their jobs, and what each got",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .answer = of<FlowRunDetails>()},
    {.operation = CancelFlowRun,
     .method = "POST",
     .path = "/v1/flow-runs/{flow_run}/cancel",
     .noun = "flows",
     .summary = "Cancel a run",
     .text = "Its jobs are told to end, and none begins.",
     .permission = Member,
     .job_tokens = JobTokens::Taken,
     .answer = of<StartedFlowRun>()},
    {.operation = Operation::RerunFlow,
     .method = "POST",
     .path = "/v1/flow-runs/{flow_run}/rerun",
     .noun = "flows",
     .summary = "Run again what did not succeed, or from some components on",
     .text = "A new run; the results of all other components are taken over.",
     .permission = Member,
     .job_tokens = JobTokens::Taken,
     .request = of<api::RerunFlow>(),
     .status = 201,
     .answer = of<StartedFlowRun>()},

    // Artifacts
    {.operation = ListArtifacts,
     .method = "GET",
     .path = "/v1/artifacts",
     .noun = "artifacts",
     .summary = "List the artifacts of a project",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = of<ArtifactsQuery>(),
     .answer = of<Page<Artifact>>()},
    {.operation = PutArtifact,
     .method = "PUT",
     .path = "/v1/artifacts/{digest}",
     .noun = "artifacts",
     .summary = "Store a file, piece by piece",
     .text = "Up to 4 MiB at a time, in order; begun again where `stored` of the answer says. The last piece is held against the digest: what is not what "
             "it says is thrown away and refused.",
     .permission = Member,
     .job_tokens = JobTokens::Taken,
     .query = of<PutArtifactQuery>(),
     .request_type = "application/octet-stream",
     .answer = of<StoredArtifact>()},
    {.operation = GetArtifact,
     .method = "GET",
     .path = "/v1/artifacts/{digest}",
     .noun = "artifacts",
     .summary = "Fetch a file, piece by piece",
     .text = "The headers say where the bytes stand: Nav-Artifact-Next (the offset to go on at) and Nav-Artifact-Size.",
     .permission = Viewer,
     .job_tokens = JobTokens::Taken,
     .query = of<GetArtifactQuery>(),
     .answer_type = "application/octet-stream"},
};

}  // namespace

std::span<Route const> flow_routes() { return table; }

}  // namespace nav::api
