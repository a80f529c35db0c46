// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "base/id.h"
#include "base/text.h"
#include "bench/openb.h"

namespace nav::bench {
namespace {

/// Lines of a CSV file without quotes, by the names in its first.
class Table {
 public:
  static Result<Table> of(std::string_view csv, std::string what) {
    Table table;
    table.what_ = std::move(what);
    for (auto line : split(csv, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      table.lines_.push_back(line);
    }
    std::size_t column = 0;
    for (auto const name : split(table.lines_.front(), ',')) table.columns_[name] = column++;
    return table;
  }

  Result<void> needs(std::initializer_list<std::string_view> names) const {
    for (auto const name : names)
      if (!columns_.contains(name)) return fail(ErrorKind::InvalidArgument, "{}: there is no column {} in its first line", what_, name);
    return {};
  }

  /// Calls visit(text of, number of) for each line; what it answers is why the line is skipped, or empty.
  template <class Visit>
  void each(std::vector<std::string>& skipped, Visit&& visit) const {
    for (std::size_t i = 1; i < lines_.size(); ++i) {
      if (lines_[i].empty()) continue;
      auto const cells = split(lines_[i], ',');
      std::string problem;
      auto const text = [&](std::string_view name) -> std::string_view {
        auto const column = columns_.find(name);
        return column == columns_.end() || column->second >= cells.size() ? std::string_view{} : cells[column->second];
      };
      auto const number = [&](std::string_view name) -> std::uint64_t {
        std::uint64_t value = 0;
        auto const written = text(name);
        if (!read_number(written, value) && problem.empty()) problem = fmt::format("{} is \"{}\"", name, shortened(written, 40));
        return value;
      };
      visit(text, number, problem);
      if (!problem.empty()) skipped.push_back(fmt::format("{} line {}: {}", what_, i + 1, problem));
    }
  }

 private:
  std::string what_;
  std::vector<std::string_view> lines_;
  std::map<std::string_view, std::size_t> columns_;
};

}  // namespace

Result<OpenbTrace> read_openb(std::string_view nodes_csv, std::string_view pods_csv) {
  OpenbTrace trace;
  TRY(auto const nodes, Table::of(nodes_csv, "nodes"));
  TRY_VOID(nodes.needs({"sn", "cpu_milli", "memory_mib", "gpu", "model"}));
  TRY(auto const pods, Table::of(pods_csv, "pods"));
  TRY_VOID(pods.needs({"cpu_milli", "memory_mib", "num_gpu", "gpu_milli"}));
  auto const model_of = [&](std::string_view name) -> std::uint32_t {
    auto const known = std::find(trace.models.begin(), trace.models.end(), name);
    if (known == trace.models.end()) trace.models.emplace_back(name);
    return static_cast<std::uint32_t>(std::find(trace.models.begin(), trace.models.end(), name) - trace.models.begin());
  };
  nodes.each(trace.skipped, [&](auto text, auto number, std::string& problem) {
    OpenbNode node{.name = std::string(text("sn")),
                   .cpu_milli = static_cast<std::int64_t>(number("cpu_milli")),
                   .memory_mib = static_cast<std::int64_t>(number("memory_mib")),
                   .gpus = static_cast<std::uint32_t>(number("gpu"))};
    if (node.gpus > openb_most_gpus) problem = fmt::format("{} GPUs are more than {}", node.gpus, openb_most_gpus);
    if (!problem.empty() || node.gpus == 0) return;  // the study has nodes with GPUs only
    node.model = model_of(text("model"));
    trace.nodes.push_back(std::move(node));
  });
  pods.each(trace.skipped, [&](auto text, auto number, std::string& problem) {
    OpenbPod pod{.cpu_milli = static_cast<std::int64_t>(number("cpu_milli")),
                 .memory_mib = static_cast<std::int64_t>(number("memory_mib")),
                 .gpus = static_cast<std::uint32_t>(number("num_gpu")),
                 .gpu_milli = static_cast<std::int32_t>(number("gpu_milli"))};
    if (pod.gpus > openb_most_gpus) problem = fmt::format("{} GPUs are more than {}", pod.gpus, openb_most_gpus);
    else if (pod.gpu_milli > 1000 || (pod.gpus > 0 && pod.gpu_milli == 0) || (pod.gpus > 1 && pod.gpu_milli != 1000))
      problem = fmt::format("gpu_milli is {} with {} GPUs", pod.gpu_milli, pod.gpus);
    if (pod.gpus == 0) pod.gpu_milli = 0;
    if (!text("gpu_spec").empty())
      for (auto const name : split(text("gpu_spec"), '|')) pod.models |= std::uint64_t{1} << std::min<std::uint32_t>(model_of(name), 63);
    if (problem.empty()) trace.pods.push_back(pod);
  });
  if (trace.nodes.empty() || std::none_of(trace.pods.begin(), trace.pods.end(), [](OpenbPod const& pod) { return pod.gpus > 0; }))
    return fail(ErrorKind::InvalidArgument, "no {} with GPUs can be read", trace.nodes.empty() ? "node" : "pod");
  return trace;
}

}  // namespace nav::bench
