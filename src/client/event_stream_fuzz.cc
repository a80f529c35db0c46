// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "client/address.h"
#include "client/event_stream.h"

/// What a server sends, and what people paste as an address: events are the same however their bytes are cut.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace nav::client;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto const events_of = [&](std::size_t piece) {
    EventParser parser;
    std::vector<ServerEvent> events;
    for (std::size_t i = 0; i < text.size(); i += piece)
      if (!parser.feed(text.substr(i, piece), [&](ServerEvent const& event) {
            events.push_back(event);
            return true;
          }))
        std::abort();
    return events;
  };
  if (events_of(text.size() + 1) != events_of(1)) std::abort();
  if (auto const address = parse_address(text))
    if (auto const again = parse_address(address->url); !again || again->url != address->url) std::abort();
  return 0;
}
