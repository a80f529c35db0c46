// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <memory>

#include "controller/ports.h"

/// What every journal keeps, the one on disk and the simulator's. A test file includes this and gives a way to make one:
/// `INSTANTIATE_TEST_SUITE_P(Sqlite, JournalContract, testing::Values(make));`
namespace nav {

/// One place where a journal lives on when the process does not.
struct JournalHome {
  virtual ~JournalHome() = default;
  virtual Journal& journal() = 0;
  /// As after a crash and a new start.
  virtual void restart() = 0;
  /// Spoils the newest checkpoint.
  virtual void spoil_checkpoint() = 0;
};

using MakeJournalHome = std::function<std::unique_ptr<JournalHome>()>;

class JournalContract : public testing::TestWithParam<MakeJournalHome> {
 protected:
  std::unique_ptr<JournalHome> home_ = GetParam()();

  Journal& journal() { return home_->journal(); }

  static Frame frame(std::uint64_t sequence, std::uint64_t epoch = 1) {
    return {{sequence, epoch, Time{1'000'000 + static_cast<std::int64_t>(sequence)}, UserId{sequence % 3}},
            sequence % 2 ? "pool" : "access",
            fmt::format("{{\"Event\":{}}}", sequence)};
  }
  static std::vector<Frame> frames(std::uint64_t first, std::uint64_t last, std::uint64_t epoch = 1) {
    std::vector<Frame> made;
    for (std::uint64_t s = first; s <= last; ++s) made.push_back(frame(s, epoch));
    return made;
  }
  std::vector<Frame> all_after(std::uint64_t sequence, std::size_t limit = 0) {
    std::vector<Frame> found;
    auto const done = journal().read(sequence, limit, [&](Frame const& f) { return found.push_back(f), true; });
    EXPECT_TRUE(done) << done.error().message;
    return found;
  }
  void append(std::uint64_t first, std::uint64_t last, std::uint64_t epoch = 1) {
    auto const done = journal().append(frames(first, last, epoch), {});
    ASSERT_TRUE(done) << done.error().message;
  }
};

TEST_P(JournalContract, ANewOneIsEmpty) {
  EXPECT_TRUE(all_after(0).empty());
  auto const found = journal().checkpoint();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->has_value());
  EXPECT_EQ(journal().installation().size(), 32u);
}

TEST_P(JournalContract, WhatWasAppendedIsReadInOrder) {
  append(1, 3);
  append(4, 4);
  append(5, 9, 2);
  auto expected = frames(1, 4);
  for (auto& f : frames(5, 9, 2)) expected.push_back(f);
  EXPECT_EQ(all_after(0), expected);
}

TEST_P(JournalContract, ReadingBeginsAfterTheEventNamedAndEndsAtTheLimit) {
  append(1, 5);
  append(6, 10);
  EXPECT_EQ(all_after(3), frames(4, 10));
  EXPECT_EQ(all_after(3, 4), frames(4, 7));
  EXPECT_EQ(all_after(9, 1), frames(10, 10));
  EXPECT_TRUE(all_after(10).empty());
  EXPECT_TRUE(all_after(99).empty());
}

TEST_P(JournalContract, AReaderMayStopWhereItLikes) {
  append(1, 10);
  std::size_t seen = 0;
  ASSERT_TRUE(journal().read(0, 0, [&](Frame const&) { return ++seen < 4; }));
  EXPECT_EQ(seen, 4u);
}

TEST_P(JournalContract, EverythingIsThereAfterARestart) {
  append(1, 3);
  ASSERT_TRUE(journal().append(frames(4, 4), {{Digest{1, 2}, "a request"}}));
  ASSERT_TRUE(journal().save({3, "state"}));
  std::string const installation = journal().installation();
  home_->restart();
  EXPECT_EQ(all_after(0), frames(1, 4));
  EXPECT_EQ(journal().blob(Digest{1, 2}).value_or(""), "a request");
  EXPECT_EQ((**journal().checkpoint()).body, "state");
  EXPECT_EQ(journal().installation(), installation);
}

TEST_P(JournalContract, ManyEventsGoIntoOneCommitAndBodiesMayHoldAnything) {
  auto many = frames(1, 5'000);
  many[7].body.assign("\0\xFF\"\n", 4);
  many[8].body.assign(1 << 20, 'x');
  many[9].body.clear();
  ASSERT_TRUE(journal().append(many, {}));
  EXPECT_EQ(all_after(0), many);
}

TEST_P(JournalContract, ABlobIsKeptOnceAndFoundByItsDigest) {
  Digest const digest{0xFEDCBA9876543210ull, 7};
  ASSERT_TRUE(journal().append({}, {{digest, "body"}, {digest, "body"}}));
  ASSERT_TRUE(journal().append(frames(1, 1), {{digest, "body"}}));
  EXPECT_EQ(journal().blob(digest).value_or(""), "body");
  auto const other = journal().blob(Digest{7, 7});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::NotFound);
}

TEST_P(JournalContract, ALowerEpochIsRefusedAndLeavesNothing) {
  append(1, 2, 5);
  auto const late = journal().append(frames(3, 3, 4), {{Digest{9, 9}, "late"}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(all_after(0), frames(1, 2, 5));
  EXPECT_FALSE(journal().blob(Digest{9, 9}));
  append(3, 3, 6);
}

TEST_P(JournalContract, EventsThatDoNotFollowTheLastOneAreRefused) {
  append(1, 2);
  for (std::uint64_t first : {1ull, 2ull, 4ull}) {
    auto const wrong = journal().append(frames(first, first + 1), {});
    ASSERT_FALSE(wrong) << first;
    EXPECT_EQ(wrong.error().kind, ErrorKind::Unavailable);
  }
  EXPECT_EQ(all_after(0), frames(1, 2));
}

TEST_P(JournalContract, TheNewestCheckpointIsGiven) {
  append(1, 9);
  for (std::uint64_t s : {2, 5, 8}) ASSERT_TRUE(journal().save({s, fmt::format("state {}", s)}));
  auto const found = journal().checkpoint();
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->sequence, 8u);
  EXPECT_EQ((*found)->body, "state 8");
}

TEST_P(JournalContract, ASpoiledCheckpointGivesWayToTheOneBefore) {
  append(1, 9);
  ASSERT_TRUE(journal().save({2, "state 2"}));
  ASSERT_TRUE(journal().save({5, "state 5"}));
  home_->spoil_checkpoint();
  home_->restart();
  auto const found = journal().checkpoint();
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->body, "state 2");
}

TEST_P(JournalContract, TheOnlyCheckpointSpoiledIsNone) {
  append(1, 9);
  ASSERT_TRUE(journal().save({5, "state 5"}));
  home_->spoil_checkpoint();
  auto const found = journal().checkpoint();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->has_value());
  EXPECT_EQ(all_after(0), frames(1, 9));
}

}  // namespace nav
