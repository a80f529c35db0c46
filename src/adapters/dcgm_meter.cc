// SPDX-License-Identifier: Apache-2.0
#include "adapters/dcgm_meter.h"

#include "telemetry/dcgm_page.h"

namespace nav {

using namespace telemetry;

DcgmMeter::DcgmMeter(std::string url, std::shared_ptr<NvmlPort const> gpus, std::function<void(std::string const&)> say)
    : gpus_(std::move(gpus)), say_(std::move(say)), http_({.url = std::move(url), .connect_timeout = seconds(1), .timeout = seconds(3), .retries = 0}) {}

std::vector<Readings> DcgmMeter::measure(Time now) {
  auto const read = [&]() -> Result<std::vector<DcgmValue>> {
    TRY(auto const answer, http_.call({.path = "/metrics"}));
    return read_dcgm_page(answer.body);
  };
  auto const values = read();
  std::string const trouble = values ? "" : to_text(values.error());
  if (trouble != trouble_ && !trouble.empty() && say_) say_(fmt::format("dcgm-exporter: {}", trouble));
  trouble_ = trouble;
  if (!values) return {};
  std::map<Subject, Readings> by_subject;
  auto const seen = gpus_->seen();
  auto lives = std::exchange(lives_, {});
  for (auto const& gpu : seen)
    for (auto const& [placement, ids] : gpu.instances) {
      auto const known = lives.find({gpu.uuid, placement});
      lives_[{gpu.uuid, placement}] = known != lives.end() && known->second.first == ids ? known->second : std::pair{ids, now};
    }
  for (auto const& value : *values) {
    for (auto const& gpu : seen) {
      if (gpu.uuid != value.gpu) continue;
      Subject subject{.kind = SubjectKind::Gpu, .gpu = gpu.uuid};
      if (value.instance) {
        auto const at = std::find_if(gpu.instances.begin(), gpu.instances.end(), [&](auto const& one) { return one.second.gpu_instance == *value.instance; });
        if (at == gpu.instances.end()) continue;  // the page is older than the layout
        subject = {.kind = SubjectKind::Instance, .gpu = gpu.uuid, .placement = at->first, .born = lives_[{gpu.uuid, at->first}].second, .id = *value.instance};
      } else if (!gpu.instances.empty() && value.metric == Metric::Activity) {
        continue;  // of a GPU that is cut it is not known
      }
      Readings& one = by_subject.try_emplace(subject, Readings{.subject = subject, .source = Source::DcgmExporter, .at = {now}, .values = {}}).first->second;
      one.values[enum_text(value.metric)] = {value.value};
    }
  }
  std::vector<Readings> out;
  for (auto& [subject, one] : by_subject) out.push_back(std::move(one));
  return out;
}

}  // namespace nav
