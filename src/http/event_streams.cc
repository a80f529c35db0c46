// SPDX-License-Identifier: Apache-2.0
#include "http/event_streams.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>

#include "http/call.h"
#include "http/shown.h"

namespace nav::http {
namespace {

constexpr Duration between_beats = seconds(15);      // shorter than what proxies and browsers wait
constexpr Duration between_checks = seconds(1);      // of who the reader still is
constexpr std::size_t most_pending_bytes = 4 << 20;  // what a reader may be behind beyond the connection's own buffer
constexpr std::size_t largest_event = 128 << 10;     // more would never fit the connection's buffer
constexpr std::string_view resync = "event: resync\ndata: {}\n\n";

}  // namespace

struct EventStream {
  // Fixed:
  Request request;  // without its body: who it is is asked again
  api::EventsQuery query;
  UserId user;

  std::mutex mutex;  // of what the controller's thread and the connection's touch:
  std::deque<std::vector<Frame>> pending;
  std::size_t pending_bytes = 0;
  bool working = false;  // a worker has it, or will
  bool lost = false;     // more than it may be behind
  bool gone = false;     // the reader left
  std::atomic<bool> ended = false;

  // Of the worker that has it:
  Stream stream;
  Caller caller;
  std::shared_ptr<Snapshot const> snapshot;                     // as of the last look
  std::map<JobId, std::pair<std::uint32_t, ProjectId>> queued;  // jobs seen being queued: first -> how many, of which project
  std::deque<std::string> unsent;
  Time checked, written;

  std::unique_ptr<Front::Subscription> subscription;  // of whoever holds EventStreams::mutex_
};

namespace {

/// Kinds about nodes and templates, which everybody sees who sees the pool.
bool is_about_the_pool(std::string const& kind) {
  static constexpr std::string_view kinds[] = {ControllerStarted::type, NodeJoined::type,   NodeInventoried::type, NodeConfirmed::type,
                                               NodeUnreachable::type,   NodeDrained::type,  NodeResumed::type,     NodeLost::type,
                                               LayoutChosen::type,      GpuPolicySet::type, TakenBack::type,       TemplateSet::type,
                                               TemplateRemoved::type,   CloudSet::type,     RentalReleased::type,  RentalEnded::type};
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

std::optional<ProjectId> project_of(Api const& api, EventStream const& stream, Snapshot const& now, JobId id) {
  if (Job const* job = now.pool.job(id)) return job->project;
  if (Job const* job = stream.snapshot->pool.job(id)) return job->project;
  if (auto it = stream.queued.upper_bound(id); it != stream.queued.begin()) {
    --it;
    if (id.value < it->first.value + it->second.first) return it->second.second;
  }
  auto const row = api.views.job(id);
  Project const* project = row ? now.access->project_named(row->project) : nullptr;
  return project == nullptr ? std::nullopt : std::optional(project->id);
}

/// Jobs that begin and end between two looks are in neither snapshot: their first event says whose they are.
void remember(EventStream& stream, JobsQueued const& queued) {
  stream.queued[queued.first] = {queued.count, queued.project};
  if (stream.queued.size() > 1000) stream.queued.erase(stream.queued.begin());
}

bool is_wanted(EventStream const& stream, api::Event const& event, std::uint32_t jobs) {
  auto const& query = stream.query;
  if (!query.kind.empty() && std::find(query.kind.begin(), query.kind.end(), event.kind) == query.kind.end()) return false;
  if (!query.job) return true;
  return event.job && *query.job >= *event.job && query.job->value < event.job->value + jobs;
}

std::string sse_text(api::Event event) {
  std::string data = json_write(event);
  if (data.size() > largest_event) {
    event.body.text = "{}";
    data = json_write(event);
  }
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.sequence, event.kind, data);
}

/// Whose an event of a flow is: its own word, or its run's.
std::optional<ProjectId> project_of_flow(Snapshot const& now, api::Event const& event) {
  auto const body = json::Document::parse(event.body.text);
  if (!body) return std::nullopt;
  for (auto const& [name, value] : body->root().members()) {
    ProjectId project;
    if (name == "project" && json::read(value, project, {}, Unknown::Ignore)) return project;
    FlowRunId run;
    if (name != "run" || !json::read(value, run, {}, Unknown::Ignore)) continue;
    if (FlowRun const* found = now.flows->run(run)) return found->project;
  }
  return std::nullopt;
}

/// What this reader gets to see of a frame; empty: nothing.
std::string text_for(Api const& api, EventStream& stream, Snapshot const& now, Frame const& frame) {
  bool const is_access = frame.stream == "access";
  bool const is_flow = frame.stream == "flow";
  if ((frame.stream != "pool" && !is_access && !is_flow) || (is_access && !includes(stream.caller.role, Role::Admin))) return {};
  auto const event = shown_event(frame.stamp.sequence, frame.stamp.at, user_name(*now.access, frame.stamp.by), frame.body);
  if (!event) return {};
  std::uint32_t jobs = 1;
  if (event->kind == JobsQueued::type)
    if (auto const queued = event_in<JobsQueued>({frame})) {
      jobs = queued->count;
      if (!stream.caller.sees_all()) remember(stream, *queued);
    }
  if (!is_wanted(stream, *event, jobs)) return {};
  if (!stream.caller.sees_all() && !is_about_the_pool(event->kind)) {
    auto const project = is_flow ? project_of_flow(now, *event) : event->job ? project_of(api, stream, now, *event->job) : std::nullopt;
    if (!project || !stream.caller.sees(*project)) return {};
  }
  return sse_text(*event);
}

}  // namespace

EventStreams::EventStreams(Api& api) : api_(api) {}

// A stream and its subscription hold each other: whoever owns the streams parts them.
EventStreams::~EventStreams() {
  for (auto const& stream : streams_) stream->subscription.reset();
}

std::size_t EventStreams::size() const {
  std::lock_guard lock(mutex_);
  return streams_.size();
}

void EventStreams::follow(Request request, Caller caller, Reply reply, std::uint64_t after, api::EventsQuery query) {
  auto const snapshot = api_.front.snapshot();
  auto const stream = std::make_shared<EventStream>();
  request.body.clear();
  stream->request = std::move(request);
  stream->query = std::move(query);
  stream->user = caller.user;
  stream->caller = std::move(caller);
  stream->snapshot = snapshot;
  stream->checked = stream->written = api_.now();
  stream->working = true;  // nobody takes it up before it has its subscription
  {
    std::lock_guard lock(mutex_);
    auto const own = std::count_if(streams_.begin(), streams_.end(), [&](auto const& one) { return one->user == stream->user; });
    if (streams_.size() >= api_.options.most_streams || static_cast<std::size_t>(own) >= api_.options.most_streams_a_user)
      return reply.send(Error{ErrorKind::TooMany, fmt::format("{} event streams are open already", own), "close one", {}});
    stream->stream = reply.stream(Response{.status = 200,
                                           .body = "retry: 2000\n\n",
                                           .content_type = "text/event-stream",
                                           .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}});
    if (after > snapshot->sequence()) {  // of another installation, or of one that a backup has replaced
      stream->stream.close(resync);
      return;
    }
    streams_.push_back(stream);
  }
  stream->stream.on_gone([weak = std::weak_ptr(stream)] {
    if (auto const left = weak.lock()) {
      std::lock_guard lock(left->mutex);
      left->gone = true;
    }
  });
  auto subscription = api_.front.subscribe(after, [this, stream](std::vector<Frame> const& frames) {
    {
      std::lock_guard lock(stream->mutex);
      if (stream->gone || stream->lost || stream->ended) return false;
      for (Frame const& frame : frames) stream->pending_bytes += frame.body.size() + sizeof(Frame);
      if (stream->pending_bytes > most_pending_bytes) {
        stream->lost = true;
        stream->pending.clear();
      } else {
        stream->pending.push_back(frames);
      }
    }
    schedule(stream);
    return true;
  });
  {
    std::lock_guard lock(mutex_);
    stream->subscription = std::move(subscription);
  }
  {
    std::lock_guard lock(stream->mutex);
    stream->working = false;
  }
  schedule(stream);
}

