// SPDX-License-Identifier: Apache-2.0
#include "client/event_stream.h"

#include <gtest/gtest.h>

namespace nav::client {
namespace {

std::vector<ServerEvent> parsed(std::string_view text, std::size_t piece) {
  EventParser parser;
  std::vector<ServerEvent> events;
  for (std::size_t i = 0; i < text.size(); i += piece) {
    auto const fed = parser.feed(text.substr(i, piece), [&](ServerEvent const& event) {
      events.push_back(event);
      return true;
    });
    EXPECT_TRUE(fed);
  }
  return events;
}

TEST(EventParser, ReadsEventsHoweverTheirBytesAreCut) {
  std::string_view const text =
      "\xEF\xBB\xBF: hello\n\nid: 7\nevent: job\ndata: {\"a\":1}\n\ndata\ndata: two\r\n\r\ndata:three\r\revent: silent\n\ndata: unfinished\n";
  std::vector<ServerEvent> const expected{{"7", "job", "{\"a\":1}"}, {"7", "message", "\ntwo"}, {"7", "message", "three"}};
  for (std::size_t piece : {1u, 2u, 3u, 7u, 1000u}) EXPECT_EQ(parsed(text, piece), expected) << piece;
}

TEST(EventParser, KeepsTheServersWishForPatience) {
  EventParser parser;
  ASSERT_TRUE(parser.feed("retry: 2500\n\n", [](auto const&) { return true; }));
  EXPECT_EQ(parser.retry(), milliseconds(2500));
  ASSERT_TRUE(parser.feed("retry: soon\n\n", [](auto const&) { return true; }));
  EXPECT_EQ(parser.retry(), milliseconds(2500));
}

TEST(EventParser, StopsWhereItsReaderHasEnough) {
  EventParser parser;
  int seen = 0;
  auto const fed = parser.feed("data: 1\n\ndata: 2\n\n", [&](auto const&) { return ++seen < 1; });
  ASSERT_TRUE(fed);
  EXPECT_FALSE(*fed);
  EXPECT_EQ(seen, 1);
}

TEST(EventParser, AnEventWithoutEndIsRefused) {
  EventParser parser(1000);
  auto const fed = parser.feed("data: " + std::string(2000, 'x'), [](auto const&) { return true; });
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().kind, ErrorKind::TooLarge);
}

}  // namespace
}  // namespace nav::client
