// SPDX-License-Identifier: Apache-2.0
#include "api/query.h"

#include <algorithm>
#include <fmt/ranges.h>

#include "base/text.h"

namespace nav::api::query {

Unexpected unknown(std::string const& name, std::span<Parameter const> known) {
  std::vector<std::string> names;
  for (auto const& one : known) names.emplace_back(one.name);
  auto const near = nearest(name, names);
  return fail_field(shortened(name, 60),
                    !near.empty()   ? fmt::format("did you mean {}?", fmt::join(near, " or "))
                    : names.empty() ? "this route takes none"
                                    : fmt::format("known parameters: {}", fmt::join(names, ", ")),
                    "there is no parameter \"{}\"", shortened(name, 60));
}

Result<void> read(QueryText const& text, void* whole, std::span<Parameter const> known, std::span<char const* const> required) {
  for (auto const& given : text) {  // not a structured binding: clang 14 cannot capture one
    auto const parameter = std::find_if(known.begin(), known.end(), [&](auto const& one) { return one.name == given.first; });
    if (parameter == known.end()) return unknown(given.first, known);
    TRY_VOID(parameter->read(given.first, given.second, whole));
  }
  for (std::string const name : required)
    if (!text.contains(name)) return fail_field(name, "give it a value", "the parameter {} is missing", name);
  return {};
}

std::string write(void const* whole, void const* defaults, std::span<Parameter const> known) {
  std::string out;
  for (auto const& one : known)
    for (auto const& text : one.write(whole, defaults)) out += fmt::format("{}{}={}", out.empty() ? "" : "&", one.name, percent_encoded(text));
  return out;
}

}  // namespace nav::api::query
