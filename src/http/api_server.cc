// SPDX-License-Identifier: Apache-2.0
#include "http/api_server.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "http/handlers.h"

namespace nav::http {
namespace {

constexpr auto between_ticks = std::chrono::milliseconds(250);

/// A switch without a default, so that an operation without a handler does not compile.
Result<void> perform(Api& api, CallPtr const& call) {
  switch (call->route->operation) {
    case api::Operation::SubmitJobs: return submit_jobs(api, call);
    case api::Operation::SubmitBatch: return submit_batch(api, call);
    case api::Operation::ListJobs: return list_jobs(api, call);
    case api::Operation::GetJob: return get_job(api, call);
    case api::Operation::CancelJob: return cancel_job(api, call);
    case api::Operation::WhyJob: return why_job(api, call);
    case api::Operation::TryJobs: return try_jobs(api, call);
    case api::Operation::ReadLog: return read_log(api, call);
    case api::Operation::OpenDoor: return open_door(api, call);
    case api::Operation::ListServices: return list_services(api, call);
    case api::Operation::CheckFlow: return check_flow(api, call);
    case api::Operation::ListFlows: return list_flows(api, call);
    case api::Operation::GetFlow: return get_flow(api, call);
    case api::Operation::StartFlowRun: return start_flow_run(api, call);
    case api::Operation::ListFlowRuns: return list_flow_runs(api, call);
    case api::Operation::GetFlowRun: return get_flow_run(api, call);
    case api::Operation::CancelFlowRun: return cancel_flow_run(api, call);
    case api::Operation::ApproveComponent: return approve_component(api, call);
    case api::Operation::RejectComponent: return reject_component(api, call);
    case api::Operation::RerunFlow: return rerun_flow(api, call);
    case api::Operation::ListFlowSchedules: return list_flow_schedules(api, call);
    case api::Operation::MakeFlowSchedule: return make_flow_schedule(api, call);
    case api::Operation::GetFlowSchedule: return get_flow_schedule(api, call);
    case api::Operation::ChangeFlowSchedule: return change_flow_schedule(api, call);
    case api::Operation::PauseFlowSchedule: return pause_flow_schedule(api, call);
    case api::Operation::ResumeFlowSchedule: return resume_flow_schedule(api, call);
    case api::Operation::RemoveFlowSchedule: return remove_flow_schedule(api, call);
    case api::Operation::ListArtifacts: return list_artifacts(api, call);
    case api::Operation::DeleteArtifact: return delete_artifact(api, call);
    case api::Operation::PutArtifact: return put_artifact(api, call);
    case api::Operation::GetArtifact: return get_artifact(api, call);
    case api::Operation::FetchInput: return fetch_input(api, call);
    case api::Operation::BringOutput: return bring_output(api, call);
    case api::Operation::DeliverOutputs: return deliver_outputs(api, call);
    case api::Operation::GetPool: return get_pool(api, call);
    case api::Operation::DefragmentPool: return defragment_pool(api, call);
    case api::Operation::ListNodes: return list_nodes(api, call);
    case api::Operation::GetNode: return get_node(api, call);
    case api::Operation::DrainNode: return drain_node(api, call);
    case api::Operation::ResumeNode: return resume_node(api, call);
    case api::Operation::DeclareNodeLost: return declare_node_lost(api, call);
    case api::Operation::SetGpuPolicy: return set_gpu_policy(api, call);
    case api::Operation::KeepAside: return keep_aside(api, call);
    case api::Operation::TakeBack: return take_back(api, call);
    case api::Operation::ListTemplates: return list_templates(api, call);
    case api::Operation::GetTemplate: return get_template(api, call);
    case api::Operation::MakeTemplate: return make_template(api, call);
    case api::Operation::ChangeTemplate: return change_template(api, call);
    case api::Operation::RemoveTemplate: return remove_template(api, call);
    case api::Operation::ListClouds: return list_clouds(api, call);
    case api::Operation::OpenCloud: return open_cloud(api, call);
    case api::Operation::CloseCloud: return close_cloud(api, call);
    case api::Operation::FollowEvents: return follow_events(api, call);
    case api::Operation::ListAudit: return list_audit(api, call);
    case api::Operation::QueryMetrics: return query_metrics(api, call);
    case api::Operation::LatestMetrics: return latest_metrics(api, call);
    case api::Operation::ShowReport: return show_report(api, call);
    case api::Operation::GetAdvice: return show_advice(api, call);
    case api::Operation::ListUsers: return list_users(api, call);
    case api::Operation::GetUser: return get_user(api, call);
    case api::Operation::MakeUser: return make_user(api, call);
    case api::Operation::ChangeUser: return change_user(api, call);
    case api::Operation::ListTeams: return list_teams(api, call);
    case api::Operation::GetTeam: return get_team(api, call);
    case api::Operation::MakeTeam: return make_team(api, call);
    case api::Operation::ChangeTeam: return change_team(api, call);
    case api::Operation::ListProjects: return list_projects(api, call);
    case api::Operation::GetProject: return get_project(api, call);
    case api::Operation::MakeProject: return make_project(api, call);
    case api::Operation::ChangeProject: return change_project(api, call);
    case api::Operation::GetUsage: return get_usage(api, call);
    case api::Operation::SetHalfLife: return set_half_life(api, call);
    case api::Operation::ListTokens: return list_tokens(api, call);
    case api::Operation::MakeToken: return make_token(api, call);
    case api::Operation::RevokeToken: return revoke_token(api, call);
    case api::Operation::MakeJoinToken: return make_join_token(api, call);
    case api::Operation::ListWebhooks: return list_webhooks(api, call);
    case api::Operation::MakeWebhook: return make_webhook(api, call);
    case api::Operation::RemoveWebhook: return remove_webhook(api, call);
    case api::Operation::TestWebhook: return test_webhook(api, call);
    case api::Operation::ListReportSchedules: return list_report_schedules(api, call);
    case api::Operation::MakeReportSchedule: return make_report_schedule(api, call);
    case api::Operation::GetReportSchedule: return get_report_schedule(api, call);
    case api::Operation::ChangeReportSchedule: return change_report_schedule(api, call);
    case api::Operation::PauseReportSchedule: return pause_report_schedule(api, call);
    case api::Operation::ResumeReportSchedule: return resume_report_schedule(api, call);
    case api::Operation::RemoveReportSchedule: return remove_report_schedule(api, call);
    case api::Operation::RunReportSchedule: return run_report_schedule(api, call);
    case api::Operation::FetchReport: return fetch_report(api, call);
    case api::Operation::SignIn: return sign_in(api, call);
    case api::Operation::SignOut: return sign_out(api, call);
    case api::Operation::Whoami: return whoami(api, call);
    case api::Operation::GetHealth: return get_health(api, call);
    case api::Operation::GetVersion: return get_version(api, call);
    case api::Operation::ListExperiments: return list_experiments(api, call);
    case api::Operation::GetExperiment: return get_experiment(api, call);
    case api::Operation::ListRuns: return list_runs(api, call);
    case api::Operation::GetRun: return get_run(api, call);
    case api::Operation::ListPoints: return list_points(api, call);
    case api::Operation::AskMlflow:
    case api::Operation::TellMlflow: return call_mlflow(api, call);
    case api::Operation::WriteRunFile: return write_run_file(api, call);
    case api::Operation::ReadRunFile: return read_run_file(api, call);
    case api::Operation::ListRunFiles: return list_run_files(api, call);
    case api::Operation::JoinNode: return join_node(api, call);
    case api::Operation::SyncNode: return sync_node(api, call);
    case api::Operation::GetLaunch: return get_launch(api, call);
    case api::Operation::PushLog: return push_log(api, call);
    case api::Operation::PushSamples: return push_samples(api, call);
    case api::Operation::RenewCertificate: return renew_certificate(api, call);
    case api::Operation::OpenTunnel: return open_tunnel(api, call);
    case api::Operation::GetDocument: return get_document(api, call);
    case api::Operation::ShowReference: return show_reference(api, call);
    case api::Operation::ShowLanding: return show_landing(api, call);
    case api::Operation::ScrapeMetrics: return scrape_metrics(api, call);
  }
  return fail(ErrorKind::Internal, "this operation has no handler");
}

void answer_no_route(Reply& reply, Request const& request, std::vector<std::string_view> const& allowed) {
  if (allowed.empty()) {
    reply.send(Error{ErrorKind::NotFound, "there is nothing at this address", "what there is: GET /docs, or GET /openapi.json", {}});
    return;
  }
  Response response = error_response(
      405, {ErrorKind::InvalidArgument, fmt::format("{} is not done here", request.method), fmt::format("use {}", fmt::join(allowed, " or ")), {}});
  bool const gets = std::find(allowed.begin(), allowed.end(), "GET") != allowed.end();
  response.headers.emplace_back("Allow", fmt::format("{}{}", fmt::join(allowed, ", "), gets ? ", HEAD" : ""));
  reply.send(std::move(response));
}

/// "application/json; charset=utf-8" is application/json.
bool is_media_type(Request const& request, std::string_view wanted) {
  std::string const* given = request.header("Content-Type");
  if (given == nullptr) return false;
  std::string_view type = std::string_view(*given).substr(0, given->find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return std::equal(type.begin(), type.end(), wanted.begin(), wanted.end(), [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// What holds for every route, beside who may: what the query and the body may be.
Result<void> check_shape(Request const& request, api::Route const& route) {
  if (route.method == "POST") TRY_VOID(idempotency_key(request));  // also where nothing is asked twice
  if (route.foreign) return {};
  if (route.query == nullptr && !request.query.empty()) return api::query::unknown(request.query.begin()->first, {});
  if (!route.has_body() && !request.body.empty() && route.method != "GET") { TRY_VOID(json_read<api::Nothing>(request.body)); }
  return {};
}

}  // namespace

/// The thread that ticks, where there are threads.
class Ticking {
 public:
  explicit Ticking(std::function<void()> tick)
      : thread_([this, tick = std::move(tick)] {
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, between_ticks, [this] { return stopping_; })) {
            lock.unlock();
            tick();
            lock.lock();
          }
        }) {}
  ~Ticking() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

struct ApiServer::Body {
  Api api;
  Time next_sweep = api.started + minutes(1);
  std::unique_ptr<Ticking> ticking;
};

ApiServer::ApiServer(Front& front, Views const& views, LogStore& logs, ApiOptions options)
    : body_(new Body{.api = Api(front, views, logs, std::move(options)), .ticking = {}}) {
  if (body_->api.options.workers > 0) body_->ticking = std::make_unique<Ticking>([this] { tick(); });
}

ApiServer::~ApiServer() = default;

void ApiServer::tick() {
  body_->api.events.tick();
  body_->api.log_followers.tick();
  if (body_->api.keeper == nullptr || body_->api.now() < body_->next_sweep) return;
  body_->next_sweep = body_->api.now() + hours(1);
  body_->api.workers.post([&api = body_->api] { sweep_artifacts(api); });
}

std::optional<std::size_t> ApiServer::body_limit(std::string_view method, std::string_view path) {
  bool const is_artifact = path.starts_with("/v1/artifacts/") || (path.starts_with("/v1/agent/attempts/") && path.find("/artifacts/") != path.npos);
  if (is_artifact && method == "PUT") return ArtifactStore::most_at_once;
  if ((path == "/v1/agent/sync" || path == "/v1/agent/samples") && method == "POST") return std::size_t{16} << 20;  // the status of a large node
  if (path.starts_with("/api/2.0/mlflow-artifacts/") && method == "PUT") return std::size_t{256} << 20;
  return std::nullopt;
}

void ApiServer::handle(Request request, Reply reply) {
  Api& api = body_->api;
  // HEAD is GET whose body the server leaves out.
  auto found = api::find_route(request.method == "HEAD" ? "GET" : request.method, request.segments);
  if (found.route == nullptr || found.route->operation == api::Operation::ShowLanding)
    if (auto page = web_response(api.options.web, request, api.options.secrets.make_token)) return reply.send(std::move(*page));
  if (found.route == nullptr) return answer_no_route(reply, request, found.allowed);
  api::Route const& route = *found.route;

  auto snapshot = api.front.snapshot();
  Caller caller;
  if (route.permission != api::Permission::Public) {
    auto known = caller_of(request, *snapshot, api.front, api.options.secrets.tokens, api.now());
    if (!known) return reply.send(refusal(route, known.error()));
    if (auto const allowed = check_permission(*known, route); !allowed) return reply.send(refusal(route, allowed.error()));
    caller = std::move(*known);
  }
  if (route.has_body() && !route.foreign && !request.body.empty() && !is_media_type(request, route.request_type))
    return reply.send(
        error_response(415, {ErrorKind::InvalidArgument, "this media type is not read here", fmt::format("send {}", route.request_type), "Content-Type"}));
  if (auto const formed = check_shape(request, route); !formed) return reply.send(formed.error());

  auto const call = std::make_shared<Call>(Call{.request = std::move(request),
                                                .reply = std::move(reply),
                                                .route = &route,
                                                .parameters = std::move(found.parameters),
                                                .caller = std::move(caller),
                                                .snapshot = std::move(snapshot)});
  if (auto const done = perform(api, call); !done) refuse(*call, done.error());
}

}  // namespace nav::http
