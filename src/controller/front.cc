// SPDX-License-Identifier: Apache-2.0
#include "controller/front.h"

namespace nav {

NAV_SEALED_HERE(Command)

}  // namespace nav
