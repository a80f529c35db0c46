// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

enum class SliceState { Idle, Held, SetAside };
BOOST_DESCRIBE_ENUM(SliceState, Idle, Held, SetAside)

/// A MIG instance: one that exists, or is being made for its holder.
struct Slice {
  std::string placement;
  std::uint32_t start = 0;
  std::uint32_t memory_slices = 0;
  SliceState state = SliceState::Idle;
  std::optional<AttemptId> holder;
  std::optional<std::string> reason;

  static constexpr Doc docs[] = {
      {"", "A MIG instance."},
      {"placement", "Profile and first memory slice.", R"("1g.5gb@4")"},
      {"start", "Its first memory slice, counted from 0.", "4"},
      {"memory_slices", "How many memory slices it takes.", "1"},
      {"state", "Whether it can be had.", R"("held")"},
      {"holder", "Whose it is, if you may see that job.", R"("42.1")"},
      {"reason", "Why it is set aside.", R"("XID 48 under 42.1")"},
  };
};
BOOST_DESCRIBE_STRUCT(Slice, (), (placement, start, memory_slices, state, holder, reason))

/// What a GPU is: given whole, or cut in slices.
enum class GpuMode { Whole, Mig };
BOOST_DESCRIBE_ENUM(GpuMode, Whole, Mig)

/// Who decides on its layout: OpenNav on demand; nobody (what is there is used); or it is never cut.
enum class GpuPolicy { Managed, Fixed, Whole };
BOOST_DESCRIBE_ENUM(GpuPolicy, Managed, Fixed, Whole)

struct Gpu {
  std::uint32_t index = 0;
  std::string uuid;
  std::string model;
  std::string family;
  std::uint64_t memory_mib = 0;
  std::uint32_t memory_slices = 0;
  bool mig_capable = false;
  GpuMode mode = GpuMode::Whole;
  GpuPolicy policy = GpuPolicy::Managed;
  SliceState state = SliceState::Idle;
  std::optional<AttemptId> holder;
  std::optional<std::string> reason;
  std::vector<Slice> slices;
  std::vector<std::uint32_t> stranded;

  static constexpr Doc docs[] = {
      {"", "One physical GPU."},
      {"index", "Its place in the node, counted from 0.", "0"},
      {"uuid", "As the driver names it.", R"("GPU-5b9f0c1e-1f7d-5d0c-8a3e-2f4a6b8c0d12")"},
      {"model", "The driver's product name.", R"("NVIDIA A100-SXM4-40GB")"},
      {"family", "The name its templates go by.", R"("a100")"},
      {"memory_mib", "All of its memory.", "40960"},
      {"memory_slices", "Into how many memory slices its driver divides it; 0 if it cannot be cut.", "8"},
      {"mig_capable", "Whether it can be cut.", "true"},
      {"mode", "Given whole, or cut.", R"("mig")"},
      {"policy", "Who decides on its layout.", R"("managed")"},
      {"state", "Of the GPU as a whole: held while somebody has all of it, set aside after an error that no slice can be blamed for, or by hand.", R"("idle")"},
      {"holder", "Who has all of it, if you may see that job.", R"("42.1")"},
      {"reason", "Why it is set aside.", R"("XID 79")"},
      {"slices", "Its layout, along the GPU."},
      {"stranded", "Memory slices that are not cut and that no profile can be placed on beside what is there.", "[7]"},
  };
};
BOOST_DESCRIBE_STRUCT(Gpu, (), (index, uuid, model, family, memory_mib, memory_slices, mig_capable, mode, policy, state, holder, reason, slices, stranded))

enum class NodeState { Joining, Ready, Unreachable, Lost };
BOOST_DESCRIBE_ENUM(NodeState, Joining, Ready, Unreachable, Lost)

struct Node {
  NodeId id;
  std::string name;
  std::string site;
  std::map<std::string, std::string> labels;
  NodeState state = NodeState::Joining;
  Time since;
  bool draining = false;
  std::optional<std::string> drain_message;
  bool simulated = false;
  std::optional<std::string> hostname;
  std::optional<std::string> os;
  std::optional<std::string> agent_version;
  std::optional<std::string> driver_version;
  std::uint64_t cpu_milli = 0;
  std::uint64_t cpu_milli_used = 0;
  std::uint64_t memory_mib = 0;
  std::uint64_t memory_mib_used = 0;
  std::uint32_t attempts = 0;
  std::vector<Gpu> gpus;

