// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/jobs.h"
#include "cli/table.h"

/// How things of the API are said to people.
namespace nav::cli {

/// The state's word in its colour. A job that is over without having succeeded says why, where it is short: "failed (1)".
Cell state_cell(api::Job const& job);

/// "5s", "3m", "2h", "4d": how long ago, for lists.
std::string age_text(Time then, Time now);
/// How long it ran, or runs; empty before it started.
std::string ran_text(api::Job const& job, Time now);
/// "2026-11-22 10:04:05", in this machine's time zone; empty if it has not happened.
std::string clock_text(std::optional<Time> time);
/// "4", "0.5"
std::string processors_text(std::uint64_t milli);
/// "40 KiB", "12 MiB"
std::string size_text(std::uint64_t bytes);
/// "node-a gpu0 1g.5gb@4", or what of it is known.
std::string where_text(api::Job const& job);
/// "now", "in 4m at the latest": when it would start.
std::string start_text(api::Start const& start, Time now);
/// One line a shell would take as the same words.
std::string shell_text(std::vector<std::string> const& words);
/// What was written for an option of text; none: nothing was.
inline std::optional<std::string> given(std::string const& text) { return text.empty() ? std::nullopt : std::optional(text); }
/// "1 job", "3 jobs"
std::string counted(std::uint64_t n, std::string_view thing);
/// --json: the API's own answer, and a line break.
std::string json_line(std::string const& body);

}  // namespace nav::cli
