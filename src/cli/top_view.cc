// SPDX-License-Identifier: Apache-2.0
#include "cli/top_view.h"

#include <algorithm>

#include "base/text.h"
#include "cli/node_text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

void add_lines(std::vector<std::string>& lines, std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  for (auto const line : split(text, '\n')) lines.emplace_back(line);
}

std::vector<std::string> head_lines(TopView const& view, Terminal const& terminal, Time now) {
  std::vector<std::string> lines;
  std::string const state = view.trouble.empty() ? "live"
                            : view.pool          ? fmt::format("not live for {}: {}", age_text(view.seen, now), view.trouble)
                                                 : view.trouble;
  lines.push_back(terminal.painted(Paint::Strong, "OpenNav") + "  " +
                  terminal.painted(view.trouble.empty() ? Paint::Good : Paint::Warn, cut_to(printable(state), terminal.width > 40 ? terminal.width - 32 : 8)) +
                  terminal.painted(Paint::Dim, "  q quits, arrows move"));
  if (!view.pool) return lines;
  add_lines(lines, pool_sentence(*view.pool));
  if (!view.pool->boards.empty()) add_lines(lines, boards_text(*view.pool, terminal));
  return lines;
}

}  // namespace

std::vector<std::string> list_lines(TopView const& view, Terminal const& terminal) {
  std::vector<std::string> lines;
  if (!view.pool) return lines;
  for (auto const& node : view.pool->nodes) {
    Cell const state = node_state_cell(node);
    lines.push_back(fmt::format(
        "{} {}  {}", terminal.painted(Paint::Strong, printable(node.name)), terminal.painted(state.paint, state.text),
        terminal.painted(Paint::Dim, fmt::format("processors {}{}", share_text(node.cpu_milli_used, node.cpu_milli), node.simulated ? ", simulated" : ""))));
    for (auto& line : gpu_lines(node, terminal)) lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> frame_of(TopView& view, Terminal const& terminal, Time now) {
  auto lines = head_lines(view, terminal, now);
  lines.emplace_back();
  std::size_t const height = terminal.height == 0 ? 24 : terminal.height;
  auto const list = list_lines(view, terminal);
  std::size_t const room = height > lines.size() ? height - lines.size() : 0;
  view.scroll = std::min(view.scroll, list.size() > room ? list.size() - room : 0);
  for (std::size_t i = view.scroll; i < list.size() && lines.size() < height; ++i) lines.push_back(list[i]);
  if (lines.size() > height) lines.resize(height);
  return lines;
}

}  // namespace nav::cli
