// SPDX-License-Identifier: Apache-2.0
#include "bench/openb.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "base/random.h"
#include "bench/simplex.h"

namespace nav::bench {
namespace {

constexpr std::int32_t kWhole = 1000;

/// What is left on a node.
struct Left {
  std::int64_t cpu_milli = 0;
  std::int64_t memory_mib = 0;
  std::array<std::int32_t, openb_most_gpus> gpus{};
  std::uint32_t count = 0;  // of GPUs
  std::uint32_t model = 0;

  bool serves(OpenbPod const& pod) const { return pod.models == 0 || (pod.models >> model & 1); }
  std::int64_t gpu_milli() const {
    std::int64_t sum = 0;
    for (std::uint32_t i = 0; i < count; ++i) sum += gpus[i];
    return sum;
  }
  bool has_gpus(OpenbPod const& pod) const {
    std::uint32_t fit = 0;
    for (std::uint32_t i = 0; i < count; ++i) fit += gpus[i] >= pod.gpu_milli;
    return fit >= pod.gpus;
  }
  bool fits(OpenbPod const& pod) const { return cpu_milli >= pod.cpu_milli && memory_mib >= pod.memory_mib && serves(pod) && has_gpus(pod); }
  /// With a shared GPU's index; whole ones are the first that are free.
  void take(OpenbPod const& pod, std::uint32_t shared) {
    cpu_milli -= pod.cpu_milli;
    memory_mib -= pod.memory_mib;
    if (pod.gpus == 1 && pod.gpu_milli < kWhole) {
      gpus[shared] -= pod.gpu_milli;
      return;
    }
    auto wanted = pod.gpus;
    for (std::uint32_t i = 0; i < count && wanted > 0; ++i)
      if (gpus[i] == kWhole) gpus[i] = 0, --wanted;
  }
};

struct TypicalPod {
  OpenbPod pod;
  double part = 0;
};

/// The kinds of pods that make up 95 % of all, the most frequent first, as the study's simulator takes them.
std::vector<TypicalPod> typical_pods(std::vector<OpenbPod> const& pods) {
  std::map<OpenbPod, double> counts;
  for (auto pod : pods) {
    pod.memory_mib = 0;  // the study's fragments know no memory
    counts[pod] += 1;
  }
  std::vector<TypicalPod> all;
  for (auto const& [pod, count] : counts) all.push_back({pod, count});
  std::stable_sort(all.begin(), all.end(), [](TypicalPod const& a, TypicalPod const& b) { return a.part > b.part; });
  double sum = 0;
  std::size_t kept = 0;
  while (kept < all.size() && sum < 0.95 * static_cast<double>(pods.size())) sum += all[kept++].part;
  all.resize(kept);
  for (auto& typical : all) typical.part /= sum;
  return all;
}

class Fragments {
 public:
  Fragments(std::vector<TypicalPod> typical, OpenbPolicy policy) : typical_(std::move(typical)), policy_(policy) {}

  /// GPUs of the node that the next pod is expected not to be able to use.
  double of(Left const& left) const {
    double const total = static_cast<double>(left.gpu_milli());
    if (total == 0) return 0;
    double sum = 0;
    for (auto const& [pod, part] : typical_) {
      if (pod.gpus == 0 || !left.serves(pod) || left.cpu_milli < pod.cpu_milli || !left.has_gpus(pod)) {
        sum += part * total;
        continue;
      }
      double usable = 0;
      for (std::uint32_t i = 0; i < left.count; ++i)
        if (left.gpus[i] >= pod.gpu_milli) usable += left.gpus[i];
      if (policy_ == OpenbPolicy::FgdM && pod.cpu_milli > 0) {
        // The other half: no more copies than processors are left for.
        double const by_cpu = std::floor(static_cast<double>(left.cpu_milli) / static_cast<double>(pod.cpu_milli)) * pod.gpus * pod.gpu_milli;
        usable = (usable + std::min(usable, by_cpu)) / 2;
      }
      sum += part * (total - usable);
    }
    return sum / kWhole;
  }

