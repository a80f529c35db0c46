// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

namespace nav::cli {
namespace {

Table people() {
  Table table({{"NAME", Fit::Shrink}, {"AGE", Fit::Keep, Align::Right}, {"NOTE", Fit::Optional}});
  table.add({"ada", "36", ""});
  table.add({"grace brewster hopper", "85", ""});
  return table;
}

TEST(Table, AlignsColumnsAndLeavesOutOptionalOnesWithNothingInThem) {
  EXPECT_EQ(people().text(Terminal{}),
            "NAME                   AGE\n"
            "ada                     36\n"
            "grace brewster hopper   85\n");
}

TEST(Table, CutsTheWidestColumnToFitATerminalAndNothingElsewhere) {
  EXPECT_EQ(people().text(Terminal{.is_terminal = true, .width = 16}),
            "NAME         AGE\n"
            "ada           36\n"
            "grace brew…   85\n");
}

TEST(Table, KeepsWhatMustBeWholeEvenWhereTheTerminalIsTooNarrow) {
  Table table({{"ID"}, {"NAME", Fit::Shrink}});
  table.add({"1234567890", "train"});
  EXPECT_EQ(table.text(Terminal{.width = 4}), "ID          NAME\n1234567890  train\n");
}

TEST(Table, PaintsOnlyWhereThereIsColour) {
  Table table({{"STATE"}});
  table.add({Cell("failed", Paint::Bad)});
  EXPECT_EQ(table.text(Terminal{}), "STATE\nfailed\n");
  EXPECT_EQ(table.text(Terminal{.has_colour = true}), "\x1b[2mSTATE\x1b[0m\n\x1b[31mfailed\x1b[0m\n");
}

TEST(Table, LetsNoCellSteerTheTerminal) {
  Table table({{"NAME"}});
  table.add(
      {"a\x1b[2Jb\nc\xC2\x9B"
       "d"});
  EXPECT_EQ(table.text(Terminal{}), "NAME\na [2Jb c d\n");
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(columns_of("größe"), 5u);
  EXPECT_EQ(cut_to("größenwahn", 5), "größ…");
  EXPECT_EQ(cut_to("größe", 5), "größe");
}

TEST(Fields, AreAlignedAndEmptyOnesLeftOut) {
  EXPECT_EQ(fields_text({{"state", "running"}, {"message", ""}, {"submitted", "now"}}, Terminal{}),
            "state      running\n"
            "submitted  now\n");
}

}  // namespace
}  // namespace nav::cli
