// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"
#include "base/time.h"

namespace nav::api {

/// How sure a start is.
enum class Confidence { Now, AtLatest, Likely, About, Unknown };
BOOST_DESCRIBE_ENUM(Confidence, Now, AtLatest, Likely, About, Unknown)

/// Where one member of a gang would be.
struct MemberStart {
  std::string node;
  std::string place;

  static constexpr Doc docs[] = {
      {"", "Where one member of a gang would be."},
      {"node", "Its node.", R"("dgx-0")"},
      {"place", "What it has there.", R"("gpu0 1g.5gb@4")"},
  };
};
BOOST_DESCRIBE_STRUCT(MemberStart, (), (node, place))

struct Start {
  Confidence confidence = Confidence::Unknown;
  std::optional<Time> at;
  std::optional<std::uint32_t> rung;
  std::optional<std::string> on;
  std::optional<std::string> node;
  std::optional<std::string> place;
  std::optional<std::int64_t> price_micro;
  std::optional<std::vector<MemberStart>> members;

  static constexpr Doc docs[] = {
      {"", "When and where a job would start."},
      {"confidence",
       "`now`; `at_latest`: by then the time limits of those before it have run out, if nothing of more precedence comes meanwhile; `likely`: by then they "
       "are done, if they run as long as jobs of their projects usually do; `about`: a cloud boots a machine for it; `unknown`: how long they run nobody "
       "knows, or it is too far ahead to say.",
       R"("at_latest")"},
      {"at", "When; absent if it is unknown."},
      {"rung", "On which rung, counted from 0.", "0"},
      {"on", "Its template.", R"("mig-1g.5gb")"},
      {"node", "Where, or the cloud that boots a machine; of a gang, where its first member.", R"("dgx-0")"},
      {"place", "What it has there.", R"("gpu0 1g.5gb@4")"},
      {"price_micro", "What an hour costs, in millionths; of a gang, of all its members.", "350000"},
      {"members", "Where each member would be, by rank; absent if it is no gang."},
  };
};
BOOST_DESCRIBE_STRUCT(Start, (), (confidence, at, rung, on, node, place, price_micro, members))

/// "dgx-0 gpu0 1g.5gb@4"; of a gang "2 members on dgx-0, 1 on dgx-1", or what of it is known.
std::string where_text(Start const& start);

}  // namespace nav::api
