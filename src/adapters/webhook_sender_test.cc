// SPDX-License-Identifier: Apache-2.0
#include "adapters/webhook_sender.h"

#include <atomic>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <list>

#include "adapters/clock.h"
#include "adapters/test_folder.h"
#include "adapters/webhook_post.h"
#include "http/server.h"

namespace nav {
namespace {

std::string const installation_secret(32, 's');

/// A journal in memory with one node, "a", whose followers are told at once.
class Door final : public Front {
 public:
  Door() {
    pool.nodes.insert(1, Node{.id = NodeId{1}, .name = "a"});
    show();
  }

  void happen(PoolEvent const& event) { put("pool", json_write(event)); }
  WebhookId make(std::string const& url, std::vector<NoticeKind> kinds = {}) {
    std::unique_lock lock(mutex_);
    auto const events = decide(access, MakeWebhook{url, std::move(kinds)}, UserId{1}, clock_now());
    EXPECT_TRUE(events) << events.error().message;
    apply(access, events->front());
    WebhookId const id = access.webhooks.rbegin()->first;
    put("access", json_write(events->front()));
    return id;
  }
  void remove(WebhookId id) {
    std::unique_lock lock(mutex_);
    apply(access, WebhookRemoved{id});
    put("access", json_write(AccessEvent{WebhookRemoved{id}}));
  }
  std::uint64_t sequence() const { return snapshot()->sequence(); }

  std::shared_ptr<Snapshot const> snapshot() const override {
    std::unique_lock lock(mutex_);
    return snapshot_;
  }
  std::unique_ptr<Subscription> subscribe(std::uint64_t sequence, std::function<bool(std::vector<Frame> const&)> more) override {
    std::unique_lock lock(mutex_);
    auto const follower = followers_.insert(followers_.end(), {sequence, std::move(more)});
    tell(*follower);
    return std::make_unique<Followed>(*this, follower);
  }
  void ask(Ask, std::function<void(Result<Accepted>)>) override {}
  void sync(SyncRequest, std::function<void(Result<SyncAnswer>)>) override {}
  void why(JobId, std::function<void(Result<Reason>)>) override {}
  Result<std::string> blob(Digest) const override { return ""; }
  std::string attempt_token(AttemptId) const override { return {}; }
  std::optional<AttemptId> attempt_of_token(std::string const&) const override { return {}; }

 private:
  struct Follower {
    std::uint64_t seen = 0;
    std::function<bool(std::vector<Frame> const&)> more;
  };
  struct Followed final : Subscription {
    Followed(Door& d, std::list<Follower>::iterator f) : door(d), follower(f) {}
    ~Followed() override {
      std::unique_lock lock(door.mutex_);
      door.followers_.erase(follower);
    }
    Door& door;
    std::list<Follower>::iterator follower;
  };

  void show() {
    Cow<Access> shown;
    shown.edit() = access;
    snapshot_ = std::make_shared<Snapshot const>(Snapshot{pool, shown, {}, "site", clock_now(), journal_.size()});
  }
  void put(char const* stream, std::string body) {
    std::unique_lock lock(mutex_);
    journal_.push_back({Stamp{.sequence = journal_.size() + 1, .epoch = 1, .at = clock_now(), .by = {}}, stream, std::move(body)});
    show();
    for (auto& follower : followers_) tell(follower);
  }
  static bool ends(Follower& follower, std::vector<Frame> const& frames) { return !frames.empty() && !follower.more(frames); }
  void tell(Follower& follower) {
    if (!follower.more || follower.seen >= journal_.size()) return;
    std::vector<Frame> const frames(journal_.begin() + static_cast<std::ptrdiff_t>(follower.seen), journal_.end());
    follower.seen = journal_.size();
    if (ends(follower, frames)) follower.more = nullptr;
  }

