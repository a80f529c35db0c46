// SPDX-License-Identifier: Apache-2.0
#include "telemetry/usage.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"

namespace nav::telemetry {

namespace {

constexpr std::uint64_t cells_form = 1;
constexpr auto last_measure = static_cast<std::uint64_t>(Measure::ProcessorsUsed);

}  // namespace

void Cell::add(Cell const& other) {
  sum += other.sum;
  weight += other.weight;
  max = std::max(max, other.max);
}

void add(Cells& into, Cells const& other) {
  for (auto const& [measure, cell] : other) into[measure].add(cell);
}

std::string encode(Cells const& cells) {
  ByteWriter out;
  out.number(cells_form);
  for (auto const& [measure, cell] : cells) {
    // Most have no weight and no maximum.
    std::uint64_t const parts = (cell.weight != 0 ? 1u : 0u) | (cell.max != 0 ? 2u : 0u);
    out.number(static_cast<std::uint64_t>(measure) << 2 | parts);
    out.fixed64(std::bit_cast<std::uint64_t>(cell.sum));
    if ((parts & 1) != 0) out.fixed64(std::bit_cast<std::uint64_t>(cell.weight));
    if ((parts & 2) != 0) out.fixed64(std::bit_cast<std::uint64_t>(cell.max));
  }
  return out.take();
}

Result<Cells> decode_cells(std::string_view bytes) {
  ByteReader in(bytes);
  Cells cells;
  bool known = in.number() == cells_form;
  while (known && !in.failed() && in.left() > 0) {
    std::uint64_t const head = in.number();
    Cell cell{.sum = std::bit_cast<double>(in.fixed64())};
    if ((head & 1) != 0) cell.weight = std::bit_cast<double>(in.fixed64());
    if ((head & 2) != 0) cell.max = std::bit_cast<double>(in.fixed64());
    known = head >> 2 <= last_measure;
    if (known) cells[static_cast<Measure>(head >> 2)] = cell;
  }
  if (!known || !in.is_done()) return fail(ErrorKind::InvalidArgument, "these bytes are no sums of use");
  return cells;
}

void UsageSums::add(Time at, std::uint64_t key, Measure measure, Cell const& cell) {
  for (std::uint8_t g = 0; g < std::size(grains); ++g) sums_[{g, floor_to(at, grains[g].width), key}][measure].add(cell);
}

void UsageSums::accrue(Time from, Time to, std::uint64_t key, Measure measure, double per_second, double weight_per_second) {
  if (per_second == 0 && weight_per_second == 0) return;
  for (std::uint8_t g = 0; g < std::size(grains); ++g) {
    for (Time at = from; at < to;) {
      Time const start = floor_to(at, grains[g].width), end = std::min(to, start + grains[g].width);
      double const seconds = (end - at).seconds();
      sums_[{g, start, key}][measure].add({per_second * seconds, weight_per_second * seconds, 0});
      at = end;
    }
  }
}

}  // namespace nav::telemetry
