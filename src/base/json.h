// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
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

/// What the enumerators of one enum are written as, in the order of declaration.
class EnumWords {
 public:
  EnumWords(std::initializer_list<std::pair<std::int64_t, char const*>> camel_names);
  std::string const& word(std::int64_t value) const;  ///< "unknown" for what is none of them
  std::optional<std::int64_t> value(std::string_view word) const;
  std::vector<std::string> all() const;

 private:
  std::vector<std::pair<std::int64_t, std::string>> words_;
};

template <DescribedEnum E>
EnumWords const& words_of() {
  // Never destroyed: a thread that a stuck driver holds may ask when the program is about to end.
  static EnumWords const& words = *[]<template <class...> class List, class... D>(List<D...>) {
    return new EnumWords({{static_cast<std::int64_t>(D::value), D::name}...});
  }(boost::describe::describe_enumerators<E>{});
  return words;
}

/// The word an enumerator is written as.
template <DescribedEnum E>
std::string const& enum_text(E value) {
  return words_of<E>().word(static_cast<std::int64_t>(value));
}

/// All words of an enum, in the order of declaration.
template <DescribedEnum E>
std::vector<std::string> enum_words() {
  return words_of<E>().all();
}

template <DescribedEnum E>
std::optional<E> enum_of(std::string_view word) {
  auto const value = words_of<E>().value(word);
  return value ? std::optional(static_cast<E>(*value)) : std::nullopt;
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

/// Where in a document a value stands. It becomes a text only when something is wrong there; each part lives as long as what is below it.
class Path {
 public:
  Path() = default;  ///< the document itself
  explicit Path(std::string_view name) : name_(name) {}
  Path(Path const& above, std::string_view name) : above_(&above), name_(name) {}
  Path(Path const& above, std::size_t index) : above_(&above), index_(index) {}
  std::string text() const;  ///< "gpus[0].uuid"

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  Path const* above_ = nullptr;
  std::string_view name_;
  std::size_t index_ = none;
};

Unexpected wrong(Path const& path, std::string_view wanted, Node const& got);
Result<std::int64_t> read_int(Node const& node, std::int64_t low, std::int64_t high, Path const& path);
Result<std::uint64_t> read_uint(Node const& node, std::uint64_t high, Path const& path);
Result<double> read_double(Node const& node, Path const& path);
Result<std::string_view> read_string(Node const& node, std::string_view wanted, Path const& path);
Result<std::int64_t> read_word(Node const& node, EnumWords const& words, Path const& path);
/// The same error, told of this place.
Unexpected at(Path const& path, Error error);

/// `"name":`, after a comma if it is not the first.
void write_name(std::string& out, bool& first, std::string_view name);

/// How one member of a struct, or one alternative of a variant, is read into it. Such tables are walked by one function for all types: what is
/// made anew for each type is what has to be compiled for each.
struct Reader {
  std::string_view name;
  Result<void> (*read)(Node const& node, void* whole, Path const& path, Unknown unknown);
};
Result<void> read_members(Node const& node, void* whole, std::span<Reader const> members, std::span<char const* const> required, Path const& path,
                          Unknown unknown);
Result<void> read_alternative(Node const& node, void* whole, std::span<Reader const> alternatives, Path const& path, Unknown unknown);

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
/// The variant that this is, or derives from.
template <class... T>
std::variant<T...>* variant_in(std::variant<T...>* whole) {
  return whole;
}
template <class T>
concept Variant = requires(T* whole) {
  variant_in(whole);
};
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
void write(std::string& out, T const& value);

template <class T>
void write_member(std::string& out, bool& first, std::string_view name, T const& value) {
  if constexpr (is_optional<T>::value) {
    if (value) write_member(out, first, name, *value);
  } else {
    write_name(out, first, name);
    write(out, value);
  }
}

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
  } else if constexpr (Variant<T>) {
    std::visit(
        [&](auto const& one) {
          bool first = true;
          out += '{';
          write_name(out, first, std::remove_cvref_t<decltype(one)>::type);
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
    [&]<template <class...> class List, class... D>(List<D...>) {
      (write_member(out, first, D::name, value.*D::pointer), ...);
    }(boost::describe::describe_members<T, boost::describe::mod_public>{});
    out += '}';
  }
}

template <class T>
Result<void> read(Node const& node, T& out, Path const& path, Unknown unknown);

template <class T>
inline constexpr std::span<char const* const> required_of{};
template <class T>
requires requires { T::required; }
inline constexpr std::span<char const* const> required_of<T>{T::required};

template <class T, class D>
Result<void> read_member(Node const& node, void* whole, Path const& path, Unknown unknown) {
  return read(node, static_cast<T*>(whole)->*D::pointer, path, unknown);
}

template <class T, template <class...> class List, class... D>
constexpr std::array<Reader, sizeof...(D)> readers_of_members(List<D...>) {
  return {{{D::name, &read_member<T, D>}...}};
}

template <class Whole, class T>
Result<void> read_as(Node const& node, void* whole, Path const& path, Unknown unknown) {
  return read(node, static_cast<Whole*>(whole)->template emplace<T>(), path, unknown);
}

template <class... T>
Result<void> read_variant(Node const& node, std::variant<T...>* whole, Path const& path, Unknown unknown) {
  static constexpr Reader readers[] = {{T::type, &read_as<std::variant<T...>, T>}...};
  return read_alternative(node, whole, readers, path, unknown);
}

template <class T>
Result<void> read(Node const& node, T& out, Path const& path, Unknown unknown) {
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
    TRY(out, read_double(node, path));
  } else if constexpr (std::same_as<T, std::string>) {
    TRY(out, read_string(node, "a text", path));
  } else if constexpr (std::same_as<T, Json>) {
    out.text = node.text();
  } else if constexpr (std::same_as<T, Time> || std::same_as<T, Duration>) {
    return read(node, out.us, path, unknown);
  } else if constexpr (std::same_as<T, JobId>) {
    return read(node, out.value, path, unknown);
  } else if constexpr (is_id<T>::value || std::same_as<T, AttemptId>) {
    TRY(auto const text, read_string(node, "an id as text", path));
    out = T{};
    if (text == to_text(out)) return {};
    Result<T> id;
    if constexpr (std::same_as<T, AttemptId>) id = parse_attempt_id(text);
    else id = parse_id<typename IdTag<T>::type>(text);
    if (!id) return at(path, std::move(id).error());
    out = *id;
  } else if constexpr (is_optional<T>::value) {
    if (node.kind() == Node::Kind::Null) return out.reset(), Result<void>{};
    return read(node, out.emplace(), path, unknown);
  } else if constexpr (is_vector<T>::value) {
    if (node.kind() != Node::Kind::Array) return wrong(path, "a list", node);
    out.clear();
    std::size_t index = 0;
    for (auto const& element : node.elements()) TRY_VOID(read(element, out.emplace_back(), Path(path, index++), unknown));
  } else if constexpr (is_map<T>::value) {
    if (node.kind() != Node::Kind::Object) return wrong(path, "an object", node);
    out.clear();
    for (auto const& [name, child] : node.members()) TRY_VOID(read(child, out[std::string(name)], Path(path, name), unknown));
  } else if constexpr (Variant<T>) {
    return read_variant(node, variant_in(&out), path, unknown);
  } else if constexpr (DescribedEnum<T>) {
    TRY(auto const value, read_word(node, words_of<T>(), path));
    out = static_cast<T>(value);
  } else {
    static_assert(DescribedStruct<T>, "describe this struct with BOOST_DESCRIBE_STRUCT");
    static constexpr auto readers = readers_of_members<T>(boost::describe::describe_members<T, boost::describe::mod_public>{});
    return read_members(node, &out, readers, required_of<T>, path, unknown);
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
  TRY_VOID(json::read(document.root(), value, {}, unknown));
  return value;
}

}  // namespace nav
