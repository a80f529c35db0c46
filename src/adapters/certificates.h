// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

/// The certificates of one installation: a CA of its own, the certificate its servers show, and one for each node. All keys are
/// ECDSA P-256, all texts PEM. Nothing here touches a file: who writes a key down does so with mode 0600.
namespace nav {

constexpr Duration ca_lifetime = days(3650);
constexpr Duration server_certificate_lifetime = days(397);  // what browsers accept
constexpr Duration node_certificate_lifetime = days(30);

struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

/// A CA that may sign certificates of servers and nodes, but no other CA. `name` is for people to read.
Result<KeyPair> make_ca(std::string_view name, Time now);

/// A certificate for a server known by these host names and IP addresses. The CA's own certificate follows it, so that a client
/// which knows only the CA's fingerprint finds it in the chain it is shown.
Result<KeyPair> issue_server_certificate(KeyPair const& ca, std::vector<std::string> const& names, Time now);

struct CertificateRequest {
  std::string request_pem;
  std::string key_pem;  ///< stays where it was made
};

/// The node's half of joining: a fresh key and a request to have it certified.
Result<CertificateRequest> make_certificate_request();

/// The controller's half: certifies the requested key as the node's, for client authentication only. What the request says of its
/// subject is ignored. InvalidArgument (field "request") when it is malformed or does not prove possession of its key.
Result<std::string> sign_node_certificate(KeyPair const& ca, std::string const& request_pem, std::string_view node, Time now);

struct CertificateFacts {
  std::string sha256;  ///< of the DER form, lower-case hex: the fingerprint of join addresses
  std::string common_name;
  Time not_before;
  Time not_after;
  std::vector<std::string> names;  ///< host names and IP addresses
};

/// Of the first certificate in the text.
Result<CertificateFacts> read_certificate(std::string const& pem);

/// Whether a third of its life, or less, is left.
bool is_renewal_due(CertificateFacts const& certificate, Time now);

}  // namespace nav
