// SPDX-License-Identifier: Apache-2.0
#include "cli/git_code.h"

#include <gtest/gtest.h>

namespace nav::cli {
namespace {

TEST(GitCode, AnAddressARevisionAndAFolderAreToldFromAFolderOfThisMachine) {
  EXPECT_EQ(git_source("https://host/team/x.git#v1.2:training"), (GitSource{"https://host/team/x.git", "v1.2", "training"}));
  EXPECT_EQ(git_source("git@host:team/x.git"), (GitSource{"git@host:team/x.git", "", ""}));
  EXPECT_EQ(git_source("ssh://git@host:2222/x.git#main"), (GitSource{"ssh://git@host:2222/x.git", "main", ""}));
  EXPECT_EQ(git_source("https://host/x#:sub/folder"), (GitSource{"https://host/x", "", "sub/folder"}));
  for (char const* folder : {".", "src", "/srv/x.git", "me@home/x:y", "a#b"}) EXPECT_FALSE(git_source(folder)) << folder;
}

TEST(GitCode, APasswordIsNotShown) {
  EXPECT_EQ(git_source("https://ada:secret@host/x.git#v1")->shown_url(), "https://host/x.git");
  EXPECT_EQ(git_source("https://host/x@y.git")->shown_url(), "https://host/x@y.git");
}

TEST(GitCode, WhatLeadsElsewhereIsRefused) {
  for (char const* text : {"https://host/x#v1:../etc", "https://host/x#v1:/etc", "https://host/x#--upload-pack=evil", "-x://host"}) {
    auto const refused = check_out(*git_source(text));
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().field, "--code") << text;
  }
}

}  // namespace
}  // namespace nav::cli
