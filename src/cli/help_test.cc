// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "cli/commands.h"
#include "cli/help_topics.h"
#include "cli/no_variable.h"
#include "cli/parse.h"

namespace nav::cli {
namespace {

void add_help(std::string& out, std::vector<Command const*> const& path) {
  if (path.back()->hidden) return;
  out += fmt::format("$ {} --help\n{}\n", words_of(path), help_text(path, Terminal{}));
  for (auto const& sub : path.back()->subcommands) {
    auto below = path;
    below.push_back(&sub);
    add_help(out, below);
  }
}

void each_command(Command const& command, auto const& visit) {
  visit(command);
  for (auto const& sub : command.subcommands) each_command(sub, visit);
}

TEST(Help, OfEveryCommandIsAsCommitted) {
  Command const nav = nav_command({}, no_variable);
  std::string text;
  add_help(text, {&nav});
  for (auto const* topic : {"environment", "exit-codes"}) text += fmt::format("$ nav help {}\n{}\n", topic, *help_topic(topic));
  std::string const path = NAV_SOURCE_DIR "/tests/cli/help.txt";
  if (std::getenv("UPDATE") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::ostringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(committed.str(), text) << "UPDATE=1 rewrites " << path;
}

TEST(Help, FitsEightyColumnsAndNarrowerTerminals) {
  Command const nav = nav_command({}, no_variable);
  each_command(nav, [&](Command const& command) {
    std::istringstream lines(help_text({&nav, &command}, Terminal{.width = 64}));
    bool is_example = false;  // a command to copy is not broken
    for (std::string line; std::getline(lines, line);) {
      is_example = is_example || line == "Examples" || line == "Usage";
      if (line.empty()) is_example = false;
      if (is_example) continue;
      EXPECT_LE(columns_of(line), 64u) << line;
    }
  });
}

TEST(Help, SaysEverythingOnce) {
  Command const nav = nav_command({}, no_variable);
  each_command(nav, [](Command const& command) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.summary.ends_with('.')) << command.name;
    EXPECT_LE(command.summary.size(), 72u) << command.summary;
    std::set<std::string> names;
    std::set<char> letters{'h'};
    for (auto const& option : command.options) {
      EXPECT_TRUE(names.insert(option.name).second) << command.name << " " << option.name;
      EXPECT_TRUE(option.letter == 0 || letters.insert(option.letter).second) << command.name << " -" << option.letter;
      EXPECT_TRUE(option.hidden || !option.help.empty()) << command.name << " " << option.name;
    }
  });
}

TEST(Help, ShowsExamplesThatParse) {
  Command const nav = nav_command({}, no_variable);
  each_command(nav, [&](Command const& command) {
    for (auto const& example : command.examples) {
      std::string const ours = example.command.substr(0, example.command.find_first_of("|<>"));
      std::istringstream line(ours.substr(0, ours.find('\'')));
      std::vector<std::string> words;
      for (std::string word; line >> word;) words.push_back(word);
      if (words[0] != "nav") continue;
      words.erase(words.begin());
      if (ours.find('\'') != std::string::npos) words.emplace_back("text");
      Command const fresh = nav_command({}, no_variable);
      auto const parsed = parse(fresh, words);
      EXPECT_TRUE(parsed) << example.command << ": " << (parsed ? "" : parsed.error().message);
    }
  });
}

TEST(Wrapping, BreaksBetweenWordsAndKeepsLinesThatWereMade) {
  EXPECT_EQ(wrapped("one two three\nfour", 9, 2), "  one two\n  three\n  four\n");
  EXPECT_EQ(wrapped("  drawn by hand, stays as it is", 9, 0), "  drawn by hand, stays as it is\n");
}

}  // namespace
}  // namespace nav::cli
