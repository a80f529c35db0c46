// SPDX-License-Identifier: Apache-2.0
#include "supervisor/status.h"

#include <array>
#include <limits>

#include "supervisor/machine.h"

namespace nav::supervisor {
namespace {

constexpr std::array<std::string_view, 5> phase_words{"prepared", "starting", "running", "ended", "lost"};
constexpr std::array<std::string_view, 10> cause_words{"exited",        "signalled",       "time_limit",  "cancelled",  "out_of_memory",
                                                       "lease_expired", "could_not_start", "interrupted", "node_error", "gpu_out_of_memory"};
constexpr std::array<std::string_view, 2> tree_words{"pid_namespace", "subreaper"};

template <class Words, class E>
void read_word(LineReader& lines, std::string_view key, Words const& words, E& out) {
  std::string word;
  lines.read(key, word);
  if (!lines.has(key)) return;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word) {
      out = static_cast<E>(i);
      return;
    }
  lines.refuse(std::string(key) + " cannot be \"" + word + "\"");
}

}  // namespace

std::string_view word_of(Cause cause) { return cause_words[static_cast<std::size_t>(cause)]; }
std::string_view word_of(Phase phase) { return phase_words[static_cast<std::size_t>(phase)]; }

Status never_began(std::string attempt, Cause cause, std::string why) {
  Status status;
  status.attempt = std::move(attempt);
  status.phase = Phase::Ended;
  status.boot_id = this_boot();
  status.ended_at = utc_now();
  status.outcome = {cause, -1, 0, std::move(why)};
  return status;
}

std::string write_status(Status const& status) {
  LineWriter lines("nav-status", Status::version);
  lines.add("attempt", status.attempt).add("phase", word_of(status.phase)).add("boot", status.boot_id);
  lines.add_number("supervisor_pid", status.supervisor_pid).add_number("supervisor_start", status.supervisor_start);
  lines.add_number("init_pid", status.init_pid).add_number("init_start", status.init_start);
  lines.add("tree", tree_words[static_cast<std::size_t>(status.tree)]);
  lines.add_number("started_at", status.started_at.us).add_number("ended_at", status.ended_at.us);
  if (status.phase == Phase::Ended) {
    lines.add("cause", word_of(status.outcome.cause));
    lines.add_number("exit_code", status.outcome.exit_code).add_number("signal", status.outcome.signal);
    if (!status.outcome.message.empty()) lines.add("message", status.outcome.message);
    lines.add_number("peak_memory_bytes", status.peak_memory_bytes).add_number("cpu_time_us", status.cpu_time.us);
    lines.add_number("log_bytes", status.log_bytes);
  }
  for (auto const& cgroup : status.cgroups) lines.add("cgroup", cgroup);
  for (auto const& note : status.notes) lines.add("note", note);
  return std::move(lines).finish();
}

Checked<Status> read_status(std::string_view text) {
  auto lines = LineReader::open(text, "nav-status", Status::version);
  if (!lines) return Refused(std::move(lines).error());
  Status status;
  lines->read("attempt", status.attempt);
  if (!lines->has("phase")) lines->refuse("phase is missing");
  read_word(*lines, "phase", phase_words, status.phase);
  lines->read("boot", status.boot_id);
  lines->read("supervisor_pid", status.supervisor_pid, 0, LineReader::highest);
  lines->read("supervisor_start", status.supervisor_start, 0, LineReader::highest);
  lines->read("init_pid", status.init_pid, 0, LineReader::highest);
  lines->read("init_start", status.init_start, 0, LineReader::highest);
  read_word(*lines, "tree", tree_words, status.tree);
  lines->read("started_at", status.started_at.us, 0, LineReader::highest);
  lines->read("ended_at", status.ended_at.us, 0, LineReader::highest);
  if (status.phase == Phase::Ended && !lines->has("cause")) lines->refuse("cause is missing");
  read_word(*lines, "cause", cause_words, status.outcome.cause);
  std::int64_t exit_code = -1, signal = 0;
  lines->read("exit_code", exit_code, -1, 255);
  lines->read("signal", signal, 0, 127);
  status.outcome.exit_code = static_cast<int>(exit_code);
  status.outcome.signal = static_cast<int>(signal);
  lines->read("message", status.outcome.message);
  lines->read("peak_memory_bytes", status.peak_memory_bytes, 0, LineReader::highest);
  lines->read("cpu_time_us", status.cpu_time.us, 0, LineReader::highest);
  lines->read("log_bytes", status.log_bytes, 0, LineReader::highest);
  lines->read("cgroup", status.cgroups);
  lines->read("note", status.notes);
  if (!lines->problem().empty()) return Refused(lines->problem());
  return status;
}

}  // namespace nav::supervisor
