// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <fmt/ranges.h>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

/// JSON for described structs. A struct is declared once (`BOOST_DESCRIBE_STRUCT(Name, (), (a, b))`) and from that come its writer,
/// its reader and its schema in the API document.
///   - absent fields keep the struct's own default, unless the struct lists them: `static constexpr std::array required{"name"};`
///   - an empty optional is not written; null is read as empty
///   - described enums are words: `SetAside` is "set_aside"
///   - a variant of structs is an object with one key, the struct's `type`: {"JobQueued": {...}}
///   - Json is whatever stands there
///   - Time and Duration are integers, microseconds; JobId is a number; every other id is its text
namespace nav {

/// What to do with a field nobody described: requests refuse it (a typing error must not pass in silence), answers ignore it.
enum class Unknown { Refuse, Ignore };

template <class T>
std::string json_write(T const& value);

/// Reads one JSON document. Errors are InvalidArgument with `field` set to the path of what was wrong ("gpus[0].uuid").
template <class T>
Result<T> json_read(std::string_view text, Unknown unknown = Unknown::Refuse);

/// A part of a document that is passed on as it stands, whatever it says.
struct Json {
  std::string text = "null";

  bool operator==(Json const&) const = default;
};

/// "SetAside" -> "set_aside".
std::string snake_case(std::string_view camel);

// ---------------------------------------------------------------------------------------------------------------------------------

template <class T>
concept DescribedStruct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

/// The word an enumerator is written as.
template <DescribedEnum E>
std::string const& enum_text(E value) {
  using List = boost::describe::describe_enumerators<E>;
  // Never destroyed: a thread that a stuck driver holds may ask when the program is about to end.
  static auto const& words = *[] {
    auto* const all = new std::map<E, std::string>;
    boost::mp11::mp_for_each<List>([&](auto d) { (*all)[d.value] = snake_case(d.name); });
    return all;
  }();
  static auto const& unknown = *new std::string("unknown");
  auto it = words.find(value);
  return it == words.end() ? unknown : it->second;
}

/// All words of an enum, in the order of declaration.
template <DescribedEnum E>
std::vector<std::string> enum_words() {
  std::vector<std::string> words;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) { words.push_back(snake_case(d.name)); });
  return words;
}

template <DescribedEnum E>
std::optional<E> enum_of(std::string_view word) {
  std::optional<E> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
    if (snake_case(d.name) == word) found = d.value;
  });
  return found;
}

namespace json {

void write_string(std::string& out, std::string_view text);
void write_int(std::string& out, std::int64_t value);
void write_uint(std::string& out, std::uint64_t value);
void write_double(std::string& out, double value);

/// One value of a parsed document. Valid while its Document lives.
class Node {
 public:
  enum class Kind { Null, Bool, Int, Uint, Double, String, Array, Object };
  Kind kind() const;
  bool as_bool() const;
  std::int64_t as_int() const;    ///< Kind::Int
  std::uint64_t as_uint() const;  ///< Kind::Int (not negative) or Kind::Uint
  double as_double() const;       ///< any number
  std::string_view as_string() const;
  std::vector<Node> elements() const;
  std::vector<std::pair<std::string_view, Node>> members() const;
  std::string text() const;  ///< as JSON again, without white space

 private:
  friend class Document;
  alignas(8) std::byte element_[16] = {};  // a simdjson::dom::element, kept out of this header for compile time
};

class Document {
 public:
  static Result<Document> parse(std::string_view text);
  Node root() const;
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

