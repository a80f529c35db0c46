// SPDX-License-Identifier: Apache-2.0
#include "api/start.h"

#include <algorithm>
#include <utility>

namespace nav::api {

namespace {

/// Nodes that are named; of more their number is said.
constexpr std::size_t most_nodes_named = 4;

}  // namespace

std::string where_text(Start const& start) {
  if (!start.members) return start.place ? fmt::format("{} {}", start.node.value_or(""), *start.place) : start.node.value_or("");
  std::vector<std::pair<std::string, std::size_t>> nodes;
  for (auto const& member : *start.members) {
    auto const known = std::find_if(nodes.begin(), nodes.end(), [&](auto const& one) { return one.first == member.node; });
    if (known == nodes.end()) nodes.emplace_back(member.node, 1);
    else ++known->second;
  }
  std::string text;
  for (std::size_t i = 0; i < nodes.size() && i < most_nodes_named; ++i) {
    auto const& [node, members] = nodes[i];
    text += i > 0 ? fmt::format(", {} on {}", members, node) : fmt::format("{} member{} on {}", members, members == 1 ? "" : "s", node);
  }
  if (nodes.size() > most_nodes_named) text += fmt::format(" and others on {} more nodes", nodes.size() - most_nodes_named);
  return text;
}

}  // namespace nav::api
