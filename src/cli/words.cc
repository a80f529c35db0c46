// SPDX-License-Identifier: Apache-2.0
#include "cli/words.h"

#include <algorithm>
#include <ctime>

#include "base/text.h"

namespace nav::cli {

namespace {

Paint paint_of(api::JobState state) {
  switch (state) {
    case api::JobState::Queued: return Paint::Plain;
    case api::JobState::Starting: return Paint::Warn;
    case api::JobState::Running: return Paint::Accent;
    case api::JobState::Succeeded: return Paint::Good;
    case api::JobState::Failed:
    case api::JobState::Lost: return Paint::Bad;
    case api::JobState::Cancelled: return Paint::Dim;
  }
  return Paint::Plain;
}

}  // namespace

Cell state_cell(api::Job const& job) {
  std::string text = enum_text(job.state);
  if (job.state == api::JobState::Failed && job.exit_code) text += fmt::format(" ({})", *job.exit_code);
  return {std::move(text), paint_of(job.state)};
}

std::string start_text(api::Start const& start, Time now) {
  std::string const length = start.at ? to_text(*start.at - now) : "";
  switch (start.confidence) {
    case api::Confidence::Now: return "now";
    case api::Confidence::AtLatest: return fmt::format("in {} at the latest", length);
    case api::Confidence::Likely: return fmt::format("likely in {}", length);
    case api::Confidence::About: return fmt::format("in about {}", length);
    case api::Confidence::Unknown: return "unknown";
  }
  return "";
}

std::string age_text(Time then, Time now) {
  std::int64_t const s = std::max<std::int64_t>(0, (now - then).us / 1'000'000);
  if (s < 60) return fmt::format("{}s", s);
  if (s < 3600) return fmt::format("{}m", s / 60);
  if (s < 48 * 3600) return fmt::format("{}h", s / 3600);
  return fmt::format("{}d", s / 86400);
}

std::string ran_text(api::Job const& job, Time now) {
  if (!job.started || !*job.started) return {};
  if (!job.ended && !(job.state == api::JobState::Running)) return {};
  Duration const ran = job.ended.value_or(now) - *job.started;  // two machines' clocks
  std::int64_t const tenths = std::max<std::int64_t>(0, ran.us) / 100'000;
  return tenths == 0 ? "0s" : to_text(Duration{tenths * 100'000});
}

std::string clock_text(std::optional<Time> time) {
  if (!time || !*time) return {};
  std::time_t const seconds = time->us / 1'000'000;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

std::string processors_text(std::uint64_t milli) {
  if (milli % 1000 == 0) return fmt::format("{}", milli / 1000);
  return fmt::format("{:.3g}", static_cast<double>(milli) / 1000);
}

std::string where_text(api::Job const& job) {
  if (job.state == api::JobState::Queued || !job.node) return {};
  return job.place && !job.place->empty() ? fmt::format("{} {}", *job.node, *job.place) : *job.node;
}

std::string shell_text(std::vector<std::string> const& words) {
  std::string out;
  for (auto const& word : words) {
    if (!out.empty()) out += ' ';
    bool const plain = !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%") == std::string::npos;
    if (plain) {
      out += word;
      continue;
    }
    out += '\'';
    for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

std::string counted(std::uint64_t n, std::string_view thing) { return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s"); }

std::string json_line(std::string const& body) { return body.ends_with('\n') ? body : body + "\n"; }

std::string size_text(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} bytes", bytes);
  return bytes < 10u << 20 ? fmt::format("{} KiB", bytes >> 10) : mib_text(bytes >> 20);
}

}  // namespace nav::cli
