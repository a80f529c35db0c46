// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"

namespace nav {

Result<void> check(Service const& service) {
  std::string const& path = service.health;
  // What may stand in the first line of a request, and in no way ends it.
  bool const is_plain = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
  if (!path.empty() && (path.front() != '/' || !is_plain || path.size() > longest_health_path))
    return fail_field("service.health", "a path that begins with /, as /healthz, without spaces", "health is \"{}\"", shortened(path, 60));
  if (service.idle_after.us != 0 && (service.idle_after < shortest_idle || service.idle_after > longest_idle))
    return fail_field("service.idle_after",
                      fmt::format("from {} to {}; leave it out if it may be idle for ever", to_text(shortest_idle), to_text(longest_idle)), "idle_after is {}",
                      to_text(service.idle_after));
  return {};
}

Time idle_deadline(ServiceStatus const& status) {
  if (!status.idle_since || status.idle_after.us <= 0) return {};
  return status.idle_since + status.idle_after;
}

std::string idle_sentence(ServiceStatus const& status) {
  std::string const since = to_text(status.idle_since);  // "2026-11-23T12:00:00.250000Z", of which people want the seconds
  return fmt::format("nobody has used it since {}Z, longer than its {}", since.substr(0, since.find('.')), to_text(status.idle_after));
}

}  // namespace nav
