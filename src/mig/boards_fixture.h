// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "mig/board.h"

/// Boards for tests, with the placements and figures NVIDIA's tools print on real machines. Zero memory or multiprocessors: not known.
/// Product code takes boards from the driver and never from here.
namespace nav::mig::fixture {

struct Size {
  int gb;
  std::uint64_t mib;
  std::uint32_t multiprocessors;
};

inline Profile profile(std::string name, std::uint32_t id, std::uint32_t compute, std::uint32_t width, std::uint32_t most, std::vector<std::uint32_t> starts,
                       Size size) {
  Profile made{.name = std::move(name),
               .id = id,
               .compute_slices = compute,
               .memory_slices = width,
               .memory_mib = size.mib,
               .multiprocessors = size.multiprocessors,
               .max_instances = most,
               .starts = std::move(starts)};
  made.media = media_of(made.name);
  made.graphics = has_graphics(made.name);
  return made;
}

/// Every data-centre board from A100 to GB300 but the A30: eight memory slices, seven compute slices.
inline Board seven_slice(std::string model, std::uint64_t memory_mib, Size one, Size twice, Size two, Size three, Size four, Size seven) {
  auto name = [](int g, Size size, char const* suffix = "") { return fmt::format("{}g.{}gb{}", g, size.gb, suffix); };
  std::vector<std::uint32_t> const singles{0, 1, 2, 3, 4, 5, 6};
  return {std::move(model),
          memory_mib,
          8,
          7,
          {profile(name(1, one), 19, 1, 1, 7, singles, one), profile(name(1, one, "+me"), 20, 1, 1, 1, singles, one),
           profile(name(1, twice), 15, 1, 2, 4, {0, 2, 4, 6}, twice), profile(name(2, two), 14, 2, 2, 3, {0, 2, 4}, two),
           profile(name(3, three), 9, 3, 4, 2, {0, 4}, three), profile(name(4, four), 5, 4, 4, 1, {0}, four), profile(name(7, seven), 0, 7, 8, 1, {0}, seven)}};
}

inline Board a100_40() {
  return seven_slice("NVIDIA A100-SXM4-40GB", 40960, {5, 4864, 14}, {10, 9856, 14}, {10, 9856, 28}, {20, 19968, 42}, {20, 19968, 56}, {40, 40192, 98});
}
inline Board a100_80() {
  return seven_slice("NVIDIA A100-SXM4-80GB", 81920, {10, 9728, 14}, {20, 19968, 14}, {20, 19968, 28}, {40, 40192, 42}, {40, 40192, 56}, {80, 80896, 98});
}
inline Board h100_80() {
  return seven_slice("NVIDIA H100 80GB HBM3", 81559, {10, 9984, 16}, {20, 20096, 26}, {20, 20096, 32}, {40, 40448, 60}, {40, 40448, 64}, {80, 81152, 132});
}
inline Board h100_pcie() {
  return seven_slice("NVIDIA H100 PCIe", 81559, {10, 9984, 14}, {20, 20096, 14}, {20, 20096, 30}, {40, 40448, 46}, {40, 40448, 62}, {80, 81152, 114});
}
inline Board h100_94() {
  return seven_slice("NVIDIA H100 NVL", 95830, {12, 11008, 16}, {24, 22144, 26}, {24, 22144, 32}, {47, 47488, 60}, {47, 47488, 64}, {94, 95360, 132});
}
inline Board h200() {
  return seven_slice("NVIDIA H200", 143771, {18, 16384, 16}, {35, 33024, 26}, {35, 33024, 32}, {71, 71168, 60}, {71, 71168, 64}, {141, 143360, 132});
}
inline Board b200() { return seven_slice("NVIDIA B200", 183359, {23, 22528, 18}, {45, 45312, 30}, {45, 45312, 36}, {90, 0, 0}, {90, 0, 0}, {180, 0, 0}); }

inline Board a30() {
  Size const one{6, 5952, 14}, two{12, 11968, 28}, four{24, 24000, 56};
  return {"NVIDIA A30",
          24576,
          4,
          4,
          {profile("1g.6gb", 14, 1, 1, 4, {0, 1, 2, 3}, one), profile("1g.6gb+me", 21, 1, 1, 1, {0, 1, 2, 3}, one), profile("2g.12gb", 5, 2, 2, 2, {0, 2}, two),
           profile("2g.12gb+me", 6, 2, 2, 1, {0, 2}, two), profile("4g.24gb", 0, 4, 4, 1, {0}, four)}};
}

/// Twelve memory slices, and profiles with and without graphics and media engines.
inline Board rtx_pro_6000() {
  Size const one{24, 24192, 46}, two{48, 48512, 94}, four{96, 97280, 188};
  std::vector<std::uint32_t> const quarters{0, 3, 6, 9}, halves{0, 6};
  return {
      "NVIDIA RTX PRO 6000 Blackwell Server Edition",
      97887,
      12,
      4,
      {profile("1g.24gb", 14, 1, 3, 4, quarters, one), profile("1g.24gb+me", 21, 1, 3, 1, quarters, one), profile("1g.24gb+gfx", 47, 1, 3, 4, quarters, one),
       profile("1g.24gb+me.all", 65, 1, 3, 1, quarters, one), profile("1g.24gb-me", 67, 1, 3, 4, quarters, one), profile("2g.48gb", 5, 2, 6, 2, halves, two),
       profile("2g.48gb+gfx", 35, 2, 6, 2, halves, two), profile("2g.48gb+me.all", 64, 2, 6, 1, halves, two), profile("2g.48gb-me", 66, 2, 6, 2, halves, two),
       profile("4g.96gb", 0, 4, 12, 1, {0}, four), profile("4g.96gb+gfx", 32, 4, 12, 1, {0}, four)}};
}

inline Board v100() { return {"Tesla V100-SXM2-32GB", 32768, 0, 0, {}}; }

/// All that can be cut.
inline std::vector<Board> all() { return {a100_40(), a100_80(), h100_80(), h100_pcie(), h100_94(), h200(), b200(), a30(), rtx_pro_6000()}; }

/// The board with only the profiles named, in its own order.
inline Board only(Board board, std::vector<std::string> const& names) {
  std::erase_if(board.profiles, [&](Profile const& p) {
    for (auto const& name : names)
      if (p.name == name) return false;
    return true;
  });
  return board;
}

/// The board without suffixed profiles.
inline Board plain(Board board) {
  std::erase_if(board.profiles, [](Profile const& p) { return p.media != Media::Plain || p.graphics; });
  return board;
}

}  // namespace nav::mig::fixture
