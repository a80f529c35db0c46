// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <gtest/gtest.h>

#include "adapters/certificates.h"
#include "client/http_client.h"
#include "http/raw_client.h"
#include "http/server.h"

namespace nav::http {
namespace {

using client::HttpClient;

Time now() {
  auto const since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

/// One installation's CA, and the certificates it gives.
struct Installation {
  KeyPair ca = *make_ca("nav test", now());
  std::string fingerprint = read_certificate(ca.certificate_pem)->sha256;

  Tls tls(ClientCertificate client = ClientCertificate::None, std::vector<std::string> const& names = {"localhost", "127.0.0.1"}) const {
    KeyPair const server = *issue_server_certificate(ca, names, now());
    return {server.certificate_pem, server.key_pem, ca.certificate_pem, client};
  }

  client::Options node(Server const& server, std::string const& name, Time at = now()) const {
    CertificateRequest const request = *make_certificate_request();
    std::string const certificate = *sign_node_certificate(ca, request.request_pem, name, at);
    return {.url = server.url(), .ca_pem = ca.certificate_pem, .certificate_pem = certificate, .key_pem = request.key_pem};
  }
};

Server serve(Tls tls, Handler handler = {}) {
  if (!handler) handler = [](Request request, Reply reply) { reply.send({.body = request.certificate ? request.certificate->common_name : "somebody"}); };
  Options options;
  options.tls = std::move(tls);
  options.log = [](std::string_view) {};
  auto server = Server::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server) << to_text(server.error());
  return std::move(*server);
}

TEST(Tls, AClientThatKnowsTheCaIsServed) {
  Installation const ours;
  Server const server = serve(ours.tls());
  HttpClient client({.url = server.url(), .ca_pem = ours.ca.certificate_pem});
  for (int i = 0; i < 3; ++i) {
    auto const answer = client.call({.path = "/"});
    ASSERT_TRUE(answer) << to_text(answer.error());
    EXPECT_EQ(answer->body, "somebody");
  }
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Tls, AJoinAddressNeedsNothingButTheFingerprint) {
  Installation const ours;
  Server const server = serve(ours.tls());
  HttpClient client({.url = server.url(), .ca_sha256 = ours.fingerprint});
  auto const answer = client.call({.path = "/"});
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(client.ca_pem(), ours.ca.certificate_pem);
}

TEST(Tls, AWrongFingerprintIsRefusedBeforeAnythingIsSent) {
  Installation const ours, theirs;
  bool asked = false;
  Server const server = serve(theirs.tls(), [&](Request, Reply reply) {
    asked = true;
    reply.send(Response{});
  });
  HttpClient client({.url = server.url(), .token = "nav_secret", .ca_sha256 = ours.fingerprint});
  auto const answer = client.call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Unauthenticated);
  EXPECT_FALSE(asked);
}

TEST(Tls, TheCaAmongStolenOnesIsNoUseWithoutItsKey) {
  // Somebody shows our CA certificate (it is no secret) behind a certificate of their own.
  Installation const ours, theirs;
  Tls tls = theirs.tls();
  tls.certificate_pem += ours.ca.certificate_pem;
  Server const server = serve(tls);
  auto const answer = HttpClient({.url = server.url(), .ca_sha256 = ours.fingerprint}).call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Unauthenticated);
}

TEST(Tls, ACertificateForAnotherHostIsRefused) {
  Installation const ours;
  Server const server = serve(ours.tls(ClientCertificate::None, {"elsewhere.example"}));
  auto const answer = HttpClient({.url = server.url(), .ca_pem = ours.ca.certificate_pem}).call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Unauthenticated);
}

TEST(Tls, ANodeIsKnownByItsCertificate) {
  Installation const ours;
  std::string sha256;
  Server const server = serve(ours.tls(ClientCertificate::Required), [&](Request request, Reply reply) {
    sha256 = request.certificate.value().sha256;
    reply.send({.body = request.certificate->common_name});
  });
  client::Options const node = ours.node(server, "node-7");
  auto const answer = HttpClient(node).call({.path = "/"});
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->body, "node-7");
  EXPECT_EQ(sha256, read_certificate(node.certificate_pem)->sha256);
}

TEST(Tls, ARequestedCertificateMayBeMissing) {
  Installation const ours;
  Server const server = serve(ours.tls(ClientCertificate::Requested));
  EXPECT_EQ(HttpClient({.url = server.url(), .ca_pem = ours.ca.certificate_pem}).call({.path = "/"})->body, "somebody");
  EXPECT_EQ(HttpClient(ours.node(server, "node-8")).call({.path = "/"})->body, "node-8");
}

