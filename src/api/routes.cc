// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include <algorithm>

#include "api/access.h"
#include "api/agent_api.h"
#include "api/jobs.h"
#include "api/nodes.h"
#include "api/page.h"
#include "api/pool.h"
#include "api/query.h"
#include "api/schema.h"
#include "api/system.h"
#include "api/templates.h"
#include "base/ensure.h"
#include "base/text.h"

namespace nav::api {
namespace {

template <class T>
constexpr Type const* of() { return type_of<T>(); }

using enum Operation;
using enum Permission;

std::vector<Route> const table = {
    // Jobs
    {.operation = SubmitJobs, .method = "POST", .path = "/v1/jobs", .noun = "jobs", .summary = "Submit a job, or many alike",
     .text = "The jobs are durable when this answers. A template that does not exist is refused, with those that are near.",
     .permission = Member, .job_tokens = JobTokens::Taken, .request = of<api::SubmitJobs>(), .status = 201, .answer = of<SubmittedJobs>()},
    {.operation = SubmitBatch, .method = "POST", .path = "/v1/jobs/batch", .noun = "jobs", .summary = "Submit jobs that differ",
     .text = "Each entry is taken or refused on its own. Asked again with the same Idempotency-Key, what was taken is not taken twice.",
     .permission = Member, .job_tokens = JobTokens::Taken, .request = of<api::SubmitBatch>(), .answer = of<SubmittedBatch>()},
    {.operation = ListJobs, .method = "GET", .path = "/v1/jobs", .noun = "jobs", .summary = "List jobs, new to old",
     .text = "Jobs that are over included, however many there are.",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .query = of<JobsQuery>(), .answer = of<Page<Job>>()},
    {.operation = GetJob, .method = "GET", .path = "/v1/jobs/{job}", .noun = "jobs", .summary = "One job: request, attempts, history",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .answer = of<JobDetails>()},
    {.operation = CancelJob, .method = "POST", .path = "/v1/jobs/{job}/cancel", .noun = "jobs", .summary = "Cancel a job",
     .text = "A job that is over answers 409; one that is being cancelled already answers as if this were the first time.",
     .permission = Member, .job_tokens = JobTokens::Taken, .answer = of<CancelledJob>()},
    {.operation = WhyJob, .method = "GET", .path = "/v1/jobs/{job}/why", .noun = "jobs", .summary = "Why a job waits, or is where it is",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .answer = of<Why>()},
    {.operation = ReadLog, .method = "GET", .path = "/v1/jobs/{job}/log", .noun = "jobs", .summary = "What a job wrote",
     .text = "Bytes as the job wrote them, standard output and error as they came. The headers say where they stand: Nav-Log-Attempt, Nav-Log-Next "
             "(the offset to go on at), Nav-Log-Size and Nav-Log-Complete. With `follow` the answer goes on until the attempt is over.",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .query = of<LogQuery>(), .answer_type = "text/plain; charset=utf-8"},

    // Pool
    {.operation = GetPool, .method = "GET", .path = "/v1/pool", .noun = "pool", .summary = "The pool at one moment",
     .text = "Nodes, GPUs and slices with their holders, and sums over all. Follow /v1/events after its `sequence` to keep it true.",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .query = of<PoolQuery>(), .answer = of<Pool>()},
    {.operation = ListNodes, .method = "GET", .path = "/v1/nodes", .noun = "pool", .summary = "List nodes",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .query = of<NodesQuery>(), .answer = of<Page<Node>>()},
    {.operation = GetNode, .method = "GET", .path = "/v1/nodes/{node}", .noun = "pool", .summary = "One node", .permission = Viewer,
     .job_tokens = JobTokens::Taken, .answer = of<Node>()},
    {.operation = DrainNode, .method = "POST", .path = "/v1/nodes/{node}/drain", .noun = "pool", .summary = "Give a node no new jobs",
     .text = "Jobs there run to their end.", .permission = Permission::Operator, .request = of<api::DrainNode>(), .answer = of<Node>()},
    {.operation = ResumeNode, .method = "POST", .path = "/v1/nodes/{node}/resume", .noun = "pool", .summary = "Give a drained node jobs again",
     .permission = Permission::Operator, .answer = of<Node>()},
    {.operation = DeclareNodeLost, .method = "POST", .path = "/v1/nodes/{node}/lost", .noun = "pool", .summary = "Declare a node lost",
     .text = "Nothing runs there any more: this is your word for it, and jobs that were there are tried again elsewhere or fail. A node that answers is "
             "not lost, and is refused.",
     .permission = Permission::Operator, .answer = of<Node>()},
    {.operation = SetGpuPolicy, .method = "PUT", .path = "/v1/nodes/{node}/gpus/{gpu}/policy", .noun = "pool", .summary = "Say who decides on a GPU's layout",
     .permission = Permission::Operator, .request = of<api::SetGpuPolicy>(), .answer = of<Node>()},
    {.operation = TakeBack, .method = "POST", .path = "/v1/nodes/{node}/gpus/{gpu}/take-back", .noun = "pool", .summary = "Give what was set aside back to use",
     .permission = Permission::Operator, .request = of<api::TakeBack>(), .answer = of<Node>()},

    // Templates
    {.operation = ListTemplates, .method = "GET", .path = "/v1/templates", .noun = "templates", .summary = "List templates",
     .text = "They appear by themselves for hardware that joins.",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .query = of<PageQuery>(), .answer = of<Page<Template>>()},
    {.operation = GetTemplate, .method = "GET", .path = "/v1/templates/{template}", .noun = "templates", .summary = "One template",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .answer = of<Template>()},

    // Events
    {.operation = FollowEvents, .method = "GET", .path = "/v1/events", .noun = "events", .summary = "Follow what happens",
     .text = "Server-sent events: `id` is the sequence, `event` the kind, `data` an Event. Come back with Last-Event-ID and nothing is missed. An event "
             "named `resync` ends the stream of a reader who was too slow, or who asked for what is not there: read the lists anew, and follow "
             "from their sequence.",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .query = of<EventsQuery>(), .answer_type = "text/event-stream"},
    {.operation = ListAudit, .method = "GET", .path = "/v1/audit", .noun = "events", .summary = "What people did, new to old",
     .permission = Admin, .query = of<PageQuery>(), .answer = of<Page<Event>>()},

    // Access
    {.operation = ListUsers, .method = "GET", .path = "/v1/users", .noun = "access", .summary = "List users", .permission = Permission::Operator,
     .query = of<PageQuery>(), .answer = of<Page<User>>()},
    {.operation = GetUser, .method = "GET", .path = "/v1/users/{user}", .noun = "access", .summary = "One user",
     .text = "The ETag is for changing it.", .permission = Permission::Operator, .answer = of<User>()},
    {.operation = MakeUser, .method = "POST", .path = "/v1/users", .noun = "access", .summary = "Make a user",
     .text = "Who can do nothing yet without a token.", .permission = Admin, .request = of<api::MakeUser>(), .status = 201, .answer = of<User>()},
    {.operation = ChangeUser, .method = "PATCH", .path = "/v1/users/{user}", .noun = "access", .summary = "Change a user's role, or disable them",
     .permission = Admin, .request = of<api::ChangeUser>(), .answer = of<User>(), .match = Match::IfMatch},
    {.operation = ListTeams, .method = "GET", .path = "/v1/teams", .noun = "access", .summary = "List teams", .permission = Viewer, .query = of<PageQuery>(),
     .answer = of<Page<Team>>()},
    {.operation = MakeTeam, .method = "POST", .path = "/v1/teams", .noun = "access", .summary = "Make a team", .permission = Admin,
     .request = of<api::MakeTeam>(), .status = 201, .answer = of<Team>()},
    {.operation = ListProjects, .method = "GET", .path = "/v1/projects", .noun = "access", .summary = "List projects", .text = "Only your own, unless you are an operator.",
     .permission = Viewer, .job_tokens = JobTokens::Taken, .query = of<PageQuery>(), .answer = of<Page<Project>>()},
    {.operation = GetProject, .method = "GET", .path = "/v1/projects/{project}", .noun = "access", .summary = "One project",
     .text = "The ETag is for changing it.", .permission = Viewer, .job_tokens = JobTokens::Taken, .answer = of<Project>()},
    {.operation = MakeProject, .method = "POST", .path = "/v1/projects", .noun = "access", .summary = "Make a project", .permission = Admin,
     .request = of<api::MakeProject>(), .status = 201, .answer = of<Project>()},
    {.operation = ChangeProject, .method = "PATCH", .path = "/v1/projects/{project}", .noun = "access", .summary = "Change a project's members",
     .permission = Admin, .request = of<api::ChangeProject>(), .answer = of<Project>(), .match = Match::IfMatch},
    {.operation = ListTokens, .method = "GET", .path = "/v1/tokens", .noun = "access", .summary = "List tokens", .text = "Your own; an admin sees all.",
     .permission = Viewer, .query = of<PageQuery>(), .answer = of<Page<Token>>()},
    {.operation = MakeToken, .method = "POST", .path = "/v1/tokens", .noun = "access", .summary = "Make a token",
     .text = "Its secret is shown this once. Asked again with the same Idempotency-Key this answers 409, for the secret is not kept: revoke the token and make another.",
     .permission = Viewer, .request = of<api::MakeToken>(), .status = 201, .answer = of<MadeToken>()},
    {.operation = RevokeToken, .method = "POST", .path = "/v1/tokens/{token}/revoke", .noun = "access", .summary = "Revoke a token",
     .text = "It opens nothing from now on. An admin may revoke any, others their own.", .permission = Viewer, .answer = of<Token>()},
    {.operation = MakeJoinToken, .method = "POST", .path = "/v1/join-tokens", .noun = "access", .summary = "Make a token for machines to join with",
     .text = "Its secret is shown this once.", .permission = Permission::Operator, .request = of<api::MakeJoinToken>(), .status = 201, .answer = of<MadeToken>()},
    {.operation = Operation::Whoami, .method = "GET", .path = "/v1/whoami", .noun = "access", .summary = "Who you are here", .permission = Viewer,
     .job_tokens = JobTokens::Taken, .answer = of<api::Whoami>()},

    // System
    {.operation = GetHealth, .method = "GET", .path = "/v1/health", .noun = "system", .summary = "Whether the controller takes requests", .permission = Public,
     .answer = of<Health>()},
    {.operation = GetVersion, .method = "GET", .path = "/v1/version", .noun = "system", .summary = "What is running", .permission = Public, .answer = of<Version>()},
    {.operation = GetDocument, .method = "GET", .path = "/openapi.json", .noun = "system", .summary = "This document", .permission = Public, .answer = of<Json>()},
    {.operation = ShowReference, .method = "GET", .path = "/docs", .noun = "system", .summary = "This document, for reading", .permission = Public,
     .answer_type = "text/html; charset=utf-8"},
    {.operation = ShowLanding, .method = "GET", .path = "/", .noun = "system", .summary = "Where to go from here", .permission = Public,
     .answer_type = "text/html; charset=utf-8"},

    // Agents
    {.operation = Operation::JoinNode, .method = "POST", .path = "/v1/agent/join", .noun = "agents", .summary = "Take this machine into the pool",
     .text = "The bearer is a join token.", .permission = JoinToken, .request = of<api::JoinNode>(), .status = 201, .answer = of<JoinedNode>()},
    {.operation = SyncNode, .method = "POST", .path = "/v1/agent/sync", .noun = "agents", .summary = "What is on a node against what should be",
     .text = "Held until there is news. The two documents carry a protocol number of their own; see core/node_status.h and core/node_spec.h.",
     .permission = Agent, .request = of<Json>(), .answer = of<Json>()},
    {.operation = GetLaunch, .method = "GET", .path = "/v1/agent/attempts/{attempt}/launch", .noun = "agents", .summary = "What a node needs to start an attempt",
     .permission = Agent, .answer = of<Launch>()},
    {.operation = PushLog, .method = "PUT", .path = "/v1/agent/attempts/{attempt}/log", .noun = "agents", .summary = "What an attempt wrote",
     .permission = Agent, .query = of<PushLogQuery>(), .request_type = "application/octet-stream", .answer = of<StoredLog>()},
    {.operation = Operation::RenewCertificate, .method = "POST", .path = "/v1/agent/renew", .noun = "agents", .summary = "Renew a node's certificate",
     .permission = Agent, .request = of<api::RenewCertificate>(), .answer = of<NodeCertificate>()},
};

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

std::vector<std::string_view> segments_of(std::string_view path) {
  return path == "/" ? std::vector<std::string_view>{} : split(path.substr(1), '/');
}

/// Every route's segments, split once.
std::vector<std::vector<std::string_view>> const& patterns() {
  static auto const all = [] {
    std::vector<std::vector<std::string_view>> out;
    for (Route const& one : table) out.push_back(segments_of(one.path));
    return out;
  }();
  return all;
}

}  // namespace

std::span<Route const> routes() { return table; }

Route const& route(Operation operation) {
  auto it = std::find_if(table.begin(), table.end(), [&](Route const& one) { return one.operation == operation; });
  ensure(it != table.end(), "every operation has a route");
  return *it;
}

std::vector<std::string_view> parameters_of(Route const& route) {
  std::vector<std::string_view> names;
  for (std::string_view segment : segments_of(route.path))
    if (is_parameter(segment)) names.push_back(segment.substr(1, segment.size() - 2));
  return names;
}

std::string path_of(Operation operation, std::initializer_list<std::string_view> segments, std::string_view query) {
  std::string path;
  auto next = segments.begin();
  for (std::string_view segment : segments_of(route(operation).path)) {
    path += '/';
    if (!is_parameter(segment)) {
      path += segment;
      continue;
    }
    ensure(next != segments.end(), "every parameter of the path is given");
    path += percent_encoded(*next++);
  }
  ensure(next == segments.end(), "no more parameters are given than the path has");
  if (path.empty()) path = "/";
  return query.empty() ? path : fmt::format("{}?{}", path, query);
}

Found find_route(std::string_view method, std::vector<std::string> const& segments) {
  // A path written out goes before one with a parameter in the same place: /v1/jobs/batch before /v1/jobs/{job}, whatever the method.
  std::vector<std::string_view> const* path = nullptr;
  Found found;
  for (std::size_t i = 0; i < table.size(); ++i) {
    auto const& pattern = patterns()[i];
    if (pattern.size() != segments.size()) continue;
    std::vector<std::string> parameters;
    bool fits = true;
    for (std::size_t k = 0; fits && k < pattern.size(); ++k) {
      if (is_parameter(pattern[k])) parameters.push_back(segments[k]), fits = !segments[k].empty();
      else fits = pattern[k] == segments[k];
    }
    if (!fits || (path != nullptr && *path != pattern && parameters.size() >= found.parameters.size())) continue;
    if (path == nullptr || *path != pattern) found = {nullptr, std::move(parameters), {}};
    path = &pattern;
    found.allowed.push_back(table[i].method);
    if (table[i].method == method) found.route = &table[i];
  }
  if (found.route == nullptr) found.parameters.clear();
  return found;
}

std::string percent_encoded(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto const byte = static_cast<unsigned char>(c);
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) out += c;
    else out += '%', out += hex[byte >> 4], out += hex[byte & 15];
  }
  return out;
}

namespace query {

Unexpected unknown(std::string const& name, std::vector<std::string> const& known) {
  auto const near = nearest(name, known);
  return fail_field(shortened(name, 60),
                    !near.empty()   ? fmt::format("did you mean {}?", fmt::join(near, " or "))
                    : known.empty() ? "this route takes none"
                                    : fmt::format("known parameters: {}", fmt::join(known, ", ")),
                    "there is no parameter \"{}\"", shortened(name, 60));
}

}  // namespace query
}  // namespace nav::api
