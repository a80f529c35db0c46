// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

/// Something that happened: an entry of the event stream (its data), of a job's history and of the audit trail.
struct Event {
  std::uint64_t sequence = 0;
  Time at;
  std::optional<std::string> by;
  std::string kind;
  std::optional<JobId> job;
  std::optional<NodeId> node;
  Json body{"{}"};

  static constexpr Doc docs[] = {
      {"", "Something that happened."},
      {"sequence", "Its number in the journal; rises by at least one.", "1207"},
      {"at", "When."},
      {"by", "Name of who wished it; absent if nobody did.", R"("ada")"},
      {"kind", "What it is, in the past tense.", R"("JobPlaced")"},
      {"job", "The job it is about; the first one, if there are several (JobsQueued).", "42"},
      {"node", "The node it is about.", R"("node-1")"},
      {"body", "All of it, as it stands in the journal. Fields are added in time, none is renamed.",
       R"({"attempt":"42.1","node":"node-1","placement":"1g.5gb@4"})"},
  };
};
BOOST_DESCRIBE_STRUCT(Event, (), (sequence, at, by, kind, job, node, body))

/// GET /v1/events: server-sent events. `id` is the sequence, `event` the kind, `data` an Event. An event named `resync` (its data is {}) ends a
/// stream whose reader was too slow or asked for what is not there: read the lists anew and follow from their sequence.
struct EventsQuery {
  std::optional<std::uint64_t> after;
  std::optional<JobId> job;
  std::vector<std::string> kind;

  static constexpr Doc docs[] = {
      {"after", "Go on after this sequence; the header Last-Event-ID says the same and goes before. Neither: from now on.", "1206"},
      {"job", "Only what happens to this job.", "42"},
      {"kind", "Only events of this kind; may be given several times.", R"("JobPlaced")"},
  };
};
BOOST_DESCRIBE_STRUCT(EventsQuery, (), (after, job, kind))

}  // namespace nav::api
