// SPDX-License-Identifier: Apache-2.0
#include "adapters/frame_group.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

std::vector<Frame> some_frames() {
  return {{{41, 2, Time{1'700'000'000'000'000}, UserId{3}}, "pool", R"({"NodeResumed":{"node":"node-1"}})"},
          {{42, 2, Time{1'700'000'000'000'005}, {}}, "pool", ""},
          {{43, 3, Time{1'699'999'999'999'999}, UserId{300}}, "access", "x"}};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

TEST(FrameGroup, WhatWasWrittenIsRead) {
  auto const frames = decode_frames(encode_frames(some_frames()));
  ASSERT_TRUE(frames) << frames.error().message;
  EXPECT_EQ(*frames, some_frames());
}

// The form as journals have it on disk. If this fails, old journals cannot be read: give the new form a number of its own.
TEST(FrameGroup, TheFormOnDiskStaysAsItIs) {
  EXPECT_EQ(
      hex(encode_frames(some_frames())),
      "010329048080f281838985060304706f6f6c217b224e6f6465526573756d6564223a7b226e6f6465223a226e6f64652d31227d7d000a000000020bac02066163636573730178f5cd46ea");
}

TEST(FrameGroup, AnyByteChangedOrMissingIsNoticed) {
  std::string const bytes = encode_frames(some_frames());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(decode_frames(std::string_view(bytes).substr(0, i)));
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
      EXPECT_FALSE(decode_frames(changed)) << i << ' ' << bit;
    }
  }
}

}  // namespace
}  // namespace nav
