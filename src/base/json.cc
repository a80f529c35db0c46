// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fmt/ranges.h>
#include <simdjson.h>

#include "base/ensure.h"
#include "base/text.h"

namespace nav {

std::string snake_case(std::string_view camel) {
  std::string out;
  for (char c : camel) {
    bool const upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

EnumWords::EnumWords(std::initializer_list<std::pair<std::int64_t, char const*>> camel_names) {
  for (auto const& [value, name] : camel_names) words_.emplace_back(value, snake_case(name));
}

std::string const& EnumWords::word(std::int64_t value) const {
  static std::string const& unknown = *new std::string("unknown");
  for (auto const& [one, word] : words_)
    if (one == value) return word;
  return unknown;
}

std::optional<std::int64_t> EnumWords::value(std::string_view word) const {
  for (auto const& [value, one] : words_)
    if (one == word) return value;
  return std::nullopt;
}

std::vector<std::string> EnumWords::all() const {
  std::vector<std::string> all;
  for (auto const& [value, word] : words_) all.push_back(word);
  return all;
}

namespace json {

namespace {

namespace dom = simdjson::dom;

static_assert(sizeof(dom::element) == 16 && std::is_trivially_copyable_v<dom::element>);

dom::element element_of(std::byte const* bytes) {
  dom::element element;
  std::memcpy(static_cast<void*>(&element), bytes, sizeof element);
  return element;
}

template <class Number>
void write_number(std::string& out, Number value) {
  char buffer[32];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

std::string_view kind_text(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::Null: return "null";
    case Node::Kind::Bool: return "true or false";
    case Node::Kind::Int:
    case Node::Kind::Uint:
    case Node::Kind::Double: return "a number";
    case Node::Kind::String: return "a text";
    case Node::Kind::Array: return "a list";
    case Node::Kind::Object: return "an object";
  }
  return "?";
}

std::string shown(Node const& node) {
  switch (node.kind()) {
    case Node::Kind::Bool: return node.as_bool() ? "true" : "false";
    case Node::Kind::Int: return fmt::format("{}", node.as_int());
    case Node::Kind::Uint: return fmt::format("{}", node.as_uint());
    case Node::Kind::Double: return fmt::format("{}", node.as_double());
    case Node::Kind::String: return fmt::format("\"{}\"", shortened(node.as_string(), 60));
    default: return std::string(kind_text(node.kind()));
  }
}

}  // namespace

void write_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, done, i - done);
    done = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += hex[c >> 4];
        out += hex[c & 15];
    }
  }
  out.append(text, done);
  out += '"';
}

void write_int(std::string& out, std::int64_t value) { write_number(out, value); }
void write_uint(std::string& out, std::uint64_t value) { write_number(out, value); }

void write_double(std::string& out, double value) {
  if (std::isfinite(value)) write_number(out, value);
  else out += "null";  // JSON has no word for it
}

Node::Kind Node::kind() const {
  switch (element_of(element_).type()) {
    case dom::element_type::ARRAY: return Kind::Array;
    case dom::element_type::OBJECT: return Kind::Object;
    case dom::element_type::INT64: return Kind::Int;
    case dom::element_type::UINT64: return Kind::Uint;
    case dom::element_type::DOUBLE: return Kind::Double;
    case dom::element_type::STRING: return Kind::String;
    case dom::element_type::BOOL: return Kind::Bool;
    case dom::element_type::NULL_VALUE: return Kind::Null;
  }
  return Kind::Null;
}

bool Node::as_bool() const { return element_of(element_).get_bool().value_unsafe(); }
std::int64_t Node::as_int() const { return element_of(element_).get_int64().value_unsafe(); }
std::uint64_t Node::as_uint() const { return element_of(element_).get_uint64().value_unsafe(); }
double Node::as_double() const { return element_of(element_).get_double().value_unsafe(); }
std::string_view Node::as_string() const { return element_of(element_).get_string().value_unsafe(); }

std::vector<Node> Node::elements() const {
  std::vector<Node> out;
  dom::array const array = element_of(element_).get_array().value_unsafe();
  for (dom::element element : array) {
    Node node;
    std::memcpy(node.element_, static_cast<void const*>(&element), sizeof element);
    out.push_back(node);
  }
  return out;
}

std::vector<std::pair<std::string_view, Node>> Node::members() const {
  std::vector<std::pair<std::string_view, Node>> out;
  dom::object const object = element_of(element_).get_object().value_unsafe();
  for (auto [key, element] : object) {
    Node node;
    std::memcpy(node.element_, static_cast<void const*>(&element), sizeof element);
    out.emplace_back(key, node);
  }
  return out;
}

std::string Node::text() const { return simdjson::minify(element_of(element_)); }