  mutable std::recursive_mutex mutex_;
  Pool pool;
  Access access;
  std::vector<Frame> journal_;
  std::list<Follower> followers_;
  std::shared_ptr<Snapshot const> snapshot_;
};

/// Somebody's server, which keeps what it is sent and answers as it is told to.
class Receiver {
 public:
  Receiver() {
    auto started = http::Server::start({.log = [](std::string_view) {}}, [this](http::Request request, http::Reply reply) {
      std::unique_lock lock(mutex_);
      if (is_mute) return silent_.push_back(std::move(reply));  // never answered
      auto notice = json_read<api::Notice>(request.body);
      EXPECT_TRUE(notice) << request.body;
      if (status == 200 && notice) texts_.push_back(notice->text);
      ++tries_;
      last_ = std::move(request);
      bell_.notify_all();
      reply.send({.status = status, .body = "{}"});
    });
    EXPECT_TRUE(started) << to_text(started.error());
    server_.emplace(std::move(*started));
  }
  std::string url() const { return server_->url() + "/told?room=7"; }
  void answer(int with) {
    std::unique_lock lock(mutex_);
    status = with;
  }
  /// What was taken so far, once there is so much of it.
  std::vector<std::string> taken(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(bell_.wait_for(lock, std::chrono::seconds(60), [&] { return texts_.size() >= count; })) << texts_.size() << " of " << count;
    return texts_;
  }
  void wait_for_tries(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(bell_.wait_for(lock, std::chrono::seconds(60), [&] { return tries_ >= count; })) << tries_;
  }
  http::Request last() {
    std::unique_lock lock(mutex_);
    return last_;
  }
  bool is_mute = false;

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  int status = 200;
  std::vector<std::string> texts_;
  std::size_t tries_ = 0;
  http::Request last_;
  std::vector<http::Reply> silent_;
  std::optional<http::Server> server_;
};

struct Site {
  TestFolder folder;
  Door door;
  std::atomic<bool> is_full = false;
  std::unique_ptr<WebhookSender> sender;

