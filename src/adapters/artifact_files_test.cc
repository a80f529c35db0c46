// SPDX-License-Identifier: Apache-2.0
#include "adapters/artifact_files.h"

#include <gtest/gtest.h>

#include "adapters/secrets.h"
#include "adapters/test_folder.h"

namespace nav {
namespace {

std::string digest_for(std::string const& bytes) { return "sha256:" + sha256_hex(bytes); }

TEST(ArtifactFiles, KeepsAFileThatComesInPiecesAndGoesOnWhereItWas) {
  TestFolder folder;
  std::string const text = "hello, artifacts";
  ProjectId const vision{2};
  {
    ArtifactFiles store(folder.path());
    EXPECT_EQ(store.put(vision, digest_for(text), 0, text.size(), "hello")->stored, 5u);
    EXPECT_EQ(store.get(vision, digest_for(text), 0, 100).error().kind, ErrorKind::NotFound);
  }
  ArtifactFiles store(folder.path());
  auto const gap = store.put(vision, digest_for(text), 9, text.size(), "x");
  EXPECT_EQ(gap.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(gap.error().hint, "5");
  auto const done = store.put(vision, digest_for(text), 3, text.size(), text.substr(3));
  ASSERT_TRUE(done && done->complete);
  EXPECT_EQ(store.get(vision, digest_for(text), 7, 5)->bytes, "artif");
  EXPECT_EQ(store.list(vision, "", 10)->at(0).size, text.size());
  EXPECT_EQ(store.get(ProjectId{3}, digest_for(text), 0, 1).error().kind, ErrorKind::NotFound);  // another project's
}

TEST(ArtifactFiles, ThrowsAwayWhatIsNotWhatItsDigestSays) {
  TestFolder folder;
  ArtifactFiles store(folder.path());
  auto const lie = store.put(ProjectId{1}, digest_for("truth"), 0, 3, "lie");
  EXPECT_EQ(lie.error().field, "digest");
  EXPECT_TRUE(store.put(ProjectId{1}, digest_for("truth"), 0, 5, "truth")->complete);
}

TEST(ArtifactFiles, RefusesMoreThanAProjectMayHave) {
  TestFolder folder;
  ArtifactFiles store(folder.path(), {.bytes_a_project = 8, .bytes_a_file = 6});
  EXPECT_TRUE(store.put(ProjectId{1}, digest_for("12345"), 0, 5, "12345"));
  EXPECT_EQ(store.put(ProjectId{1}, digest_for("67890"), 0, 5, "67890").error().kind, ErrorKind::StorageFull);
  EXPECT_EQ(store.put(ProjectId{1}, digest_for("1234567"), 0, 7, "1234567").error().kind, ErrorKind::TooLarge);
}

TEST(ArtifactFiles, RemovesWhatIsThereAndMakesRoom) {
  TestFolder folder;
  ArtifactFiles store(folder.path(), {.bytes_a_project = 8, .bytes_a_file = 6});
  ProjectId const vision{2};
  EXPECT_EQ(store.remove(vision, digest_for("12345")).error().kind, ErrorKind::NotFound);
  ASSERT_TRUE(store.put(vision, digest_for("12345"), 0, 5, "12345"));
  EXPECT_EQ(store.remove(ProjectId{3}, digest_for("12345")).error().kind, ErrorKind::NotFound) << "another project's";
  EXPECT_TRUE(store.remove(vision, digest_for("12345")));
  EXPECT_EQ(store.get(vision, digest_for("12345"), 0, 1).error().kind, ErrorKind::NotFound);
  EXPECT_TRUE(store.list(vision, "", 10)->empty());
  EXPECT_TRUE(store.put(vision, digest_for("67890"), 0, 5, "67890")->complete);
}

TEST(ArtifactFiles, ThrowsAwayWhatBeganToComeAndWasNotGoneOnWith) {
  TestFolder folder;
  ArtifactFiles store(folder.path());
  ProjectId const vision{2};
  std::string const whole = digest_for("whole"), begun = digest_for("begun");
  ASSERT_TRUE(store.put(vision, whole, 0, 5, "whole"));
  ASSERT_TRUE(store.put(vision, begun, 0, 5, "beg"));
  store.drop_unfinished(vision, Time{1});
  EXPECT_TRUE(store.is_on_its_way(vision, begun)) << "it was written after that";
  store.drop_unfinished(vision, Time{INT64_MAX});
  EXPECT_FALSE(store.is_on_its_way(vision, begun));
  EXPECT_EQ(store.get(vision, whole, 0, 5)->bytes, "whole");
  EXPECT_EQ(store.put(vision, begun, 0, 5, "begun")->stored, 5u);
}

}  // namespace
}  // namespace nav
