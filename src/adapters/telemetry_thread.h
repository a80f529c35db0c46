// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/sample_store.h"
#include "adapters/usage_store.h"
#include "controller/bookkeeper.h"
#include "controller/telemetry.h"

namespace nav {

/// Telemetry in DATA/telemetry.db, with one thread that takes samples in, follows the journal for the books, and keeps the store in order.
/// Samples are acknowledged once they are on disk; the books trail the journal and are brought up to it after any crash.
class TelemetryThread final : public Telemetry {
 public:
  struct Options {
    Duration gather = milliseconds(500);  ///< batches that come within this share a transaction
    Duration settle = seconds(10);        ///< how far what reports say may trail
    Duration seal = minutes(10);
  };
  /// `journal` must outlive it. A damaged file is put aside and begun anew: samples in it are lost, the books are kept again from the journal.
  static Result<std::unique_ptr<TelemetryThread>> open(std::string const& folder, Journal& journal, Options options);
  static Result<std::unique_ptr<TelemetryThread>> open(std::string const& folder, Journal& journal) { return open(folder, journal, Options{}); }
  ~TelemetryThread() override;

  void deliver(NodeId node, telemetry::SampleBatch batch, Duration skew, std::function<void(Result<void>)> done) override;
  Result<std::vector<telemetry::UsageGroup>> usage(telemetry::UsageQuestion const& question) const override;
  Result<std::vector<telemetry::Series>> series(telemetry::SeriesQuestion const& question, std::size_t most) const override;
  std::vector<telemetry::Latest> latest(std::optional<NodeId> node, Duration age, std::size_t recent) const override;
  Progress progress() const override;

 private:
  struct Delivery {
    NodeId node;
    telemetry::SampleBatch batch;
    Duration skew;
    std::function<void(Result<void>)> done;
  };
  TelemetryThread(std::string path, Journal& journal, Options options);
  Result<void> open_database();
  Result<void> open_books();
  void run();
  Result<void> turn(std::vector<Delivery>& deliveries);
  Result<void> follow_journal();
  Result<void> take(Delivery const& delivery);
  void measured(telemetry::Subject const& subject, telemetry::Metric metric, telemetry::Sample const& sample, Time before);
  Result<void> in_order();
  template <class F>
  Result<void> within_transaction(F&& work);

  std::string path_;
  Journal& journal_;
  Options options_;
  std::unique_ptr<sqlite::Database> database_;  // the thread's own, once it runs
  SampleStore samples_;
  UsageStore usage_;
  std::unique_ptr<Bookkeeper> books_;  // the thread's own
  std::uint64_t sequence_ = 0;
  std::map<NodeId, std::pair<std::uint64_t, std::uint64_t>> streams_;  // newest number of each node's stream
  Time settled_at_, sealed_at_;
  std::map<std::string, NodeId> names_;  // guarded by mutex_

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Delivery> deliveries_;
  std::map<telemetry::UsageSums::At, telemetry::Cells> unwritten_;  ///< what the books have and the file has not, as of the last turn
  Progress progress_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nav
