// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "core/pool.h"

namespace nav {

/// The pool's part of an image.
void save_pool(Pool const& pool, ByteWriter& out);
Result<void> load_pool(ByteReader& in, Pool& pool, std::uint64_t version);

}  // namespace nav
