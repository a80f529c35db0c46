// SPDX-License-Identifier: Apache-2.0
// The bodies of api_fixture.h: a file of tests, so that they are built once and into the tests alone.
#include "http/api_fixture.h"

#include <algorithm>

#include "api/jobs.h"
#include "http/call.h"
#include "http/target.h"

namespace nav::http::fixture {

namespace {

std::string hash_of(std::string_view token) { return "hash of " + std::string(token); }

Digest digest_of_text(std::string_view text) { return {std::hash<std::string_view>{}(text), text.size() + 1}; }

}  // namespace

FakeFront::FakeFront() {
  world.restart_controller();
  ask_access(Found{"root", hash_of("nav_root")});
}

template <class Event>
void FakeFront::keep(char const* stream, Event const& event, Stamp stamp) {
  stamp.sequence = frames.size() + 1;
  frames.push_back({stamp, stream, json_write(event)});
}

void FakeFront::catch_up() {
  for (; seen_ < world.history.size(); ++seen_) keep("pool", world.history[seen_].first, world.history[seen_].second);
  Cow<Access> shared;
  shared.edit() = access;
  Cow<Flows> runs;
  runs.edit() = flows;
  snapshot_ = std::make_shared<Snapshot const>(Snapshot{world.pool, shared, runs, "0123456789abcdef0123456789abcdef", world.now, frames.size()});
  tell();
}

void FakeFront::tell() {
  for (auto const& one : std::vector(followers_.begin(), followers_.end())) {
    if (one->gone || one->seen >= frames.size()) continue;
    std::vector<Frame> const news(frames.begin() + static_cast<std::ptrdiff_t>(one->seen), frames.end());
    one->seen = frames.size();
    if (!one->more(news)) one->gone = true;
  }
}

void FakeFront::ask_access(AccessCommand const& command) {
  auto const events = decide(access, command, {}, world.now);
  ASSERT_TRUE(events) << events.error().message;
  for (auto const& event : *events) {
    apply(access, event);
    keep("access", event, {.at = world.now});
  }
  catch_up();
}

void FakeFront::ask(Ask ask, std::function<void(Result<Accepted>)> done) {
  if (refuse_with) return done(Unexpected(*refuse_with));
  if (!ask.idempotency_key.empty()) {
    auto const kept = answers_.find({ask.by, ask.idempotency_key});
    if (kept != answers_.end()) {
      if (kept->second.request != ask.request)
        return done(Unexpected(Error{ErrorKind::Conflict, "this key was used for another request", "use a new key for every new request", "Idempotency-Key"}));
      return done(Accepted{{}, kept->second.answer, true, snapshot_});
    }
  }
  catch_up();
  std::size_t const first = frames.size();
  if (auto const* command = std::get_if<PoolCommand>(&ask.command)) {
    world.by = ask.by;
    auto const events = world.ask(*command);
    world.by = {};
    if (!events) return done(Unexpected(events.error()));
    for (; seen_ < world.history.size(); ++seen_) keep("pool", world.history[seen_].first, world.history[seen_].second);
  } else if (auto const* about_flows = std::get_if<FlowCommand>(&ask.command)) {
    auto const events = decide(flows, *about_flows, Asked{ask.by, world.now});
    if (!events) return done(Unexpected(events.error()));
    for (auto const& event : *events) {
      apply(flows, event, Stamp{.at = world.now, .by = ask.by});
      keep("flow", event, {.at = world.now, .by = ask.by});
    }
  } else {
    auto const events = decide(access, std::get<AccessCommand>(ask.command), ask.by, world.now);
    if (!events) return done(Unexpected(events.error()));
    for (auto const& event : *events) {
      apply(access, event);
      keep("access", event, {.at = world.now, .by = ask.by});
    }
  }
  std::vector<Frame> const own(frames.begin() + static_cast<std::ptrdiff_t>(first), frames.end());
  if (ask.blob) blobs[ask.blob->digest] = ask.blob->body;
  std::string const answer = ask.answer ? ask.answer(own) : "";
  if (!ask.idempotency_key.empty()) answers_[{ask.by, ask.idempotency_key}] = {ask.request, answer};
  catch_up();
  done(Accepted{own, answer, false, snapshot_});
}

void FakeFront::sync(SyncRequest request, std::function<void(Result<SyncAnswer>)> done) {
  done(SyncAnswer{.spec = spec_of(world.pool, snapshot_->installation, request.node), .status_hash = "", .lease = minutes(10)});
}

void FakeFront::why(JobId job, std::function<void(Result<Reason>)> done) {
  PlanIndex index;
  index.rebuild(world.pool);
  done(nav::why(world.pool, index, job));
}

Result<std::string> FakeFront::blob(Digest digest) const {
  auto const it = blobs.find(digest);
  if (it == blobs.end()) return fail(ErrorKind::NotFound, "there is no blob {}", to_text(digest));
  return it->second;
}

std::optional<AttemptId> FakeFront::attempt_of_token(std::string const& token) const {
  if (!token.starts_with("navj_")) return std::nullopt;
  auto const attempt = parse_attempt_id(token.substr(5));
  return attempt ? std::optional(*attempt) : std::nullopt;
}

class FakeFront::Followed final : public Subscription {
 public:
  explicit Followed(std::shared_ptr<Follower> follower) : follower_(std::move(follower)) {}
  ~Followed() override { follower_->gone = true; }