struct Document::Body {
  dom::parser parser;
  dom::element root;
};

Result<Document> Document::parse(std::string_view text) {
  auto body = std::make_unique<Body>();
  auto const error = body->parser.parse(text.empty() ? "" : text.data(), text.size()).get(body->root);
  if (error) return fail(ErrorKind::InvalidArgument, "this is not JSON: {}", simdjson::error_message(error));
  return Document(std::move(body));
}

Node Document::root() const {
  Node node;
  std::memcpy(node.element_, static_cast<void const*>(&body_->root), sizeof body_->root);
  return node;
}

Document::Document(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

std::string Path::text() const {
  std::string text = above_ ? above_->text() : std::string();
  if (index_ != none) return text + fmt::format("[{}]", index_);
  if (!text.empty() && !name_.empty()) text += '.';
  return text.append(name_);
}

Unexpected wrong(Path const& path, std::string_view wanted, Node const& got) {
  std::string const where = path.text();
  return fail_field(where, fmt::format("give {}", wanted), "{} must be {}, not {}", where.empty() ? "the document" : where, wanted, shown(got));
}

Result<std::int64_t> read_int(Node const& node, std::int64_t low, std::int64_t high, Path const& path) {
  if (node.kind() == Node::Kind::Int && node.as_int() >= low && node.as_int() <= high) return node.as_int();
  return wrong(path, fmt::format("a whole number from {} to {}", low, high), node);
}

Result<std::uint64_t> read_uint(Node const& node, std::uint64_t high, Path const& path) {
  bool const whole = node.kind() == Node::Kind::Uint || (node.kind() == Node::Kind::Int && node.as_int() >= 0);
  if (whole && node.as_uint() <= high) return node.as_uint();
  return wrong(path, fmt::format("a whole number from 0 to {}", high), node);
}

Result<double> read_double(Node const& node, Path const& path) {
  if (node.kind() < Node::Kind::Int || node.kind() > Node::Kind::Double) return wrong(path, "a number", node);
  return node.as_double();
}

Result<std::string_view> read_string(Node const& node, std::string_view wanted, Path const& path) {
  if (node.kind() != Node::Kind::String) return wrong(path, wanted, node);
  return node.as_string();
}

Result<std::int64_t> read_word(Node const& node, EnumWords const& words, Path const& path) {
  if (node.kind() == Node::Kind::String)
    if (auto const value = words.value(node.as_string())) return *value;
  return wrong(path, fmt::format("one of {}", fmt::join(words.all(), ", ")), node);
}

Unexpected at(Path const& path, Error error) {
  error.field = path.text();
  return Unexpected(std::move(error));
}

void write_name(std::string& out, bool& first, std::string_view name) {
  out += first ? "\"" : ",\"";
  out += name;
  out += "\":";
  first = false;
}

namespace {

Unexpected unknown_name(Path const& path, std::string_view name, std::span<Reader const> known) {
  std::vector<std::string> names;
  for (auto const& one : known) names.emplace_back(one.name);
  auto const near = nearest(name, names);
  return fail_field(Path(path, name).text(),
                    near.empty() ? fmt::format("known fields: {}", fmt::join(names, ", ")) : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                    "there is no field \"{}\"", shortened(name, 60));
}

Reader const* reader_of(std::span<Reader const> readers, std::string_view name) {
  for (auto const& one : readers)
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace

Result<void> read_members(Node const& node, void* whole, std::span<Reader const> members, std::span<char const* const> required, Path const& path,
                          Unknown unknown) {
  if (node.kind() != Node::Kind::Object) return wrong(path, "an object", node);
  auto const given = node.members();
  for (auto const& [name, child] : given) {
    if (auto const* const reader = reader_of(members, name)) TRY_VOID(reader->read(child, whole, Path(path, name), unknown));
    else if (unknown == Unknown::Refuse) return unknown_name(path, name, members);
  }
  for (std::string_view const name : required)
    if (std::none_of(given.begin(), given.end(), [&](auto const& one) { return one.first == name; }))
      return fail_field(Path(path, name).text(), "give it a value", "{} is missing", name);
  return {};
}

Result<void> read_alternative(Node const& node, void* whole, std::span<Reader const> alternatives, Path const& path, Unknown unknown) {
  auto const given = node.kind() == Node::Kind::Object ? node.members() : std::vector<std::pair<std::string_view, Node>>{};
  if (given.size() != 1) return wrong(path, "an object with one key, its type", node);
  auto const& [name, child] = given[0];
  auto const* const reader = reader_of(alternatives, name);
  if (!reader) return unknown_name(path, name, alternatives);
  return reader->read(child, whole, Path(path, name), unknown);
}

}  // namespace json
}  // namespace nav
