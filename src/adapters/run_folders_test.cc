// SPDX-License-Identifier: Apache-2.0
#include "adapters/run_folders.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "adapters/test_folder.h"

namespace nav {
namespace {

TEST(RunFolders, KeepsFilesOfEachRunApart) {
  TestFolder folder;
  RunFolders files(folder.path());
  ASSERT_TRUE(files.write("one", {"models", "best.pt"}, std::string("a\0b", 3)));
  ASSERT_TRUE(files.write("two", {"models", "best.pt"}, "other"));
  ASSERT_TRUE(files.write("one", {"notes.txt"}, ""));
  EXPECT_EQ(*files.read("one", {"models", "best.pt"}), std::string("a\0b", 3));
  EXPECT_EQ(*files.read("two", {"models", "best.pt"}), "other");
  auto const top = files.list("one", {}).value();
  ASSERT_EQ(top.size(), 2u);
  EXPECT_TRUE(top[0].is_folder);
  EXPECT_EQ(top[1].name, "notes.txt");
  EXPECT_EQ(files.list("one", {"models"})->front().size, 3u);
  EXPECT_TRUE(files.list("three", {})->empty());
}

TEST(RunFolders, AFileIsReplacedAsAWhole) {
  TestFolder folder;
  RunFolders files(folder.path());
  ASSERT_TRUE(files.write("one", {"a"}, "first and long"));
  ASSERT_TRUE(files.write("one", {"a"}, "second"));
  EXPECT_EQ(*files.read("one", {"a"}), "second");
  EXPECT_EQ(files.write("one", {"a", "b"}, "").error().kind, ErrorKind::NotFound) << "a file is no folder";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing unfinished is left";
}

TEST(RunFolders, NothingOutsideTheRunIsReached) {
  TestFolder folder;
  RunFolders files(folder / "runs");
  std::filesystem::create_directories(folder / "runs/one");
  std::filesystem::create_symlink("/etc/passwd", folder / "runs/one/link");
  for (auto const& path :
       std::vector<std::vector<std::string>>{{".."}, {"..", "two"}, {"a", "..", "..", "b"}, {""}, {"."}, {"a/b"}, {"a\\b"}, {std::string("a\0", 2)}, {}}) {
    EXPECT_FALSE(files.write("one", path, "x"));
    EXPECT_FALSE(files.read("one", path));
  }
  EXPECT_FALSE(files.read("one", {"link"}));
  EXPECT_FALSE(files.write("..", {"a"}, "x"));
  EXPECT_FALSE(files.list("one", {".."}));
}

}  // namespace
}  // namespace nav
