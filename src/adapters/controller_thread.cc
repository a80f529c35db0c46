// SPDX-License-Identifier: Apache-2.0
#include "adapters/controller_thread.h"

#include <algorithm>

#include "adapters/clock.h"
#include "base/log.h"
#include "controller/checkpoint.h"

namespace nav {

namespace {
constexpr std::size_t frames_kept = 20'000;
constexpr std::size_t frames_a_feed = 1'000;
}  // namespace

ControllerThread::ControllerThread(Journal& journal, Views& views, ControllerOptions options, AttemptTokens tokens)
    : journal_(journal), views_(views), tokens_(std::move(tokens)), controller_(journal, std::move(options)) {}

ControllerThread::~ControllerThread() { stop(); }

Result<void> ControllerThread::start() {
  TRY_VOID(controller_.start(clock_now()));
  snapshot_ = controller_.snapshot();
  durable_ = snapshot_->sequence();
  writer_ = std::thread([this] { write(); });
  teller_ = std::thread([this] { tell(); });
  saver_ = std::thread([this] { save(); });
  return {};
}

void ControllerThread::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
  {
    std::lock_guard lock(tell_mutex_);
    tell_stopping_ = true;
  }
  tell_wake_.notify_all();
  if (teller_.joinable()) teller_.join();
  {
    std::lock_guard lock(save_mutex_);
    save_stopping_ = true;
  }
  save_wake_.notify_all();
  if (saver_.joinable()) saver_.join();
}

std::string ControllerThread::fault() const {
  std::lock_guard lock(mutex_);
  return fault_;
}

std::string ControllerThread::journal_problem() const {
  std::lock_guard lock(mutex_);
  return journal_problem_;
}

template <class Callback, class MakeInput>
void ControllerThread::enqueue(std::map<std::uint64_t, Callback>& callbacks, Callback done, MakeInput&& make) {
  Error refusal;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      refusal = {ErrorKind::Unavailable, "the controller is stopping", "try again in a moment", ""};
    } else if (inputs_.size() >= most_inputs) {
      refusal = {ErrorKind::TooMany, fmt::format("{} requests wait already", inputs_.size()), "try again in a second", ""};
    } else {
      std::uint64_t const ticket = next_ticket_++;
      callbacks.emplace(ticket, std::move(done));
      inputs_.push_back(make(ticket));
      wake_.notify_one();
      return;
    }
  }
  done(Unexpected(std::move(refusal)));
}

void ControllerThread::ask(Ask ask, std::function<void(Result<Accepted>)> done) {
  enqueue(asks_, std::move(done), [&](std::uint64_t ticket) { return AskInput{ticket, std::move(ask)}; });
}

void ControllerThread::sync(SyncRequest request, std::function<void(Result<SyncAnswer>)> done) {
  enqueue(syncs_, std::move(done), [&](std::uint64_t ticket) { return SyncInput{ticket, std::move(request)}; });
}

void ControllerThread::why(JobId job, std::function<void(Result<Reason>)> done) {
  enqueue(whys_, std::move(done), [&](std::uint64_t ticket) { return WhyInput{ticket, job}; });
}

void ControllerThread::report_cloud(CloudStatus status) {
  std::lock_guard lock(mutex_);
  if (stopping_ || inputs_.size() >= most_inputs) return;  // it will be reported again
  inputs_.push_back(CloudInput{std::move(status)});
  wake_.notify_one();
}

std::shared_ptr<Snapshot const> ControllerThread::snapshot() const {
  std::lock_guard lock(mutex_);
  return snapshot_;
}

Result<std::string> ControllerThread::blob(Digest digest) const { return journal_.blob(digest); }

void ControllerThread::write() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (inputs_.empty() && !controller_.has_more()) {
      // A quarter of a second is for silent nodes; what has a moment of its own is woken for at that moment.
      auto wait = std::chrono::microseconds(250'000);
      if (auto const next = controller_.next_deadline())
        wait = std::clamp(std::chrono::microseconds((*next - clock_now()).us), std::chrono::microseconds(1000), wait);
      wake_.wait_for(lock, wait);
    }
    std::vector<ControllerInput> batch;
    while (!inputs_.empty() && batch.size() < inputs_a_step) {
      batch.push_back(std::move(inputs_.front()));
      inputs_.pop_front();
    }
    lock.unlock();
    hand_out(controller_.step(std::move(batch), clock_now()));
    lock.lock();
  }
  auto const asks = std::exchange(asks_, {});
  auto const syncs = std::exchange(syncs_, {});
  auto const whys = std::exchange(whys_, {});
  lock.unlock();
  auto const gone = fail(ErrorKind::Unavailable, "the controller is stopping");
  for (auto const& [ticket, done] : asks) done(gone);
  for (auto const& [ticket, done] : syncs) done(gone);
  for (auto const& [ticket, done] : whys) done(gone);
}

