// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <thread>

#include "adapters/attempt_token.h"
#include "controller/controller.h"
#include "controller/views.h"

namespace nav {

/// The controller with its threads: one writer that steps, one teller that feeds followers, one saver of checkpoints.
class ControllerThread final : public Front {
 public:
  static constexpr std::size_t most_inputs = 20'000;  ///< waiting; more are told to come later
  static constexpr std::size_t inputs_a_step = 2'000;

  /// All lent; they outlive it.
  ControllerThread(Journal& journal, Views& views, ControllerOptions options, AttemptTokens tokens);
  ~ControllerThread() override;

  /// Recovers the journal and begins to work.
  Result<void> start();
  /// Ends the step under way and answers what waits with Unavailable.
  void stop();
  /// Why the controller had to stop by itself (another one took the journal over); empty while all is well.
  std::string fault() const;
  /// Why the journal takes nothing at present (a full disk); empty: it did the last time.
  std::string journal_problem() const;
  /// Told of what should be at the clouds; on the writer's thread, so short. Before start().
  void on_clouds_wanted(std::function<void(std::vector<CloudSpec> const&)> tell) { clouds_wanted_ = std::move(tell); }
  /// What a provider's adapter saw.
  void report_cloud(CloudStatus status);

  void ask(Ask ask, std::function<void(Result<Accepted>)> done) override;
  std::shared_ptr<Snapshot const> snapshot() const override;
  void sync(SyncRequest request, std::function<void(Result<SyncAnswer>)> done) override;
  void why(JobId job, std::function<void(Result<Reason>)> done) override;
  Result<std::string> blob(Digest digest) const override;
  std::string attempt_token(AttemptId attempt) const override { return tokens_.make(attempt); }
  std::optional<AttemptId> attempt_of_token(std::string const& token) const override { return tokens_.attempt_of(token); }
  std::unique_ptr<Subscription> subscribe(std::uint64_t sequence, std::function<bool(std::vector<Frame> const&)> more) override;

 private:
  struct Follower {
    std::uint64_t seen = 0;
    std::function<bool(std::vector<Frame> const&)> more;
    bool gone = false;
  };
  class Followed;

  template <class Callback, class MakeInput>
  void enqueue(std::map<std::uint64_t, Callback>& callbacks, Callback done, MakeInput&& make);
  void write();
  void tell();
  void save();
  void hand_out(std::vector<ControllerOutput> outputs);
  bool feed(Follower& follower);

  Journal& journal_;
  Views& views_;
  AttemptTokens tokens_;
  Controller controller_;
  std::function<void(std::vector<CloudSpec> const&)> clouds_wanted_;

  mutable std::mutex mutex_;  // of everything below
  std::condition_variable wake_;
  std::deque<ControllerInput> inputs_;
  std::uint64_t next_ticket_ = 1;
  std::map<std::uint64_t, std::function<void(Result<Accepted>)>> asks_;
  std::map<std::uint64_t, std::function<void(Result<SyncAnswer>)>> syncs_;
  std::map<std::uint64_t, std::function<void(Result<Reason>)>> whys_;
  std::shared_ptr<Snapshot const> snapshot_;
  bool stopping_ = false;
  std::string fault_, journal_problem_;

  mutable std::mutex tell_mutex_;
  std::condition_variable tell_wake_;
  std::condition_variable tell_done_;
  std::deque<std::shared_ptr<std::vector<Frame> const>> recent_;  ///< durable batches, newest last; the past is in the journal
  std::size_t recent_frames_ = 0;
  std::uint64_t durable_ = 0;
  std::list<std::shared_ptr<Follower>> followers_;
  std::shared_ptr<Follower> feeding_;
  bool tell_stopping_ = false;

  std::mutex save_mutex_;
  std::condition_variable save_wake_;
  std::optional<CheckpointDue> due_;
  bool save_stopping_ = false;

  std::thread writer_, teller_, saver_;
};

}  // namespace nav
