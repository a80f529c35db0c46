// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/door_head.h"

/// Heads of strangers and of what jobs serve: nothing of ours goes on to a job, nothing of a job's leaves its part of the door, and no head ends early.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace nav;
  using namespace nav::http;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto const lines = split(text, '\n');
  DoorRequest request{.method = "GET", .target = std::string(lines[0]), .fields = {}};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    auto const colon = lines[i].find(':');
    if (colon == lines[i].npos) continue;
    request.fields.emplace_back(std::string(lines[i].substr(0, colon)), std::string(lines[i].substr(colon + 1)));
  }
  if (auto const target = read_door_target(request.target)) {
    if (!request.target.starts_with("/jobs/") || !target->job) std::abort();
    if (target->without_code.find("?door=") != std::string::npos || target->without_code.find("&door=") != std::string::npos) std::abort();
  }
  auto const ends_once = [](std::string const& head) { return head.find("\r\n\r\n") == head.size() - 4; };
  request.target = "/jobs/1/";
  std::string const for_service = head_for_service(request, {.address = "127.0.0.1", .user = "ada"}, BodyFraming::Length, true);
  if (!ends_once(for_service)) std::abort();
  JobId const job{7};
  std::string const for_visitor = head_for_visitor(200, "OK", request.fields, job, BodyFraming::Chunked, false, false);
  if (!ends_once(for_visitor)) std::abort();
  for (auto const& [name, value] : request.fields)
    if (auto const cookie = confined_cookie(value, job)) {
      if (cookie->starts_with(own_cookies) || cookie->find("; Path=/jobs/7/") == std::string::npos) std::abort();
    }
  (void)cookie_of(request.fields, "nav_door_1");
  return 0;
}
