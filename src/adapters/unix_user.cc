// SPDX-License-Identifier: Apache-2.0
#include "adapters/unix_user.h"

#include <cerrno>
#include <grp.h>
#include <pwd.h>

namespace nav {

Result<supervisor::RunAs> unix_user(std::string const& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::string buffer(1024, '\0');
  int error = 0;
  while ((error = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found)) == ERANGE) buffer.resize(buffer.size() * 2);
  if (!found) return fail(ErrorKind::NotFound, "there is no unix user {} on this node", name);
  supervisor::RunAs as{entry.pw_uid, entry.pw_gid, {}};
  int count = 64;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  if (::getgrouplist(name.c_str(), entry.pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(name.c_str(), entry.pw_gid, groups.data(), &count) < 0) count = 0;
  }
  as.groups.assign(groups.begin(), groups.begin() + count);
  return as;
}

}  // namespace nav
