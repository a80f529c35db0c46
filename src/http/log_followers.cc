// SPDX-License-Identifier: Apache-2.0
#include "http/log_followers.h"

#include <algorithm>
#include <atomic>

#include "http/call.h"

namespace nav::http {
namespace {

constexpr std::size_t bytes_at_once = 64 << 10;
constexpr Duration between_reader_checks = seconds(1);
constexpr Duration patience_for_the_rest = seconds(30);  // a node that comes back delivers the last bytes of an attempt that is over

}  // namespace

struct LogFollower {
  // Fixed:
  Request request;
  UserId user;
  JobId job;

  std::mutex mutex;
  bool working = false;
  bool again = false;  // woken while working
  bool gone = false;
  std::atomic<std::uint32_t> attempt = 0;
  std::atomic<bool> ended = false;

  // Of the worker that has it:
  Stream stream;
  ProjectId project;
  std::uint64_t offset = 0;
  Time checked;
  Time over;  // since when the attempt is known to be over
};

LogFollowers::LogFollowers(Api& api) : api_(api) {}
LogFollowers::~LogFollowers() = default;

std::size_t LogFollowers::size() const {
  std::lock_guard lock(mutex_);
  return followers_.size();
}

void LogFollowers::follow(Request request, Caller caller, Reply reply, AttemptId attempt, std::uint64_t offset) {
  auto const follower = std::make_shared<LogFollower>();
  request.body.clear();
  follower->request = std::move(request);
  follower->user = caller.user;
  follower->job = attempt.job;
  follower->attempt = attempt.number;
  follower->offset = offset;
  follower->checked = api_.now();
  if (Job const* job = api_.front.snapshot()->pool.job(attempt.job)) follower->project = job->project;
  {
    std::lock_guard lock(mutex_);
    auto const own = std::count_if(followers_.begin(), followers_.end(), [&](auto const& one) { return one->user == caller.user; });
    if (followers_.size() >= api_.options.most_streams || static_cast<std::size_t>(own) >= api_.options.most_streams_a_user)
      return reply.send(Error{ErrorKind::TooMany, fmt::format("{} logs are followed already", own), "close one", {}});
    // Whole before it is seen: a tick takes up whatever stands in the list, and a worker may be done with it at once.
    follower->stream = reply.stream(Response{.status = 200,
                                             .body = {},
                                             .content_type = "text/plain; charset=utf-8",
                                             .headers = {{"Cache-Control", "no-store"},
                                                         {"X-Accel-Buffering", "no"},
                                                         {"X-Content-Type-Options", "nosniff"},
                                                         {"Nav-Log-Attempt", fmt::format("{}", attempt.number)}}});
    follower->stream.on_gone([weak = std::weak_ptr(follower)] {
      if (auto const left = weak.lock()) {
        std::lock_guard held(left->mutex);
        left->gone = true;
      }
    });
    followers_.push_back(follower);
  }
  schedule(follower);
}

void LogFollowers::schedule(std::shared_ptr<LogFollower> const& follower) {
  {
    std::lock_guard lock(follower->mutex);
    if (follower->ended) return;
    if (follower->working) {
      follower->again = true;
      return;
    }
    follower->working = true;
  }
  if (api_.workers.post([this, follower] { pump(*follower); })) return;
  std::lock_guard lock(follower->mutex);  // the next tick tries again
  follower->working = false;
}

void LogFollowers::pump(LogFollower& follower) {
  auto const end = [&] {
    follower.stream.close();
    follower.ended = true;
  };
  while (true) {
    {
      std::lock_guard lock(follower.mutex);
      follower.again = false;
      if (follower.gone) return end();
    }
    Time const now = api_.now();
    auto const snapshot = api_.front.snapshot();
    Job const* job = snapshot->pool.job(follower.job);
    if (now - follower.checked >= between_reader_checks || now < follower.checked) {
      auto const caller = caller_of(follower.request, *snapshot, api_.front, api_.options.secrets.tokens, now);
      if (!caller || (follower.project && !caller->sees(follower.project))) return end();
      follower.checked = now;
    }
    if (follower.attempt == 0) {
      if (job == nullptr) return end();  // over before it ever ran
      follower.attempt = job->attempt;
    }
    bool is_slow = false;
    if (follower.attempt != 0) {
      while (true) {
        auto const part = api_.logs.read({follower.job, follower.attempt}, follower.offset, bytes_at_once);
        if (!part) return end();
        if (!part->bytes.empty()) {
          auto const written = follower.stream.write(part->bytes);
          if (written == Stream::Written::Gone) return end();
          if (written == Stream::Written::Overflow) {
            is_slow = true;  // it is a file: nothing is lost, the next tick goes on here
            break;
          }
          follower.offset = part->next;
          follower.over = {};
          continue;
        }
        if (part->complete) return end();
        break;
      }
      bool const is_over = job == nullptr || job->attempt != follower.attempt || !job->has_seat();
      if (!is_over || is_slow) follower.over = {};
      else if (!follower.over) follower.over = now;
      else if (now - follower.over >= patience_for_the_rest) return end();
    }
    std::lock_guard lock(follower.mutex);
    if (follower.again && !is_slow) continue;
    follower.working = false;
    return;
  }
}

void LogFollowers::wake(AttemptId attempt) {
  std::vector<std::shared_ptr<LogFollower>> woken;
  {
    std::lock_guard lock(mutex_);
    for (auto const& one : followers_)
      if (one->job == attempt.job && (one->attempt == attempt.number || one->attempt == 0)) woken.push_back(one);
  }
  for (auto const& one : woken) schedule(one);
}

void LogFollowers::tick() {
  std::vector<std::shared_ptr<LogFollower>> alive;
  {
    std::lock_guard lock(mutex_);
    followers_.remove_if([](auto const& one) { return one->ended.load(); });
    alive.assign(followers_.begin(), followers_.end());
  }
  for (auto const& one : alive) schedule(one);
}

}  // namespace nav::http
