// SPDX-License-Identifier: Apache-2.0
#include "cli/job_watch.h"

#include <algorithm>

#include "api/query.h"
#include "cli/exit_code.h"
#include "client/event_stream.h"

namespace nav::cli {

namespace {

/// Between the end of a log and the end of its job, which follows at once as a rule.
constexpr Duration first_breath = milliseconds(10), longest_breath = milliseconds(500);

/// It may go away by itself: the server restarts, the network is back soon.
bool may_pass(Error const& error) { return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Timeout || error.kind == ErrorKind::TooMany; }

/// Tells once that nobody answers, and once that somebody does again.
class Patience {
 public:
  explicit Patience(Context& nav) : nav_(nav) {}

  /// False: it will not pass.
  bool wait(client::HttpClient& client, Error const& error) {
    if (!may_pass(error)) return false;
    if (!told_) nav_.print_error(fmt::format("nav: {}; trying again until it answers\n", error.message));
    told_ = true;
    return client.pause(seconds(1));
  }
  void answered() {
    if (told_) nav_.print_error("nav: it answers again\n");
    told_ = false;
  }

 private:
  Context& nav_;
  bool told_ = false;
};

std::string log_path(JobId job, std::uint32_t attempt, std::uint64_t offset) {
  api::LogQuery query;
  query.offset = offset;
  query.follow = true;
  if (attempt != 0) query.attempt = attempt;
  return api::path_of(api::Operation::ReadLog, {to_text(job)}, api::query_text(query));
}

bool has_ended(api::JobDetails const& details, std::uint32_t attempt) {
  if (is_over(details.job.state) || details.job.attempt > attempt) return true;
  for (auto const& one : details.attempts)
    if (one.id.number == attempt) return one.ended.has_value();
  return false;
}

}  // namespace

Result<api::JobDetails> look_at(Context& nav, client::HttpClient& client, JobId job) {
  Patience patience(nav);
  while (true) {
    auto answer = client.call({.path = api::path_of(api::Operation::GetJob, {to_text(job)})});
    if (!answer) {
      if (patience.wait(client, answer.error())) continue;
      return Unexpected(nav.server->with_advice(std::move(answer).error()));
    }
    patience.answered();
    return Server::read<api::JobDetails>(answer->body);
  }
}

Result<api::JobDetails> wait_until_over(Context& nav, client::HttpClient& client, JobId job) {
  while (true) {
    TRY(auto details, look_at(nav, client, job));
    if (is_over(details.job.state)) return details;
    // The next thing that happens to it after what was just seen: nothing can be missed in between.
    std::uint64_t const seen = details.history.empty() ? 0 : details.history.back().sequence;
    api::EventsQuery query;
    query.job = job;
    query.after = seen;
    client::Follow follow{.path = api::path_of(api::Operation::FollowEvents, {}, api::query_text(query)), .last_id = {}};
    TRY_VOID(client::follow_events(client, follow, [](client::ServerEvent const&) { return false; }));
  }
}

Result<api::JobDetails> follow_log(Context& nav, client::HttpClient& client, JobId job, std::optional<std::uint32_t> only) {
  Patience patience(nav);
  std::uint32_t attempt = only.value_or(0);
  std::uint64_t offset = 0;
  Duration breath = first_breath;
  if (attempt == 0) {
    TRY(auto const now, look_at(nav, client, job));
    attempt = now.job.attempt;  // 0: the server waits for the first one
    if (is_over(now.job.state) && attempt == 0) return now;
  }
  while (true) {
    auto const take = [&](std::string_view bytes) {
      patience.answered();
      nav.print(bytes);
      offset += bytes.size();
      breath = first_breath;
      return true;
    };
    auto const streamed = client.stream({.path = log_path(job, attempt, offset), .timeout = Duration{}}, take);
    if (!streamed && !patience.wait(client, streamed.error())) return Unexpected(nav.server->with_advice(streamed.error()));
    TRY(auto const now, look_at(nav, client, job));
    if (attempt == 0 && now.job.attempt != 0) attempt = 1;
    bool const ended = has_ended(now, attempt);
    if (streamed && ended && (only || is_over(now.job.state)) && now.job.attempt <= attempt) return now;
    if (streamed && ended && only) return now;
    if (streamed && now.job.attempt > attempt) {
      ++attempt;
      offset = 0;
      nav.print_error(fmt::format("nav: attempt {}\n", to_text(AttemptId{job, attempt})));
    } else if (streamed) {  // it waits for its next attempt, or the server ended the stream
      if (!client.pause(breath)) return fail(ErrorKind::Conflict, "cancelled");
      breath = std::min(breath + breath, longest_breath);
    }
  }
}

int exit_code_of(api::JobDetails const& details) {
  if (details.job.state == api::JobState::Succeeded) return exit_ok;
  if (details.job.state == api::JobState::Cancelled) return exit_job_without_code;
  if (!details.attempts.empty()) {
    auto const& last = details.attempts.back();
    if (last.outcome == api::Outcome::TimeLimit) return exit_job_time_limit;
    if (last.outcome == api::Outcome::Signalled && last.signal) return 128 + *last.signal;
    if (last.outcome == api::Outcome::Exited && last.exit_code && *last.exit_code != 0) return *last.exit_code;
  }
  return exit_job_without_code;
}

}  // namespace nav::cli
