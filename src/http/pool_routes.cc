// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

/// A node by its number or its name.
Result<Node const*> node_parameter(Call const& call) {
  std::string const& text = call.parameter(0);
  Pool const& pool = call.snapshot->pool;
  if (auto const id = parse_id<NodeTag>(text))
    if (Node const* node = pool.node(*id)) return node;
  auto const named = pool.node_named->find(text);
  if (named != pool.node_named->end())
    if (Node const* node = pool.node(named->second)) return node;
  std::vector<std::string> names;
  for (auto const& [name, id] : *pool.node_named) names.push_back(name);
  auto const near = nearest(text, names);
  return Unexpected(Error{ErrorKind::NotFound,
                          fmt::format("there is no node \"{}\"", shortened(text, 70)),
                          near.empty() ? "" : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                          {}});
}

Result<std::uint32_t> gpu_parameter(Call const& call, Node const& node) {
  std::uint64_t index = 0;
  if (read_number(call.parameter(1), index) && index < node.gpus.size()) return static_cast<std::uint32_t>(index);
  return Unexpected(Error{ErrorKind::NotFound,
                          fmt::format("{} has no GPU \"{}\"", node.name, shortened(call.parameter(1), 40)),
                          fmt::format("it has {} GPUs, counted from 0", node.gpus.size()),
                          {}});
}

/// The nodes the query wants, in the order of their numbers.
std::vector<Node const*> nodes_wanted(Pool const& pool, api::NodesQuery const& query) {
  std::vector<Node const*> out;
  pool.nodes.each([&](Node const& node) {
    auto const state = same_word<api::NodeState>(node.state);
    bool const right_state = query.state.empty() ? state != api::NodeState::Lost
                                                 : std::find(query.state.begin(), query.state.end(), state) != query.state.end();
    if (right_state && (!query.site || *query.site == node.site)) out.push_back(&node);
  });
  return out;
}

Result<api::Page<api::Node>> nodes_page(Call const& call, api::NodesQuery const& query) {
  return page_of<api::Node>(
      nodes_wanted(call.snapshot->pool, query), query.limit, query.cursor, [](Node const* node) { return node->id.value; },
      [&](Node const* node) { return shown(*call.snapshot, *node, call.caller); });
}

/// Asks for the command and answers with the node as it is then.
Result<void> ask_about_node(Api& api, CallPtr const& call, NodeId id, PoolCommand command) {
  return ask_then_on_worker(api, call, {.command = std::move(command)}, [id](Call& asked, Accepted const& accepted) -> Result<void> {
    Node const* node = accepted.snapshot->pool.node(id);
    if (node == nullptr) return fail(ErrorKind::NotFound, "{} is gone", to_text(id));
    answer(asked, shown(*accepted.snapshot, *node, asked.caller));
    return {};
  });
}

}  // namespace

Result<void> get_pool(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::PoolQuery>(*call));
  on_worker(api, call, [query](Call& asked) -> Result<void> {
    TRY(auto page, nodes_page(asked, {.state = {}, .site = {}, .limit = query.limit, .cursor = query.cursor}));
    api::Pool pool = pool_sums(*asked.snapshot);
    pool.nodes = std::move(page.items);
    pool.next = std::move(page.next);
    answer(asked, pool);
    return {};
  });
  return {};
}

Result<void> list_nodes(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::NodesQuery>(*call));
  on_worker(api, call, [query](Call& asked) -> Result<void> {
    TRY(auto page, nodes_page(asked, query));
    answer(asked, page);
    return {};
  });
  return {};
}

Result<void> get_node(Api&, CallPtr const& call) {
  TRY(Node const* node, node_parameter(*call));
  answer(*call, shown(*call->snapshot, *node, call->caller));
  return {};
}

Result<void> drain_node(Api& api, CallPtr const& call) {
  TRY(Node const* node, node_parameter(*call));
  TRY(auto wanted, body_of<api::DrainNode>(*call));
  if (wanted.message.size() > 1000) return fail_field("message", "at most 1000 characters", "message has {}", wanted.message.size());
  return ask_about_node(api, call, node->id, DrainNode{node->id, wanted.message});
}

Result<void> resume_node(Api& api, CallPtr const& call) {
  TRY(Node const* node, node_parameter(*call));
  return ask_about_node(api, call, node->id, ResumeNode{node->id});
}

Result<void> declare_node_lost(Api& api, CallPtr const& call) {
  TRY(Node const* node, node_parameter(*call));
  return ask_about_node(api, call, node->id, DeclareNodeLost{node->id});
}

Result<void> set_gpu_policy(Api& api, CallPtr const& call) {
  TRY(Node const* node, node_parameter(*call));
  TRY(auto gpu, gpu_parameter(*call, *node));
  TRY(auto wanted, body_of<api::SetGpuPolicy>(*call));
  return ask_about_node(api, call, node->id, SetGpuPolicy{node->id, gpu, same_word<GpuPolicy>(wanted.policy)});
}

Result<void> keep_aside(Api& api, CallPtr const& call) {
  TRY(Node const* node, node_parameter(*call));
  TRY(auto gpu, gpu_parameter(*call, *node));
  TRY(auto wanted, body_of<api::KeepAside>(*call));
  if (wanted.reason.size() > 300) return fail_field("reason", "at most 300 characters", "reason has {}", wanted.reason.size());
  return ask_about_node(api, call, node->id, KeepAside{node->id, gpu, wanted.placement, wanted.reason});
}

Result<void> take_back(Api& api, CallPtr const& call) {
  TRY(Node const* node, node_parameter(*call));
  TRY(auto gpu, gpu_parameter(*call, *node));
  TRY(auto wanted, body_of<api::TakeBack>(*call));
  return ask_about_node(api, call, node->id, TakeBack{node->id, gpu, wanted.placement});
}

}  // namespace nav::http
