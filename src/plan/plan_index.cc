// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_index.h"

#include <algorithm>
#include <utility>

namespace nav {
namespace {

constexpr std::uint64_t most_counted_at_once = 4'000;  // beyond, nothing seen before counts any more

}  // namespace

namespace plan {

BoardIndex::BoardIndex(std::shared_ptr<mig::Geometry const> of)
    : geometry(std::move(of)),
      demand(*geometry),
      scores(*geometry, mig::even_mix(*geometry)),
      packer(*geometry),
      cut(*geometry, scores),
      idle(geometry->profiles()) {}

void BoardIndex::clear() {
  cut = mig::BucketIndex(*geometry, scores);
  idle.assign(geometry->profiles(), {});
}

void BoardIndex::use(mig::Scores other) {
  scores = std::move(other);
  cut.use(scores);
}

bool is_free_whole(Gpu const& gpu) { return gpu.is_unused() && (gpu.mode == GpuMode::Whole || gpu.policy == GpuPolicy::Managed); }

std::optional<mig::StateId> busy_state(Gpu const& gpu) {
  mig::StateId state = mig::kEmptyGpu;
  for (auto const& slice : gpu.slices) {
    if (slice.is_free()) continue;
    auto const next = gpu.geometry->after(state, slice.at);
    if (!next) return std::nullopt;
    state = *next;
  }
  return state;
}

namespace {

GpuEntry entry_of_gpu(Gpu const& gpu, std::uint32_t board, mig::Scores const& scores) {
  GpuEntry entry{.board = board, .cut = {}, .idle = {}};
  if (gpu.policy == GpuPolicy::Whole || gpu.holder || !gpu.aside.empty()) return entry;
  auto const busy = busy_state(gpu);
  if (!busy) return entry;
  if (gpu.policy == GpuPolicy::Managed) entry.cut = busy;
  for (auto const& slice : gpu.slices) {
    if (!slice.is_free()) continue;
    auto const after = gpu.geometry->after(*busy, slice.at);
    if (!after) continue;
    IdleSlice const found{slice.at, gpu.policy == GpuPolicy::Fixed ? costs_nothing : scores.value(*busy) - scores.value(*after)};
    auto const known = std::find_if(entry.idle.begin(), entry.idle.end(), [&](IdleSlice const& i) { return i.at.profile == slice.at.profile; });
    if (known == entry.idle.end()) entry.idle.push_back(found);
    else if (found.cost < known->cost) *known = found;
  }
  return entry;
}

void erase_idle(BoardIndex& board, std::uint32_t gpu, IdleSlice const& idle) {
  auto const it = board.idle[idle.at.profile].find(idle.cost);
  it->second.erase(gpu);
  if (it->second.empty()) board.idle[idle.at.profile].erase(it);
}

}  // namespace
}  // namespace plan

plan::NodeEntry PlanIndex::Body::entry_of(Pool const& pool, Node const& node) const {
  plan::NodeEntry entry;
  auto const kept = withheld.find(node.id);
  if (!node.takes_jobs() || (kept != withheld.end() && kept->second.all_of_it)) return entry;
  entry.takes_jobs = true;
  ensure(node.gpus.size() <= plan::gpus_a_node, "a report with more GPUs was refused");
  for (auto const& gpu : node.gpus) {
    if (kept != withheld.end() && (kept->second.gpus >> gpu.index & 1)) {
      entry.gpus.emplace_back();
      continue;
    }
    if (plan::is_free_whole(gpu)) ++entry.whole[gpu.family];
    auto const& known = *pool.geometries;
    auto const board = std::find(known.begin(), known.end(), gpu.geometry) - known.begin();
    if (!gpu.geometry) entry.gpus.emplace_back();
    else entry.gpus.push_back(plan::entry_of_gpu(gpu, static_cast<std::uint32_t>(board), boards[static_cast<std::size_t>(board)]->scores));
  }
  return entry;
}

void PlanIndex::Body::replace(NodeId node, plan::NodeEntry const& before, plan::NodeEntry const& now) {
  auto const id = static_cast<std::uint32_t>(node.value);
  auto const gpus = std::max(before.gpus.size(), now.gpus.size());
  for (std::size_t i = 0; i < gpus; ++i) {
    auto const number = plan::number_of(node, static_cast<std::uint32_t>(i));
    static plan::GpuEntry const nothing;
    auto const& was = i < before.gpus.size() ? before.gpus[i] : nothing;
    auto const& is = i < now.gpus.size() ? now.gpus[i] : nothing;
    if (was == is) continue;
    if (was.cut) boards[was.board]->cut.remove(number);
    for (auto const& idle : was.idle) plan::erase_idle(*boards[was.board], number, idle);
    if (is.cut) boards[is.board]->cut.insert(number, *is.cut);
    for (auto const& idle : is.idle) boards[is.board]->idle[idle.at.profile][idle.cost].insert(number);
  }
  if (before.whole != now.whole) {
    for (auto const& [family, count] : before.whole) {
      auto const it = whole.find(family);
      it->second[count].erase(id);
      while (!it->second.empty() && it->second.back().empty()) it->second.pop_back();
      if (it->second.empty()) whole.erase(it);
    }
    for (auto const& [family, count] : now.whole) {
      auto& by_count = whole[family];
      if (by_count.size() <= count) by_count.resize(count + 1);
      by_count[count].insert(id);
    }
  }
  nodes_without_gpus.erase(id);
  nodes_with_gpus.erase(id);
  if (now.takes_jobs) (now.gpus.empty() ? nodes_without_gpus : nodes_with_gpus).insert(id);
}

PlanIndex::PlanIndex() : body_(std::make_unique<Body>()) {}
PlanIndex::~PlanIndex() = default;
PlanIndex::PlanIndex(PlanIndex&&) noexcept = default;
PlanIndex& PlanIndex::operator=(PlanIndex&&) noexcept = default;

void PlanIndex::rebuild(Pool const& pool) {
  auto boards = std::move(body_->boards);
  body_ = std::make_unique<Body>();
  for (std::size_t i = 0; i < boards.size() && i < pool.geometries->size() && boards[i]->geometry == (*pool.geometries)[i]; ++i) {
    boards[i]->clear();
    body_->boards.push_back(std::move(boards[i]));
  }
  pool.nodes.each([&](Node const& node) { refresh(pool, node.id); });
}

void PlanIndex::refresh(Pool const& pool, NodeId id) {
  for (auto i = body_->boards.size(); i < pool.geometries->size(); ++i) body_->boards.push_back(std::make_unique<plan::BoardIndex>((*pool.geometries)[i]));
  Node const* node = pool.node(id);
  auto now = node ? body_->entry_of(pool, *node) : plan::NodeEntry{};
  auto& entry = body_->nodes[id];
  if (entry != now) {
    body_->replace(id, entry, now);
    entry = std::move(now);
  }
  if (!entry.takes_jobs) body_->nodes.erase(id);
}

void PlanIndex::saw(Pool const& pool, std::string const& template_name, std::uint64_t count) {
  Template const* t = pool.find_template(template_name);
  if (!t || t->kind != TemplateKind::Slice) return;
  for (auto const& board : body_->boards) {
    auto const profile = board->geometry->profile_named(t->profile);
    if (!profile) continue;
    for (std::uint64_t i = 0; i < std::min(count, most_counted_at_once); ++i) board->is_due = board->demand.saw(*profile) || board->is_due;
  }
}

void PlanIndex::learn(Pool const& pool) {
  bool learned = false;
  for (auto const& board : body_->boards) {
    if (!std::exchange(board->is_due, false)) continue;
    board->use(mig::Scores(*board->geometry, board->demand.mix()));
    learned = true;
  }
  if (learned) pool.nodes.each([&](Node const& node) { refresh(pool, node.id); });
}

void PlanIndex::learn_from(Pool const& pool, PlanIndex const& other) {
  for (std::size_t i = 0; i < std::min(body_->boards.size(), other.body_->boards.size()); ++i)
    if (body_->boards[i]->geometry == other.body_->boards[i]->geometry) body_->boards[i]->use(other.body_->boards[i]->scores);
  pool.nodes.each([&](Node const& node) { refresh(pool, node.id); });
}

std::vector<Reservation> const& PlanIndex::reservations() const { return body_->reservations; }

bool PlanIndex::operator==(PlanIndex const& other) const {
  auto const same_board = [](auto const& a, auto const& b) { return a->geometry == b->geometry && a->cut == b->cut && a->idle == b->idle; };
  return body_->nodes == other.body_->nodes && body_->whole == other.body_->whole && body_->nodes_without_gpus == other.body_->nodes_without_gpus &&
         body_->nodes_with_gpus == other.body_->nodes_with_gpus &&
         std::equal(body_->boards.begin(), body_->boards.end(), other.body_->boards.begin(), other.body_->boards.end(), same_board);
}

}  // namespace nav
