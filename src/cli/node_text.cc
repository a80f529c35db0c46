// SPDX-License-Identifier: Apache-2.0
#include "cli/node_text.h"

#include <algorithm>

#include "base/text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

/// "NVIDIA A100-SXM4-40GB" without what all have.
std::string short_model(std::string const& model) { return model.starts_with("NVIDIA ") ? model.substr(7) : model; }

/// A slice or a whole GPU in a line: as it is, and for lines that are too long. Where it lies is then told by its order.
struct Piece {
  std::string text;
  std::string brief;
  Paint paint = Paint::Plain;
};

Piece piece_of(std::string const& what, api::SliceState state, std::optional<AttemptId> const& holder, std::optional<std::string> const& reason) {
  std::string const kind = what.substr(0, what.find_first_of(".@"));  // "1g" of "1g.5gb@4"
  std::string const by = holder ? "#" + to_text(holder->job) : "held";
  switch (state) {
    case api::SliceState::Idle: return {what + " idle", kind + " idle", Paint::Dim};
    case api::SliceState::Held: return {what + " " + by, kind + (holder ? "" : " ") + by, Paint::Accent};
    case api::SliceState::SetAside:
      return {fmt::format("{} set aside{}{}", what, reason ? ": " + *reason : "", holder ? fmt::format(" (#{} runs on)", to_text(holder->job)) : ""),
              kind + " aside", Paint::Bad};
  }
  return {what, kind, Paint::Plain};
}

std::vector<Piece> pieces_of(api::Gpu const& gpu) {
  std::vector<Piece> pieces;
  if (gpu.state != api::SliceState::Idle) pieces.push_back(piece_of("whole", gpu.state, gpu.holder, gpu.reason));
  for (auto const& slice : gpu.slices) pieces.push_back(piece_of(slice.placement, slice.state, slice.holder, slice.reason));
  if (pieces.empty()) pieces.push_back({gpu.mode == api::GpuMode::Mig ? "MIG, nothing cut" : "free", "free", Paint::Dim});
  if (gpu.policy != api::GpuPolicy::Managed) pieces.push_back({fmt::format("({})", enum_text(gpu.policy)), enum_text(gpu.policy), Paint::Dim});
  for (auto& piece : pieces) piece.text = printable(piece.text);
  return pieces;
}

std::string line_of(std::vector<Piece> const& pieces, std::string line, std::string Piece::*form, std::string_view between, Terminal const& terminal) {
  std::size_t columns = columns_of(line);
  for (auto const& piece : pieces) {
    std::string_view const space = &piece == &pieces.front() ? " " : between;
    std::size_t const more = space.size() + columns_of(piece.*form);
    // The last column but one is kept for the sign that there is more.
    if (terminal.width != 0 && columns + more + (&piece == &pieces.back() ? 0 : 2) > terminal.width) return line + " …";
    line += space;
    line += terminal.painted(piece.paint, piece.*form);
    columns += more;
  }
  return line;
}

std::size_t width_of(std::vector<Piece> const& pieces) {
  std::size_t width = 0;
  for (auto const& piece : pieces) width += columns_of(piece.text) + 3;
  return width;
}

std::string states_text(auto const& counts, std::vector<std::string> const& order) {
  std::vector<std::string> parts;
  for (auto const& state : order)
    if (auto const it = counts.find(state); it != counts.end() && it->second != 0) parts.push_back(fmt::format("{} {}", it->second, state));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

Cell node_state_cell(api::Node const& node) {
  std::string const text = enum_text(node.state) + (node.draining ? ", draining" : "");
  switch (node.state) {
    case api::NodeState::Ready: return {text, node.draining ? Paint::Warn : Paint::Good};
    case api::NodeState::Joining: return {text, Paint::Warn};
    case api::NodeState::Unreachable:
    case api::NodeState::Lost: return {text, Paint::Bad};
  }
  return {text};
}

std::string gpus_text(api::Node const& node) {
  std::vector<std::pair<std::string, int>> models;
  for (auto const& gpu : node.gpus) {
    auto it = std::find_if(models.begin(), models.end(), [&](auto const& one) { return one.first == gpu.model; });
    if (it == models.end()) models.emplace_back(gpu.model, 1);
    else ++it->second;
  }
  std::vector<std::string> parts;
  for (auto const& [model, count] : models) parts.push_back(fmt::format("{} x {}", count, short_model(model)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string share_text(std::uint64_t used_milli, std::uint64_t all_milli) {
  return fmt::format("{} of {}", processors_text(used_milli), processors_text(all_milli));
}

std::string memory_share_text(std::uint64_t used_mib, std::uint64_t all_mib) {
  if (all_mib < 1024) return fmt::format("{} of {} MiB", used_mib, all_mib);
  auto const gib = [](std::uint64_t mib) { return mib % 1024 == 0 ? fmt::format("{}", mib / 1024) : fmt::format("{:.1f}", static_cast<double>(mib) / 1024); };
  return fmt::format("{} of {} GiB", gib(used_mib), gib(all_mib));
}

std::vector<std::string> gpu_lines(api::Node const& node, Terminal const& terminal) {
  std::vector<std::string> lines;
  for (auto const& gpu : node.gpus) {
    auto const pieces = pieces_of(gpu);
    std::string index = fmt::format("  {:<2}", gpu.index);
    bool const fits = terminal.width == 0 || index.size() + width_of(pieces) <= terminal.width;
    lines.push_back(fits ? line_of(pieces, std::move(index), &Piece::text, " | ", terminal) : line_of(pieces, std::move(index), &Piece::brief, "  ", terminal));
  }
  return lines;
}

std::string boards_text(api::Pool const& pool, Terminal const& terminal) {
  Table table({{"MODEL", Fit::Shrink},
               {"GPUS", Fit::Keep, Align::Right},
               {"WHOLE", Fit::Keep, Align::Right},
               {"CUT", Fit::Keep, Align::Right},
               {"FREE", Fit::Keep, Align::Right},
               {"SLICES", Fit::Keep, Align::Right},
               {"HELD", Fit::Keep, Align::Right},
               {"IDLE", Fit::Keep, Align::Right},
               {"SET ASIDE", Fit::Optional, Align::Right}});
  for (auto const& board : pool.boards) {
    auto const number = [](std::uint32_t n) { return fmt::format("{}", n); };
    std::uint32_t const taken = board.gpus_held + board.gpus_cut + board.gpus_set_aside;
    std::uint32_t const aside = board.gpus_set_aside + board.slices_set_aside;
    std::uint32_t const busy = board.slices_held + board.slices_set_aside;
    table.add({short_model(board.model), number(board.gpus), number(board.gpus_held), number(board.gpus_cut),
               number(board.gpus > taken ? board.gpus - taken : 0), number(board.slices), number(board.slices_held),
               number(board.slices > busy ? board.slices - busy : 0), Cell(aside == 0 ? "" : number(aside), Paint::Bad)});
  }
  return table.is_empty() ? "" : table.text(terminal);
}

std::string pool_sentence(api::Pool const& pool) {
  std::string nodes = states_text(pool.node_states, enum_words<api::NodeState>());
  std::string jobs = states_text(pool.job_states, {"queued", "starting", "running"});
  return fmt::format("Nodes: {}. Jobs: {}.\n", nodes.empty() ? "none" : nodes, jobs.empty() ? "none" : jobs);
}

}  // namespace nav::cli
