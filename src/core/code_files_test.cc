// SPDX-License-Identifier: Apache-2.0
#include "core/code_files.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

std::string const digest = "sha256:" + std::string(64, 'a');

std::string refusal(std::vector<std::string> const& paths) {
  std::vector<CodeFile> code;
  for (auto const& path : paths) code.push_back({path, digest});
  auto const checked = check(code);
  return checked ? "" : checked.error().field + " " + checked.error().message;
}

TEST(CodeFiles, AreFilesBelowTheFolder) {
  EXPECT_EQ(refusal({"train.py", "src/model.py", "src/deep/er.py", "..hidden/x"}), "");
  for (char const* path : {"", "/etc/passwd", "../x", "src/../../x", "src//x", "src/", "./x", "a/."})
    EXPECT_NE(refusal({"train.py", path}).find("code[1].path"), std::string::npos) << path;
  EXPECT_NE(refusal({std::string("a\0b", 3)}), "");
  EXPECT_NE(refusal({std::string(300, 'x')}), "");
}

TEST(CodeFiles, HaveEachAPlaceOfTheirOwn) {
  EXPECT_NE(refusal({"a", "a"}).find("twice"), std::string::npos);
  EXPECT_NE(refusal({"a", "a/b"}).find("stands where its folder"), std::string::npos);
  EXPECT_NE(refusal({"a/b", "a"}).find("others have a folder"), std::string::npos);
}

TEST(CodeFiles, AreNamedByContentAndNotTooMany) {
  EXPECT_EQ(check({{"a", "sha256:beef"}}).error().field, "code[0].digest");
  std::vector<CodeFile> code;
  for (std::size_t i = 0; i <= most_code_files; ++i) code.push_back({std::to_string(i), digest});
  EXPECT_EQ(check(code).error().field, "code");
}

}  // namespace
}  // namespace nav
