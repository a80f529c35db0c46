// SPDX-License-Identifier: Apache-2.0
#include "api/schema.h"

#include <algorithm>

namespace nav::api::schema {

std::string short_name(std::string_view pretty) {
  // g++: "std::string nav::api::schema::name_of() [with T = nav::api::Page<nav::api::Job>; ...]", clang: "... [T = ...]"
  std::size_t const begin = pretty.find("T = ") + 4;
  std::string_view rest = pretty.substr(begin, pretty.find_first_of(";]", begin) - begin);
  auto last = [](std::string_view name) {
    auto const colons = name.rfind("::");
    return std::string(colons == name.npos ? name : name.substr(colons + 2));
  };
  auto const open = rest.find('<');
  if (open == rest.npos) return last(rest);
  return last(rest.substr(open + 1, rest.rfind('>') - open - 1)) + last(rest.substr(0, open));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string integer(std::string_view format, std::string low, std::string high) {
  return fmt::format(R"({{"type":"integer","format":"{}","minimum":{},"maximum":{}}})", format, low, high);
}

std::string one_of(std::vector<std::string> const& words) { return fmt::format(R"({{"type":"string","enum":{}}})", json_write(words)); }

std::string plain(std::string_view type, std::string_view more) {
  return more.empty() ? fmt::format(R"({{"type":"{}"}})", type) : fmt::format(R"({{"type":"{}",{}}})", type, more);
}

std::string reference(std::string_view name) { return fmt::format(R"({{"$ref":"#/components/schemas/{}"}})", name); }

std::string or_null(std::string const& schema) { return fmt::format(R"({{"anyOf":[{},{{"type":"null"}}]}})", schema); }

std::string with(std::string schema, Doc const& doc, std::string const& default_value) {
  schema.pop_back();
  // A part that is passed on as it stands says itself what it is; of a map, what its values are.
  if (doc.limits.starts_with("\"type\":")) {
    constexpr std::string_view anything = "\"type\":\"object\"";
    schema.replace(schema.rfind(anything), anything.size(), doc.limits);
    return with(schema + "}", {doc.field, doc.text, doc.example}, default_value);
  }
  // What the field says of its limits goes before what its type says: JSON knows no second key of one name.
  for (std::string_view key : {"\"minimum\":", "\"maximum\":"})
    if (doc.limits.find(key) != doc.limits.npos)
      if (auto const at = schema.find(key); at != schema.npos) {
        // It may be the last of its object, and that object a part of another: "what it is, or null".
        std::size_t const end = schema.find_first_of(",}", at);
        if (end == schema.npos || schema[end] == '}') schema.erase(at - 1, end == schema.npos ? end : end + 1 - at);
        else schema.erase(at, end + 1 - at);
      }
  if (!doc.limits.empty()) schema += fmt::format(",{}", doc.limits);
  if (!default_value.empty()) schema += fmt::format(",\"default\":{}", default_value);
  if (!doc.text.empty()) schema += fmt::format(",\"description\":{}", json_write(std::string(doc.text)));
  if (!doc.example.empty()) schema += fmt::format(",\"examples\":[{}]", doc.example);
  return schema + "}";
}

Doc doc_of(std::span<Doc const> docs, std::string_view field) {
  for (Doc const& doc : docs)
    if (doc.field == field) return doc;
  return {field, ""};
}

void each_field(std::span<Field const> fields, std::span<Doc const> docs, std::span<char const* const> required, Schemas& schemas, Use use,
                VisitField const& visit) {
  for (Field const& field : fields) {
    bool const must = use == Use::Answer ? !field.optional : std::find(required.begin(), required.end(), field.name) != required.end();
    std::string const default_value = use != Use::Answer && !must && field.default_value ? field.default_value() : "";
    Doc const doc = doc_of(docs, field.name);
    visit(field.name, with(field.schema(schemas, use), doc, default_value), must, doc);
  }
}

std::string example_of(std::span<Field const> fields, std::span<Doc const> docs) {
  std::string out = "{";
  for (Field const& field : fields) {
    Doc const doc = doc_of(docs, field.name);
    out += fmt::format("{}\"{}\":{}", out.size() > 1 ? "," : "", field.name, doc.example.empty() ? field.example() : std::string(doc.example));
  }
  return out + "}";
}

ObjectSchema::ObjectSchema(std::string_view text, Use use) : use_(use) {
  if (!text.empty()) head_ = fmt::format(",\"description\":{}", json_write(std::string(text)));
}

void ObjectSchema::add(std::string_view name, std::string const& schema, bool required) {
  properties_ += fmt::format("{}\"{}\":{}", properties_.empty() ? "" : ",", name, schema);
  if (required) required_ += fmt::format("{}\"{}\"", required_.empty() ? "" : ",", name);
}

std::string ObjectSchema::text() const {
  std::string out = fmt::format(R"({{"type":"object"{},"properties":{{{}}})", head_, properties_);
  if (!required_.empty()) out += fmt::format(",\"required\":[{}]", required_);
  if (use_ == Use::Request) out += ",\"additionalProperties\":false";
  return out + "}";
}

}  // namespace nav::api::schema