  Site() { start(); }
  void start() {
    WebhookSender::Options options{.folder = folder / "webhooks", .installation_secret = installation_secret, .clock = [] { return clock_now(); }};
    options.storage_problem = [this] { return is_full ? std::string("the disk is full") : std::string(); };
    options.first_pause = options.longest_pause = milliseconds(5);
    options.look_every = milliseconds(5);
    options.timeout = seconds(300);
    auto started = WebhookSender::start(door, std::move(options));
    ASSERT_TRUE(started) << to_text(started.error());
    sender = std::move(*started);
  }
  /// Waits until it is so, for as long as a busy machine may take.
  template <class Is>
  void until(Is const& is) {
    for (int tries = 0; tries < 12'000 && !is(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(is());
  }
};

PoolEvent silent() { return NodeUnreachable{NodeId{1}}; }
PoolEvent back() { return NodeConfirmed{NodeId{1}, "boot", 1}; }
PoolEvent aside(std::string reason) { return SetAside{NodeId{1}, 2, "1g.5gb@4", std::move(reason), {}}; }

TEST(WebhookSignature, IsThatOfStandardWebhooks) {
  // The example of the specification's own libraries.
  EXPECT_EQ(webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_NE(webhook_secret(installation_secret, WebhookId{1}), webhook_secret(installation_secret, WebhookId{2}));
  EXPECT_EQ(webhook_secret(installation_secret, WebhookId{1}), webhook_secret(installation_secret, WebhookId{1}));
}

TEST(WebhookSender, BringsNewsSignedInOrderAndOnlyThatSinceItWasMade) {
  Site site;
  Receiver receiver;
  site.door.happen(aside("long ago"));
  Time const then = clock_now();
  site.until([&] { return clock_now() > then; });  // it was before the webhook was made
  WebhookId const id = site.door.make(receiver.url());
  site.door.happen(silent());
  site.door.happen(back());
  site.door.happen(back());
  site.door.happen(aside("XID 94"));
  EXPECT_EQ(receiver.taken(3), (std::vector<std::string>{"a does not answer", "a answers again", "1g.5gb@4 on GPU 2 of a is set aside: XID 94"}));
  auto const last = receiver.last();
  EXPECT_EQ(last.path, "/told");
  EXPECT_EQ(*last.header("content-type"), "application/json");
  EXPECT_EQ(*last.header("webhook-id"), fmt::format("site-{}", site.door.sequence()));
  EXPECT_EQ(*last.header("webhook-signature"),
            webhook_signature(site.sender->secret(id), *last.header("webhook-id"), std::stoll(*last.header("webhook-timestamp")), last.body));
  site.until([&] { return site.sender->progress(id).delivered == 3; });
  EXPECT_EQ(site.sender->progress(id).waiting, 0u);
}

TEST(WebhookSender, TriesAgainUntilItIsTakenAndSaysWhatIsWrongMeanwhile) {
  Site site;
  Receiver receiver;
  receiver.answer(503);
  WebhookId const id = site.door.make(receiver.url());
  site.door.happen(silent());
  site.door.happen(back());
  receiver.wait_for_tries(3);
  site.until([&] { return site.sender->progress(id).last_error == "the receiver answered 503"; });
  EXPECT_EQ(site.sender->progress(id).waiting, 2u);
  EXPECT_TRUE(site.sender->progress(id).failing_since);
  receiver.answer(302);
  site.until([&] { return site.sender->progress(id).last_error == "the receiver answered 302: it sends elsewhere, which is not followed"; });
  receiver.answer(200);
  EXPECT_EQ(receiver.taken(2), (std::vector<std::string>{"a does not answer", "a answers again"}));
  site.until([&] { return site.sender->progress(id).last_error.empty(); });
  EXPECT_FALSE(site.sender->progress(id).failing_since);
}

TEST(WebhookSender, AfterARestartSendsWhatWasNotTakenAndNothingTwice) {
  Site site;
  Receiver receiver;
  WebhookId const id = site.door.make(receiver.url());
  site.door.happen(silent());
  receiver.taken(1);
  site.until([&] { return site.sender->progress(id).delivered == 1; });
  receiver.answer(500);
  site.door.happen(aside("XID 94"));
  receiver.wait_for_tries(2);
  site.sender.reset();
  site.door.happen(back());
  receiver.answer(200);
  site.start();
  EXPECT_EQ(receiver.taken(3), (std::vector<std::string>{"a does not answer", "1g.5gb@4 on GPU 2 of a is set aside: XID 94", "a answers again"}));
  site.until([&] { return site.sender->progress(id).delivered == 3; });
  site.sender.reset();
  site.start();
  site.door.happen(aside("XID 95"));
  EXPECT_EQ(receiver.taken(4).size(), 4u);
}

TEST(WebhookSender, OneThatAnswersNothingHoldsUpNobodyAndIsLeftAtOnce) {
  Site site;
  Receiver mute, receiver;
  mute.is_mute = true;
  site.door.make(mute.url());
  site.door.make(receiver.url());
  site.door.happen(silent());
  EXPECT_EQ(receiver.taken(1).size(), 1u);
  auto const began = std::chrono::steady_clock::now();
  site.sender.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(120)) << "a try may last longer, and is not waited for";
}

TEST(WebhookSender, TellsOnlyOfWhatIsWantedAndNobodyWhoWasRemoved) {
  Site site;
  Receiver some, none;
  site.door.make(some.url(), {NoticeKind::NodeBack, NoticeKind::StorageFailing});
  WebhookId const removed = site.door.make(none.url());
  site.door.happen(silent());
  site.until([&] { return site.sender->progress(removed).delivered == 1; });
  site.door.remove(removed);
  site.until([&] { return site.sender->progress(removed).delivered == 0; });
  site.door.happen(back());
  site.is_full = true;
  EXPECT_EQ(some.taken(2), (std::vector<std::string>{"a answers again", "the controller cannot write: the disk is full"}));
  EXPECT_EQ(none.taken(1).size(), 1u);
  std::string const record = site.folder / "webhooks/" + to_text(removed);
  site.until([&] { return !std::filesystem::exists(record); });
}

TEST(WebhookSender, TellsWhenTheControllerCannotWriteAndWhenItCanAgain) {
  Site site;
  Receiver receiver;
  WebhookId const id = site.door.make(receiver.url(), {NoticeKind::StorageFailing, NoticeKind::StorageBack, NoticeKind::NodeSilent});
  site.door.happen(silent());
  receiver.taken(1);
  site.is_full = true;
  receiver.taken(2);
  site.is_full = false;
  EXPECT_EQ(receiver.taken(3),
            (std::vector<std::string>{"a does not answer", "the controller cannot write: the disk is full", "the controller can write again"}));
  site.until([&] { return site.sender->progress(id).delivered == 3; });
}

TEST(WebhookSender, ATestGoesAtOnceAndWakesWhatWaits) {
  Site site;
  Receiver receiver;
  WebhookId const id = site.door.make(receiver.url());
  auto const webhook = site.door.snapshot()->access->webhooks.at(id);
  EXPECT_TRUE(site.sender->test(webhook).delivered);
  EXPECT_EQ(receiver.taken(1), std::vector<std::string>{"a test: all is well"});
  receiver.answer(404);
  auto const refused = site.sender->test(webhook);
  EXPECT_FALSE(refused.delivered);
  EXPECT_EQ(refused.error, "the receiver answered 404");
  auto const nobody = site.sender->test({.id = id, .url = "http://127.0.0.1:1/secret-path", .kinds = {}, .made = {}});
  ASSERT_TRUE(nobody.error);
  EXPECT_EQ(nobody.error->find("secret-path"), std::string::npos) << *nobody.error;
}

TEST(WebhookDelivery, HoldsALittleInMemoryAndReadsTheRestFromTheJournal) {
  TestFolder folder;
  Door door;
  Receiver receiver;
  receiver.answer(500);
  WebhookId const id = door.make(receiver.url());
  WebhookDelivery::Options options{
      .folder = folder.path(), .secret = webhook_secret(installation_secret, id), .installation = "site", .clock = [] { return clock_now(); }};
  options.first_pause = options.longest_pause = milliseconds(2);
  options.most_waiting = 3;
  WebhookDelivery delivery(door, door.snapshot()->access->webhooks.at(id), 0, options);
  std::vector<std::string> all;
  for (int i = 0; i < 20; ++i) {
    door.happen(aside(fmt::format("XID {}", i)));
    all.push_back(fmt::format("1g.5gb@4 on GPU 2 of a is set aside: XID {}", i));
  }
  receiver.wait_for_tries(2);
  EXPECT_EQ(delivery.progress().waiting, 3u);
  receiver.answer(200);
  EXPECT_EQ(receiver.taken(20), all);
}

TEST(WebhookDelivery, GoesOnWithAJournalFromABackupThatEndsBeforeWhatWasTold) {
  TestFolder folder;
  Door door;
  Receiver receiver;
  WebhookId const id = door.make(receiver.url());
  std::ofstream(folder / to_text(id)) << R"({"told":1000,"silent":["node-1"],"delivered":7,"given_up":0,"last_success":1,"failing_since":0,"last_error":""})";
  WebhookDelivery::Options options{.folder = folder.path(), .secret = webhook_secret(installation_secret, id), .installation = "site"};
  options.clock = [] { return clock_now(); };
  WebhookDelivery delivery(door, door.snapshot()->access->webhooks.at(id), 0, options);
  EXPECT_EQ(delivery.progress().delivered, 7u);
  door.happen(back());
  EXPECT_EQ(receiver.taken(1), std::vector<std::string>{"a answers again"});
}

TEST(WebhookDelivery, GivesUpWhatIsADayOldAndGoesOn) {
  TestFolder folder;
  Door door;
  Receiver receiver;
  receiver.answer(400);
  WebhookId const id = door.make(receiver.url());
  std::atomic<std::int64_t> later = 0;
  WebhookDelivery::Options options{.folder = folder.path(), .secret = webhook_secret(installation_secret, id), .installation = "site"};
  options.clock = [&] { return clock_now() + microseconds(later); };
  options.first_pause = options.longest_pause = milliseconds(2);
  WebhookDelivery delivery(door, door.snapshot()->access->webhooks.at(id), 0, options);
  door.happen(aside("XID 1"));
  receiver.wait_for_tries(2);
  EXPECT_EQ(delivery.progress().given_up, 0u);
  later = days(1).us + seconds(60).us;
  for (int tries = 0; tries < 12'000 && delivery.progress().given_up == 0; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(delivery.progress().given_up, 1u);
  later = 0;
  receiver.answer(200);
  door.happen(aside("XID 2"));
  EXPECT_EQ(receiver.taken(1), std::vector<std::string>{"1g.5gb@4 on GPU 2 of a is set aside: XID 2"});
}

}  // namespace
}  // namespace nav
