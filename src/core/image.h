// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/access.h"
#include "core/pool.h"

/// The state of all streams as bytes: the body of a checkpoint. What follows from other parts (the links of queues, who sits on a node,
/// what of it is used) is not written but worked out again, so an image cannot contradict itself.
namespace nav {

struct Image {
  Pool pool;
  Access access;
  std::string answers;  ///< the controller's own, whatever it is
};

std::string save_image(Pool const& pool, Access const& access, std::string_view answers);

/// The state as it was saved, equal in all that `decide` and `apply` look at. Unsupported for an image of a newer version, Internal for
/// bytes that are none. Checksums are the journal's affair.
Result<Image> load_image(std::string_view bytes);

}  // namespace nav
