// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/id.h"
#include "base/json.h"

namespace nav::api {

/// One running job and its new place.
struct Move {
  JobId job;
  std::string from_node;
  std::string from_place;
  std::string node;
  std::string place;

  static constexpr Doc docs[] = {
      {"", "A running job stops and begins anew elsewhere, in a place that is kept for it."},
      {"job", "Which.", "42"},
      {"from_node", "Where it is; empty once it has left.", R"("dgx-0")"},
      {"from_place", "What it has there.", R"("gpu0 3g.20gb@4")"},
      {"node", "Where it goes.", R"("dgx-1")"},
      {"place", "What it gets there.", R"("gpu3 3g.20gb@0")"},
  };
};
BOOST_DESCRIBE_STRUCT(Move, (), (job, from_node, from_place, node, place))

/// Who moves for a job.
struct Moving {
  std::uint32_t jobs = 0;
  std::vector<Move> moves;

  static constexpr Doc docs[] = {
      {"", "Running jobs that move so that a job has its place."},
      {"jobs", "How many.", "1"},
      {"moves", "Which, and where to; only those you may see."},
  };
};
BOOST_DESCRIBE_STRUCT(Moving, (), (jobs, moves))

/// POST /v1/pool/defragment
struct Defragment {
  bool apply = false;
  std::uint32_t most = 16;

  static constexpr Doc docs[] = {
      {"", "A plan to bring together what is free."},
      {"apply", "Carry it out. Else it is only shown.", "false"},
      {"most", "At most so many moves.", "16", R"("minimum":1,"maximum":64)"},
  };
};
BOOST_DESCRIBE_STRUCT(Defragment, (), (apply, most))

/// How many more of a template there is room for.
struct FreePlaces {
  std::string on;
  std::uint64_t before = 0;
  std::uint64_t after = 0;

  static constexpr Doc docs[] = {
      {"", "How many more jobs of a template there is room for, if nobody asks for anything else. Processors are not counted."},
      {"on", "The template.", R"("mig-7g.40gb")"},
      {"before", "As it is.", "0"},
      {"after", "After the moves.", "1"},
  };
};
BOOST_DESCRIBE_STRUCT(FreePlaces, (), (on, before, after))

struct Defragmentation {
  bool applied = false;
  std::uint32_t emptied = 0;
  std::uint64_t lost_seconds = 0;
  std::vector<Move> moves;
  std::vector<FreePlaces> places;
  std::string sentence;

  static constexpr Doc docs[] = {
      {"", "Which running jobs move so that what is free lies together."},
      {"applied", "They were told to. Else nothing has happened.", "false"},
      {"emptied", "GPUs on which nothing runs afterwards.", "1"},
      {"lost_seconds", "Work that is lost and done again: slice-seconds.", "840"},
      {"moves", "Who moves. Jobs that are not restartable, or said they must not be preempted, never do."},
      {"places", "Templates of which there is room for another number afterwards."},
      {"sentence", "The same in words.", R"("2 jobs would move and empty 1 GPU")"},
  };
};
BOOST_DESCRIBE_STRUCT(Defragmentation, (), (applied, emptied, lost_seconds, moves, places, sentence))

}  // namespace nav::api
