// SPDX-License-Identifier: Apache-2.0
#include "adapters/node_identity.h"

#include <unistd.h>

#include <cerrno>

#include "adapters/certificates.h"
#include "api/agent_api.h"
#include "client/address.h"
#include "supervisor/files.h"

namespace nav {

client::Options NodeIdentity::client_options() const {
  client::Options options;
  options.url = url;
  options.token = token;
  options.ca_pem = ca;
  options.certificate_pem = certificate;
  options.key_pem = key;
  return options;
}

Result<NodeIdentity> load_identity(std::string const& data_folder) {
  auto const path = data_folder + "/identity";
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT)
    return Unexpected(Error{ErrorKind::NotFound, "this machine has not joined a controller yet", "nav agent --join ADDRESS --token-file FILE", ""});
  auto const text = supervisor::read_whole(path);
  if (!text) return fail(ErrorKind::Unavailable, "{}", text.error());
  auto identity = json_read<NodeIdentity>(*text, Unknown::Ignore);
  if (!identity) return within(fmt::format("read {}", path), std::move(identity).error());
  return identity;
}

Result<void> save_identity(std::string const& data_folder, NodeIdentity const& identity) {
  auto const saved = supervisor::replace_file(data_folder, "identity", json_write(identity), 0600, supervisor::Durability::Power);
  if (!saved) return fail(ErrorKind::Unavailable, "{}", saved.error());
  return {};
}

Result<NodeIdentity> join(std::string const& data_folder, JoinWishes const& wishes) {
  if (auto known = load_identity(data_folder); known)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("this machine has joined {} as {} already", known->url, known->name),
                            fmt::format("leave --join out to go on as that node, or take another --data than {}", data_folder), ""});
  TRY(auto const address, client::parse_address(wishes.address));
  if (auto made = supervisor::make_folder(data_folder, 0700); !made) return fail(ErrorKind::Unavailable, "{}", made.error());
  NodeIdentity identity{.url = address.url, .name = wishes.name};
  api::JoinNode request{.protocol = 1, .name = wishes.name, .site = wishes.site, .labels = wishes.labels, .certificate_request = {}};
  if (address.url.starts_with("https://")) {
    TRY(auto made, make_certificate_request());
    request.certificate_request = std::move(made.request_pem);
    identity.key = std::move(made.key_pem);
  }
  client::Options options;
  options.url = address.url;
  options.token = wishes.token;
  options.ca_sha256 = address.ca_sha256;
  client::HttpClient client(options);
  auto answer = client.call({.method = "POST", .path = "/v1/agent/join", .body = json_write(request)});
  if (!answer) return within(fmt::format("join {}", address.url), std::move(answer).error());
  TRY(auto joined, json_read<api::JoinedNode>(answer->body, Unknown::Ignore));
  identity.node = joined.node;
  identity.installation = std::move(joined.installation);
  identity.certificate = std::move(joined.certificate);
  identity.ca = joined.ca.empty() ? client.ca_pem() : std::move(joined.ca);
  identity.token = std::move(joined.token);
  TRY_VOID(save_identity(data_folder, identity));
  return identity;
}

namespace {

/// The controller no longer knows this node, or declared it lost. A controller that cannot be asked says nothing of the kind.
bool is_cast_out(NodeIdentity const& identity) {
  if (identity.certificate.empty()) return false;
  auto const request = make_certificate_request();
  if (!request) return false;
  client::HttpClient client(identity.client_options());
  auto const answer = client.call({.method = "POST", .path = "/v1/agent/renew", .body = json_write(api::RenewCertificate{request->request_pem})});
  return !answer && (answer.error().kind == ErrorKind::Conflict || answer.error().kind == ErrorKind::Unauthenticated);
}

}  // namespace

Result<NodeIdentity> take_up_or_join(std::string const& data_folder, JoinWishes const& wishes) {
  auto identity = load_identity(data_folder);
  if (!identity && identity.error().kind == ErrorKind::NotFound && !wishes.address.empty()) return join(data_folder, wishes);
  if (!identity || wishes.address.empty()) return identity;
  TRY(auto const address, client::parse_address(wishes.address));
  if (!address.ca_sha256.empty() && !identity->ca.empty()) {
    TRY(auto const ca, read_certificate(identity->ca));
    if (ca.sha256 != address.ca_sha256)
      return Unexpected(Error{ErrorKind::Conflict, fmt::format("this machine is {} of another installation", identity->name),
                              fmt::format("take another --data than {} to join a second one", data_folder), ""});
  }
  if (address.url != identity->url) {
    identity->url = address.url;
    TRY_VOID(save_identity(data_folder, *identity));
  }
  // Who gives a token wants in, whatever this machine was: a node that was declared lost begins as a new one.
  if (!wishes.token.empty() && is_cast_out(*identity)) {
    if (::unlink((data_folder + "/identity").c_str()) != 0) return fail(ErrorKind::Unavailable, "{}", supervisor::errno_text("remove the old identity"));
    return join(data_folder, wishes);
  }
  return identity;
}

Result<bool> renew_if_due(std::string const& data_folder, NodeIdentity& identity, Time now) {
  if (identity.certificate.empty()) return false;
  TRY(auto const facts, read_certificate(identity.certificate));
  if (!is_renewal_due(facts, now)) return false;
  TRY(auto request, make_certificate_request());
  client::HttpClient client(identity.client_options());
  TRY(auto answer, client.call({.method = "POST", .path = "/v1/agent/renew", .body = json_write(api::RenewCertificate{request.request_pem})}));
  TRY(auto renewed, json_read<api::NodeCertificate>(answer.body, Unknown::Ignore));
  NodeIdentity next = identity;
  next.certificate = std::move(renewed.certificate);
  next.key = std::move(request.key_pem);
  if (!renewed.ca.empty()) next.ca = std::move(renewed.ca);
  TRY_VOID(save_identity(data_folder, next));
  identity = std::move(next);
  return true;
}

}  // namespace nav
