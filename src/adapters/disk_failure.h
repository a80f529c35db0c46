// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nav {

/// What errno says of a file that was to be written: a full disk is told as such, with what helps.
inline Unexpected disk_failure(std::string_view what, std::string const& path) {
  int const why = errno;
  if (why == ENOSPC || why == EDQUOT || why == EFBIG)
    return Unexpected(Error{ErrorKind::StorageFull, fmt::format("there is no room left for {}", path), "free some space on its disk", ""});
  return fail(ErrorKind::Internal, "{} {}: {}", what, path, std::strerror(why));
}

}  // namespace nav
