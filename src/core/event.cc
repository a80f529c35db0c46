// SPDX-License-Identifier: Apache-2.0
#include "core/event.h"

namespace nav {

NAV_SEALED_HERE(PoolEvent)

template Result<PoolEvent> json_read<PoolEvent>(std::string_view text, Unknown unknown);
template std::string json_write<PoolEvent>(PoolEvent const& value);

}  // namespace nav