 private:
  struct Body;
  explicit Document(std::unique_ptr<Body>);
  std::unique_ptr<Body> body_;
};

Unexpected wrong(std::string const& path, std::string_view wanted, Node const& got);
Result<std::int64_t> read_int(Node const& node, std::int64_t low, std::int64_t high, std::string const& path);
Result<std::uint64_t> read_uint(Node const& node, std::uint64_t high, std::string const& path);
Unexpected unknown_field(std::string const& path, std::string_view name, std::vector<std::string> const& known);

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_map : std::false_type {};
template <class T>
struct is_map<std::map<std::string, T>> : std::true_type {};
template <class T>
struct is_variant : std::false_type {};
template <class... T>
struct is_variant<std::variant<T...>> : std::true_type {};
template <class T>
struct is_id : std::false_type {};
template <class Tag>
struct is_id<Id<Tag>> : std::true_type {};
template <class T>
struct IdTag;
template <class Tag>
struct IdTag<Id<Tag>> {
  using type = Tag;
};

template <class T>
void write(std::string& out, T const& value) {
  if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::signed_integral<T>) {
    write_int(out, value);
  } else if constexpr (std::unsigned_integral<T>) {
    write_uint(out, value);
  } else if constexpr (std::floating_point<T>) {
    write_double(out, value);
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    write_string(out, value);
  } else if constexpr (std::same_as<T, Json>) {
    out += value.text;
  } else if constexpr (std::same_as<T, Time> || std::same_as<T, Duration>) {
    write_int(out, value.us);
  } else if constexpr (std::same_as<T, JobId>) {
    write_uint(out, value.value);
  } else if constexpr (is_id<T>::value || std::same_as<T, AttemptId>) {
    write_string(out, to_text(value));
  } else if constexpr (is_optional<T>::value) {
    if (value) write(out, *value);
    else out += "null";
  } else if constexpr (is_vector<T>::value) {
    out += '[';
    bool first = true;
    for (auto const& element : value) {
      if (!first) out += ',';
      first = false;
      write<typename T::value_type>(out, element);
    }
    out += ']';
  } else if constexpr (is_map<T>::value) {
    out += '{';
    bool first = true;
    for (auto const& [key, element] : value) {
      if (!first) out += ',';
      first = false;
      write_string(out, key);
      out += ':';
      write(out, element);
    }
    out += '}';
  } else if constexpr (is_variant<T>::value) {
    std::visit(
        [&](auto const& one) {
          out += '{';
          write_string(out, std::remove_cvref_t<decltype(one)>::type);
          out += ':';
          write(out, one);
          out += '}';
        },
        value);
  } else if constexpr (DescribedEnum<T>) {
    write_string(out, enum_text(value));
  } else {
    static_assert(DescribedStruct<T>, "describe this struct with BOOST_DESCRIBE_STRUCT");
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto d) {
      auto const& member = value.*d.pointer;
      if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>::value)
        if (!member) return;
      if (!first) out += ',';
      first = false;
      write_string(out, d.name);
      out += ':';
      write(out, member);
    });
    out += '}';
  }
}

template <class T>
Result<void> read(Node const& node, T& out, std::string const& path, Unknown unknown);

template <class T>
Result<void> read_struct(Node const& node, T& out, std::string const& path, Unknown unknown) {
  using Members = boost::describe::describe_members<T, boost::describe::mod_public>;
  if (node.kind() != Node::Kind::Object) return wrong(path, "an object", node);
  std::vector<std::string_view> seen;
  for (auto const& field : node.members()) {
    std::string_view const name = field.first;  // not a structured binding: clang 14 cannot capture one
    Node const& child = field.second;
    bool known = false;
    Result<void> result;
    boost::mp11::mp_for_each<Members>([&](auto d) {
      if (known || name != d.name) return;
      known = true;
      result = read(child, out.*d.pointer, path.empty() ? std::string(name) : fmt::format("{}.{}", path, name), unknown);
    });
    if (!result) return result;
    if (known) seen.push_back(name);
    if (!known && unknown == Unknown::Refuse) {
      std::vector<std::string> names;
      boost::mp11::mp_for_each<Members>([&](auto d) { names.emplace_back(d.name); });
      return unknown_field(path, name, names);
    }
  }
  if constexpr (requires { T::required; }) {
    for (std::string_view name : T::required) {
      bool found = false;
      for (auto s : seen) found = found || s == name;
      if (!found) return fail_field(path.empty() ? std::string(name) : fmt::format("{}.{}", path, name), "give it a value", "{} is missing", name);
    }
  }
  return {};
}

template <class... Ts>
Result<void> read_variant(Node const& node, std::variant<Ts...>& out, std::string const& path, Unknown unknown) {
  auto const members = node.kind() == Node::Kind::Object ? node.members() : std::vector<std::pair<std::string_view, Node>>{};
  if (members.size() != 1) return wrong(path, "an object with one key, its type", node);
  bool known = false;
  Result<void> result;
  auto one = [&]<class T>(T value) {
    if (known || members[0].first != T::type) return;
    known = true;
    result = read(members[0].second, value, path.empty() ? std::string(T::type) : fmt::format("{}.{}", path, T::type), unknown);
    out = std::move(value);
  };
  (one(Ts{}), ...);
  if (!known) return unknown_field(path, members[0].first, {std::string(Ts::type)...});
  return result;
}

