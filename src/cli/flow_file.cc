// SPDX-License-Identifier: Apache-2.0
#include "cli/flow_file.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <yaml-cpp/yaml.h>

#include "base/json.h"
#include "base/text.h"

namespace nav::cli {

namespace {

constexpr int deepest = 12;

/// Fields of a component or a range that are no text in the API. All other scalars are texts, so that `rate: 0.1` need no quotes.
std::set<std::string, std::less<>> const bare_fields{"retries", "restartable", "priority", "trials", "seed",  "parallel", "may_fail",
                                                     "low",     "high",        "log",      "whole",  "cache", "keep"};
/// Fields of early_stopping that are no text. There `after` is a step; of a component it is a list.
std::set<std::string, std::less<>> const stopping_fields{"after", "every", "others", "eta"};
/// Where one value may stand for a list of one.
std::set<std::string, std::less<>> const list_fields{"on", "after", "outputs", "approvers", "choices"};

bool is_bare_in_json(std::string const& text) {
  auto const document = json::Document::parse(text);
  if (!document) return false;
  auto const kind = document->root().kind();
  return kind != json::Node::Kind::String && kind != json::Node::Kind::Array && kind != json::Node::Kind::Object && kind != json::Node::Kind::Null;
}

/// Whether the path is that of this field of some component, whatever the component is called.
bool is_field(std::string_view path, std::string_view field) {
  auto const parts = split(path, '.');
  return parts.size() == 3 && parts[0] == "components" && parts[2] == field;
}

/// YAML to JSON, noting lines.
class YamlReader {
 public:
  explicit YamlReader(FlowFile& file) : file_(file) {}

  Result<void> read(YAML::Node const& node, std::string const& path, std::string const& key, int depth) {
    if (depth > deepest) return refuse(node, path, "this is nested too deeply");
    if (node.Mark().line >= 0) file_.lines[path] = node.Mark().line + 1;
    switch (node.Type()) {
      case YAML::NodeType::Map: return read_map(node, path, depth);
      case YAML::NodeType::Sequence: return read_list(node, path, depth);
      case YAML::NodeType::Scalar: return read_scalar(node, path, key), Result<void>{};
      default: file_.json += list_fields.contains(key) ? "[]" : "{}"; return {};  // `parameters:` with nothing under it
    }
  }

 private:
  Unexpected refuse(YAML::Node const& node, std::string const& path, std::string message) const {
    return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("{}:{}: {}", file_.path, node.Mark().line + 1, message), {}, path});
  }

  Result<void> read_map(YAML::Node const& node, std::string const& path, int depth) {
    std::set<std::string> seen;
    file_.json += '{';
    for (auto const& entry : node) {
      if (!entry.first.IsScalar()) return refuse(entry.first, path, "a name is a word");
      std::string const name = entry.first.Scalar();
      if (!seen.insert(name).second) return refuse(entry.first, path, fmt::format("{} stands here twice", name));
      if (seen.size() > 1) file_.json += ',';
      std::string const below = path.empty() ? name : fmt::format("{}.{}", path, name);
      // What a name is called in a map of the person's own says nothing about its value.
      bool const is_own = path == "parameters" || path == "components" || is_field(path, "grid") || is_field(path, "env") || is_field(path, "inputs") ||
                          is_field(path, "random");
      file_.json += json_write(name) + ':';
      bool const is_grid = is_field(path, "grid");
      bool const is_list = !is_own && !is_field(path, "early_stopping") && list_fields.contains(name);
      bool const wrap = entry.second.IsScalar() && (is_grid || is_list);
      if (wrap) file_.json += '[';
      TRY_VOID(read(entry.second, below, is_own ? "" : name, depth + 1));
      if (wrap) file_.json += ']';
      file_.lines[below] = entry.first.Mark().line + 1;
      if (is_field(path, "inputs") && entry.second.IsScalar() && entry.second.Scalar().starts_with("./")) file_.local_files[below] = entry.second.Scalar();
    }
    file_.json += '}';
    return {};
  }

  Result<void> read_list(YAML::Node const& node, std::string const& path, int depth) {
    file_.json += '[';
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (i != 0) file_.json += ',';
      TRY_VOID(read(node[i], fmt::format("{}[{}]", path, i), "", depth + 1));
    }
    file_.json += ']';
    return {};
  }

  void read_scalar(YAML::Node const& node, std::string_view path, std::string const& key) {
    std::string const& text = node.Scalar();
    bool const is_plain = node.Tag() == "?";
    bool const stops = stopping_fields.contains(key) && is_field(path.substr(0, path.rfind('.')), "early_stopping");
    file_.json += is_plain && (stops || bare_fields.contains(key)) && is_bare_in_json(text) ? text : json_write(text);
  }

  FlowFile& file_;
};

}  // namespace

Error FlowFile::with_place(Error error) const {
  std::string field = error.field;
  constexpr std::string_view prefix = "definition.";
  if (field.starts_with(prefix)) field.erase(0, prefix.size());
  error.field = field;
  for (std::string at = field; !at.empty();) {
    if (auto const it = lines.find(at); it != lines.end()) {
      error.message = fmt::format("{}:{}: {}", path, it->second, error.message);
      return error;
    }
    auto const end = at.find_last_of(".[");
    at.resize(end == at.npos ? 0 : end);
  }
  if (!field.empty()) error.message = fmt::format("{}: {}", path, error.message);
  return error;
}

Result<FlowFile> read_flow_text(std::string const& text, std::string const& path) {
  FlowFile file{.path = path, .json = {}, .lines = {}, .local_files = {}};
  try {
    auto const documents = YAML::LoadAll(text);
    if (documents.size() != 1 || !documents[0].IsMap())
      return Unexpected(
          Error{ErrorKind::InvalidArgument, fmt::format("{} is no flow", path), "one YAML document with `name` and `components`: nav flow --help", {}});
    TRY_VOID(YamlReader(file).read(documents[0], "", "", 0));
  } catch (YAML::Exception const& error) {
    return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("{}:{}: this is no YAML: {}", path, error.mark.line + 1, error.msg), {}, {}});
  }
  return file;
}

Result<FlowFile> read_flow_file(std::string const& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return Unexpected(Error{ErrorKind::NotFound, fmt::format("{} cannot be read", path), "the path of a YAML file with a flow", {}});
  return read_flow_text(text.str(), path);
}

}  // namespace nav::cli
