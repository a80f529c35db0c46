// SPDX-License-Identifier: Apache-2.0
#include "experiments/store.h"

#include <charconv>

namespace nav::experiments {

std::string run_of(AttemptId attempt) { return fmt::format("{:024x}{:08x}", attempt.job.value, attempt.number); }

std::optional<AttemptId> attempt_of_run(std::string const& id) {
  if (id.size() != 32 || !id.starts_with("00000000")) return std::nullopt;
  AttemptId attempt;
  auto const read = [&](std::size_t from, std::size_t to, auto& out) {
    auto const [end, error] = std::from_chars(id.data() + from, id.data() + to, out, 16);
    return error == std::errc() && end == id.data() + to;
  };
  if (!read(8, 24, attempt.job.value) || !read(24, 32, attempt.number) || run_of(attempt) != id) return std::nullopt;
  return attempt;
}

}  // namespace nav::experiments
