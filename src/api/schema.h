// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/mp11/algorithm.hpp>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "api/doc.h"
#include "base/json.h"

/// The JSON Schema of described structs, as the API document shows them.
namespace nav::api {

/// What a type is used for. Requests refuse unknown fields, must have those the struct lists as required, and may say null for what is optional;
/// answers always have every field that is not optional, and may have more in a later version.
enum class Use { Request, Query, Answer };

/// Schemas by name, each as JSON: "components/schemas" of the document.
struct Schemas {
  std::map<std::string, std::string> named;
};

/// Called with each field of a struct: its name, its schema, whether it must be given, and what is said of it.
using VisitField = std::function<void(std::string_view name, std::string const& schema, bool required, Doc const& doc)>;

/// One type of the API, without its C++ type: how the table of routes speaks of it.
struct Type {
  std::string (*name)();
  /// Its schema as JSON; a struct is put into `schemas` and referred to.
  std::string (*schema)(Schemas& schemas, Use use);
  /// A value as JSON, made of the examples of its fields.
  std::string (*example)();
  /// Nothing is visited where the type is no struct.
  void (*fields)(Schemas& schemas, Use use, VisitField const& visit);
};

template <class T>
constexpr Type const* type_of();

// ---------------------------------------------------------------------------------------------------------------------------------

namespace schema {

/// "nav::api::Page<nav::api::Job>" -> "JobPage".
std::string short_name(std::string_view pretty_function);

template <class T>
std::string name_of() {
  return short_name(__PRETTY_FUNCTION__);
}

std::string lower(std::string_view text);
std::string integer(std::string_view format, std::string low, std::string high);
std::string one_of(std::vector<std::string> const& words);
std::string plain(std::string_view type, std::string_view more = {});
std::string reference(std::string_view name);
std::string or_null(std::string const& schema);
/// `schema` with more keywords, the text and the example of its field.
std::string with(std::string schema, Doc const& doc, std::string const& default_value);

/// Puts together an object from its fields.
class ObjectSchema {
 public:
  ObjectSchema(std::string_view text, Use use);
  void add(std::string_view name, std::string const& schema, bool required);
  std::string text() const;

