// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/no_variable.h"

namespace nav::cli {
namespace {

/// The words offered, with a blank between, for a small world of two templates, a node and a job.
std::string offered(std::vector<std::string> const& line) {
  Command const nav = nav_command({}, no_variable);
  auto const world = [](Names kind) -> std::vector<Candidate> {
    if (kind == Names::Template) return {{"cpu", ""}, {"mig-1g.5gb", ""}};
    if (kind == Names::Node) return {{"dgx-1", "ready"}};
    if (kind == Names::Job) return {{"42", "running train"}};
    return {};
  };
  std::string out;
  for (auto const& one : candidates(nav, line, world)) out += (out.empty() ? "" : " ") + one.word;
  return out;
}

TEST(Completion, OffersCommandsAndTheirSubcommands) {
  EXPECT_EQ(offered({"jo"}), "jobs job");
  EXPECT_EQ(offered({"node", ""}), "show drain resume lost policy set-aside take-back");
  EXPECT_EQ(offered({"node", "dr"}), "drain");
}

TEST(Completion, OffersOptionsOnlyAfterADash) {
  EXPECT_EQ(offered({"logs", "--"}), "--follow --help");
  EXPECT_EQ(offered({"run", "--re"}), "--retries --restartable");
  EXPECT_EQ(offered({"run", "--im"}), "");
}

TEST(Completion, OffersNamesTheServerKnows) {
  EXPECT_EQ(offered({"run", "--on", ""}), "cpu mig-1g.5gb");
  EXPECT_EQ(offered({"run", "--on", "mi"}), "mig-1g.5gb");
  EXPECT_EQ(offered({"run", "--on=mi"}), "--on=mig-1g.5gb");
  EXPECT_EQ(offered({"node", "drain", ""}), "dgx-1");
  EXPECT_EQ(offered({"cancel", "7", ""}), "42");
  EXPECT_EQ(offered({"logs", "-f", ""}), "42");
}

TEST(Completion, OffersTheWordsThatArePossible) {
  EXPECT_EQ(offered({"jobs", "--state", "s"}), "starting succeeded");
  EXPECT_EQ(offered({"node", "policy", "dgx-1", "0", ""}), "managed fixed whole");
  EXPECT_EQ(offered({"completion", ""}), "bash zsh fish");
}

TEST(Completion, LeavesFilesAndOtherPrograms) {
  EXPECT_EQ(offered({"agent", "--token-file", "jo"}), ":files");
  EXPECT_EQ(offered({"run", "--on", "cpu", "--", "python", "tr"}), ":files");
  EXPECT_EQ(offered({"run", "--on", "cpu", "python", "--"}), ":files");
}

TEST(Completion, OffersNothingWhereNothingMoreIsTaken) {
  EXPECT_EQ(offered({"job", "42", ""}), "");
  EXPECT_EQ(offered({"jobs", "--limit", ""}), "");
}

}  // namespace
}  // namespace nav::cli
