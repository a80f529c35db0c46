// SPDX-License-Identifier: Apache-2.0
#include "api/routes.h"

#include <algorithm>

#include "base/ensure.h"
#include "base/text.h"

namespace nav::api {
namespace {

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

/// "{path...}": this segment and all after it.
bool is_rest(std::string_view segment) { return is_parameter(segment) && segment.ends_with("...}"); }

std::vector<std::string_view> segments_of(std::string_view path) { return path == "/" ? std::vector<std::string_view>{} : split(path.substr(1), '/'); }

/// Every route's segments, split once.
std::vector<std::vector<std::string_view>> const& patterns() {
  static auto const all = [] {
    std::vector<std::vector<std::string_view>> out;
    for (Route const& one : routes()) out.push_back(segments_of(one.path));
    return out;
  }();
  return all;
}

}  // namespace

Route const& route(Operation operation) {
  auto const all = routes();
  auto it = std::find_if(all.begin(), all.end(), [&](Route const& one) { return one.operation == operation; });
  ensure(it != all.end(), "every operation has a route");
  return *it;
}

std::vector<std::string_view> parameters_of(Route const& route) {
  std::vector<std::string_view> names;
  for (std::string_view segment : segments_of(route.path))
    if (is_parameter(segment)) names.push_back(segment.substr(1, segment.size() - (is_rest(segment) ? 5 : 2)));
  return names;
}

std::string path_of(Operation operation, std::initializer_list<std::string_view> segments, std::string_view query) {
  std::string path;
  auto next = segments.begin();
  for (std::string_view segment : segments_of(route(operation).path)) {
    path += '/';
    if (!is_parameter(segment)) {
      path += segment;
      continue;
    }
    ensure(next != segments.end(), "every parameter of the path is given");
    path += percent_encoded(*next++);
  }
  ensure(next == segments.end(), "no more parameters are given than the path has");
  if (path.empty()) path = "/";
  return query.empty() ? path : fmt::format("{}?{}", path, query);
}

Found find_route(std::string_view method, std::vector<std::string> const& segments) {
  // A path written out goes before one with a parameter in the same place: /v1/jobs/batch before /v1/jobs/{job}, whatever the method.
  auto const table = routes();
  std::vector<std::string_view> const* path = nullptr;
  Found found;
  for (std::size_t i = 0; i < table.size(); ++i) {
    auto const& pattern = patterns()[i];
    bool const takes_rest = !pattern.empty() && is_rest(pattern.back());
    if (takes_rest ? segments.size() < pattern.size() : pattern.size() != segments.size()) continue;
    std::vector<std::string> parameters;
    bool fits = true;
    for (std::size_t k = 0; fits && k < pattern.size(); ++k) {
      if (is_parameter(pattern[k])) parameters.push_back(segments[k]), fits = !segments[k].empty();
      else fits = pattern[k] == segments[k];
    }
    if (!fits || (path != nullptr && *path != pattern && parameters.size() >= found.parameters.size())) continue;
    if (path == nullptr || *path != pattern) found = {nullptr, std::move(parameters), {}};
    path = &pattern;
    found.allowed.push_back(table[i].method);
    if (table[i].method == method) found.route = &table[i];
  }
  if (found.route == nullptr) found.parameters.clear();
  return found;
}

std::string percent_encoded(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto const byte = static_cast<unsigned char>(c);
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) out += c;
    else out += '%', out += hex[byte >> 4], out += hex[byte & 15];
  }
  return out;
}

}  // namespace nav::api