 private:
  std::vector<TypicalPod> typical_;
  OpenbPolicy policy_;
};

/// What a GPU of each model is worth to those who name it: the GPUs they ask for, each spread evenly over the models it names, over the GPUs
/// of the model, where as much is asked for as there is.
std::vector<double> prices_of(OpenbTrace const& trace) {
  std::vector<double> asked(trace.models.size(), 0.0), gpus(trace.models.size(), 0.0);
  double all_gpus = 0, all_asked = 0;
  for (auto const& node : trace.nodes) gpus[node.model] += node.gpus, all_gpus += node.gpus;
  for (auto const& pod : trace.pods) {
    double const size = pod.gpus * pod.gpu_milli / 1000.0;
    all_asked += size;
    for (std::size_t m = 0; m < trace.models.size(); ++m)
      if (pod.models >> m & 1) asked[m] += size / std::popcount(pod.models);
  }
  std::vector<double> prices;
  for (std::size_t m = 0; m < trace.models.size(); ++m) prices.push_back(gpus[m] > 0 ? std::min(1.0, asked[m] / gpus[m] * all_gpus / all_asked) : 0.0);
  return prices;
}

struct Scored {
  std::int64_t score = 0;
  std::uint32_t shared = 0;
};

class Scorer {
 public:
  Scorer(OpenbTrace const& trace, OpenbPolicy policy) : policy_(policy), fragments_(typical_pods(trace.pods), policy) {
    prices_ = policy == OpenbPolicy::FgdM ? prices_of(trace) : std::vector<double>(trace.models.size(), 0.0);
    for (auto const& node : trace.nodes) most_cpu_ = std::max(most_cpu_, static_cast<double>(node.cpu_milli));
  }

  double fragments(Left const& left) const { return policy_ == OpenbPolicy::BestFit ? 0 : fragments_.of(left); }

  /// A higher score is better. `before`: fragments of the node as it is.
  Scored score(Left const& left, double before, OpenbPod const& pod) const {
    std::optional<Scored> best;
    bool const shares = pod.gpus == 1 && pod.gpu_milli < kWhole;
    for (std::uint32_t i = 0; i < (shares ? left.count : 1); ++i) {
      if (shares && left.gpus[i] < pod.gpu_milli) continue;
      if (shares && std::find(left.gpus.begin(), left.gpus.begin() + i, left.gpus[i]) != left.gpus.begin() + i) continue;  // one alike was looked at
      Left after = left;
      after.take(pod, i);
      Scored const here{policy_ == OpenbPolicy::BestFit ? best_fit(after, i) : by_fragments(before - fragments_.of(after), left, pod), i};
      if (!best || here.score > best->score) best = here;
    }
    return *best;
  }

 private:
  /// As the study's simulator rounds: whole parts of a hundred of a sigmoid. About .04 GPUs are a step, and ties are many.
  std::int64_t by_fragments(double gain, Left const& left, OpenbPod const& pod) const {
    gain -= prices_[left.model] * pod.gpus * pod.gpu_milli / 1000.0;
    return static_cast<std::int64_t>(100 / (1 + std::exp(-gain)));
  }

  std::int64_t best_fit(Left const& after, std::uint32_t gpu) const {
    double const left = static_cast<double>(after.cpu_milli) / most_cpu_ + static_cast<double>(after.gpu_milli()) / (kWhole * openb_most_gpus);
    return static_cast<std::int64_t>(-1e6 * left) * 10'000 - after.gpus[gpu];
  }

