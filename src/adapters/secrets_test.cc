// SPDX-License-Identifier: Apache-2.0
#include "adapters/secrets.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(Secrets, TokensAreLongAndNeverTheSame) {
  std::string const token = make_token();
  EXPECT_TRUE(token.starts_with("nav_"));
  EXPECT_EQ(token.size(), 4u + 43u);
  EXPECT_EQ(token.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"), std::string::npos);
  EXPECT_NE(token, make_token());
}

TEST(Secrets, WhatIsStoredOfATokenIsItsSha256) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(token_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Secrets, AreTheSameOrNot) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_TRUE(same_secret("", ""));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "abcd"));
}

}  // namespace
}  // namespace nav