 private:
  std::string head_, properties_, required_;
  Use use_;
};

/// What is said of the field; of the struct itself where `field` is empty.
Doc doc_of(std::span<Doc const> docs, std::string_view field);

/// One field of a struct, as its schema and its example are made.
struct Field {
  std::string_view name;
  bool optional = false;
  std::string (*schema)(Schemas& schemas, Use use);
  std::string (*default_value)();  ///< as JSON; none where it goes without saying
  std::string (*example)();
};
void each_field(std::span<Field const> fields, std::span<Doc const> docs, std::span<char const* const> required, Schemas& schemas, Use use,
                VisitField const& visit);
std::string example_of(std::span<Field const> fields, std::span<Doc const> docs);

/// Whether the struct explains every field it has, and no other.
template <class T>
consteval bool explains_itself() {
  using Members = boost::describe::describe_members<T, boost::describe::mod_public>;
  bool all = true;
  boost::mp11::mp_for_each<Members>([&](auto d) {
    bool found = false;
    for (Doc const& doc : T::docs) found = found || (doc.field == d.name && !doc.text.empty());
    all = all && found;
  });
  for (Doc const& doc : T::docs) {
    bool found = doc.field.empty();
    boost::mp11::mp_for_each<Members>([&](auto d) { found = found || doc.field == d.name; });
    all = all && found;
  }
  return all;
}

template <class T>
std::string of(Schemas& schemas, Use use);
template <class T>
std::string example_of();

template <class T, class D>
std::string default_of() {
  return json_write(T{}.*D::pointer);
}

template <class T, class D>
constexpr Field field() {
  using Member = std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>;
  constexpr bool optional = json::is_optional<Member>::value;
  Field one{D::name, optional, &of<Member>, nullptr, &example_of<Member>};
  if constexpr (!optional && !json::is_vector<Member>::value && !json::is_map<Member>::value) one.default_value = &default_of<T, D>;
  return one;
}

template <class T, template <class...> class List, class... D>
constexpr std::array<Field, sizeof...(D)> fields_in(List<D...>) {
  static_assert(explains_itself<T>(), "explain every field in `docs`, and nothing else");
  return {{field<T, D>()...}};
}
template <class T>
inline constexpr auto fields = fields_in<T>(boost::describe::describe_members<T, boost::describe::mod_public>{});

template <class T>
std::string of(Schemas& schemas, Use use) {
  if constexpr (json::is_optional<T>::value) {
    std::string const one = of<typename T::value_type>(schemas, use);
    return use == Use::Request ? or_null(one) : one;
  } else if constexpr (json::is_vector<T>::value) {
    return plain("array", "\"items\":" + of<typename T::value_type>(schemas, use));
  } else if constexpr (json::is_map<T>::value) {
    return plain("object", "\"additionalProperties\":" + of<typename T::mapped_type>(schemas, use));
  } else if constexpr (std::same_as<T, bool>) {
    return plain("boolean");
  } else if constexpr (std::same_as<T, std::string>) {
    return plain("string");
  } else if constexpr (std::same_as<T, Json>) {
    return plain("object");
  } else if constexpr (std::floating_point<T>) {
    return plain("number");
  } else if constexpr (std::integral<T>) {
    return integer(sizeof(T) == 8 ? "int64" : "int32", std::to_string(std::numeric_limits<T>::min()), std::to_string(std::numeric_limits<T>::max()));
  } else if constexpr (std::same_as<T, Time>) {
    schemas.named["Time"] =
        R"({"type":"integer","format":"int64","description":"A moment: microseconds since 1970-01-01 in UTC.","examples":[1795343040000000]})";
    return reference("Time");
  } else if constexpr (std::same_as<T, Duration>) {
    schemas.named["Duration"] = R"({"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807,)"
                                R"("description":"A length of time in microseconds.","examples":[60000000]})";
    return reference("Duration");
  } else if constexpr (std::same_as<T, JobId>) {
    schemas.named["JobId"] =
        R"({"type":"integer","format":"int64","minimum":0,"maximum":18446744073709551615,"description":"The number of a job.","examples":[42]})";
    return reference("JobId");
  } else if constexpr (std::same_as<T, AttemptId>) {
    schemas.named["AttemptId"] = R"({"type":"string","pattern":"^[0-9]+\\.[0-9]+$","description":"Job and number of an attempt.","examples":["42.1"]})";
    return reference("AttemptId");
  } else if constexpr (json::is_id<T>::value) {
    return plain("string", fmt::format("\"pattern\":\"^{}[0-9]+$\"", json::IdTag<T>::type::prefix));
  } else if constexpr (DescribedEnum<T>) {
    std::string const name = name_of<T>();
    schemas.named[name] = one_of(enum_words<T>());
    return reference(name);
  } else {
    std::string const name = name_of<T>();
    if (schemas.named.contains(name)) return reference(name);
    schemas.named[name];  // a struct that holds itself would come here again
    ObjectSchema object(doc_of(T::docs, "").text, use);
    each_field(fields<T>, T::docs, json::required_of<T>, schemas, use,
               [&](std::string_view field, std::string const& text, bool required, Doc const&) { object.add(field, text, required); });
    schemas.named[name] = object.text();
    return reference(name);
  }
}

template <class T>
std::string example_of() {
  if constexpr (json::is_optional<T>::value) {
    return example_of<typename T::value_type>();
  } else if constexpr (json::is_vector<T>::value) {
    return "[" + example_of<typename T::value_type>() + "]";
  } else if constexpr (std::same_as<T, Time>) {
    return "1795343040000000";
  } else if constexpr (DescribedStruct<T>) {
    return example_of(fields<T>, T::docs);
  } else {
    return json_write(T{});
  }
}

template <class T>
void fields_of(Schemas& schemas, Use use, VisitField const& visit) {
  if constexpr (DescribedStruct<T>) each_field(fields<T>, T::docs, json::required_of<T>, schemas, use, visit);
}

}  // namespace schema

template <class T>
inline constexpr Type the_type{&schema::name_of<T>, &schema::of<T>, &schema::example_of<T>, &schema::fields_of<T>};

template <class T>
constexpr Type const* type_of() {
  return &the_type<T>;
}

}  // namespace nav::api