void EventStreams::schedule(std::shared_ptr<EventStream> const& stream) {
  {
    std::lock_guard lock(stream->mutex);
    if (stream->working || stream->ended) return;
    stream->working = true;
  }
  if (api_.workers.post([this, stream] { pump(*stream); })) return;
  std::lock_guard lock(stream->mutex);  // the next tick tries again
  stream->working = false;
}

void EventStreams::pump(EventStream& stream) {
  auto const end = [&](std::string_view farewell) {
    stream.stream.close(farewell);
    stream.ended = true;
  };
  while (true) {
    std::vector<Frame> frames;
    {
      std::lock_guard lock(stream.mutex);
      if (stream.gone) return end({});
      if (stream.lost) return end(resync);
      if (!stream.pending.empty() && stream.unsent.empty()) {
        frames = std::move(stream.pending.front());
        stream.pending.pop_front();
        for (Frame const& frame : frames) stream.pending_bytes -= frame.body.size() + sizeof(Frame);
      }
    }
    Time const now = api_.now();
    auto const snapshot = api_.front.snapshot();
    if (now - stream.checked >= between_checks || now < stream.checked) {
      auto caller = caller_of(stream.request, *snapshot, api_.front, api_.options.secrets.tokens, now);
      if (!caller || (caller->kind != Caller::Kind::User && caller->kind != Caller::Kind::Job)) return end({});
      stream.caller = std::move(*caller);
      stream.checked = now;
    }
    for (Frame const& frame : frames)
      if (auto text = text_for(api_, stream, *snapshot, frame); !text.empty()) stream.unsent.push_back(std::move(text));
    stream.snapshot = snapshot;
    if (stream.unsent.empty() && now - stream.written >= between_beats) stream.unsent.push_back(":\n\n");
    while (!stream.unsent.empty()) {
      auto const written = stream.stream.write(stream.unsent.front());
      if (written == Stream::Written::Gone) return end({});
      if (written == Stream::Written::Overflow) break;  // the next tick tries again
      stream.unsent.pop_front();
      stream.written = now;
    }
    std::lock_guard lock(stream.mutex);
    if (!stream.unsent.empty() || (stream.pending.empty() && !stream.lost)) {
      stream.working = false;
      return;
    }
  }
}

void EventStreams::tick() {
  std::vector<std::shared_ptr<EventStream>> alive;
  std::list<std::shared_ptr<EventStream>> over;
  {
    std::lock_guard lock(mutex_);
    for (auto it = streams_.begin(); it != streams_.end();) {
      auto const next = std::next(it);
      if ((*it)->ended) over.splice(over.end(), streams_, it);
      else alive.push_back(*it);
      it = next;
    }
  }
  // A subscription waits for a call under way when it goes, so no lock is held here.
  for (auto const& one : over) {
    std::unique_ptr<Front::Subscription> subscription;
    {
      std::lock_guard lock(mutex_);
      subscription = std::move(one->subscription);
    }
  }
  for (auto const& one : alive) schedule(one);
}

}  // namespace nav::http
