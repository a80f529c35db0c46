// SPDX-License-Identifier: Apache-2.0
// nav node show|drain|resume|lost|policy|take-back
#include <memory>

#include "api/nodes.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/node_text.h"
#include "cli/question.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

/// All that the commands on a node take; each uses its part.
struct NodeOptions {
  std::string node;
  std::uint32_t gpu = 0;
  std::string policy;
  std::string placement;
  std::string message;
  std::string reason;
  bool yes = false;
  bool json = false;
};

std::string node_text(api::Node const& node, Terminal const& terminal) {
  std::vector<std::string> labels;
  for (auto const& [key, value] : node.labels) labels.push_back(key + "=" + value);
  std::string out = fields_text({{"node", Cell(node.name, Paint::Strong)},
                                 {"number", to_text(node.id)},
                                 {"state", node_state_cell(node)},
                                 {"since", clock_text(node.since)},
                                 {"draining", node.drain_message.value_or("")},
                                 {"site", node.site},
                                 {"labels", fmt::format("{}", fmt::join(labels, ", "))},
                                 {"machine", node.hostname.value_or("") + (node.os ? ", " + *node.os : "")},
                                 {"agent", node.agent_version.value_or("")},
                                 {"driver", node.driver_version.value_or("none") + (node.simulated ? " (simulated)" : "")},
                                 {"processors", share_text(node.cpu_milli_used, node.cpu_milli)},
                                 {"memory", memory_share_text(node.memory_mib_used, node.memory_mib)},
                                 {"jobs", fmt::format("{}", node.attempts)},
                                 {"GPUs", gpus_text(node)}},
                                terminal);
  for (auto const& line : gpu_lines(node, terminal)) out += line + "\n";
  return out;
}

/// Every command on a node answers with the node as it is now.
Result<int> show_changed_node(Context& nav, bool json, Result<std::string> const& body) {
  if (!body) return Unexpected(body.error());
  if (json) return nav.print(json_line(*body)), 0;
  TRY(auto const node, Server::read<api::Node>(*body));
  nav.print(node_text(node, nav.terminal));
  return 0;
}

Result<int> declare_lost(Context& nav, NodeOptions const& asked) {
  if (!asked.yes) {
    TRY(bool const sure, ask_yes_or_no(nav, fmt::format("Are you sure that nothing runs on {} any more? Its jobs may then be started elsewhere.", asked.node),
                                       Answer::No, "--yes answers beforehand"));
    if (!sure) return nav.print_error("Nothing was changed.\n"), 1;
  }
  return show_changed_node(nav, asked.json, nav.server->call({api::Operation::DeclareNodeLost, {asked.node}}));
}

using OnNode = Result<int> (*)(Context&, NodeOptions const&);

Command on_node(std::string name, std::string summary, std::shared_ptr<NodeOptions> const& asked, OnNode run) {
  Command command(std::move(name), std::move(summary));
  command.argument("NODE", "name or number of a node", into(asked->node), Names::Node);
  command.runs([asked, run](Context& nav) { return run(nav, *asked); });
  return command;
}

Command show_command(std::shared_ptr<NodeOptions> const& asked) {
  return on_node("show", "Show one node, its GPUs and slices", asked, [](Context& nav, NodeOptions const& it) {
    return show_changed_node(nav, it.json, nav.server->call({api::Operation::GetNode, {it.node}}));
  });
}

Command drain_command(std::shared_ptr<NodeOptions> const& asked) {
  Command command = on_node("drain", "Give a node no new jobs; those there run to their end", asked, [](Context& nav, NodeOptions const& it) {
    return show_changed_node(nav, it.json, nav.server->call({api::Operation::DrainNode, {it.node}, {}, json_write(api::DrainNode{it.message})}));
  });
  command.option("-m, --message TEXT", "why, for whoever looks", into(asked->message));
  command.example("Before a repair", "nav node drain dgx-1 -m 'new memory on Friday'");
  return command;
}

