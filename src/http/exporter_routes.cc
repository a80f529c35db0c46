// SPDX-License-Identifier: Apache-2.0
// GET /metrics. GPUs and instances by dcgm-exporter's names and labels, so that dashboards made for it work; everything else as opennav_*.
#include "http/handlers.h"
#include "http/metrics.h"
#include "http/shown.h"
#include "telemetry/dcgm_rows.h"

namespace nav::http {

using namespace telemetry;
using Type = Exposition::Type;

namespace {

void add_gpus(Exposition& page, Snapshot const& snapshot, std::vector<Latest> const& all, Caller const& caller) {
  for (auto const& one : all) {
    if (one.subject.kind != SubjectKind::Gpu && one.subject.kind != SubjectKind::Instance) continue;
    Node const* node = snapshot.pool.node(one.node);
    if (node == nullptr) continue;
    std::map<Metric, double> values;
    for (auto const& [metric, value] : one.values) values[metric] = shown(metric, value.last.value);
    for (auto const& gpu : node->gpus) {
      if (gpu.uuid != one.subject.gpu) continue;
      DcgmPlace place{.gpu = gpu.index, .uuid = gpu.uuid, .minor = gpu.index, .model = gpu.model, .placement = one.subject.placement};
      place.instance = one.subject.id;
      place.host = node->name;
      if (node->inventory) {
        place.driver_version = node->inventory->driver_version;
        for (auto const& known : node->inventory->gpus)
          if (known.uuid == gpu.uuid) place.pci_bus_id = known.pci_bus_id, place.minor = known.minor;
      }
      AttemptId const holder = holder_of(gpu, one.subject.placement);
      if (holder && sees_holder(snapshot, holder, caller)) place.job = to_text(holder.job);
      add_dcgm_rows(page, place, values);
    }
  }
}

void add_pool(Exposition& page, Snapshot const& snapshot) {
  std::map<std::string, double> jobs{{"queued", 0}, {"starting", 0}, {"running", 0}}, nodes{{"ready", 0}, {"joining", 0}, {"unreachable", 0}};
  Time oldest = snapshot.at;
  snapshot.pool.jobs.each([&](Job const& job) {
    ++jobs[enum_text(job.state)];
    if (job.state == JobState::Queued) oldest = std::min(oldest, job.since);
  });
  for (auto const& [state, count] : jobs) page.add("opennav_jobs", Type::Gauge, "Jobs that are not over, by state.", {{"state", state}}, count);
  page.add("opennav_queue_oldest_seconds", Type::Gauge, "How long the job waits that waits longest.", {}, (snapshot.at - oldest).seconds());
  snapshot.pool.nodes.each([&](Node const& node) {
    if (node.state != NodeState::Lost) ++nodes[enum_text(node.state)];
    if (node.state == NodeState::Lost) return;
    page.add("opennav_node_up", Type::Gauge, "Whether the node answers.", {{"node", node.name}, {"site", node.site}}, node.state == NodeState::Ready ? 1 : 0);
    double gpus_aside = 0, slices_aside = 0;
    for (auto const& gpu : node.gpus) {
      gpus_aside += !gpu.aside.empty();
      for (auto const& slice : gpu.slices) slices_aside += !slice.aside.empty();
    }
    page.add("opennav_gpus_set_aside", Type::Gauge, "GPUs set aside after errors or by hand.", {{"node", node.name}}, gpus_aside);
    page.add("opennav_slices_set_aside", Type::Gauge, "Slices set aside after errors or by hand.", {{"node", node.name}}, slices_aside);
  });
  for (auto const& [state, count] : nodes) page.add("opennav_nodes", Type::Gauge, "Nodes by state.", {{"state", state}}, count);
  page.add("opennav_journal_events_total", Type::Counter, "Events in the journal.", {}, static_cast<double>(snapshot.sequence()));
  page.add("opennav_controller_epoch", Type::Gauge, "Raised by every start of a controller on this journal.", {}, static_cast<double>(snapshot.pool.epoch));
}

/// The ledger's parts over the last minutes, which add up to the capacity.
void add_ledger(Exposition& page, Telemetry& telemetry, Time now) {
  constexpr std::pair<Measure, char const*> parts[] = {{Measure::Held, "held"},
                                                       {Measure::Idle, "idle"},
                                                       {Measure::Reconfiguring, "reconfiguring"},
                                                       {Measure::SetAside, "set_aside"},
                                                       {Measure::Loss, "geometry_loss"}};
  UsageQuestion question{
      .range = {floor_to(now, minutes(1)) - minutes(1), floor_to(now, minutes(1)), minutes(1)}, .measures = {Measure::Stranded}, .by = {Dimension::Site}};
  for (auto const& [measure, word] : parts) question.measures.push_back(measure);
  auto const groups = telemetry.usage(question);
  if (!groups) return;
  for (auto const& group : *groups) {
    for (auto const& [at, cells] : group.points) {
      for (auto const& [measure, word] : parts) {
        auto const cell = cells.find(measure);
        page.add("opennav_memory_slices", Type::Gauge, "Memory slices by what they are used for, over the last whole minute; they add up to all there are.",
                 {{"site", group.names[0]}, {"state", word}}, cell == cells.end() ? 0 : cell->second.sum / 60);
      }
      auto const stranded = cells.find(Measure::Stranded);
      page.add("opennav_memory_slices_stranded", Type::Gauge, "Idle memory slices on which nothing that waits fits.", {{"site", group.names[0]}},
               stranded == cells.end() ? 0 : stranded->second.sum / 60);
    }
  }
}

void add_telemetry(Exposition& page, Snapshot const& snapshot, Telemetry& telemetry) {
  auto const progress = telemetry.progress();
  page.add("opennav_telemetry_samples_total", Type::Counter, "Values taken in since the controller started.", {}, static_cast<double>(progress.samples));
  page.add("opennav_telemetry_refused_total", Type::Counter, "Values that nothing can have measured.", {}, static_cast<double>(progress.refused));
  page.add("opennav_telemetry_repeated_total", Type::Counter, "Batches that came again and were kept once.", {}, static_cast<double>(progress.repeated));
  page.add("opennav_telemetry_dropped_total", Type::Counter, "Ticks that agents gave up for want of room.", {}, static_cast<double>(progress.dropped));
  page.add("opennav_telemetry_series", Type::Gauge, "Series that are being written.", {}, static_cast<double>(progress.series));
  page.add("opennav_telemetry_failing", Type::Gauge, "Whether samples cannot be written at present.", {}, progress.problem.empty() ? 0 : 1);
  page.add("opennav_telemetry_lag_events", Type::Gauge, "Events the books trail the journal by.", {},
           static_cast<double>(snapshot.sequence() - std::min(snapshot.sequence(), progress.sequence)));
  for (auto const& [id, skew] : progress.skews)
    if (Node const* node = snapshot.pool.node(id))
      page.add("opennav_node_clock_skew_seconds", Type::Gauge, "How far the node's clock is behind the controller's.", {{"node", node->name}}, skew.seconds());
}

}  // namespace

Result<void> scrape_metrics(Api& api, CallPtr const& call) {
  TRY(Telemetry* const telemetry, telemetry_of(api));
  on_worker(api, call, [telemetry, &api](Call& asked) -> Result<void> {
    Exposition page;
    add_pool(page, *asked.snapshot);
    add_ledger(page, *telemetry, api.now());
    add_telemetry(page, *asked.snapshot, *telemetry);
    add_gpus(page, *asked.snapshot, telemetry->latest({}, minutes(1), 1), asked.caller);
    asked.reply.send(Response{.status = 200, .body = page.text(), .content_type = std::string(asked.route->answer_type)});
    return {};
  });
  return {};
}

}  // namespace nav::http
