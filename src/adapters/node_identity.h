// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "client/http_client.h"

namespace nav {

/// Who a node is to its controller, and what it shows for it. Kept in DATA/identity, mode 0600.
struct NodeIdentity {
  std::string url;  ///< of the controller: "https://host:8443"
  std::string installation;
  NodeId node;
  std::string name;
  std::string token;        ///< on loopback; else empty
  std::string certificate;  ///< PEM, with its key and the CA whose certificate the controller must show; empty on loopback
  std::string key;
  std::string ca;

  /// How to speak with the controller as this node.
  client::Options client_options() const;
};
BOOST_DESCRIBE_STRUCT(NodeIdentity, (), (url, installation, node, name, token, certificate, key, ca))

/// NotFound when the node has not joined yet.
Result<NodeIdentity> load_identity(std::string const& data_folder);
Result<void> save_identity(std::string const& data_folder, NodeIdentity const& identity);

struct JoinWishes {
  std::string address;  ///< "https://host:8443#sha256:..." or, on loopback, "http://127.0.0.1:8440"
  std::string token;    ///< the join token
  std::string name;
  std::string site = "local";
  std::map<std::string, std::string> labels = {};
};

/// Takes this machine into the pool and writes its identity down. The key of its certificate is made here and never leaves. Conflict when
/// the folder has an identity already.
Result<NodeIdentity> join(std::string const& data_folder, JoinWishes const& wishes);

/// The identity the folder has, or a new one. Where it has one, the address may say that the same controller is to be found elsewhere now;
/// one with another CA is refused with Conflict. An empty address asks for no more than the identity that is there.
Result<NodeIdentity> take_up_or_join(std::string const& data_folder, JoinWishes const& wishes);

/// Asks for a new certificate with a new key when a third of the life of the old one is left; true when there is a new one, which has been written
/// down. Nothing to do without a certificate.
Result<bool> renew_if_due(std::string const& data_folder, NodeIdentity& identity, Time now);

}  // namespace nav
