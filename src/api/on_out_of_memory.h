// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json.h"

namespace nav::api {

/// What becomes of a job whose attempt ran out of memory.
enum class OnOutOfMemory {
  Fail,   ///< it is a failure as any other
  Climb,  ///< it begins anew where there is more memory
};
BOOST_DESCRIBE_ENUM(OnOutOfMemory, Fail, Climb)

}  // namespace nav::api