TEST(Tls, MutualTlsRefusesStrangers) {
  Installation const ours, theirs;
  bool asked = false;
  Server const server = serve(ours.tls(ClientCertificate::Required), [&](Request, Reply reply) {
    asked = true;
    reply.send(Response{});
  });
  client::Options const nobody{.url = server.url(), .ca_pem = ours.ca.certificate_pem};
  client::Options stranger = theirs.node(server, "node-7");
  stranger.ca_pem = ours.ca.certificate_pem;
  client::Options const expired = ours.node(server, "node-7", now() - days(31));
  // A server's certificate proves nothing about a client.
  KeyPair const other_server = *issue_server_certificate(ours.ca, {"node-7"}, now());
  client::Options misused = nobody;
  misused.certificate_pem = other_server.certificate_pem;
  misused.key_pem = other_server.key_pem;
  for (auto const& options : {nobody, stranger, expired, misused}) {
    auto const answer = HttpClient(options).call({.path = "/"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Unauthenticated) << to_text(answer.error());
  }
  EXPECT_FALSE(asked);
}

TEST(Tls, ANodeCannotPoseAsTheServer) {
  Installation const ours;
  CertificateRequest const request = *make_certificate_request();
  std::string const node = *sign_node_certificate(ours.ca, request.request_pem, "localhost", now());
  Server const server = serve({node + ours.ca.certificate_pem, request.key_pem});
  auto const answer = HttpClient({.url = server.url(), .ca_sha256 = ours.fingerprint}).call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Unauthenticated);
}

TEST(Tls, PlainWordsToATlsPortAreNotAnswered) {
  Installation const ours;
  Server const server = serve(ours.tls());
  RawClient plain(server.port());
  EXPECT_EQ(plain.send(get("/")).read_all().find("HTTP/"), std::string::npos);
  // And the server is none the worse for it.
  EXPECT_TRUE(HttpClient({.url = server.url(), .ca_pem = ours.ca.certificate_pem}).call({.path = "/"}));
}

TEST(Tls, ALargeBodyAndALargeAnswerPass) {
  Installation const ours;
  Server const server = serve(ours.tls(), [](Request request, Reply reply) { reply.send({.body = request.body + request.body}); });
  std::string const body(1'000'000, 'x');
  auto const answer = HttpClient({.url = server.url(), .ca_pem = ours.ca.certificate_pem}).call({.method = "POST", .path = "/", .body = body});
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->body.size(), 2'000'000u);
}

TEST(Tls, ATooLargeBodyIsRefusedWithItsReason) {
  Installation const ours;
  Server const server = serve(ours.tls());
  HttpClient client({.url = server.url(), .ca_pem = ours.ca.certificate_pem});
  auto const answer = client.call({.method = "POST", .path = "/", .body = std::string(3'000'000, 'x')});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::TooLarge) << to_text(answer.error());
}

TEST(Tls, StreamsWorkAsTheyDoInTheOpen) {
  Installation const ours;
  Server const server = serve(ours.tls(), [](Request, Reply reply) {
    Stream stream = reply.stream({.body = "one"});
    stream.write("two");
  });
  std::string text;
  auto const answer = HttpClient({.url = server.url(), .ca_pem = ours.ca.certificate_pem}).stream({.path = "/"}, [&](std::string_view bytes) {
    text += bytes;
    return true;
  });
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(text, "onetwo");
}

TEST(Tls, ARenewedCertificateServesNewConnections) {
  Installation const ours, renewed;
  Server server = serve(ours.tls());
  ASSERT_TRUE(server.replace_tls(renewed.tls()));
  EXPECT_FALSE(HttpClient({.url = server.url(), .ca_pem = ours.ca.certificate_pem}).call({.path = "/"}));
  EXPECT_TRUE(HttpClient({.url = server.url(), .ca_pem = renewed.ca.certificate_pem}).call({.path = "/"}));
  auto const broken = server.replace_tls({"no certificate", "no key"});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::InvalidArgument);
  EXPECT_TRUE(HttpClient({.url = server.url(), .ca_pem = renewed.ca.certificate_pem}).call({.path = "/"}));
}

TEST(Tls, AKeyOfAnotherCertificateIsRefused) {
  Installation const ours;
  Tls tls = ours.tls();
  tls.key_pem = ours.tls().key_pem;
  auto const server = Server::start({.tls = tls}, [](Request, Reply) {});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().field, "key");
}

TEST(Tls, BeyondLoopbackIsServedWithIt) {
  Installation const ours;
  Options options;
  options.host = "0.0.0.0";
  options.tls = ours.tls();
  auto const server = Server::start(std::move(options), [](Request, Reply reply) { reply.send(Response{}); });
  ASSERT_TRUE(server) << to_text(server.error());
  auto const answer = HttpClient({.url = fmt::format("https://127.0.0.1:{}", server->port()), .ca_sha256 = ours.fingerprint}).call({.path = "/"});
  EXPECT_TRUE(answer) << to_text(answer.error());
}

TEST(Tls, AServerGoneInTheMiddleOfAHandshakeIsUnavailable) {
  Installation const ours;
  std::optional<Server> server = serve(ours.tls(), [](Request, Reply) {});
  std::string const url = server->url();
  server.reset();
  auto const answer = HttpClient({.url = url, .ca_sha256 = ours.fingerprint}).call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace nav::http
