// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sys/stat.h>

namespace nav::cli {
namespace {

/// A home of its own, with the variables a person has there.
class Home : public testing::Test {
 protected:
  Home() {
    std::string pattern = testing::TempDir() + "nav-cli-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    set_["HOME"] = folder_;
    set_["NAV_DATA"] = folder_ + "/data";
    variables_ = [this](char const* name) -> std::optional<std::string> {
      auto const it = set_.find(name);
      return it == set_.end() ? std::nullopt : std::optional(it->second);
    };
  }
  ~Home() override { std::filesystem::remove_all(folder_); }

  void write(std::string const& path, std::string const& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + path).parent_path());
    std::ofstream(folder_ + path) << text;
  }
  void start_installation() {
    write("/data/run/url", "http://127.0.0.1:8440\n");
    write("/data/admin-token", "nav_secret\n");
  }

  std::string folder_;
  std::map<std::string, std::string> set_;
  Variables variables_;
};

TEST_F(Home, FindsTheInstallationOnThisMachine) {
  start_installation();
  auto const found = find_settings(variables_);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->url, "http://127.0.0.1:8440");
  EXPECT_EQ(found->token, "nav_secret");
}

TEST_F(Home, GoesByTheVariablesFirst) {
  start_installation();
  set_["NAV_URL"] = "https://gpu.example.org:8440#sha256:" + std::string(64, 'a');
  set_["NAV_TOKEN"] = "nav_mine";
  auto const found = find_settings(variables_);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->url, "https://gpu.example.org:8440");
  EXPECT_EQ(found->ca_sha256, std::string(64, 'a'));
  EXPECT_EQ(found->token, "nav_mine");
}

TEST_F(Home, TakesTheTokenFromAFileAsJobsHaveIt) {
  write("/token", "nav_job\n");
  set_["NAV_URL"] = "http://127.0.0.1:8440";
  set_["NAV_TOKEN_FILE"] = folder_ + "/token";
  EXPECT_EQ(find_settings(variables_)->token, "nav_job");
}

TEST_F(Home, KeepsALoginWhereOnlyItsOwnerReadsIt) {
  set_.erase("NAV_DATA");
  auto const file = login_file(variables_);
  ASSERT_TRUE(file);
  EXPECT_EQ(*file, folder_ + "/.config/opennav/login.json");
  Settings const login{"https://gpu.example.org:8440", "nav_mine", std::string(64, 'b')};
  ASSERT_TRUE(keep_login(*file, login));
  struct stat about {};
  ASSERT_EQ(stat(file->c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  auto const found = find_settings(variables_);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->token, "nav_mine");
  EXPECT_EQ(found->ca_sha256, std::string(64, 'b'));
}

TEST_F(Home, UsesTheLoginsTokenForTheSameServerSaidAgain) {
  ASSERT_TRUE(keep_login(*login_file(variables_), {"https://gpu.example.org:8440", "nav_mine", ""}));
  set_["NAV_URL"] = "https://gpu.example.org:8440";
  EXPECT_EQ(find_settings(variables_)->token, "nav_mine");
  set_["NAV_URL"] = "https://other.example.org:8440";
  EXPECT_EQ(find_settings(variables_)->token, "") << "a token goes to no server it was not made for";
}

TEST_F(Home, SaysWhatToDoWhereThereIsNoServer) {
  auto const found = find_settings(variables_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(found.error().message, "no server is running in " + folder_ + "/data, and none is named");
  EXPECT_EQ(found.error().hint, "start one with nav up, or say where one is: nav login URL, or NAV_URL and NAV_TOKEN");
}

TEST_F(Home, SaysWhichVariableIsWrong) {
  set_["NAV_URL"] = "gpu.example.org";
  auto const found = find_settings(variables_);
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().message.starts_with("NAV_URL: ")) << found.error().message;
}

}  // namespace
}  // namespace nav::cli
