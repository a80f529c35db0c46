// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"

namespace nav::api {

/// GET /v1/advice
struct AdviceQuery {
  std::optional<Duration> age;

  static constexpr Doc docs[] = {
      {"age", "Only of attempts that have run so long, in microseconds (10 minutes).", "600000000"},
  };
};
BOOST_DESCRIBE_STRUCT(AdviceQuery, (), (age))

enum class AdviceKind { Unused, Smaller };
BOOST_DESCRIBE_ENUM(AdviceKind, Unused, Smaller)

struct AdviceItem {
  AdviceKind kind = AdviceKind::Unused;
  JobId job;
  std::string name;
  std::string project;
  std::string user;
  std::string on;
  std::string node;
  std::string place;
  Time since;
  std::uint64_t memory_mib = 0;
  std::optional<std::uint64_t> most_memory_mib;
  std::optional<double> most_activity;
  std::optional<double> activity;
  std::string fits;
  std::uint32_t saves_slices = 0;
  double saves = 0;
  std::string text;

  static constexpr Doc docs[] = {
      {"", "A running job that holds more than it was measured to use."},
      {"kind", "unused: its place did nothing; smaller: a smaller one would do."},
      {"job", "Which.", "42"},
      {"name", "Its name.", R"("train")"},
      {"project", "Whose.", R"("vision")"},
      {"user", "Who submitted it.", R"("ada")"},
      {"on", "The template it got.", R"("mig-3g.20gb")"},
      {"node", "Where it runs.", R"("dgx-0")"},
      {"place", "What it holds.", R"("gpu0 3g.20gb@4")"},
      {"since", "It runs since then."},
      {"memory_mib", "GPU memory it holds.", "19968"},
      {"most_memory_mib", "The most it had in use at once since it runs. Absent: no source told.", "4011"},
      {"most_activity", "The most its place was busy, 0 to 1, in one of the steps looked at. Absent: no source told.", "0.21"},
      {"activity", "How busy its place was on average. Absent: no source told.", "0.08"},
      {"fits", "The smallest profile it would fit with a tenth to spare; empty where none is smaller.", R"("1g.5gb")"},
      {"saves_slices", "Memory slices that would be free.", "3"},
      {"saves", "The same as a share of what it holds.", "0.75"},
      {"text", "All this in a sentence.", R"("used at most 4.0 of 19 GiB and 21 % in 2h: 1g.5gb would do and save 75 %")"},
  };
};
BOOST_DESCRIBE_STRUCT(AdviceItem, (),
                      (kind, job, name, project, user, on, node, place, since, memory_mib, most_memory_mib, most_activity, activity, fits, saves_slices, saves,
                       text))

struct Advice {
  std::vector<AdviceItem> items;
  std::uint32_t looked_at = 0;
  std::uint32_t unknown = 0;

  static constexpr Doc docs[] = {
      {"", "What could be given back, with the evidence."},
      {"items", "What would free most first."},
      {"looked_at", "Attempts on GPUs that have run long enough.", "18"},
      {"unknown", "Of these, how many nothing was measured of.", "2"},
  };
};
BOOST_DESCRIBE_STRUCT(Advice, (), (items, looked_at, unknown))

}  // namespace nav::api
