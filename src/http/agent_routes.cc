// SPDX-License-Identifier: Apache-2.0
#include "api/agent_api.h"
#include "base/text.h"
#include "http/handlers.h"
#include "http/own_attempt.h"

namespace nav::http {

Result<void> check_own_attempt(Api const& api, Call const& call, AttemptId attempt) {
  Snapshot const& snapshot = *call.snapshot;
  auto const stranger = [&] { return fail(ErrorKind::NotFound, "attempt {} is not of {}", to_text(attempt), to_text(call.caller.node)); };
  Node const* node = snapshot.pool.node(call.caller.node);
  if (node == nullptr) return stranger();
  if (node->attempts.contains(attempt)) return {};
  TRY(auto attempts, api.views.attempts(attempt.job));
  for (AttemptRow const& row : attempts)
    if (row.id == attempt && row.node == node->name) return {};
  if (!api.views.wait_for(snapshot.sequence(), {})) return fail(ErrorKind::Unavailable, "it is not yet known whose attempt {} was", to_text(attempt));
  return stranger();
}

Result<AttemptId> attempt_parameter(Call const& call) {
  auto attempt = parse_attempt_id(call.parameter(0));
  if (!attempt) return fail(ErrorKind::NotFound, "{}", attempt.error().message);
  return *attempt;
}

namespace {

/// What will speak for the node from now on: a certificate, or on loopback a token.
Result<void> give_credentials(Api const& api, Call const& call, std::string const& certificate_request, api::JoinedNode& joined) {
  Secrets const& secrets = api.options.secrets;
  if (certificate_request.empty()) {
    if (!secrets.node_token || !is_loopback(call.request.peer_address))
      return fail_field("certificate_request", "a PKCS #10 request as PEM; nav agent makes one", "a machine that is not this one needs a certificate");
    joined.token = secrets.node_token(joined.node);
    return {};
  }
  if (!secrets.sign_node) return fail_field("certificate_request", "leave it out", "this controller serves without TLS and signs no certificates");
  auto certificate = secrets.sign_node(certificate_request, joined.node);
  if (!certificate) {
    Error error = certificate.error();
    if (error.kind == ErrorKind::InvalidArgument) error.field = "certificate_request";
    return Unexpected(std::move(error));
  }
  joined.certificate = std::move(*certificate);
  joined.ca = secrets.ca_pem;
  return {};
}

}  // namespace

Result<void> join_node(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::JoinNode>(*call));
  if (wanted.protocol > sync_protocol || wanted.protocol + 1 < sync_protocol)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("the agent speaks protocol {}, this controller {} and one before", wanted.protocol, sync_protocol),
                            "install the same version", "protocol"});
  // The request is tried out first: a machine must not be in the pool before it is known that it can speak.
  api::JoinedNode trial{.node = NodeId{1}, .installation = {}, .certificate = {}, .ca = {}, .token = {}};
  TRY_VOID(give_credentials(api, *call, wanted.certificate_request, trial));
  Wish wish{.command = PoolCommand{JoinNode{wanted.name, wanted.site, wanted.labels}}, .blob = {}, .answer = [](std::vector<Frame> const& frames) {
              auto const joined = event_in<NodeJoined>(frames);
              ensure(joined, "a node that was taken has joined");
              return to_text(joined->node);
            }};
  return ask_then_on_worker(api, call, std::move(wish), [&api, request = wanted.certificate_request](Call& asked, Accepted const& accepted) -> Result<void> {
    TRY(auto id, parse_id<NodeTag>(accepted.answer));
    api::JoinedNode joined{.node = id, .installation = accepted.snapshot->installation, .certificate = {}, .ca = {}, .token = {}};
    TRY_VOID(give_credentials(api, asked, request, joined));
    answer(asked, joined);
    return {};
  });
}

Result<void> sync_node(Api& api, CallPtr const& call) {
  // Answers of a newer agent may have fields this controller does not know: the protocol number says whether they matter.
  TRY(auto request, json_read<SyncRequest>(call->request.body, Unknown::Ignore));
  if (request.node != call->caller.node) return fail(ErrorKind::Forbidden, "{} speaks for itself alone", to_text(call->caller.node));
  api.front.sync(std::move(request), [call](Result<SyncAnswer> news) {
    if (!news) return refuse(*call, news.error());
    answer(*call, *news);
  });
  return {};
}

Result<void> get_launch(Api& api, CallPtr const& call) {
  TRY(AttemptId const attempt, attempt_parameter(*call));
  Node const* node = call->snapshot->pool.node(call->caller.node);
  if (node == nullptr || !node->attempts.contains(attempt))
    return fail(ErrorKind::NotFound, "attempt {} has no place on {}", to_text(attempt), to_text(call->caller.node));
  on_worker(api, call, [&api, attempt](Call& asked) -> Result<void> {
    TRY(auto request, api.front.blob(asked.snapshot->pool.jobs.at(attempt.job.value).body));
    answer(asked, api::Launch{.request = Json{std::move(request)}, .token = api.front.attempt_token(attempt)});
    return {};
  });
  return {};
}

Result<void> push_log(Api& api, CallPtr const& call) {
  TRY(AttemptId const attempt, attempt_parameter(*call));
  TRY(auto query, query_of<api::PushLogQuery>(*call));
  on_worker(api, call, [&api, attempt, query](Call& asked) -> Result<void> {
    TRY_VOID(check_own_attempt(api, asked, attempt));
    TRY(auto stored, api.logs.append(attempt, query.offset, asked.request.body, query.last));
    api.log_followers.wake(attempt);
    answer(asked, api::StoredLog{.stored = stored});
    return {};
  });
  return {};
}

Result<void> renew_certificate(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::RenewCertificate>(*call));
  if (!call->request.certificate) return fail(ErrorKind::Forbidden, "only a node with a certificate has one to renew");
  Node const* known = call->snapshot->pool.node(call->caller.node);
  if (known == nullptr || known->state == NodeState::Lost)
    return Unexpected(Error{ErrorKind::Conflict,
                            fmt::format("{} was declared lost", to_text(call->caller.node)),
                            "join the machine anew: nav agent --join ADDRESS --token-file FILE",
                            {}});
  on_worker(api, call, [&api, wanted](Call& asked) -> Result<void> {
    api::JoinedNode node{.node = asked.caller.node, .installation = {}, .certificate = {}, .ca = {}, .token = {}};
    if (wanted.certificate_request.empty()) return fail_field("certificate_request", "a PKCS #10 request as PEM", "certificate_request is empty");
    TRY_VOID(give_credentials(api, asked, wanted.certificate_request, node));
    answer(asked, api::NodeCertificate{.certificate = std::move(node.certificate), .ca = std::move(node.ca)});
    return {};
  });
  return {};
}

}  // namespace nav::http
