// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "api/nodes.h"
#include "api/pool.h"
#include "cli/table.h"

/// Nodes and the pool, drawn in text. `nav pool` prints them once, `nav top` again and again.
namespace nav::cli {

/// "ready", "ready, draining", ... in its colour.
Cell node_state_cell(api::Node const& node);
/// "8 x A100-SXM4-40GB"
std::string gpus_text(api::Node const& node);
/// "32 of 256"
std::string share_text(std::uint64_t used_milli, std::uint64_t all_milli);
std::string memory_share_text(std::uint64_t used_mib, std::uint64_t all_mib);

/// A line for each GPU: how it is cut, and who has what.
std::vector<std::string> gpu_lines(api::Node const& node, Terminal const& terminal);
/// GPUs by model, and what of them is free.
std::string boards_text(api::Pool const& pool, Terminal const& terminal);
/// One sentence over all: nodes and jobs by state.
std::string pool_sentence(api::Pool const& pool);

}  // namespace nav::cli
