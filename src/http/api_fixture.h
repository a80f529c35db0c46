// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "controller/front.h"
#include "controller/views.h"
#include "core/world_fixture.h"
#include "http/api_server.h"

/// A whole installation in one thread for tests of the API: real pool, access and planner, with tables and logs held in memory.
namespace nav::http::fixture {

using namespace nav::fixture;

/// The controller's door over a World, answering at once.
class FakeFront final : public Front {
 public:
  World world;
  Access access;
  Flows flows;  ///< runs unfold into nothing here
  std::vector<Frame> frames;
  std::map<Digest, std::string> blobs;
  std::optional<Error> refuse_with;  ///< every asking

  FakeFront();
  /// What happened to the world by other hands becomes frames too, and is told to followers.
  void catch_up();
  void ask_access(AccessCommand const& command);

  void ask(Ask ask, std::function<void(Result<Accepted>)> done) override;
  std::shared_ptr<Snapshot const> snapshot() const override { return snapshot_; }
  void sync(SyncRequest request, std::function<void(Result<SyncAnswer>)> done) override;
  void why(JobId job, std::function<void(Result<Reason>)> done) override;
  Result<std::string> blob(Digest digest) const override;
  std::string attempt_token(AttemptId attempt) const override { return "navj_" + to_text(attempt); }
  std::optional<AttemptId> attempt_of_token(std::string const& token) const override;
  std::unique_ptr<Subscription> subscribe(std::uint64_t sequence, std::function<bool(std::vector<Frame> const&)> more) override;

 private:
  struct Follower {
    std::function<bool(std::vector<Frame> const&)> more;
    std::uint64_t seen = 0;
    bool gone = false;
  };
  class Followed;
  void tell();
  template <class Event>
  void keep(char const* stream, Event const& event, Stamp stamp);

  std::size_t seen_ = 0;  // of the world's history
  std::shared_ptr<Snapshot const> snapshot_;
  std::list<std::shared_ptr<Follower>> followers_;
  struct Kept {
    Digest request;
    std::string answer;
  };
  std::map<std::pair<UserId, std::string>, Kept> answers_;
};

/// Rows made of the front's frames whenever somebody looks.
class FakeViews final : public Views {
 public:
  explicit FakeViews(FakeFront const& front) : front_(front) {}
  bool trailing = false;  ///< the tables never catch up

  void follow(std::vector<Frame> const&) override {}
  bool wait_for(std::uint64_t, Duration) const override { return !trailing; }
  Result<std::vector<JobRow>> jobs(JobFilter const& filter) const override;
  Result<JobRow> job(JobId id) const override;
  Result<std::vector<AttemptRow>> attempts(JobId id) const override;
  Result<std::vector<EventRow>> events(EventFilter const& filter) const override;
  Result<std::map<std::string, std::uint64_t>> counts() const override { return std::map<std::string, std::uint64_t>{}; }

 private:
  std::map<JobId, JobRow> rows() const;
  FakeFront const& front_;
};

class FakeLogs final : public LogStore {
 public:
  Result<std::uint64_t> append(AttemptId attempt, std::uint64_t offset, std::string_view bytes, bool last) override;
  Result<Part> read(AttemptId attempt, std::uint64_t offset, std::size_t limit) const override;

 private:
  struct Log {
    std::string bytes;
    bool complete = false;
  };
  std::map<AttemptId, Log> logs_;
};

struct Answer {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers;
  std::shared_ptr<Exchange> exchange;  ///< of an answer that is not complete yet, or streams

  /// What a stream has sent since the last look.
  std::string more() const;
  bool is_over() const;
};

/// What an answer's body says, as this type.
template <class T>
T read(Answer const& answer) {
  auto value = json_read<T>(answer.body, Unknown::Ignore);
  EXPECT_TRUE(value) << answer.body;
  return value ? *value : T{};
}

inline bool says(Answer const& answer, std::string const& text) { return answer.body.find(text) != std::string::npos; }

/// Who asks: a bearer token, a node's certificate, or nobody.
struct As {
  std::string token;
  std::string certificate;
  std::string address = "127.0.0.1";
};

/// Users root (admin), oper, ada (member of "vision" and of "default"), vera (viewer, of "vision"), bob (member of "speech"); each has the
/// token "nav_" and the name. A node "a" with two A100.
class Site {
 public:
  Time now{1'800'000'000'000'000};
  FakeFront front;
  FakeViews views{front};
  FakeLogs logs;
  std::unique_ptr<ApiServer> api;

  explicit Site(ApiOptions changed = {});

  /// `call("POST /v1/jobs?x=y", "ada", "{...}", {{"If-Match", "..."}})`; "" is nobody.
  Answer call(std::string const& what, std::string const& user, std::string const& body = {}, std::map<std::string, std::string> headers = {});
  Answer call_as(As const& who, std::string const& what, std::string const& body = {}, std::map<std::string, std::string> headers = {});
  /// The number of a job submitted through the API.
  JobId submit(std::string const& user, std::string const& project, std::string const& on = "cpu");
  /// It gets its place, and its node starts it.
  void start(JobId job, std::string const& where);
  void end(JobId job, std::int32_t exit_code = 0);
};

}  // namespace nav::http::fixture
