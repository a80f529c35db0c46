// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

inline constexpr std::uint32_t most_in_a_page = 1000;

/// A part of a list.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;

  static constexpr Doc docs[] = {
      {"items", "This part of the list."},
      {"next", "Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.", "\"b42\""},
  };
  BOOST_DESCRIBE_CLASS(Page, (), (items, next), (), ())
};

/// Which part of a list is wanted.
struct PageQuery {
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, cursor))

/// Nothing: what a route takes or answers that has nothing to say.
struct Nothing {
  static constexpr Doc docs[] = {{"", "An object without fields."}};
};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

}  // namespace nav::api
