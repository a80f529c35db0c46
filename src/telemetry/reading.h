// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/metric.h"

/// What travels from an agent to the controller: samples by subject, in columns.
namespace nav::telemetry {

enum class SubjectKind { Gpu, Instance, Attempt, Node };
BOOST_DESCRIBE_ENUM(SubjectKind, Gpu, Instance, Attempt, Node)

/// Where a value comes from.
enum class Source {
  Nvml,          ///< the driver
  Gpm,           ///< the driver's performance monitoring (Hopper and later)
  DcgmExporter,  ///< the page of a dcgm-exporter on the node
  Simulated,     ///< the simulated driver: follows from what processes do on the host
  Host,          ///< the kernel of the node
};
BOOST_DESCRIBE_ENUM(Source, Nvml, Gpm, DcgmExporter, Simulated, Host)

/// What is measured on a node. An instance is one lifetime of a placement: its UUID may come back for another one, and so do its ids.
struct Subject {
  SubjectKind kind = SubjectKind::Node;
  std::string gpu;        ///< UUID; of a Gpu or Instance
  std::string placement;  ///< "1g.5gb@4"; of an Instance
  Time born;              ///< when the agent first saw this instance
  AttemptId attempt;      ///< of an Attempt
  std::uint32_t id = 0;   ///< the driver's number of an Instance

  auto operator<=>(Subject const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Subject, (), (kind, gpu, placement, born, attempt, id))

/// Values of one subject from one source. Every column is as long as `at`; null is "not known", which is not zero.
struct Readings {
  Subject subject;
  Source source = Source::Host;
  std::vector<Time> at;
  std::map<std::string, std::vector<std::optional<double>>> values;  ///< by the metric's word
};
BOOST_DESCRIBE_STRUCT(Readings, (), (subject, source, at, values))
/// One value of one moment.
inline void put(Readings& into, Metric metric, double value) { into.values[enum_text(metric)] = {value}; }

/// POST /v1/agent/samples. Numbered within a stream, so that one that is sent again is kept once.
struct SampleBatch {
  static constexpr std::array required{"stream", "number"};
  std::uint64_t stream = 0;  ///< drawn by the agent when it has nothing left to deliver of an older one
  std::uint64_t number = 0;  ///< from 1, without a gap but what was given up
  std::vector<Readings> readings;
  std::uint64_t dropped = 0;  ///< ticks given up since the batch before, for want of room
};
BOOST_DESCRIBE_STRUCT(SampleBatch, (), (stream, number, readings, dropped))

/// One value on its way into the store.
struct Sample {
  Time at;
  std::int64_t value = 0;  ///< as kept()

  bool operator==(Sample const&) const = default;
};

/// Refuses columns of unequal length, unknown metrics and subjects without a name. Names the place: "readings[3].values.activity".
Result<void> check(SampleBatch const& batch);

/// Before this nothing was measured, and after that nothing will be by us: what lies outside is a mistake, and not to be reckoned with.
inline constexpr Time first_time{0}, last_time{4'102'444'800'000'000};

/// How many values a batch has.
std::size_t size_of(SampleBatch const& batch);

}  // namespace nav::telemetry