 private:
  std::shared_ptr<Follower> follower_;
};

std::unique_ptr<Front::Subscription> FakeFront::subscribe(std::uint64_t sequence, std::function<bool(std::vector<Frame> const&)> more) {
  auto const follower = std::make_shared<Follower>(Follower{std::move(more), sequence});
  followers_.push_back(follower);
  tell();
  return std::make_unique<Followed>(follower);
}

std::map<JobId, JobRow> FakeViews::rows() const {
  std::map<JobId, JobRow> rows;
  for (Frame const& frame : front_.frames) {
    if (frame.stream != "pool") continue;
    std::vector<Frame> const one{frame};
    if (auto const queued = event_in<JobsQueued>(one)) {
      auto const request = json_read<JobRequest>(front_.blob(digest_of(queued->body)).value_or("{}"), Unknown::Ignore);
      for (std::uint64_t i = 0; i < queued->count; ++i)
        rows[JobId{queued->first.value + i}] = {.id = JobId{queued->first.value + i},
                                                .name = request ? request->name : "",
                                                .project = front_.access.projects.at(queued->project).name,
                                                .user = front_.access.users.at(queued->user).name,
                                                .state = "queued",
                                                .on = queued->on[0],
                                                .wanted = queued->on,
                                                .submitted = frame.stamp.at};
    } else if (auto const placed = event_in<JobPlaced>(one)) {
      JobRow& row = rows[placed->attempt.job];
      row.state = "starting", row.attempt = placed->attempt.number, row.on = row.wanted[placed->rung];
      row.node = front_.world.pool.node(placed->node)->name, row.place = placed->placement.empty() ? "cpu" : placed->placement;
    } else if (auto const started = event_in<JobStarted>(one)) {
      rows[started->attempt.job].state = "running", rows[started->attempt.job].started = started->started;
    } else if (auto const over = event_in<AttemptEnded>(one)) {
      rows[over->attempt.job].exit_code = over->exit_code;
    } else if (auto const ended = event_in<JobEnded>(one)) {
      rows[ended->job].state = enum_text(ended->end), rows[ended->job].ended = frame.stamp.at, rows[ended->job].message = ended->message;
    }
  }
  return rows;
}

Result<std::vector<JobRow>> FakeViews::jobs(JobFilter const& filter) const {
  auto const contains = [](std::vector<std::string> const& all, std::string const& one) { return std::find(all.begin(), all.end(), one) != all.end(); };
  auto const all = rows();
  std::vector<JobRow> found;
  for (auto it = all.rbegin(); it != all.rend() && found.size() < filter.limit; ++it) {
    JobRow const& row = it->second;
    if (filter.below && row.id >= *filter.below) continue;
    if (filter.visible_projects && !contains(*filter.visible_projects, row.project)) continue;
    if (!filter.states.empty() && !contains(filter.states, row.state)) continue;
    if (filter.project && row.project != *filter.project) continue;
    found.push_back(row);
  }
  return found;
}

Result<JobRow> FakeViews::job(JobId id) const {
  auto const all = rows();
  auto const it = all.find(id);
  if (it == all.end()) return fail(ErrorKind::NotFound, "no row");
  return it->second;
}

Result<std::vector<AttemptRow>> FakeViews::attempts(JobId id) const {
  std::vector<AttemptRow> found;
  for (Frame const& frame : front_.frames)
    if (auto const placed = event_in<JobPlaced>({frame}); placed && placed->attempt.job == id)
      found.push_back({.id = placed->attempt, .on = "cpu", .node = front_.world.pool.node(placed->node)->name, .place = "cpu", .placed = frame.stamp.at});
  return found;
}

Result<std::vector<EventRow>> FakeViews::events(EventFilter const& filter) const {
  std::vector<EventRow> found;
  for (Frame const& frame : front_.frames) {
    auto const document = json::Document::parse(frame.body);
    EventRow row{.sequence = frame.stamp.sequence,
                 .at = frame.stamp.at,
                 .by = {},
                 .stream = frame.stream,
                 .kind = std::string(document->root().members()[0].first),
                 .body = frame.body};
    if (auto const user = front_.access.users.find(frame.stamp.by); user != front_.access.users.end()) row.by = user->second.name;
    auto const queued = event_in<JobsQueued>({frame});
    bool const of_job = filter.job && (frame.body.find(fmt::format("\"{}.", filter.job->value)) != frame.body.npos ||
                                       (queued && queued->first <= *filter.job && filter.job->value < queued->first.value + queued->count) ||
                                       frame.body.find(fmt::format("\"job\":{},", filter.job->value)) != frame.body.npos);
    if (filter.audit ? !row.by.empty() : of_job) found.push_back(row);
  }
  if (filter.audit) std::reverse(found.begin(), found.end());
  if (filter.below) std::erase_if(found, [&](EventRow const& row) { return row.sequence >= *filter.below; });
  if (found.size() > filter.limit) found.resize(filter.limit);
  return found;
}

Result<std::uint64_t> FakeLogs::append(AttemptId attempt, std::uint64_t offset, std::string_view bytes, bool last) {
  Log& log = logs_[attempt];
  if (offset > log.bytes.size()) return Unexpected(Error{ErrorKind::Conflict, "there is a gap", fmt::format("go on at {}", log.bytes.size()), "offset"});
  if (offset + bytes.size() > log.bytes.size()) log.bytes += bytes.substr(log.bytes.size() - offset);
  log.complete = log.complete || last;
  return log.bytes.size();
}

Result<LogStore::Part> FakeLogs::read(AttemptId attempt, std::uint64_t offset, std::size_t limit) const {
  auto const it = logs_.find(attempt);
  if (it == logs_.end()) return Part{};
  std::string const& bytes = it->second.bytes;
  std::uint64_t const from = std::min<std::uint64_t>(offset, bytes.size());
  std::string part = bytes.substr(from, limit);
  std::uint64_t const next = from + part.size();
  return Part{.bytes = std::move(part), .next = next, .size = bytes.size(), .complete = it->second.complete && next == bytes.size()};
}

std::string Answer::more() const {
  std::lock_guard lock(exchange->mutex);
  return std::exchange(exchange->outbox, {});
}

bool Answer::is_over() const {
  std::lock_guard lock(exchange->mutex);
  return exchange->ended;
}

Site::Site(ApiOptions changed) {
  struct Person {
    char const* name;
    Role role;
  };
  for (auto const& [name, role] : {Person{"oper", Role::Operator}, {"ada", Role::Member}, {"vera", Role::Viewer}, {"bob", Role::Member}}) {
    front.ask_access(MakeUser{name, role});
    front.ask_access(MakeToken{TokenKind::User, front.access.user_named(name)->id, "first", hash_of(std::string("nav_") + name), {}});
  }
  front.ask_access(MakeToken{TokenKind::Join, UserId{1}, "join", hash_of("nav_join"), {}});
  auto const user = [&](char const* name) { return front.access.user_named(name)->id; };
  front.ask_access(MakeProject{"vision", TeamId{1}});
  front.ask_access(MakeProject{"speech", TeamId{1}});
  front.ask_access(ChangeProject{front.access.project_named("vision")->id, {user("ada"), user("vera")}, {}});
  front.ask_access(ChangeProject{front.access.project_named("default")->id, {user("ada")}, {}});
  front.ask_access(ChangeProject{front.access.project_named("speech")->id, {user("bob")}, {}});
  front.world.by = {};
  front.world.now = now;
  front.world.join(node("a", a100(), a100()));
  front.catch_up();

  ApiOptions options = std::move(changed);
  options.workers = 0;
  options.clock = [this] { return now; };
  options.secrets = {.tokens = {.hash = hash_of,
                                .node_of =
                                    [](std::string const& token) {
                                      auto const id = token.starts_with("navn_") ? parse_id<NodeTag>(token.substr(5))
                                                                                 : Result<NodeId>(fail(ErrorKind::NotFound, "none"));
                                      return id ? std::optional(*id) : std::nullopt;
                                    }},
                     .make_token = [this] { return fmt::format("nav_secret{}", front.frames.size()); },
                     .digest = digest_of_text,
                     .sign_node = [](std::string const& request, NodeId node) -> Result<std::string> {
                       if (request != "request") return fail(ErrorKind::InvalidArgument, "this is no certificate request");
                       return "certificate of " + to_text(node);
                     },
                     .ca_pem = "ca",
                     .node_token = [](NodeId node) { return "navn_" + to_text(node); }};
  api = std::make_unique<ApiServer>(front, views, logs, std::move(options));
}

Answer Site::call(std::string const& what, std::string const& user, std::string const& body, std::map<std::string, std::string> headers) {
  return call_as({.token = user.empty() ? "" : "nav_" + user, .certificate = {}}, what, body, std::move(headers));
}

Answer Site::call_as(As const& who, std::string const& what, std::string const& body, std::map<std::string, std::string> headers) {
  auto const space = what.find(' ');
  auto target = parse_target(what.substr(space + 1));
  EXPECT_TRUE(target) << what;
  Request request{.method = what.substr(0, space),
                  .path = target->path,
                  .segments = target->segments,
                  .query = target->query,
                  .headers = {},
                  .body = body,
                  .peer_address = who.address,
                  .certificate = {}};
  if (!body.empty()) request.headers["content-type"] = "application/json";
  for (auto const& [name, value] : headers) {
    std::string lower = name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    request.headers[lower] = value;
  }
  if (!who.token.empty()) request.headers["authorization"] = "Bearer " + who.token;
  if (!who.certificate.empty()) request.certificate = Request::Certificate{"", who.certificate};
  Answer answer{.status = 0, .body = {}, .headers = {}, .exchange = std::make_shared<Exchange>()};
  api->handle(std::move(request), Reply(answer.exchange));
  std::lock_guard lock(answer.exchange->mutex);
  if (answer.exchange->answer) {
    answer.status = answer.exchange->answer->status;
    answer.body = answer.exchange->answer->body;
    for (auto const& [name, value] : answer.exchange->answer->headers) answer.headers[name] = value;
  }
  EXPECT_FALSE(answer.exchange->dropped) << what;
  return answer;
}

JobId Site::submit(std::string const& user, std::string const& project, std::string const& on) {
  Answer const answer = call("POST /v1/jobs", user, fmt::format(R"({{"project":"{}","on":["{}"],"command":["true"]}})", project, on));
  EXPECT_EQ(answer.status, 201) << answer.body;
  auto const jobs = json_read<api::SubmittedJobs>(answer.body, Unknown::Ignore);
  return jobs ? jobs->first : JobId{};
}

void Site::start(JobId job, std::string const& where) {
  EXPECT_EQ(front.world.place(job, where), "");
  front.world.sync("a");
  front.catch_up();
}

void Site::end(JobId job, std::int32_t exit_code) {
  front.world.end(job, Outcome::Exited, exit_code);
  front.catch_up();
}

}  // namespace nav::http::fixture
