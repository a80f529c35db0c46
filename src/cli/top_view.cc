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
                  terminal.painted(view.trouble.empty() ? Paint::Good : Paint::Warn, cut_to(printable(state), terminal.width > 59 ? terminal.width - 51 : 8)) +
                  terminal.painted(Paint::Dim, "  q quits, arrows move, s slices, i idle"));
  if (!view.pool) return lines;
  add_lines(lines, pool_sentence(*view.pool));
  if (!view.pool->boards.empty()) add_lines(lines, boards_text(*view.pool, terminal));
  return lines;
}

/// A line of the list, and whose node it is of.
struct ListLine {
  std::size_t node;
  std::string text;
};

std::string measured_text(TopView const& view, TopView::Place const& place, Terminal const& terminal) {
  auto const found = view.measured.find(place);
  if (found == view.measured.end()) return terminal.painted(Paint::Dim, "not measured");
  auto const& values = found->second.values;
  auto const value = [&](char const* name) -> std::optional<double> {
    auto const it = values.find(name);
    return it == values.end() ? std::nullopt : std::optional(it->second);
  };
  std::string out;
  if (auto const activity = value("activity"))
    out += fmt::format("{} {:>4}", terminal.painted(Paint::Accent, sparkline(found->second.activity, 12)), fmt::format("{:.0f}%", *activity * 100));
  else out += fmt::format("{:>12} {:>4}", "", "?");
  if (auto const used = value("memory_used")) {
    auto const total = value("memory_total");
    out += fmt::format("  {}",
                       total ? memory_share_text(static_cast<std::uint64_t>(*used), static_cast<std::uint64_t>(*total)) : fmt::format("{:.0f} MiB", *used));
  }
  if (auto const power = value("power")) out += fmt::format("  {:.0f} W", *power);
  if (auto const heat = value("temperature")) out += fmt::format("  {:.0f} C", *heat);
  return out;
}

std::string who_text(api::SliceState state, std::optional<AttemptId> const& holder, Terminal const& terminal) {
  if (state == api::SliceState::Held) return terminal.painted(Paint::Strong, fmt::format("{:<9}", holder ? "#" + to_text(holder->job) : "held"));
  return terminal.painted(state == api::SliceState::SetAside ? Paint::Bad : Paint::Dim,
                          fmt::format("{:<9}", state == api::SliceState::SetAside ? "set aside" : "idle"));
}

void add_slices(TopView const& view, api::Node const& node, std::size_t number, Terminal const& terminal, std::vector<ListLine>& lines) {
  for (auto const& gpu : node.gpus) {
    bool const is_whole = gpu.slices.empty();
    bool const is_hidden = view.idle == TopIdle::Hidden && gpu.state == api::SliceState::Idle;
    if (!is_whole || !is_hidden) {
      std::string const what = is_whole ? who_text(gpu.state, gpu.holder, terminal) : fmt::format("{:<9}", "");
      lines.push_back({number, fmt::format("  {:<2} {:<16} {}  {}", gpu.index, is_whole ? "whole" : "cut", what,
                                           measured_text(view, {node.name, gpu.index, ""}, terminal))});
    }
    for (auto const& slice : gpu.slices) {
      if (view.idle == TopIdle::Hidden && slice.state == api::SliceState::Idle) continue;
      lines.push_back({number, fmt::format("     {:<16} {}  {}", printable(slice.placement), who_text(slice.state, slice.holder, terminal),
                                           measured_text(view, {node.name, gpu.index, slice.placement}, terminal))});
    }
  }
}

std::vector<ListLine> all_lines(TopView const& view, Terminal const& terminal) {
  std::vector<ListLine> lines;
  if (!view.pool) return lines;
  for (std::size_t i = 0; i < view.pool->nodes.size(); ++i) {
    auto const& node = view.pool->nodes[i];
    Cell const state = node_state_cell(node);
    lines.push_back({i, fmt::format("{} {}  {}", terminal.painted(Paint::Strong, printable(node.name)), terminal.painted(state.paint, state.text),
                                    terminal.painted(Paint::Dim, fmt::format("processors {}{}", share_text(node.cpu_milli_used, node.cpu_milli),
                                                                             node.simulated ? ", simulated" : "")))});
    if (view.detail == TopDetail::Slices) add_slices(view, node, i, terminal, lines);
    else
      for (auto& line : gpu_lines(node, terminal)) lines.push_back({i, std::move(line)});
  }
  return lines;
}

}  // namespace

std::string sparkline(std::vector<double> const& values, std::size_t columns) {
  static constexpr char const* bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string out;
  std::size_t const shown = std::min(columns, values.size());
  for (std::size_t i = shown; i < columns; ++i) out += ' ';
  for (std::size_t i = values.size() - shown; i < values.size(); ++i) out += bars[std::clamp(static_cast<int>(values[i] * 8), 0, 7)];
  return out;
}

void TopView::take(api::LatestAnswer const& latest, std::string const& node) {
  std::erase_if(measured, [&](auto const& one) { return std::get<0>(one.first) == node; });
  for (auto const& one : latest.items)
    if (one.gpu) measured[{one.node, *one.gpu, one.slice.value_or("")}] = one;
}

std::vector<std::string> nodes_in_sight(TopView const& view, Terminal const& terminal) {
  std::vector<std::string> names;
  auto const lines = all_lines(view, terminal);
  std::size_t const height = terminal.height == 0 ? lines.size() : terminal.height;
  std::size_t last = view.pool ? view.pool->nodes.size() : 0;
  for (std::size_t i = std::min(view.scroll, lines.size()); i < lines.size() && i < view.scroll + height; ++i)
    if (lines[i].node != last) names.push_back(view.pool->nodes[last = lines[i].node].name);
  return names;
}

std::vector<std::string> list_lines(TopView const& view, Terminal const& terminal) {
  std::vector<std::string> lines;
  for (auto& line : all_lines(view, terminal)) lines.push_back(std::move(line.text));
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
