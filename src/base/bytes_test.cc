// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>
#include <limits>

namespace nav {
namespace {

TEST(Bytes, NumbersAndTextsComeBack) {
  ByteWriter out;
  std::vector<std::uint64_t> const numbers{0, 1, 127, 128, 300, 1ull << 35, std::numeric_limits<std::uint64_t>::max()};
  std::vector<std::int64_t> const signed_numbers{0, -1, 1, -64, 64, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (auto n : numbers) out.number(n);
  for (auto n : signed_numbers) out.signed_number(n);
  out.text("a slice");
  out.fixed32(0xDEADBEEF);
  out.fixed64(0x0123456789ABCDEFull);
  ByteReader in(out.bytes());
  for (auto n : numbers) EXPECT_EQ(in.number(), n);
  for (auto n : signed_numbers) EXPECT_EQ(in.signed_number(), n);
  EXPECT_EQ(in.text(), "a slice");
  EXPECT_EQ(in.fixed32(), 0xDEADBEEF);
  EXPECT_EQ(in.fixed64(), 0x0123456789ABCDEFull);
  EXPECT_TRUE(in.is_done());
}

TEST(Bytes, SmallNumbersTakeOneByte) {
  ByteWriter out;
  out.number(127);
  out.signed_number(-64);
  EXPECT_EQ(out.bytes().size(), 2u);
}

TEST(Bytes, WhatIsMissingReadsAsZeroAndIsTold) {
  ByteReader in(
      "\x85\x01\x09"
      "abc");
  EXPECT_EQ(in.number(), 133u);
  EXPECT_FALSE(in.failed());
  EXPECT_EQ(in.text(), "");
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.number(), 0u);
  EXPECT_FALSE(in.is_done());
}

TEST(Bytes, ANumberWithoutAnEndIsRefused) {
  ByteReader in(std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12));
  EXPECT_EQ(in.number(), 0u);
  EXPECT_TRUE(in.failed());
}

TEST(Bytes, TheChecksumIsCrc32c) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);            // the check value of the catalogue of CRCs
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283u);
}

}  // namespace
}  // namespace nav
