// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "mig/boards_fixture.h"
#include "mig/geometry.h"

/// What a user types as a layout, and what a foreign agent sends as a board: whatever is taken must be whole.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace nav;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  static auto const a100 = mig::Geometry::compile(mig::fixture::a100_40()).value();
  if (auto const layout = mig::parse_layout(a100.board(), text)) {
    if (mig::parse_layout(a100.board(), mig::to_text(a100.board(), *layout)) != *layout) std::abort();
    (void)a100.state_of(*layout);
  }
  if (auto const board = json_read<mig::Board>(text)) {
    if (auto const geometry = mig::Geometry::compile(*board))
      if (!mig::check(*board) || geometry->states() == 0) std::abort();
  }
  return 0;
}
