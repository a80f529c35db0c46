// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/doc.h"
#include "base/json.h"

/// What agents say to the controller, beside the two documents of the sync. Those are declared in core/node_status.h and core/node_spec.h
/// and carry a protocol number of their own, so that agents one version behind are served.
namespace nav::api {

/// POST /v1/agent/join, with a join token as the bearer.
struct JoinNode {
  std::uint32_t protocol = 1;
  std::string name;
  std::string site = "local";
  std::map<std::string, std::string> labels;
  std::string certificate_request;

  static constexpr std::array required{"name"};
  static constexpr Doc docs[] = {
      {"", "A machine asks to be taken into the pool."},
      {"protocol", "The form of the sync it speaks.", "1"},
      {"name", "Its name in the pool: lower-case letters, digits and inner `-._`.", R"("dgx-0")", R"("minLength":1,"maxLength":63)"},
      {"site", "Where it comes from.", R"("local")", R"("minLength":1,"maxLength":63)"},
      {"labels", "What people choose nodes by.", R"({"rack":"7"})"},
      {"certificate_request", "PKCS #10, as PEM. Empty on loopback without TLS, where a token takes its place.",
       R"("-----BEGIN CERTIFICATE REQUEST-----\n...")"},
  };
};
BOOST_DESCRIBE_STRUCT(JoinNode, (), (protocol, name, site, labels, certificate_request))

struct JoinedNode {
  NodeId node;
  std::string installation;
  std::string certificate;
  std::string ca;
  std::string token;

  static constexpr Doc docs[] = {
      {"", "The machine is in the pool."},
      {"node", "Its number.", R"("node-1")"},
      {"installation", "Whose node it is now.", R"("0123456789abcdef0123456789abcdef")"},
      {"certificate", "Its own, as PEM, with its number as the common name; empty if none was asked for.", R"("-----BEGIN CERTIFICATE-----\n...")"},
      {"ca", "Who signs for this installation, as PEM.", R"("-----BEGIN CERTIFICATE-----\n...")"},
      {"token", "Its bearer token on loopback; empty where it has a certificate.", R"("")"},
  };
};
BOOST_DESCRIBE_STRUCT(JoinedNode, (), (node, installation, certificate, ca, token))

/// POST /v1/agent/renew
struct RenewCertificate {
  std::string certificate_request;

  static constexpr std::array required{"certificate_request"};
  static constexpr Doc docs[] = {
      {"", "A node's certificate will expire."},
      {"certificate_request", "PKCS #10, as PEM.", R"("-----BEGIN CERTIFICATE REQUEST-----\n...")"},
  };
};
BOOST_DESCRIBE_STRUCT(RenewCertificate, (), (certificate_request))

struct NodeCertificate {
  std::string certificate;
  std::string ca;

  static constexpr Doc docs[] = {
      {"", "A new certificate for the node that asked."},
      {"certificate", "As PEM.", R"("-----BEGIN CERTIFICATE-----\n...")"},
      {"ca", "Who signs for this installation, as PEM.", R"("-----BEGIN CERTIFICATE-----\n...")"},
  };
};
BOOST_DESCRIBE_STRUCT(NodeCertificate, (), (certificate, ca))

/// GET /v1/agent/attempts/{attempt}/launch
struct Launch {
  Json request{"{}"};
  std::string token;

  static constexpr Doc docs[] = {
      {"", "What a node needs to start an attempt it was given."},
      {"request", "The job's request.", R"({"name":"train","command":["python","train.py"]})"},
      {"token", "The attempt's own token.", R"("nav_job_...")"},
  };
};
BOOST_DESCRIBE_STRUCT(Launch, (), (request, token))

/// PUT /v1/agent/attempts/{attempt}/log
struct PushLogQuery {
  std::uint64_t offset = 0;
  bool last = false;

  static constexpr std::array required{"offset"};
  static constexpr Doc docs[] = {
      {"offset", "Where these bytes begin. What is there already is skipped; a gap is refused.", "0"},
      {"last", "Nothing comes after these.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(PushLogQuery, (), (offset, last))

struct StoredLog {
  std::uint64_t stored = 0;

  static constexpr Doc docs[] = {
      {"", "Log bytes are stored."},
      {"stored", "All bytes before this offset are stored.", "4096"},
  };
};
BOOST_DESCRIBE_STRUCT(StoredLog, (), (stored))

}  // namespace nav::api