Command resume_command(std::shared_ptr<NodeOptions> const& asked) {
  return on_node("resume", "Give a drained node jobs again", asked, [](Context& nav, NodeOptions const& it) {
    return show_changed_node(nav, it.json, nav.server->call({api::Operation::ResumeNode, {it.node}}));
  });
}

Command lost_command(std::shared_ptr<NodeOptions> const& asked) {
  Command command = on_node("lost", "Declare that a node is gone and nothing runs there any more", asked, declare_lost);
  command.about(
      "A node that is cut off may still run its jobs, so they are not started elsewhere by themselves unless they can restart. This is your word that "
      "it is gone. A node that answers is not lost, and is refused. If the machine comes back, it joins under a new number.");
  command.option("-y, --yes", "do not ask", into_switch(asked->yes));
  return command;
}

Command policy_command(std::shared_ptr<NodeOptions> const& asked) {
  auto const words = enum_words<api::GpuPolicy>();
  Command command = on_node("policy", "Say who decides on a GPU's layout", asked, [](Context& nav, NodeOptions const& it) {
    api::SetGpuPolicy const wanted{*enum_of<api::GpuPolicy>(it.policy)};
    return show_changed_node(nav, it.json, nav.server->call({api::Operation::SetGpuPolicy, {it.node, fmt::format("{}", it.gpu)}, {}, json_write(wanted)}));
  });
  command.argument("GPU", "its index on the node", into(asked->gpu));
  command.argument("POLICY", "managed: cut and switched on demand; fixed: the layout there is used and never changed; whole: never cut",
                   into_word(asked->policy, words), Names::Word, words);
  command.example("Keep the layout of GPU 3 as it is", "nav node policy dgx-1 3 fixed");
  return command;
}

Command set_aside_command(std::shared_ptr<NodeOptions> const& asked) {
  Command command = on_node("set-aside", "Keep a slice or GPU from use until it is taken back", asked, [](Context& nav, NodeOptions const& it) {
    api::KeepAside const wanted{it.placement, it.reason};
    return show_changed_node(nav, it.json, nav.server->call({api::Operation::KeepAside, {it.node, fmt::format("{}", it.gpu)}, {}, json_write(wanted)}));
  });
  command.about("Nothing new is placed there, and its layout stays; who holds it stays to the end. A restart of the machine does not give it back.");
  command.argument("GPU", "its index on the node", into(asked->gpu));
  command.argument("[PLACEMENT]", "the slice, as 1g.5gb@4 (else the GPU as a whole)", into(asked->placement));
  command.option("-m, --reason TEXT", "why, for whoever looks (required)", into(asked->reason));
  command.example("Before a fan is replaced", "nav node set-aside dgx-1 3 -m 'its fan is replaced on Friday'");
  return command;
}

Command take_back_command(std::shared_ptr<NodeOptions> const& asked) {
  Command command = on_node("take-back", "Give what was set aside back to use", asked, [](Context& nav, NodeOptions const& it) {
    return show_changed_node(nav, it.json,
                             nav.server->call({api::Operation::TakeBack, {it.node, fmt::format("{}", it.gpu)}, {}, json_write(api::TakeBack{it.placement})}));
  });
  command.argument("GPU", "its index on the node", into(asked->gpu));
  command.argument("[PLACEMENT]", "the slice, as 1g.5gb@4 (else the GPU as a whole)", into(asked->placement));
  command.example("A slice that was set aside after an XID", "nav node take-back dgx-1 0 1g.5gb@4");
  return command;
}

}  // namespace

Command node_command() {
  Command command("node", "Show, drain or resume a node, and its GPUs");
  using Make = Command (*)(std::shared_ptr<NodeOptions> const&);
  for (Make const make : {show_command, drain_command, resume_command, lost_command, policy_command, set_aside_command, take_back_command}) {
    auto asked = std::make_shared<NodeOptions>();
    Command verb = make(asked);
    verb.option("--json", "print the API's answer", into_switch(asked->json));
    command.add(std::move(verb));
  }
  return command;
}

}  // namespace nav::cli