template <class T>
Result<void> read(Node const& node, T& out, std::string const& path, Unknown unknown) {
  if constexpr (std::same_as<T, bool>) {
    if (node.kind() != Node::Kind::Bool) return wrong(path, "true or false", node);
    out = node.as_bool();
  } else if constexpr (std::signed_integral<T>) {
    TRY(auto value, read_int(node, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), path));
    out = static_cast<T>(value);
  } else if constexpr (std::unsigned_integral<T>) {
    TRY(auto value, read_uint(node, std::numeric_limits<T>::max(), path));
    out = static_cast<T>(value);
  } else if constexpr (std::floating_point<T>) {
    if (node.kind() < Node::Kind::Int || node.kind() > Node::Kind::Double) return wrong(path, "a number", node);
    out = node.as_double();
  } else if constexpr (std::same_as<T, std::string>) {
    if (node.kind() != Node::Kind::String) return wrong(path, "a text", node);
    out = std::string(node.as_string());
  } else if constexpr (std::same_as<T, Json>) {
    out.text = node.text();
  } else if constexpr (std::same_as<T, Time> || std::same_as<T, Duration>) {
    return read(node, out.us, path, unknown);
  } else if constexpr (std::same_as<T, JobId>) {
    return read(node, out.value, path, unknown);
  } else if constexpr (is_id<T>::value || std::same_as<T, AttemptId>) {
    if (node.kind() != Node::Kind::String) return wrong(path, "an id as text", node);
    Result<T> id;
    if constexpr (std::same_as<T, AttemptId>) {
      if (node.as_string() == "0.0") return out = T{}, Result<void>{};
      id = parse_attempt_id(node.as_string());
    } else {
      if (node.as_string() == to_text(T{})) return out = T{}, Result<void>{};
      id = parse_id<typename IdTag<T>::type>(node.as_string());
    }
    if (!id) {
      Error error = std::move(id).error();
      error.field = path;
      return Unexpected(std::move(error));
    }
    out = *id;
  } else if constexpr (is_optional<T>::value) {
    if (node.kind() == Node::Kind::Null) return out.reset(), Result<void>{};
    return read(node, out.emplace(), path, unknown);
  } else if constexpr (is_vector<T>::value) {
    if (node.kind() != Node::Kind::Array) return wrong(path, "a list", node);
    out.clear();
    for (auto const& element : node.elements()) {
      typename T::value_type value{};
      TRY_VOID(read(element, value, fmt::format("{}[{}]", path, out.size()), unknown));
      out.push_back(std::move(value));
    }
  } else if constexpr (is_map<T>::value) {
    if (node.kind() != Node::Kind::Object) return wrong(path, "an object", node);
    out.clear();
    for (auto const& [name, child] : node.members()) TRY_VOID(read(child, out[std::string(name)], fmt::format("{}.{}", path, name), unknown));
  } else if constexpr (is_variant<T>::value) {
    return read_variant(node, out, path, unknown);
  } else if constexpr (DescribedEnum<T>) {
    std::optional<T> const value = node.kind() == Node::Kind::String ? enum_of<T>(node.as_string()) : std::nullopt;
    if (!value) return wrong(path, fmt::format("one of {}", fmt::join(enum_words<T>(), ", ")), node);
    out = *value;
  } else {
    static_assert(DescribedStruct<T>, "describe this struct with BOOST_DESCRIBE_STRUCT");
    return read_struct(node, out, path, unknown);
  }
  return {};
}

}  // namespace json

template <class T>
std::string json_write(T const& value) {
  std::string out;
  json::write(out, value);
  return out;
}

template <class T>
Result<T> json_read(std::string_view text, Unknown unknown) {
  TRY(auto document, json::Document::parse(text));
  T value{};
  TRY_VOID(json::read(document.root(), value, "", unknown));
  return value;
}

}  // namespace nav
