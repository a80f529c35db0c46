// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

/// What ran on some machine room, as its records tell: who wanted what, when, and for how long it ran.
namespace nav::replay {

/// Forms in which traces are published, told apart by the names of their columns.
enum class TraceFormat {
  Openb,    ///< Alibaba 2023: pods, parts of GPUs in thousandths
  Philly,   ///< Microsoft 2017, as one line a job
  Acme,     ///< Shanghai AI Laboratory 2023
  Helios,   ///< SenseTime 2020
  Plain,    ///< our own columns, for whoever writes a trace
  Journal,  ///< what an installation did (replay/journal.h)
};
BOOST_DESCRIBE_ENUM(TraceFormat, Openb, Philly, Acme, Helios, Plain, Journal)

struct TraceJob {
  std::uint64_t line = 0;  ///< in its file; of a journal, the job's number
  std::uint32_t team = 0;  ///< index into Trace::teams
  std::uint32_t user = 0;  ///< index into Trace::users
  Time submitted;          ///< since the trace's first job; one second later, for zero means "not yet"
  Duration ran;
  std::uint32_t gpus = 0;
  std::uint32_t share_milli = 1000;  ///< of that one GPU, where it asks for a part of one
  std::uint32_t cpu_milli = 0;       ///< 0: not told
  std::uint64_t memory_mib = 0;      ///< 0: not told

  /// GPUs it asked for, parts counted as parts.
  double asked_gpus() const { return gpus * (share_milli / 1000.0); }
};

struct BrokenLine {
  std::uint64_t line = 0;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(BrokenLine, (), (line, why))

struct Trace {
  static constexpr std::size_t most_told = 20;  ///< broken lines told one by one

  TraceFormat format = TraceFormat::Plain;
  std::vector<TraceJob> jobs;  ///< by when they were submitted
  std::vector<std::string> teams, users;
  std::uint64_t lines = 0;
  std::uint64_t broken = 0;                       ///< lines that could not be read
  std::vector<BrokenLine> broken_lines;           ///< the first of them
  std::map<std::string, std::uint64_t> left_out;  ///< lines that were read and are not replayed, by why

  Duration span() const { return jobs.empty() ? Duration{} : jobs.back().submitted - jobs.front().submitted; }
};

/// InvalidArgument where no form is recognised (it names the columns each wants) or no line can be read (it names the first and why).
Result<Trace> read_trace(std::string_view csv);

/// "2017-10-09 07:01:55", "2023-03-01T00:18:22+08:00", or seconds since some moment.
Result<Time> read_moment(std::string_view text);

/// A later job is later in the list; the first is submitted at second one.
void sort_by_submission(Trace& trace);

}  // namespace nav::replay
