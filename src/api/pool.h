// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "api/nodes.h"
#include "base/json.h"

namespace nav::api {

/// A kind of slice that GPUs of one model can be cut into.
struct BoardProfile {
  std::string name;
  std::uint32_t memory_slices = 0;
  std::uint32_t compute_slices = 0;
  std::uint64_t memory_mib = 0;
  std::uint32_t multiprocessors = 0;
  std::vector<std::uint32_t> starts;

  static constexpr Doc docs[] = {
      {"", "A kind of slice, as the driver describes it."},
      {"name", "NVIDIA's name for it.", R"("2g.10gb")"},
      {"memory_slices", "How many memory slices it takes.", "2"},
      {"compute_slices", "How many compute slices.", "2"},
      {"memory_mib", "Its memory.", "9856"},
      {"multiprocessors", "Its streaming multiprocessors.", "28"},
      {"starts", "Memory slices it may begin at.", "[0,2,4]"},
  };
};
BOOST_DESCRIBE_STRUCT(BoardProfile, (), (name, memory_slices, compute_slices, memory_mib, multiprocessors, starts))

/// GPUs alike.
struct BoardCount {
  std::string model;
  std::string family;
  std::uint32_t gpus = 0;
  std::uint32_t gpus_held = 0;
  std::uint32_t gpus_cut = 0;
  std::uint32_t gpus_set_aside = 0;
  std::uint32_t slices = 0;
  std::uint32_t slices_held = 0;
  std::uint32_t slices_set_aside = 0;
  std::uint32_t memory_slices = 0;
  std::vector<BoardProfile> profiles;

  static constexpr Doc docs[] = {
      {"", "GPUs alike, counted over all nodes that are not lost."},
      {"model", "The driver's product name.", R"("NVIDIA A100-SXM4-40GB")"},
      {"family", "The name their templates go by.", R"("a100")"},
      {"gpus", "All of them.", "24"},
      {"gpus_held", "Held whole.", "2"},
      {"gpus_cut", "Cut in slices.", "20"},
      {"gpus_set_aside", "Set aside whole, after errors or by hand.", "0"},
      {"slices", "Slices there are, or are being made.", "120"},
      {"slices_held", "Held by attempts.", "110"},
      {"slices_set_aside", "Set aside, after errors or by hand.", "1"},
      {"memory_slices", "Into how many memory slices one is divided; 0 if it cannot be cut.", "8"},
      {"profiles", "What one can be cut into."},
  };
};
BOOST_DESCRIBE_STRUCT(BoardCount, (),
                      (model, family, gpus, gpus_held, gpus_cut, gpus_set_aside, slices, slices_held, slices_set_aside, memory_slices, profiles))

/// GET /v1/pool
struct Pool {
  std::uint64_t sequence = 0;
  Time at;
  std::map<std::string, std::uint32_t> node_states;
  std::map<std::string, std::uint64_t> job_states;
  std::vector<BoardCount> boards;
  std::vector<Node> nodes;
  std::optional<std::string> next;

  static constexpr Doc docs[] = {
      {"", "All the compute there is, at one moment."},
      {"sequence", "The last event in it: follow /v1/events after this one to keep it true.", "1207"},
      {"at", "The moment."},
      {"node_states", "How many nodes are in which state.", R"({"ready":3})"},
      {"job_states", "How many jobs that are not over are in which state, those of other projects included.", R"({"queued":12,"starting":0,"running":110})"},
      {"boards", "GPUs by model."},
      {"nodes", "The nodes with their GPUs and slices, at most `limit` of them."},
      {"next", "`cursor` for the nodes after these. Absent at the end.", R"("a1000")"},
  };
};
BOOST_DESCRIBE_STRUCT(Pool, (), (sequence, at, node_states, job_states, boards, nodes, next))

/// GET /v1/pool
struct PoolQuery {
  std::uint32_t limit = 1000;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"limit", "At most so many nodes.", "1000", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(PoolQuery, (), (limit, cursor))

}  // namespace nav::api
