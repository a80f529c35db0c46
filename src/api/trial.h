// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "api/jobs.h"
#include "api/moves.h"
#include "api/start.h"

namespace nav::api {

/// POST /v1/try
struct TryJobs {
  std::string project;
  std::vector<std::string> on;
  Duration time_limit;
  std::uint64_t memory_mib = 0;
  std::uint32_t cpu_milli = 0;
  std::int32_t priority = 0;
  std::uint32_t count = 1;
  std::uint32_t members = 0;

  static constexpr std::array required{"on"};
  static constexpr Doc docs[] = {
      {"", "Jobs that are not submitted."},
      {"project", "Whose work it would be. Empty: your only project, or `default`.", R"("vision")"},
      {"on", "The compute list, as in a submission.", R"(["mig-1g.5gb:wait=2m","v100-cloud:price=3.00","cpu"])", R"("minItems":1,"maxItems":32)"},
      {"time_limit", "Zero: none.", "3600000000", R"("minimum":0)"},
      {"memory_mib", "Memory of the machine. Zero: the template's share.", "8192", R"("maximum":1099511627776)"},
      {"cpu_milli", "Thousandths of a processor. Zero: the template's share.", "4000"},
      {"priority", "Higher goes first.", "0", R"("minimum":-1000,"maximum":1000)"},
      {"count", "So many, all alike; with `members` so many gangs.", "1", R"("minimum":1,"maximum":1000)"},
      {"members", "Of each gang, whose members start together or not at all; zero: jobs by themselves.", "4", R"("maximum":1024)"},
  };
};
BOOST_DESCRIBE_STRUCT(TryJobs, (), (project, on, time_limit, memory_mib, cpu_milli, priority, count, members))

/// Whether one rung can be had.
enum class Can { Now, Later, Never };
BOOST_DESCRIBE_ENUM(Can, Now, Later, Never)

struct TriedRung {
  std::string on;
  Can can = Can::Never;
  Start start;
  std::optional<Lack> lack;
  std::string sentence;
  std::vector<AttemptId> holders;

  static constexpr Doc docs[] = {
      {"", "One rung by itself."},
      {"on", "Its template.", R"("mig-1g.5gb")"},
      {"can", "`never` tells what no hardware here could give from what is not to be had `later`, but not now.", R"("later")"},
      {"start", "When and where, if it were the only one."},
      {"lack", "What is missing now.", R"("busy")"},
      {"sentence", "The same in words.", R"("all 7 places for 1g.5gb are held by 7 jobs")"},
      {"holders", "Attempts whose end would help; only those you may see.", R"(["7.1"])"},
  };
};
BOOST_DESCRIBE_STRUCT(TriedRung, (), (on, can, start, lack, sentence, holders))

struct Trial {
  std::uint32_t count = 1;
  std::uint32_t now = 0;
  Start start;
  std::string sentence;
  std::optional<Moving> moving;
  std::vector<TriedRung> rungs;

  static constexpr Doc docs[] = {
      {"", "What would become of the jobs, had they been submitted. Nothing was."},
      {"count", "How many were tried: jobs, or gangs.", "8"},
      {"now", "How many of them would start at once.", "7"},
      {"start", "Of the first."},
      {"sentence", "The answer in words.", R"("7 of 8 would start now, the first on mig-1g.5gb: dgx-0 gpu0 1g.5gb@6")"},
      {"moving", "Who would move for the first of them, if it would not start now and that is worth it."},
      {"rungs", "Rung by rung, each as if it were the only one."},
  };
};
BOOST_DESCRIBE_STRUCT(Trial, (), (count, now, start, sentence, moving, rungs))

}  // namespace nav::api
