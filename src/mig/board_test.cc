// SPDX-License-Identifier: Apache-2.0
#include "mig/board.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "mig/boards_fixture.h"

namespace nav::mig {
namespace {

TEST(Board, EveryKnownBoardIsTaken) {
  for (auto const& board : fixture::all()) EXPECT_TRUE(check(board)) << board.model;
  EXPECT_TRUE(check(fixture::v100())) << "a board that is only given whole";
}

TEST(Board, NamesFollowFromMemoryWhereItIsKnown) {
  for (auto const& board : fixture::all())
    for (auto const& profile : board.profiles)
      if (profile.memory_mib > 0) { EXPECT_EQ(name_of(profile, board.memory_mib), profile.name) << board.model; }
}

TEST(Board, SuffixesTellMediaAndGraphics) {
  EXPECT_EQ(media_of("1g.24gb"), Media::Plain);
  EXPECT_EQ(media_of("1g.24gb+me"), Media::Extensions);
  EXPECT_EQ(media_of("1g.24gb+me.all"), Media::All);
  EXPECT_EQ(media_of("1g.24gb-me"), Media::Without);
  EXPECT_TRUE(has_graphics("4g.96gb+gfx"));
  EXPECT_FALSE(has_graphics("4g.96gb"));
}

TEST(Board, TravelsAsJson) {
  for (auto const& board : fixture::all()) EXPECT_EQ(json_read<Board>(json_write(board)).value(), board);
  EXPECT_NE(json_write(fixture::rtx_pro_6000()).find("\"media\":\"extensions\""), std::string::npos);
}

std::string field_refused(void (*spoil)(Board&)) {
  auto board = fixture::a100_40();
  spoil(board);
  auto const result = check(board);
  return result ? "nothing" : result.error().field;
}

TEST(Board, NonsenseFromADriverIsRefusedByItsField) {
  EXPECT_EQ(field_refused([](Board& b) { b.model.clear(); }), "model");
  EXPECT_EQ(field_refused([](Board& b) { b.memory_slices = 17; }), "memory_slices");
  EXPECT_EQ(field_refused([](Board& b) { b.compute_slices = 0; }), "compute_slices");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[1].name = "1g.5gb"; }), "profiles[1].name");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[1].name = "1g @4"; }), "profiles[1].name");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[2].id = 19; }), "profiles[2].id");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[3].starts = {0, 7}; }), "profiles[3].starts[1]");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[3].starts = {2, 2}; }), "profiles[3].starts[1]");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[3].starts = {0xFFFFFFFF}; }), "profiles[3].starts[0]");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[3].starts.clear(); }), "profiles[3].starts");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[0].memory_slices = 9; }), "profiles[0].memory_slices");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[0].compute_slices = 8; }), "profiles[0].compute_slices");
  EXPECT_EQ(field_refused([](Board& b) { b.profiles[0].memory_mib = 50'000; }), "profiles[0].memory_mib");
  EXPECT_EQ(field_refused([](Board& b) {
              for (std::uint32_t i = 0; i < 40; ++i) b.profiles.push_back(fixture::profile(fmt::format("x{}", i), 100 + i, 1, 1, 1, {0}, {}));
            }),
            "profiles");
}

TEST(Board, AnUnknownProfileIsAnsweredWithThePossibleOnes) {
  auto const board = fixture::a30();
  EXPECT_EQ(find_profile(board, "2g.12gb").value(), 2);
  EXPECT_EQ(to_text(find_profile(board, "3g.18gb").error()), "NVIDIA A30 has no profile \"3g.18gb\" (one of 1g.6gb, 1g.6gb+me, 2g.12gb, 2g.12gb+me, 4g.24gb)");
  EXPECT_EQ(to_text(find_profile(fixture::v100(), "1g.5gb").error()), "Tesla V100-SXM2-32GB has no profile \"1g.5gb\" (it is only given whole)");
}

}  // namespace
}  // namespace nav::mig
