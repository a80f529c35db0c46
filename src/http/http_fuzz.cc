// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/target.h"

/// What strangers ask for: whatever is taken is text, and its segments are its path.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace nav::http;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto const is_text = [](std::string const& part) { return is_utf8(part) && part.find('\0') == part.npos; };
  if (auto const target = parse_target(text)) {
    if (!is_text(target->path)) std::abort();
    std::string path;
    for (auto const& segment : target->segments) path += "/" + segment;
    if (path.empty()) path = target->path == "*" ? "*" : "/";
    if (path != target->path) std::abort();
    for (auto const& [name, values] : target->query) {
      if (!is_text(name) || values.empty()) std::abort();
      for (auto const& value : values)
        if (!is_text(value)) std::abort();
    }
    (void)is_own_host(host_of(target->authority), {"gpu.example"});
  }
  std::string_view const host = host_of(text);
  if (host.size() > text.size()) std::abort();
  (void)is_own_host(host, {"gpu.example"});
  return 0;
}
