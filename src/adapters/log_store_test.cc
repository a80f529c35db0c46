// SPDX-License-Identifier: Apache-2.0
#include "adapters/log_store.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "adapters/small_disk.h"
#include "adapters/test_folder.h"

namespace nav {
namespace {

AttemptId const attempt{JobId{42'007}, 1};

std::string all_of(LogStore const& store, AttemptId of = attempt) {
  std::string text;
  while (true) {
    auto part = store.read(of, text.size(), 1'000);
    EXPECT_TRUE(part);
    if (!part || part->bytes.empty()) return text;
    text += part->bytes;
  }
}

TEST(FileLogStore, BytesComeBackByRange) {
  TestFolder folder;
  FileLogStore store(folder / "logs");
  EXPECT_EQ(store.append(attempt, 0, "hello ", false).value_or(0), 6u);
  EXPECT_EQ(store.append(attempt, 6, "world\n", false).value_or(0), 12u);
  auto const part = store.read(attempt, 4, 5);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->bytes, "o wor");
  EXPECT_EQ(part->next, 9u);
  EXPECT_EQ(part->size, 12u);
  EXPECT_FALSE(part->complete);
  EXPECT_TRUE(std::filesystem::exists(folder / "logs/42/42007/1.log"));
}

TEST(FileLogStore, WhatIsThereAlreadyIsSkipped) {
  TestFolder folder;
  FileLogStore store(folder / "logs");
  ASSERT_TRUE(store.append(attempt, 0, "abcdef", false));
  EXPECT_EQ(store.append(attempt, 0, "abcdef", false).value_or(0), 6u);
  EXPECT_EQ(store.append(attempt, 3, "defghi", false).value_or(0), 9u);
  EXPECT_EQ(store.append(attempt, 2, "cd", false).value_or(0), 9u);
  EXPECT_EQ(all_of(store), "abcdefghi");
}

TEST(FileLogStore, AGapIsRefusedWithTheOffsetWanted) {
  TestFolder folder;
  FileLogStore store(folder / "logs");
  ASSERT_TRUE(store.append(attempt, 0, "abc", false));
  auto const gap = store.append(attempt, 5, "fgh", false);
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(gap.error().hint, "3");
  EXPECT_EQ(all_of(store), "abc");
}

TEST(FileLogStore, ACompleteLogTakesNoMoreButAResendIsWelcome) {
  TestFolder folder;
  FileLogStore store(folder / "logs");
  ASSERT_TRUE(store.append(attempt, 0, "done", true));
  EXPECT_TRUE(store.read(attempt, 0, 10)->complete);
  EXPECT_EQ(store.append(attempt, 0, "done", true).value_or(0), 4u);
  EXPECT_EQ(store.append(attempt, 4, "more", false).error().kind, ErrorKind::Conflict);
  FileLogStore const again(folder / "logs");
  EXPECT_TRUE(again.read(attempt, 0, 10)->complete);
}

TEST(FileLogStore, AnAttemptThatWroteNothingHasAnEmptyLog) {
  TestFolder folder;
  FileLogStore store(folder / "logs");
  auto part = store.read(attempt, 0, 10);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->size, 0u);
  EXPECT_FALSE(part->complete);
  ASSERT_TRUE(store.append(attempt, 0, "", true));
  part = store.read(attempt, 99, 10);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->next, 0u);
  EXPECT_TRUE(part->complete);
}

TEST(FileLogStore, AttemptsOfOneJobAreApart) {
  TestFolder folder;
  FileLogStore store(folder / "logs");
  AttemptId const second{attempt.job, 2};
  ASSERT_TRUE(store.append(attempt, 0, "first", true));
  ASSERT_TRUE(store.append(second, 0, "second", false));
  EXPECT_EQ(all_of(store), "first");
  EXPECT_EQ(all_of(store, second), "second");
}

TEST(FileLogStore, ALogIsBounded) {
  TestFolder folder;
  FileLogStore store(folder / "logs", {.bytes_an_attempt = 10});
  ASSERT_TRUE(store.append(attempt, 0, "12345678", false));
  EXPECT_EQ(store.append(attempt, 8, "9012", false).error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(store.append(attempt, 8, "90", true).value_or(0), 10u);
}

TEST(FileLogStore, ALinkInThePlaceOfALogIsNotFollowed) {
  TestFolder folder;
  FileLogStore store(folder / "logs");
  std::ofstream(folder / "secret") << "secret";
  std::filesystem::create_directories(folder / "logs/42/42007");
  std::filesystem::create_symlink(folder / "secret", folder / "logs/42/42007/1.log");
  EXPECT_FALSE(store.read(attempt, 0, 100));
  EXPECT_FALSE(store.append(attempt, 6, "more", false));
}

TEST(FileLogStore, AFullDiskIsToldAndWorkGoesOnOnceThereIsRoom) {
  on_small_disk(1 << 20, [](std::string const& disk) {
    std::ofstream(disk + "/ballast") << std::string(400'000, 'b');
    FileLogStore store(disk + "/logs");
    std::string const chunk(90'000, 'x');
    std::uint64_t size = 0;
    Result<std::uint64_t> stored = 0;
    while ((stored = store.append(attempt, size, chunk, false))) size = *stored;
    EXPECT_EQ(stored.error().kind, ErrorKind::StorageFull);
    std::filesystem::remove(disk + "/ballast");
    stored = store.append(attempt, size, chunk, true);
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(*stored, size + chunk.size());
    EXPECT_EQ(all_of(store), std::string(size + chunk.size(), 'x'));
  });
}

TEST(FileLogStore, KilledAtAnyInstantItGoesOnWhereItsSizeSays) {
  TestFolder folder;
  auto const text = [](std::uint64_t from, std::size_t size) {
    std::string made;
    for (std::size_t i = 0; i < size; ++i) made += static_cast<char>('a' + (from + i) % 26);
    return made;
  };
  for (int round = 0; round < 10; ++round) {
    pid_t const child = ::fork();
    if (child == 0) {
      FileLogStore store(folder / "logs");
      std::uint64_t at = store.read(attempt, 0, 0)->size;
      while (true) at = store.append(attempt, at, text(at, 777), false).value();
    }
    ::usleep(static_cast<useconds_t>(1'000 + 700 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::string const found = all_of(FileLogStore(folder / "logs"));
    ASSERT_EQ(found, text(0, found.size()));
  }
}

}  // namespace
}  // namespace nav
