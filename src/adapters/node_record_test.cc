// SPDX-License-Identifier: Apache-2.0
#include "adapters/node_record.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "adapters/node_identity.h"

namespace nav {
namespace {

class NodeFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/nav-node-test-XXXXXX";
    folder = ::mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void write(std::string const& name, std::string const& text) { std::ofstream(folder + "/" + name) << text; }

  std::string folder;
};

TEST_F(NodeFiles, ARecordIsEmptyAtFirstAndThenWhatWasSaved) {
  NodeRecordFile file(folder);
  EXPECT_EQ(*file.load(), NodeRecord{});
  NodeRecord record{.installation = "here", .node = NodeId{3}, .generation = {2, 40}, .boot = "b", .xid_number = 9, .steps = {}};
  record.steps.push_back({.gpu = "GPU-1", .placement = "1g.5gb@4", .what = "create", .attempt = {JobId{42}, 1}, .since = {5}});
  ASSERT_TRUE(file.save(record));
  EXPECT_EQ(*NodeRecordFile(folder).load(), record);
}

TEST_F(NodeFiles, ADamagedRecordIsAnErrorAndNotAnEmptyOne) {
  write("record", "{\"installation\":\"he");
  auto const loaded = NodeRecordFile(folder).load();
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find(folder + "/record"), std::string::npos) << loaded.error().message;
  EXPECT_FALSE(loaded.error().hint.empty());
}

TEST_F(NodeFiles, ARecordOfANewerVersionLosesOnlyWhatIsNotKnown) {
  write("record", R"({"installation":"here","node":"node-3","generation":{"epoch":2,"sequence":40},"later":1})");
  EXPECT_EQ(NodeRecordFile(folder).load()->generation, (Generation{2, 40}));
}

TEST_F(NodeFiles, AnIdentityIsForItsOwnerAlone) {
  ASSERT_TRUE(save_identity(folder, {.url = "http://127.0.0.1:1", .installation = "here", .node = NodeId{3}, .name = "a", .token = "secret"}));
  auto const mode = std::filesystem::status(folder + "/identity").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::all, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(load_identity(folder)->token, "secret");
}

TEST_F(NodeFiles, AMachineThatHasNotJoinedIsToldHow) {
  auto const none = take_up_or_join(folder, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::NotFound);
  EXPECT_NE(none.error().hint.find("--join"), std::string::npos);
}

TEST_F(NodeFiles, AControllerMayMoveButNotBecomeAnother) {
  ASSERT_TRUE(save_identity(folder, {.url = "http://127.0.0.1:1", .installation = "here", .node = NodeId{3}, .name = "a", .token = "secret"}));
  auto const moved = take_up_or_join(folder, {.address = "http://127.0.0.1:2"});
  ASSERT_TRUE(moved) << to_text(moved.error());
  EXPECT_EQ(moved->url, "http://127.0.0.1:2");
  EXPECT_EQ(load_identity(folder)->url, "http://127.0.0.1:2");
  auto const again = join(folder, {.address = "http://127.0.0.1:2", .token = "t", .name = "b"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
}

}  // namespace
}  // namespace nav
