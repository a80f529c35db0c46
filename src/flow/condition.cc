// SPDX-License-Identifier: Apache-2.0
#include "flow/condition.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "core/code_files.h"

namespace nav {

bool Condition::holds_for(double value) const {
  if (comparison == "<") return value < number;
  if (comparison == "<=") return value <= number;
  if (comparison == ">") return value > number;
  if (comparison == ">=") return value >= number;
  if (comparison == "==") return value == number;
  return value != number;
}

Result<Condition> parse_condition(std::string_view text) {
  std::string const right = "as in train.best.metrics.accuracy > 0.9";
  std::vector<std::string_view> words = split(text, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  if (words.size() != 3) return fail_field("when", right, "\"{}\" is no condition", shortened(text, 80));
  Condition condition{.component = {}, .of_best = false, .metric = {}, .comparison = std::string(words[1]), .number = 0};
  constexpr std::string_view known[] = {"<", "<=", ">", ">=", "==", "!="};
  if (std::find(std::begin(known), std::end(known), words[1]) == std::end(known))
    return fail_field("when", "one of < <= > >= == !=", "\"{}\" compares nothing", shortened(words[1], 20));
  auto const [end, error] = std::from_chars(words[2].data(), words[2].data() + words[2].size(), condition.number);
  if (error != std::errc{} || end != words[2].data() + words[2].size()) return fail_field("when", right, "\"{}\" is no number", shortened(words[2], 40));
  auto parts = split(words[0], '.');
  if (parts.size() == 4 && parts[1] == "best") {
    condition.of_best = true;
    parts.erase(parts.begin() + 1);
  }
  if (parts.size() != 3 || parts[1] != "metrics" || parts[0].empty() || parts[2].empty())
    return fail_field("when", right, "\"{}\" names no metric of a component", shortened(words[0], 80));
  condition.component = parts[0];
  condition.metric = parts[2];
  return condition;
}

Result<Source> parse_source(std::string_view text) {
  if (is_digest(text)) return Source{.component = {}, .of_best = false, .output = std::string(text)};
  auto parts = split(text, '.');
  Source source;
  source.of_best = parts.size() >= 3 && parts[1] == "best";
  std::size_t const head = parts[0].size() + (source.of_best ? 6 : 1);
  if (parts.size() < 2 || parts[0].empty() || head >= text.size() || text.find('/') != text.npos)
    return Unexpected(Error{ErrorKind::InvalidArgument,
                            fmt::format("\"{}\" says not where the file comes from", shortened(text, 80)),
                            "COMPONENT.OUTPUT, SWEEP.best.OUTPUT, or sha256:... of an artifact",
                            {}});
  source.component = parts[0];
  source.output = text.substr(head);  // an output may have dots in its name
  return source;
}

}  // namespace nav
