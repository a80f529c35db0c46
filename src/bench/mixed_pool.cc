// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "bench/batch.h"
#include "bench/simplex.h"

namespace nav::bench {
namespace {

/// What one GPU of a part of the pool gives: of each request so many.
struct Pattern {
  std::size_t part = 0;
  mig::Counts gives;
};

class MixedPool {
 public:
  MixedPool(std::vector<PoolPart> const& pool, mig::Board const& asked) : pool_(pool), requests_(asked.profiles.size()) {
    for (auto const& part : pool) {
      configurations_.push_back(mig::configurations(*part.geometry));
      auto& serves = serves_.emplace_back(part.geometry->profiles());
      for (std::size_t p = 0; p < serves.size(); ++p)
        for (std::size_t r = 0; r < requests_; ++r) {
          auto const& has = part.geometry->board().profiles[p];
          auto const& wants = asked.profiles[r];
          if (has.compute_slices >= wants.compute_slices && has.memory_mib >= wants.memory_mib) serves[p].push_back(r);
        }
    }
  }

  /// The pattern of this part worth most, where each request is worth so much and is wanted at most so often.
  std::pair<double, Pattern> best(std::size_t part, std::vector<double> const& worth, mig::Counts const& wanted) const {
    std::pair<double, Pattern> best{0, {part, mig::Counts(requests_, 0)}};
    for (auto const& configuration : configurations_[part]) {
      Pattern pattern{part, mig::Counts(requests_, 0)};
      double sum = 0;
      // The largest instances choose first: they serve what others cannot.
      for (auto const p : from_largest(part))
        for (std::uint64_t i = 0; i < configuration[p]; ++i) {
          std::optional<std::size_t> dearest;
          for (auto const r : serves_[part][p])
            if (pattern.gives[r] < wanted[r] && (!dearest || worth[r] > worth[*dearest])) dearest = r;
          if (!dearest) continue;
          ++pattern.gives[*dearest];
          sum += worth[*dearest];
        }
      if (sum > best.first) best = {sum, std::move(pattern)};
    }
    return best;
  }

 private:
  std::vector<std::size_t> from_largest(std::size_t part) const {
    auto const& profiles = pool_[part].geometry->board().profiles;
    std::vector<std::size_t> order(profiles.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return profiles[a].memory_mib > profiles[b].memory_mib; });
    return order;
  }

  std::vector<PoolPart> const& pool_;
  std::size_t requests_;
  std::vector<std::vector<mig::Counts>> configurations_;       // by part
  std::vector<std::vector<std::vector<std::size_t>>> serves_;  // by part and profile: requests
};

/// Packs what is left by worth; nothing when it cannot be done.
std::optional<std::uint64_t> pack_rest(MixedPool const& mixed, std::vector<PoolPart> const& pool, std::vector<double> const& worth, mig::Counts rest,
                                       std::vector<std::uint64_t> used) {
  std::uint64_t gpus = std::accumulate(used.begin(), used.end(), std::uint64_t{0});
  while (std::any_of(rest.begin(), rest.end(), [](auto count) { return count > 0; })) {
    std::pair<double, Pattern> best;
    for (std::size_t part = 0; part < pool.size(); ++part) {
      if (used[part] == pool[part].gpus) continue;
      auto found = mixed.best(part, worth, rest);
      if (found.first > best.first) best = std::move(found);
    }
    if (best.first <= 0) return std::nullopt;
    for (std::size_t r = 0; r < rest.size(); ++r) rest[r] -= best.second.gives[r];
    ++used[best.second.part];
    ++gpus;
  }
  return gpus;
}

}  // namespace

MixedResult pack_mixed(std::vector<PoolPart> const& pool, mig::Board const& asked, mig::Counts const& counts) {
  MixedPool const mixed(pool, asked);
  auto const requests = counts.size();
  mig::Counts const without_limit(requests, ~std::uint64_t{0});
  std::vector<Pattern> patterns;
  for (std::size_t part = 0; part < pool.size(); ++part)
    for (std::size_t r = 0; r < requests; ++r) {
      std::vector<double> only(requests, 0.0);
      only[r] = 1;
      if (auto found = mixed.best(part, only, without_limit); found.first > 0) patterns.push_back(std::move(found.second));
    }
  PackingProgram::Solution solution;
  std::vector<double> worth(requests);
  while (true) {
    // The dual: what each request is worth, less what each part's scarcity costs, so that no pattern is worth more than its GPU.
    PackingProgram program;
    std::vector<std::vector<std::pair<std::size_t, double>>> takes(requests + pool.size());
    for (auto const& pattern : patterns) {
      auto const row = program.add_row(1);
      for (std::size_t r = 0; r < requests; ++r)
        if (pattern.gives[r] > 0) takes[r].emplace_back(row, static_cast<double>(pattern.gives[r]));
      takes[requests + pattern.part].emplace_back(row, -1.0);
    }
    for (std::size_t r = 0; r < requests; ++r) program.add_column(static_cast<double>(counts[r]), takes[r]);
    for (std::size_t part = 0; part < pool.size(); ++part) program.add_column(-static_cast<double>(pool[part].gpus), takes[requests + part]);
    solution = program.solve();
    std::copy_n(solution.columns.begin(), requests, worth.begin());
    bool grew = false;
    for (std::size_t part = 0; part < pool.size(); ++part) {
      auto found = mixed.best(part, worth, without_limit);
      if (found.first <= 1 + solution.columns[requests + part] + 1e-6) continue;
      patterns.push_back(std::move(found.second));
      grew = true;
    }
    if (!grew) break;
  }
  for (double& one : worth) one = std::max(one, 1e-3);  // what came along for nothing is to be packed too
  MixedResult result{.bound = solution.value, .packed = 0, .patterns = patterns.size()};

  // Rounded down, once as it is and once with each pattern one less: the rest is then another, and may pack better.
  for (std::size_t less = 0; less <= patterns.size(); ++less) {
    auto rest = counts;
    std::vector<std::uint64_t> used(pool.size(), 0);
    for (std::size_t k = 0; k < patterns.size(); ++k) {
      auto times = static_cast<std::uint64_t>(std::max(0.0, std::floor(solution.rows[k] + 1e-6)));
      if (k + 1 == less && times > 0) --times;
      used[patterns[k].part] += times;
      for (std::size_t r = 0; r < requests; ++r) rest[r] -= std::min(rest[r], times * patterns[k].gives[r]);
    }
    auto const gpus = pack_rest(mixed, pool, worth, std::move(rest), std::move(used));
    if (gpus && (result.packed == 0 || *gpus < result.packed)) result.packed = *gpus;
  }
  return result;
}

}  // namespace nav::bench
