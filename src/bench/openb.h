// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nav::bench {

/// Alibaba's openb trace (2023) as "Beware of Fragmentation" (USENIX ATC 2023) replays it: whole and shared GPUs of several models, asked for in
/// thousandths of a GPU. A GPU is a board of 1,000 units here, which may be given in any part.
struct OpenbNode {
  std::string name;
  std::int64_t cpu_milli = 0;
  std::int64_t memory_mib = 0;
  std::uint32_t gpus = 0;
  std::uint32_t model = 0;  ///< a bit in OpenbPod::models
};

/// Of a node, and of a pod.
inline constexpr std::uint32_t openb_most_gpus = 8;

struct OpenbPod {
  std::int64_t cpu_milli = 0;
  std::int64_t memory_mib = 0;
  std::uint32_t gpus = 0;
  std::int32_t gpu_milli = 0;  ///< of each
  std::uint64_t models = 0;    ///< a bit a model that serves; 0: any
  bool operator==(OpenbPod const&) const = default;
  auto operator<=>(OpenbPod const&) const = default;
};

struct OpenbTrace {
  std::vector<std::string> models;
  std::vector<OpenbNode> nodes;  ///< in the order of the file
  std::vector<OpenbPod> pods;
  std::vector<std::string> skipped;  ///< lines that could not be read: "pods line 17: gpu_milli is \"x\""
};

/// Reads the two CSV files. InvalidArgument when a column is missing or nothing is left.
Result<OpenbTrace> read_openb(std::string_view nodes_csv, std::string_view pods_csv);

enum class OpenbPolicy {
  Fgd,      ///< as published: least growth of fragments
  FgdM,     ///< ours: the mean of that and of fragments that count the node's processors too, and a price a model
  BestFit,  ///< the least of everything left
};
BOOST_DESCRIBE_ENUM(OpenbPolicy, Fgd, FgdM, BestFit)

struct OpenbResult {
  double at_100 = 0;  ///< GPUs allocated, as a part of all, when as much as there is was asked for
  double at_130 = 0;  ///< at the end
  std::uint64_t refused = 0;
  std::uint64_t pods = 0;
};

/// Pods in random order, copies of random ones behind them until 130 % of the GPUs are asked for; who does not fit is refused.
OpenbResult run_openb(OpenbTrace const& trace, OpenbPolicy policy, std::uint64_t seed);

/// The most that could be allocated of exactly what was asked for at 100 %, if all nodes of one kind were one large node and nothing but pods with GPUs
/// came: a linear program. It does not see that two pods of .6 share no GPU, so it is far where most GPUs are shared.
double openb_bound(OpenbTrace const& trace, std::uint64_t seed);

}  // namespace nav::bench
