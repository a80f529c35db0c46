// SPDX-License-Identifier: Apache-2.0
#include "adapters/certificates.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

Time const now{1'795'000'000'000'000};  // in November 2026

KeyPair ca() { return *make_ca("nav test", now); }

TEST(Certificates, TheCaHasAFingerprintOfItsOwn) {
  auto const one = read_certificate(ca().certificate_pem);
  auto const other = read_certificate(ca().certificate_pem);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->common_name, "nav test");
  EXPECT_EQ(one->sha256.size(), 64u);
  EXPECT_NE(one->sha256, other->sha256);
  EXPECT_EQ(one->not_after, now + ca_lifetime);
}

TEST(Certificates, AServerIsKnownByItsNamesAndAddresses) {
  auto const issued = issue_server_certificate(ca(), {"gpu.example", "*.jobs.example", "127.0.0.1", "::1"}, now);
  ASSERT_TRUE(issued) << to_text(issued.error());
  auto const facts = read_certificate(issued->certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->names, (std::vector<std::string>{"gpu.example", "*.jobs.example", "127.0.0.1", "::1"}));
  EXPECT_EQ(facts->common_name, "gpu.example");
}

TEST(Certificates, ANameThatIsNoneIsRefused) {
  for (std::string const name : {"", "a b", "*", "*.", "x.*.y", "DNS:evil,IP:1.2.3.4", "x\ny"}) {
    auto const issued = issue_server_certificate(ca(), {name}, now);
    ASSERT_FALSE(issued) << name;
    EXPECT_EQ(issued.error().field, "names");
  }
}

TEST(Certificates, ANodeKeepsItsKeyAndGetsThirtyDays) {
  KeyPair const authority = ca();
  auto const request = make_certificate_request();
  ASSERT_TRUE(request) << to_text(request.error());
  auto const signed_pem = sign_node_certificate(authority, request->request_pem, "node-7", now);
  ASSERT_TRUE(signed_pem) << to_text(signed_pem.error());
  auto const facts = read_certificate(*signed_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->common_name, "node-7");
  EXPECT_EQ(facts->not_after, now + days(30));
  EXPECT_FALSE(is_renewal_due(*facts, now + days(19)));
  EXPECT_TRUE(is_renewal_due(*facts, now + days(21)));
  EXPECT_TRUE(is_renewal_due(*facts, now + days(40)));
}

TEST(Certificates, ARequestThatIsNotOneIsRefused) {
  KeyPair const authority = ca();
  std::string forged = make_certificate_request()->request_pem;
  // One digit inside the signature, which comes last.
  char& digit = forged[forged.find("\n-----END") - 12];
  digit = digit == 'A' ? 'B' : 'A';
  for (std::string const& request : {std::string(), std::string("hello"), authority.certificate_pem, forged}) {
    auto const refused = sign_node_certificate(authority, request, "node-7", now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::InvalidArgument);
    EXPECT_EQ(refused.error().field, "request");
  }
}

TEST(Certificates, ACaNeedsItsOwnKey) {
  auto const refused = issue_server_certificate({ca().certificate_pem, ca().key_pem}, {"a"}, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "key");
}

}  // namespace
}  // namespace nav
