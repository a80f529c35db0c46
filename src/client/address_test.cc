// SPDX-License-Identifier: Apache-2.0
#include "client/address.h"

#include <gtest/gtest.h>

namespace nav::client {
namespace {

std::string const fingerprint = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(Address, AJoinAddressCarriesTheFingerprintOfTheCa) {
  auto const address = parse_address("https://host:8443/#sha256:" + fingerprint);
  ASSERT_TRUE(address) << to_text(address.error());
  EXPECT_EQ(address->url, "https://host:8443");
  EXPECT_EQ(address->ca_sha256, fingerprint);
}

TEST(Address, FingerprintsMayBeWrittenAsOpensslDoes) {
  std::string written;
  for (std::size_t i = 0; i < fingerprint.size(); i += 2) written += (i ? ":" : "") + fingerprint.substr(i, 2);
  for (char& c : written) c = static_cast<char>(std::toupper(c));
  auto const address = parse_address("https://host#sha256:" + written);
  ASSERT_TRUE(address) << to_text(address.error());
  EXPECT_EQ(address->ca_sha256, fingerprint);
}

TEST(Address, WhatIsNoAddressIsRefusedWithTheReason) {
  for (std::string const text : {"", "host:8443", "ftp://host", "https://", "http://:80", "https://host#md5:00", "https://host#sha256:12", "https://admin@evil",
                                 "https://a b", "http://host#sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}) {
    auto const address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().kind, ErrorKind::InvalidArgument);
    EXPECT_EQ(address.error().field, "url");
  }
}

TEST(Address, LoopbackIsKnownByItsSpelling) {
  for (std::string const url : {"http://localhost", "http://127.0.0.1:8080", "https://[::1]:8443/x", "http://127.1.2.3/"}) EXPECT_TRUE(is_loopback(url)) << url;
  for (std::string const url : {"http://localhost.example", "http://127.0.0.1.example", "https://[::2]", "http://gpu1", ""})
    EXPECT_FALSE(is_loopback(url)) << url;
}

TEST(Address, AllButUnreservedCharactersAreEncoded) { EXPECT_EQ(percent_encoded("a b/c%\xC3\xA9~"), "a%20b%2Fc%25%C3%A9~"); }

}  // namespace
}  // namespace nav::client
