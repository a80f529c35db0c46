// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "api/routes.h"
#include "base/json.h"

/// Query parameters as described structs: one parameter a field, lists as a name that comes several times.
namespace nav::api {

using QueryText = std::map<std::string, std::vector<std::string>>;

/// "state=queued&state=running&limit=20", without what is empty or as it would be anyway.
template <DescribedStruct T>
std::string query_text(T const& query);

/// Errors are InvalidArgument with `field` set to the parameter; unknown parameters are refused.
template <DescribedStruct T>
Result<T> read_query(QueryText const& text);

// ---------------------------------------------------------------------------------------------------------------------------------

namespace query {

template <class T>
std::string text_of(T const& value) {
  if constexpr (std::same_as<T, std::string>) {
    return value;
  } else {
    std::string text = json_write(value);
    if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);  // words and ids: nothing in them is escaped
    return text;
  }
}

/// The text as the JSON it stands for, so that one reader says what is wrong with either.
template <class T>
std::string json_of(std::string const& text) {
  if constexpr (std::same_as<T, bool>) {
    return text == "true" || text == "1" ? "true" : text == "false" || text == "0" ? "false" : json_write(text);
  } else if constexpr (std::integral<T> || std::same_as<T, JobId> || std::same_as<T, Time> || std::same_as<T, Duration>) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? text_of(number) : json_write(text);
  } else {
    return json_write(text);
  }
}

template <class T>
Result<void> read_one(std::string const& name, std::vector<std::string> const& texts, T& out) {
  if constexpr (json::is_vector<T>::value) {
    for (auto const& text : texts) {
      typename T::value_type value{};
      TRY_VOID(read_one(name, {text}, value));
      out.push_back(std::move(value));
    }
  } else if constexpr (json::is_optional<T>::value) {
    return read_one(name, texts, out.emplace());
  } else {
    if (texts.size() != 1) return fail_field(name, "give it once", "{} is given {} times", name, texts.size());
    TRY(auto document, json::Document::parse(json_of<T>(texts[0])));
    return json::read(document.root(), out, json::Path(name), Unknown::Refuse);
  }
  return {};
}

/// How one parameter is read into its struct, and how it is written: nothing if it is as it would be anyway.
struct Parameter {
  std::string_view name;
  Result<void> (*read)(std::string const& name, std::vector<std::string> const& texts, void* whole);
  std::vector<std::string> (*write)(void const* whole, void const* defaults);
};

template <class T, class D>
Result<void> read_parameter(std::string const& name, std::vector<std::string> const& texts, void* whole) {
  return read_one(name, texts, static_cast<T*>(whole)->*D::pointer);
}

template <class T, class D>
std::vector<std::string> write_parameter(void const* whole, void const* defaults) {
  auto const& member = static_cast<T const*>(whole)->*D::pointer;
  using Member = std::remove_cvref_t<decltype(member)>;
  std::vector<std::string> texts;
  if constexpr (json::is_vector<Member>::value) {
    for (auto const& one : member) texts.push_back(text_of(one));
  } else if constexpr (json::is_optional<Member>::value) {
    if (member) texts.push_back(text_of(*member));
  } else {
    if (member != static_cast<T const*>(defaults)->*D::pointer) texts.push_back(text_of(member));
  }
  return texts;
}

template <class T, template <class...> class List, class... D>
constexpr std::array<Parameter, sizeof...(D)> parameters_of(List<D...>) {
  return {{{D::name, &read_parameter<T, D>, &write_parameter<T, D>}...}};
}
template <class T>
inline constexpr auto parameters = parameters_of<T>(boost::describe::describe_members<T, boost::describe::mod_public>{});

/// There is no such parameter.
Unexpected unknown(std::string const& name, std::span<Parameter const> known);
Result<void> read(QueryText const& text, void* whole, std::span<Parameter const> known, std::span<char const* const> required);
std::string write(void const* whole, void const* defaults, std::span<Parameter const> known);

}  // namespace query

template <DescribedStruct T>
std::string query_text(T const& value) {
  T const defaults{};
  return query::write(&value, &defaults, query::parameters<T>);
}

template <DescribedStruct T>
Result<T> read_query(QueryText const& text) {
  T value{};
  TRY_VOID(query::read(text, &value, query::parameters<T>, json::required_of<T>));
  return value;
}

}  // namespace nav::api
