// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/text.h"

namespace nav {
namespace {

// Its socket lies in a folder that only the job's own user may enter, and the door asks everybody who they are before it goes on to it: Jupyter needs no
// password beside that, and none can be seen by others in its arguments or log.
constexpr char jupyter_script[] = R"(
if [ -z "$NAV_SOCKET" ]; then
  echo "nav: the agent's folder on this node has too long a path for a socket below it: Jupyter cannot be kept from other users here" >&2
  exit 78
fi
for kind in lab notebook server; do
  if jupyter $kind --version >/dev/null 2>&1; then
    exec jupyter $kind --ServerApp.sock="$NAV_SOCKET" --ServerApp.sock_mode=0600 --ServerApp.base_url="$NAV_SERVICE_PREFIX" \
      --ServerApp.open_browser=False --ServerApp.allow_remote_access=True --IdentityProvider.token=
  fi
done
echo "nav: Jupyter is not installed on this node, or not where jobs find it: pip install jupyterlab there, or give a command of your own after --" >&2
exit 127
)";

}  // namespace

std::vector<std::string> const& notebook_command() {
  static std::vector<std::string> const command{"sh", "-c", jupyter_script};
  return command;
}

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