  OpenbPolicy policy_;
  Fragments fragments_;
  std::vector<double> prices_;
  double most_cpu_ = 1;
};

std::vector<OpenbPod> arrivals_of(OpenbTrace const& trace, std::uint64_t seed) {
  auto pods = trace.pods;
  Random shuffle = Random(seed).child("order"), copies = Random(seed).child("copies");
  for (std::size_t i = pods.size(); i > 1; --i) std::swap(pods[i - 1], pods[shuffle.below(i)]);
  std::int64_t capacity = 0, asked = 0;
  for (auto const& node : trace.nodes) capacity += node.gpus * kWhole;
  for (auto const& pod : pods) asked += pod.gpus * pod.gpu_milli;
  while (true) {
    auto const& copy = trace.pods[copies.below(trace.pods.size())];
    asked += copy.gpus * copy.gpu_milli;
    if (asked * 10 > capacity * 13) return pods;
    pods.push_back(copy);
  }
}

std::int64_t capacity_of(OpenbTrace const& trace) {
  std::int64_t capacity = 0;
  for (auto const& node : trace.nodes) capacity += node.gpus * kWhole;
  return capacity;
}

}  // namespace

OpenbResult run_openb(OpenbTrace const& trace, OpenbPolicy policy, std::uint64_t seed) {
  Scorer const scorer(trace, policy);
  std::vector<Left> nodes;
  std::vector<double> fragments;
  for (auto const& node : trace.nodes) {
    Left left{.cpu_milli = node.cpu_milli, .memory_mib = node.memory_mib, .gpus = {}, .count = node.gpus, .model = node.model};
    std::fill_n(left.gpus.begin(), node.gpus, kWhole);
    nodes.push_back(left);
    fragments.push_back(scorer.fragments(left));
  }
  auto const pods = arrivals_of(trace, seed);
  // A score holds until its node changes, and one node changes at a time.
  struct Known {
    std::uint32_t version = 0;
    Scored chosen;
  };
  std::map<OpenbPod, std::vector<Known>> known;
  std::vector<std::uint32_t> versions(nodes.size(), 1);
  double const capacity = static_cast<double>(capacity_of(trace));
  std::int64_t asked = 0, given = 0;
  OpenbResult result{.pods = pods.size()};
  for (auto const& pod : pods) {
    asked += pod.gpus * pod.gpu_milli;
    if (result.at_100 == 0 && static_cast<double>(asked) > capacity) result.at_100 = static_cast<double>(given) / capacity;
    auto& scores = known[pod];
    scores.resize(nodes.size());
    std::optional<std::size_t> best;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      if (!nodes[n].fits(pod)) continue;
      if (scores[n].version != versions[n]) scores[n] = {versions[n], scorer.score(nodes[n], fragments[n], pod)};
      if (!best || scores[n].chosen.score > scores[*best].chosen.score) best = n;
    }
    if (!best) {
      ++result.refused;
      continue;
    }
    nodes[*best].take(pod, scores[*best].chosen.shared);
    fragments[*best] = scorer.fragments(nodes[*best]);
    ++versions[*best];
    given += pod.gpus * pod.gpu_milli;
  }
  result.at_130 = static_cast<double>(given) / capacity;
  if (result.at_100 == 0) result.at_100 = result.at_130;
  return result;
}

double openb_bound(OpenbTrace const& trace, std::uint64_t seed) {
  // Kinds of nodes alike, and kinds of pods that arrive before 100 %.
  struct Kind {
    double cpu = 0, memory = 0, gpus = 0;
  };
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::int64_t, std::int64_t>, Kind> kinds;
  for (auto const& node : trace.nodes) {
    auto& kind = kinds[{node.model, node.gpus, node.cpu_milli, node.memory_mib}];
    kind.cpu += static_cast<double>(node.cpu_milli), kind.memory += static_cast<double>(node.memory_mib), kind.gpus += node.gpus;
  }
  double const capacity = static_cast<double>(capacity_of(trace));
  std::map<OpenbPod, double> asked;
  double sum = 0;
  for (auto const& pod : arrivals_of(trace, seed)) {
    sum += pod.gpus * pod.gpu_milli;
    if (sum > capacity) break;
    if (pod.gpus > 0) asked[pod] += 1;
  }
  // Rows: what is asked of each kind of pod, then processors, memory and GPUs of each kind of node.
  PackingProgram program;
  std::vector<std::size_t> pod_rows;
  for (auto const& [pod, count] : asked) pod_rows.push_back(program.add_row(count));
  for (auto const& [key, kind] : kinds) {
    auto const cpu = program.add_row(kind.cpu / 1000), memory = program.add_row(kind.memory / 1024), gpus = program.add_row(kind.gpus);
    std::size_t row = 0;
    for (auto const& [pod, count] : asked) {
      auto const pod_row = pod_rows[row++];
      if (pod.models != 0 && !(pod.models >> std::get<0>(key) & 1)) continue;
      if (pod.gpus > std::get<1>(key) || pod.cpu_milli > std::get<2>(key) || pod.memory_mib > std::get<3>(key)) continue;
      double const size = pod.gpus * pod.gpu_milli / 1000.0;
      program.add_column(size,
                         {{pod_row, 1}, {cpu, static_cast<double>(pod.cpu_milli) / 1000}, {memory, static_cast<double>(pod.memory_mib) / 1024}, {gpus, size}});
    }
  }
  return program.solve().value * 1000 / capacity;
}

}  // namespace nav::bench
