// SPDX-License-Identifier: Apache-2.0
#include "replay/want.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace nav::replay {

namespace {

constexpr std::string_view names[] = {"mean", "p50", "p95", "p99", "longest"};

double part_below(std::string_view which) { return which == "p50" ? 0.5 : which == "p95" ? 0.95 : which == "p99" ? 0.99 : 1; }

}  // namespace

std::string to_text(Want const& want) { return fmt::format("{} {} < {}", want.which, want.completion ? "completion" : "wait", to_text(want.below)); }

Result<Want> parse_want(std::string_view text) {
  auto const wrong = fail_field("want", "as \"p95 wait < 10m\": mean, p50, p95, p99 or longest; wait or completion; a length of time",
                                "\"{}\" cannot be read as a wish", shortened(text, 60));
  std::vector<std::string> words;
  for (auto const word : split(text, ' '))
    if (!word.empty()) words.emplace_back(word);
  if (words.size() == 3 && words[2].starts_with('<')) words = {words[0], words[1], "<", words[2].substr(1)};
  if (words.size() != 4 || (words[2] != "<" && words[2] != "<=") || (words[1] != "wait" && words[1] != "completion")) return wrong;
  if (std::find(std::begin(names), std::end(names), words[0]) == std::end(names)) return wrong;
  auto const below = parse_duration(words[3]);
  if (!below) return fail_field("want", below.error().hint, "{}", below.error().message);
  if (below->us <= 0) return fail_field("want", "a length of time above zero", "nothing is shorter than {}", words[3]);
  return Want{words[0], words[1] == "completion", *below};
}

bool Want::holds(RunReport const& run) const {
  if (run.never_started > 0) return false;
  Times const& times = completion ? run.all().completion : run.all().wait;
  double const value = which == "mean" ? times.mean : which == "p50" ? times.p50 : which == "p95" ? times.p95 : which == "p99" ? times.p99 : times.longest;
  return value < below.seconds();
}

std::uint64_t Want::most_late(std::uint64_t jobs) const {
  if (which == "mean" || completion) return ~0ull;
  return static_cast<std::uint64_t>(std::floor((1 - part_below(which)) * static_cast<double>(jobs) + 1e-9));
}

Result<std::optional<std::uint32_t>> least(std::uint32_t from, std::uint32_t most, std::function<Result<bool>(std::uint32_t)> const& holds) {
  std::uint32_t fails = 0, enough = std::clamp<std::uint32_t>(from, 1, most);
  for (;;) {
    TRY(bool const held, holds(enough));
    if (held) break;
    if (enough == most) return std::nullopt;
    fails = enough;
    enough = enough > most / 2 ? most : enough * 2;
  }
  while (enough - fails > 1) {
    auto const middle = fails + (enough - fails) / 2;
    TRY(bool const held, holds(middle));
    (held ? enough : fails) = middle;
  }
  return enough;
}

}  // namespace nav::replay