void ControllerThread::hand_out(std::vector<ControllerOutput> outputs) {
  {
    std::lock_guard lock(mutex_);
    snapshot_ = controller_.snapshot();
    for (auto const& output : outputs) {
      if (auto const* refused = std::get_if<JournalRefused>(&output)) journal_problem_ = refused->error.message;
      if (std::holds_alternative<Durable>(output)) journal_problem_.clear();
    }
  }
  auto const take = [&](auto& callbacks, std::uint64_t ticket) {
    std::lock_guard lock(mutex_);
    return std::move(callbacks.extract(ticket).mapped());
  };
  // Views first: whoever is answered and looks must find what he was told of not long after.
  for (auto& output : outputs) {
    auto* durable = std::get_if<Durable>(&output);
    if (!durable) continue;
    views_.follow(*durable->frames);
    std::lock_guard lock(tell_mutex_);
    durable_ = durable->frames->back().stamp.sequence;
    recent_.push_back(durable->frames);
    recent_frames_ += durable->frames->size();
    while (recent_frames_ > frames_kept && recent_.size() > 1) {
      recent_frames_ -= recent_.front()->size();
      recent_.pop_front();
    }
    tell_wake_.notify_one();
  }
  for (auto& output : outputs) {
    if (auto* asked = std::get_if<AskAnswered>(&output)) {
      if (!asked->done && asked->done.error().kind == ErrorKind::Unavailable) {
        std::lock_guard lock(mutex_);
        fault_ = asked->done.error().message;
      }
      take(asks_, asked->ticket)(std::move(asked->done));
    } else if (auto* synced = std::get_if<SyncAnswered>(&output)) {
      take(syncs_, synced->ticket)(std::move(synced->answer));
    } else if (auto* reason = std::get_if<WhyAnswered>(&output)) {
      take(whys_, reason->ticket)(std::move(reason->reason));
    } else if (auto* wanted = std::get_if<CloudsWanted>(&output)) {
      if (clouds_wanted_) clouds_wanted_(wanted->specs);
    } else if (auto* due = std::get_if<CheckpointDue>(&output)) {
      std::lock_guard lock(save_mutex_);
      due_ = std::move(*due);
      save_wake_.notify_one();
    }
  }
}

// ---- followers -------------------------------------------------------------------------------------------------------------------

class ControllerThread::Followed final : public Front::Subscription {
 public:
  Followed(ControllerThread& owner, std::shared_ptr<Follower> follower) : owner_(owner), follower_(std::move(follower)) {}
  ~Followed() override {
    std::unique_lock lock(owner_.tell_mutex_);
    follower_->gone = true;
    owner_.followers_.remove(follower_);
    // The teller may be in this follower's callback just now, unless this very thread is the teller.
    if (std::this_thread::get_id() != owner_.teller_.get_id()) owner_.tell_done_.wait(lock, [&] { return owner_.feeding_ != follower_; });
  }

 private:
  ControllerThread& owner_;
  std::shared_ptr<Follower> follower_;
};

std::unique_ptr<Front::Subscription> ControllerThread::subscribe(std::uint64_t sequence, std::function<bool(std::vector<Frame> const&)> more) {
  auto follower = std::make_shared<Follower>(Follower{sequence, std::move(more)});
  std::lock_guard lock(tell_mutex_);
  followers_.push_back(follower);
  tell_wake_.notify_one();
  return std::make_unique<Followed>(*this, follower);
}

/// Gives the follower its next frames, from memory or from the journal; true if there may be more for it.
bool ControllerThread::feed(Follower& follower) {
  std::vector<Frame> frames;
  {
    std::lock_guard lock(tell_mutex_);
    if (follower.seen >= durable_) return false;
    if (!recent_.empty() && recent_.front()->front().stamp.sequence <= follower.seen + 1)
      for (auto const& batch : recent_)
        for (auto const& frame : *batch)
          if (frame.stamp.sequence > follower.seen && frames.size() < frames_a_feed) frames.push_back(frame);
  }
  if (frames.empty()) {
    auto const read = journal_.read(follower.seen, frames_a_feed, [&](Frame const& frame) { return frames.push_back(frame), true; });
    if (!read || frames.empty()) return false;
  }
  follower.seen = frames.back().stamp.sequence;
  if (!follower.more(frames)) {
    std::lock_guard lock(tell_mutex_);
    follower.gone = true;
  }
  return true;
}

void ControllerThread::tell() {
  std::unique_lock lock(tell_mutex_);
  while (!tell_stopping_) {
    std::uint64_t const told = durable_;
    bool more = false;
    std::vector<std::shared_ptr<Follower>> const followers(followers_.begin(), followers_.end());
    for (auto const& follower : followers) {
      if (follower->gone) continue;
      feeding_ = follower;
      lock.unlock();
      more |= feed(*follower);
      lock.lock();
      feeding_.reset();
      tell_done_.notify_all();
    }
    followers_.remove_if([](auto const& follower) { return follower->gone; });
    bool const newcomer = followers_.size() > followers.size();
    if (!more && !newcomer)
      tell_wake_.wait_for(lock, std::chrono::seconds(1), [&] { return tell_stopping_ || durable_ != told || followers_.size() > followers.size(); });
  }
}

void ControllerThread::save() {
  std::unique_lock lock(save_mutex_);
  while (true) {
    save_wake_.wait(lock, [&] { return save_stopping_ || due_; });
    if (save_stopping_) return;
    CheckpointDue const due = std::move(*std::exchange(due_, {}));
    lock.unlock();
    Checkpoint const checkpoint{due.snapshot->sequence(), save_checkpoint(due.snapshot->pool, *due.snapshot->access, *due.snapshot->flows, *due.answers)};
    if (auto saved = journal_.save(checkpoint); !saved) log_line("controller", "a checkpoint could not be saved: {}", to_text(saved.error()));
    lock.lock();
  }
}

}  // namespace nav
