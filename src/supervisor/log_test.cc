// SPDX-License-Identifier: Apache-2.0
#include "supervisor/log.h"

#include <atomic>
#include <rapidcheck.h>

#include "supervisor/attempts_fixture.h"
#include "supervisor/log_writer.h"

namespace nav::supervisor {
namespace {

/// Bytes that tell their own offset, so that a wrong one is noticed.
std::string pattern(std::int64_t from, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    auto const at = static_cast<std::uint64_t>(from) + i;
    text += static_cast<char>((at * 0x9E3779B97F4A7C15ull) >> 56);
  }
  return text;
}

class Log : public Attempts {
 protected:
  void SetUp() override {
    Attempts::SetUp();
    fs::create_directory(path());
  }
  void TearDown() override {
    fs::remove_all(path());
    Attempts::TearDown();
  }
  std::string path() const { return data_ / "log-alone"; }
};

TEST_F(Log, WhateverIsWrittenAndAskedTheBytesAreThoseOfTheirOffsets) {
  EXPECT_TRUE(rc::check([&] {
    fs::remove_all(path());
    fs::create_directory(path());
    auto const limit = *rc::gen::inRange<std::uint64_t>(2, 300);
    LogWriter writer(path(), limit);
    auto const head = static_cast<std::int64_t>(limit / 2), tail = static_cast<std::int64_t>(limit) - head;
    for (int writes = *rc::gen::inRange(0, 12); writes > 0; --writes) writer.write(pattern(writer.total(), *rc::gen::inRange<std::size_t>(0, 400)));
    auto const total = writer.total();
    auto const offset = *rc::gen::inRange<std::int64_t>(0, total + 10);
    auto const max = *rc::gen::inRange<std::size_t>(1, 500);
    auto const piece = read_log(path(), offset, max);
    RC_ASSERT(piece.has_value());
    RC_ASSERT(piece->offset == offset + piece->left_out);
    RC_ASSERT(piece->next == piece->offset + static_cast<std::int64_t>(piece->bytes.size()));
    RC_ASSERT(piece->bytes == pattern(piece->offset, piece->bytes.size()));
    auto const kept_from = offset < head ? offset : std::max({offset, head, total - tail});
    auto const kept_to = offset < head ? std::min(head, total) : total;
    if (offset <= total) {
      RC_ASSERT(piece->offset == std::min(kept_from, std::max(offset, total)));
      RC_ASSERT(static_cast<std::int64_t>(piece->bytes.size()) == std::max<std::int64_t>(std::min(kept_to - piece->offset, static_cast<std::int64_t>(max)), 0));
    }
  }));
}

TEST_F(Log, AReaderBesideTheWriterNeverSeesBytesOfAnotherPlace) {
  std::atomic<bool> done = false;
  LogWriter writer(path(), 2000);
  std::thread writing([&] {
    for (int i = 0; i < 20'000; ++i) writer.write(pattern(writer.total(), 1 + static_cast<std::size_t>(i) % 300));
    done = true;
  });
  std::int64_t offset = 0, read = 0;
  for (bool last = false; !last;) {
    last = done;
    auto const piece = read_log(path(), offset, 700).value();
    EXPECT_EQ(piece.bytes, pattern(piece.offset, piece.bytes.size())) << piece.offset;
    EXPECT_GE(piece.next, offset);
    last = last && piece.next == offset;
    offset = piece.next;
    read += static_cast<std::int64_t>(piece.bytes.size());
  }
  writing.join();
  EXPECT_EQ(offset, writer.total());
  EXPECT_GT(read, 0);
}

TEST_F(Log, AForeignTailIsRefused) {
  LogWriter writer(path(), 100);
  writer.write(pattern(0, 200));
  fs::resize_file(path() + "/log.tail", 80);
  EXPECT_EQ(read_log(path(), 60, 1000).error().message, "log.tail is cut short");
  fs::resize_file(path() + "/log.tail", 3);
  EXPECT_EQ(read_log(path(), 60, 1000).error().kind, ErrorKind::Internal);
  EXPECT_EQ(read_log(path(), -1, 1).error().field, "offset");
  EXPECT_EQ(read_log(path() + "/nowhere", 0, 1).error().kind, ErrorKind::NotFound);
}

TEST_F(Log, TheGapLineSaysHowMuchIsMissing) { EXPECT_EQ(gap_line(1234), "\n[nav: 1234 bytes of the log were left out here]\n"); }

}  // namespace
}  // namespace nav::supervisor
