// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
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
    return json::read(document.root(), out, name, Unknown::Refuse);
  }
  return {};
}

Unexpected unknown(std::string const& name, std::vector<std::string> const& known);

}  // namespace query

template <DescribedStruct T>
std::string query_text(T const& value) {
  std::string out;
  T const defaults{};
  auto add = [&](char const* name, std::string const& text) {
    if (!out.empty()) out += '&';
    out += fmt::format("{}={}", name, percent_encoded(text));
  };
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto d) {
    auto const& member = value.*d.pointer;
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (json::is_vector<Member>::value) {
      for (auto const& one : member) add(d.name, query::text_of(one));
    } else if constexpr (json::is_optional<Member>::value) {
      if (member) add(d.name, query::text_of(*member));
    } else {
      if (json_write(member) != json_write(defaults.*d.pointer)) add(d.name, query::text_of(member));
    }
  });
  return out;
}

template <DescribedStruct T>
Result<T> read_query(QueryText const& text) {
  T value{};
  for (auto const& [name, texts] : text) {
    bool known = false;
    Result<void> result;
    std::vector<std::string> names;
    std::string const& given = name;  // not a structured binding: clang 14 cannot capture one
    std::vector<std::string> const& given_texts = texts;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto d) {
      names.emplace_back(d.name);
      if (given != d.name) return;
      known = true;
      result = query::read_one(given, given_texts, value.*d.pointer);
    });
    if (!known) return query::unknown(name, names);
    if (!result) return Unexpected(std::move(result).error());
  }
  if constexpr (requires { T::required; })
    for (std::string_view name : T::required)
      if (!text.contains(std::string(name))) return fail_field(std::string(name), "give it a value", "the parameter {} is missing", name);
  return value;
}

}  // namespace nav::api
