// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/enum.hpp>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The one table of routes. The server answers by it, clients make their paths from it, and the API document is emitted from it.
namespace nav::api {

struct Type;  // api/schema.h

/// What can be done, each named once. (Boost's own macro describes 52 enumerators at most.)
// clang-format off
#define NAV_OPERATIONS(X) \
  X(SubmitJobs) \
  X(SubmitBatch) \
  X(ListJobs) \
  X(GetJob) \
  X(CancelJob) \
  X(WhyJob) \
  X(TryJobs) \
  X(ReadLog) \
  X(OpenDoor) \
  X(ListServices) \
  X(CheckFlow) \
  X(ListFlows) \
  X(GetFlow) \
  X(StartFlowRun) \
  X(ListFlowRuns) \
  X(GetFlowRun) \
  X(CancelFlowRun) \
  X(ApproveComponent) \
  X(RejectComponent) \
  X(RerunFlow) \
  X(ListFlowSchedules) \
  X(MakeFlowSchedule) \
  X(GetFlowSchedule) \
  X(ChangeFlowSchedule) \
  X(PauseFlowSchedule) \
  X(ResumeFlowSchedule) \
  X(RemoveFlowSchedule) \
  X(ListArtifacts) \
  X(DeleteArtifact) \
  X(PutArtifact) \
  X(GetArtifact) \
  X(GetPool) \
  X(DefragmentPool) \
  X(ListNodes) \
  X(GetNode) \
  X(DrainNode) \
  X(ResumeNode) \
  X(DeclareNodeLost) \
  X(SetGpuPolicy) \
  X(KeepAside) \
  X(TakeBack) \
  X(ListTemplates) \
  X(GetTemplate) \
  X(MakeTemplate) \
  X(ChangeTemplate) \
  X(RemoveTemplate) \
  X(ListClouds) \
  X(OpenCloud) \
  X(CloseCloud) \
  X(FollowEvents) \
  X(ListAudit) \
  X(QueryMetrics) \
  X(LatestMetrics) \
  X(ShowReport) \
  X(GetAdvice) \
  X(ListUsers) \
  X(GetUser) \
  X(MakeUser) \
  X(ChangeUser) \
  X(ListTeams) \
  X(GetTeam) \
  X(MakeTeam) \
  X(ChangeTeam) \
  X(ListProjects) \
  X(GetProject) \
  X(MakeProject) \
  X(ChangeProject) \
  X(GetUsage) \
  X(SetHalfLife) \
  X(ListTokens) \
  X(MakeToken) \
  X(RevokeToken) \
  X(MakeJoinToken) \
  X(ListWebhooks) \
  X(MakeWebhook) \
  X(RemoveWebhook) \
  X(TestWebhook) \
  X(ListReportSchedules) \
  X(MakeReportSchedule) \
  X(GetReportSchedule) \
  X(ChangeReportSchedule) \
  X(PauseReportSchedule) \
  X(ResumeReportSchedule) \
  X(RemoveReportSchedule) \
  X(RunReportSchedule) \
  X(FetchReport) \
  X(SignIn) \
  X(SignOut) \
  X(Whoami) \
  X(GetHealth) \
  X(GetVersion) \
  X(ListExperiments) \
  X(GetExperiment) \
  X(ListRuns) \
  X(GetRun) \
  X(ListPoints) \
  X(AskMlflow) \
  X(TellMlflow) \
  X(WriteRunFile) \
  X(ReadRunFile) \
  X(ListRunFiles) \
  X(JoinNode) \
  X(SyncNode) \
  X(GetLaunch) \
  X(PushLog) \
  X(PushSamples) \
  X(FetchInput) \
  X(BringOutput) \
  X(DeliverOutputs) \
  X(RenewCertificate) \
  X(OpenTunnel) \
  X(GetDocument) \
  X(ShowReference) \
  X(ShowLanding) \
  X(ScrapeMetrics)
// clang-format on

/// The word of each ("submit_jobs") is its operationId in the document.
enum class Operation {
#define NAV_ENUMERATOR(name) name,
  NAV_OPERATIONS(NAV_ENUMERATOR)
#undef NAV_ENUMERATOR
};
BOOST_DESCRIBE_ENUM_BEGIN(Operation)
#define NAV_ENTRY(name) BOOST_DESCRIBE_ENUM_ENTRY(Operation, name)
NAV_OPERATIONS(NAV_ENTRY)
#undef NAV_ENTRY
BOOST_DESCRIBE_ENUM_END(Operation)

/// Who may. Of users each role includes those before it; an agent speaks for its node and for nothing else.
enum class Permission {
  Unsaid,  ///< a route that forgot to say; a test fails it
  Public,  ///< anybody
  Viewer,
  Member,
  Operator,
  Admin,
  JoinToken,  ///< a machine with a join token
  Agent,      ///< a node of the pool
};
BOOST_DESCRIBE_ENUM(Permission, Unsaid, Public, Viewer, Member, Operator, Admin, JoinToken, Agent)

/// Whether a job's own token opens it (within the job's project, as its user, as a member at most).
enum class JobTokens { Refused, Taken };

/// What a request may be told to hold against before it changes something.
enum class Match { None, IfMatch };

struct Route {
  Operation operation;
  std::string_view method;
  std::string_view path;  ///< "/v1/jobs/{job}/cancel"; what stands in braces is one segment, or with dots ("{path...}") all the rest
  std::string_view noun;  ///< which chapter of the reference it belongs to
  std::string_view summary;
  std::string_view text = {};
  Permission permission = Permission::Unsaid;
  JobTokens job_tokens = JobTokens::Refused;
  Type const* query = nullptr;
  Type const* request = nullptr;  ///< none: it takes no body
  std::string_view request_type = "application/json";
  int status = 200;              ///< of a success
  Type const* answer = nullptr;  ///< none: it is not JSON
  std::string_view answer_type = "application/json";
  Match match = Match::None;
  bool foreign = false;  ///< its fields, its query and its errors are those of another's protocol

  bool has_body() const { return request != nullptr || request_type != "application/json"; }
};

std::span<Route const> routes();
Route const& route(Operation operation);

/// The path for a request: `path_of(Operation::GetJob, {"42"})` is "/v1/jobs/42". Segments are encoded. There must be as many as the route has.
std::string path_of(Operation operation, std::initializer_list<std::string_view> segments = {}, std::string_view query = {});

/// What stands in braces in a route's path, in order.
std::vector<std::string_view> parameters_of(Route const& route);

/// For a request's method and path: its route and the text of its parameters.
struct Found {
  Route const* route = nullptr;  ///< none: there is nothing at this path, or not with this method
  std::vector<std::string> parameters;
  std::vector<std::string_view> allowed;  ///< the methods there are at this path
};
Found find_route(std::string_view method, std::vector<std::string> const& segments);

/// Everything but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace nav::api
