// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nav {

/// What errno says of a file that was to be written: a full disk is told as such, with what helps. `goods`: what the file holds, and `disk` whose it
/// is, where its path says nothing to whoever is told.
inline Unexpected disk_failure(std::string_view what, std::string const& path, std::string_view goods = {}, std::string_view disk = "its disk") {
  int const why = errno;
  if (why == ENOSPC || why == EDQUOT || why == EFBIG)
    return Unexpected(Error{ErrorKind::StorageFull, fmt::format("there is no room left for {}", goods.empty() ? path : goods),
                            fmt::format("free some space on {}", disk), ""});
  return fail(ErrorKind::Internal, "{} {}: {}", what, path, std::strerror(why));
}

}  // namespace nav
