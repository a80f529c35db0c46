// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/page.h"
#include "api/query.h"
#include "api/routes.h"
#include "base/ensure.h"
#include "base/json.h"
#include "controller/artifact_keeper.h"
#include "http/api_server.h"
#include "http/event_streams.h"
#include "http/log_followers.h"
#include "http/workers.h"

/// What the files of routes share. Each route is a function of a Call: it answers through the call's reply, now or later, or returns the
/// error to be answered.
namespace nav::http {

/// One request on its way to an answer.
struct Call {
  Request request;
  Reply reply;
  api::Route const* route = nullptr;
  std::vector<std::string> parameters;
  Caller caller;
  std::shared_ptr<Snapshot const> snapshot;  ///< as it was when the request came, all of it durable

  std::string const& parameter(std::size_t index) const { return parameters.at(index); }
};
using CallPtr = std::shared_ptr<Call>;

/// What every route works with.
class Api {
 public:
  Api(Front& lent_front, Views const& lent_views, LogStore& lent_logs, ApiOptions given);

  Front& front;
  Views const& views;
  LogStore& logs;
  ApiOptions const options;
  Time const started;           ///< when it began to serve
  std::string const document;   ///< openapi.json
  std::string const reference;  ///< /docs

  std::mutex updating_mutex;
  std::set<std::string> updating;  ///< what is being changed under an If-Match right now

  std::unique_ptr<ArtifactKeeper> const keeper;  ///< none: there is no store here

  EventStreams events;
  LogFollowers log_followers;
  // Last, so that they have ended before the rest goes. Searches wait for tables that trail; agents and streams must not wait behind them.
  Workers searchers;
  Workers workers;

  Time now() const { return options.clock(); }
};

/// How the route tells an error.
Response refusal(api::Route const& route, Error const& error);

/// Answers with the error.
void refuse(Call& call, Error const& error);

/// Answers with JSON and the route's status.
void answer_json(Call& call, std::string body, std::vector<std::pair<std::string, std::string>> headers = {});

template <class T>
void answer(Call& call, T const& value) {
  answer_json(call, json_write(value));
}

/// The body as T; an empty one as T without any field.
template <class T>
Result<T> body_of(Call const& call) {
  return json_read<T>(call.request.body.empty() ? "{}" : call.request.body);
}

template <class T>
Result<T> query_of(Call const& call) {
  return api::read_query<T>(call.request.query);
}

/// Goes on with a worker: for what reads a file or makes a long answer. Too many waiting are refused.
void on_worker(Api& api, CallPtr const& call, std::function<Result<void>(Call&)> work);
/// Goes on with a searcher: for what looks into the tables.
void on_searcher(Api& api, CallPtr const& call, std::function<Result<void>(Call&)> work);

/// The caller's key, checked; empty if there is none.
Result<std::string> idempotency_key(Request const& request);

/// A wish on its way to the controller.
struct Wish {
  Command command;
  std::optional<Blob> blob = {};
  /// The answer's body, made of the events; kept with the Idempotency-Key. None: the answer shows the state as it is then.
  std::function<std::string(std::vector<Frame> const&)> answer = {};
};
/// Asks the controller for it with the caller's Idempotency-Key. `then` is called once it is durable, on the controller's thread.
Result<void> ask(Api& api, CallPtr const& call, Wish wish, std::function<void(Call&, Accepted)> then);
/// The same, answering with what Wish::answer made.
Result<void> ask_and_answer(Api& api, CallPtr const& call, Wish wish);
/// The same, answering with a worker.
Result<void> ask_then_on_worker(Api& api, CallPtr const& call, Wish wish, std::function<Result<void>(Call&, Accepted const&)> then);

/// The event of this type among the frames, if there is one.
template <class Event>
std::optional<Event> event_in(std::vector<Frame> const& frames) {
  for (Frame const& frame : frames) {
    auto const document = json::Document::parse(frame.body);
    if (!document) continue;
    for (auto const& member : document->root().members()) {
      Event event;
      if (member.first == Event::type && json::read(member.second, event, {}, Unknown::Ignore)) return event;
    }
  }
  return std::nullopt;
}

/// `limit` of a list, checked.
Result<std::size_t> checked_limit(std::uint32_t limit);

/// The number in a cursor of this kind ('b' before, 'a' after); none if there is no cursor.
Result<std::optional<std::uint64_t>> cursor_of(std::optional<std::string> const& cursor, char kind);

/// A page of `all`, which is sorted by `number`, ascending, beginning after the cursor.
template <class T, class Item, class Number, class Show>
Result<api::Page<T>> page_of(std::vector<Item> const& all, std::uint32_t wanted, std::optional<std::string> const& cursor, Number number, Show show) {
  TRY(std::size_t limit, checked_limit(wanted));
  TRY(auto after, cursor_of(cursor, 'a'));
  api::Page<T> page;
  for (auto const& item : all) {
    std::uint64_t const at = number(item);
    if (after && at <= *after) continue;
    if (page.items.size() == limit) {
      page.next = fmt::format("a{}", *after);
      break;
    }
    page.items.push_back(show(item));
    after = at;
  }
  return page;
}

/// An ETag for a resource as it is shown.
std::string etag_of(Api const& api, std::string const& body);
/// Holds the request's If-Match against what is there. PreconditionFailed if it is another, InvalidArgument if there is none.
Result<void> check_match(Call const& call, std::string const& etag);

/// Changes one thing under the request's If-Match. The state is looked at here and changed by the controller a moment later, so one change of a
/// thing goes at a time: whoever comes meanwhile has seen what will not be there any more.
/// `what` names the thing, `shown_now` is it as it is shown.
Result<void> ask_matched(Api& api, CallPtr const& call, std::string what, std::string const& shown_now, Wish wish);

/// The word of one enum as the value of another that has the same words.
template <class To, class From>
To same_word(From from) {
  auto const to = enum_of<To>(enum_text(from));
  ensure(to, "the API has every word of the core");
  return *to;
}

}  // namespace nav::http