  static constexpr Doc docs[] = {
      {"", "One machine."},
      {"id", "Its number; a machine that joins anew gets a new one.", R"("node-1")"},
      {"name", "Its name, unique in the pool.", R"("dgx-0")"},
      {"site", "Where it comes from.", R"("local")"},
      {"labels", "What was said of it when it joined.", R"({"rack":"7"})"},
      {"state", "Whether it answers.", R"("ready")"},
      {"since", "Since when it is in that state."},
      {"draining", "It takes no new jobs; those there run to their end.", "false"},
      {"drain_message", "Why it is drained.", R"("new memory on Friday")"},
      {"simulated", "Its GPUs are simulated.", "true"},
      {"hostname", "What the machine calls itself.", R"("dgx-0.example.org")"},
      {"os", "Its operating system.", R"("Debian GNU/Linux 12")"},
      {"agent_version", "The version of its agent.", R"("0.1.0")"},
      {"driver_version", "The version of its NVIDIA driver; absent if it has none.", R"("570.86.15")"},
      {"cpu_milli", "Thousandths of a processor it has.", "256000"},
      {"cpu_milli_used", "Thousandths of a processor given to attempts.", "32000"},
      {"memory_mib", "Memory it has.", "1048576"},
      {"memory_mib_used", "Memory given to attempts.", "65536"},
      {"attempts", "How many attempts have their place here.", "8"},
      {"gpus", "In the driver's order."},
  };
};
BOOST_DESCRIBE_STRUCT(Node, (),
                      (id, name, site, labels, state, since, draining, drain_message, simulated, hostname, os, agent_version, driver_version, cpu_milli,
                       cpu_milli_used, memory_mib, memory_mib_used, attempts, gpus))

/// GET /v1/nodes
struct NodesQuery {
  std::vector<NodeState> state;
  std::optional<std::string> site;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"state", "Only nodes in this state; may be given several times. None: all but those lost."},
      {"site", "Only nodes of this site."},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(NodesQuery, (), (state, site, limit, cursor))

/// POST /v1/nodes/{node}/drain
struct DrainNode {
  std::string message;

  static constexpr Doc docs[] = {
      {"", "Take no new jobs."},
      {"message", "Why, for whoever looks.", R"("new memory on Friday")", R"("maxLength":1000)"},
  };
};
BOOST_DESCRIBE_STRUCT(DrainNode, (), (message))

/// PUT /v1/nodes/{node}/gpus/{gpu}/policy
struct SetGpuPolicy {
  GpuPolicy policy = GpuPolicy::Managed;

  static constexpr std::array required{"policy"};
  static constexpr Doc docs[] = {
      {"", "Say who decides on a GPU's layout."},
      {"policy", "`managed`: cut and switched on demand; `fixed`: the layout that is there is used and never changed; `whole`: never cut.", R"("fixed")"},
  };
};
BOOST_DESCRIBE_STRUCT(SetGpuPolicy, (), (policy))

/// POST /v1/nodes/{node}/gpus/{gpu}/set-aside
struct KeepAside {
  std::string placement;
  std::string reason;

  static constexpr std::array required{"reason"};
  static constexpr Doc docs[] = {
      {"", "Keep a slice or GPU from use."},
      {"placement", "The slice; empty: the GPU as a whole.", R"("1g.5gb@4")", R"("maxLength":64)"},
      {"reason", "Why, for whoever finds it so.", R"("its fan is replaced on Friday")", R"("minLength":1,"maxLength":300)"},
  };
};
BOOST_DESCRIBE_STRUCT(KeepAside, (), (placement, reason))

/// POST /v1/nodes/{node}/gpus/{gpu}/take-back
struct TakeBack {
  std::string placement;

  static constexpr Doc docs[] = {
      {"", "Give what was set aside back to use."},
      {"placement", "The slice; empty: the GPU as a whole.", R"("1g.5gb@4")", R"("maxLength":64)"},
  };
};
BOOST_DESCRIBE_STRUCT(TakeBack, (), (placement))

}  // namespace nav::api
