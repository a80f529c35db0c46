// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "adapters/sqlite_journal.h"
#include "adapters/test_folder.h"
#include "core/access.h"
#include "core/pool.h"

/// tests/journals/VERSION/journal.db was written by that version (tests/record_journal.py). What it says is read by this one, for ever.
namespace nav {
namespace {

namespace fs = std::filesystem;

fs::path const recordings = fs::path(NAV_SOURCE_DIR) / "tests/journals";

std::string text_of(fs::path const& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class RecordedJournal : public testing::TestWithParam<std::string> {};

TEST_P(RecordedJournal, ComesToThePoolItStoodFor) {
  TestFolder folder;
  fs::create_directories(folder / "data");
  fs::copy_file(recordings / GetParam() / "journal.db", folder / "data/journal.db");
  auto const journal = SqliteJournal::open(folder / "data");
  ASSERT_TRUE(journal) << to_text(journal.error());
  Pool pool;
  Access access;
  std::uint64_t frames = 0;
  auto const done = (*journal)->read(0, 0, [&](Frame const& frame) {
    ++frames;
    if (frame.stream == "pool") {
      auto const event = json_read<PoolEvent>(frame.body, Unknown::Ignore);
      EXPECT_TRUE(event) << frame.body;
      if (event) apply(pool, *event, frame.stamp);
    } else if (frame.stream == "access") {
      auto const event = json_read<AccessEvent>(frame.body, Unknown::Ignore);
      EXPECT_TRUE(event) << frame.body;
      if (event) apply(access, *event);
    }
    return true;
  });
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_GT(frames, 20u);
  EXPECT_NE(access.project_named("growth"), nullptr);
  fs::path const expected = recordings / GetParam() / "pool.txt";
  if (std::getenv("UPDATE") != nullptr) std::ofstream(expected) << to_text(pool);
  EXPECT_EQ(to_text(pool), text_of(expected));
}

std::vector<std::string> versions() {
  std::vector<std::string> all;
  for (auto const& entry : fs::directory_iterator(recordings)) all.push_back(entry.path().filename().string());
  std::sort(all.begin(), all.end());
  return all;
}

std::string test_name(testing::TestParamInfo<std::string> const& info) {
  std::string name = "V" + info.param;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Versions, RecordedJournal, testing::ValuesIn(versions()), test_name);

}  // namespace
}  // namespace nav
