// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/ports.h"

/// The frames of one group commit as the bytes of one journal row: numbers as differences from the frame before, a CRC-32C at the end.
namespace nav {

/// Sequences must follow one another without a gap.
std::string encode_frames(std::vector<Frame> const& frames);

/// Internal when the bytes are not what was written.
Result<std::vector<Frame>> decode_frames(std::string_view bytes);

}  // namespace nav
