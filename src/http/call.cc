// SPDX-License-Identifier: Apache-2.0
#include "http/call.h"

#include "api/openapi.h"
#include "api/reference.h"
#include "base/text.h"
#include "http/mlflow.h"

namespace nav::http {

Api::Api(Front& lent_front, Views const& lent_views, LogStore& lent_logs, ApiOptions given)
    : front(lent_front),
      views(lent_views),
      logs(lent_logs),
      options(std::move(given)),
      started(options.clock()),
      document(api::openapi_document(options.version)),
      reference(api::reference_page(options.version)),
      keeper(options.artifacts == nullptr
                 ? nullptr
                 : std::make_unique<ArtifactKeeper>(front, *options.artifacts, ArtifactKeeper::Options{options.clock, options.keep_artifacts})),
      events(*this),
      log_followers(*this),
      searchers(options.workers, options.most_waiting),
      workers(options.workers, options.most_waiting) {}

Response refusal(api::Route const& route, Error const& error) { return route.foreign ? mlflow::error_answer(error) : error_response(error); }

void refuse(Call& call, Error const& error) { call.reply.send(refusal(*call.route, error)); }

void answer_json(Call& call, std::string body, std::vector<std::pair<std::string, std::string>> headers) {
  call.reply.send(Response{.status = call.route->status, .body = std::move(body), .headers = std::move(headers)});
}

namespace {

void hand_to(Workers& workers, CallPtr const& call, std::function<Result<void>(Call&)> work) {
  bool const taken = workers.post([call, work = std::move(work)] {
    if (auto const done = work(*call); !done) refuse(*call, done.error());
  });
  if (!taken) refuse(*call, {ErrorKind::TooMany, "too many requests wait already", "try again in a second", {}});
}

}  // namespace

void on_worker(Api& api, CallPtr const& call, std::function<Result<void>(Call&)> work) { hand_to(api.workers, call, std::move(work)); }
void on_searcher(Api& api, CallPtr const& call, std::function<Result<void>(Call&)> work) { hand_to(api.searchers, call, std::move(work)); }

Result<std::string> idempotency_key(Request const& request) {
  std::string const* key = request.header("Idempotency-Key");
  if (key == nullptr) return std::string();
  bool plain = !key->empty() && key->size() <= 200;
  for (char c : *key) plain = plain && c > ' ' && c < 0x7F;
  if (!plain) return fail_field("Idempotency-Key", "1 to 200 visible ASCII characters, such as a UUID", "this Idempotency-Key cannot be kept");
  return *key;
}

Result<void> ask(Api& api, CallPtr const& call, Wish wish, std::function<void(Call&, Accepted)> then) {
  TRY(auto key, idempotency_key(call->request));
  Ask ask{.command = std::move(wish.command),
          .by = call->caller.user,
          .idempotency_key = std::move(key),
          .request = {},
          .blob = std::move(wish.blob),
          .answer = std::move(wish.answer)};
  if (!ask.idempotency_key.empty())
    ask.request = api.options.secrets.digest(fmt::format("{} {}\n{}", call->request.method, call->request.path, call->request.body));
  api.front.ask(std::move(ask), [call, then = std::move(then)](Result<Accepted> accepted) {
    if (!accepted) return refuse(*call, accepted.error());
    then(*call, std::move(*accepted));
  });
  return {};
}

Result<void> ask_and_answer(Api& api, CallPtr const& call, Wish wish) {
  return ask(api, call, std::move(wish), [](Call& asked, Accepted accepted) { answer_json(asked, std::move(accepted.answer)); });
}

Result<void> ask_then_on_worker(Api& api, CallPtr const& call, Wish wish, std::function<Result<void>(Call&, Accepted const&)> then) {
  return ask(api, call, std::move(wish), [&api, call, then = std::move(then)](Call&, Accepted accepted) {
    on_worker(api, call, [then, accepted = std::move(accepted)](Call& asked) { return then(asked, accepted); });
  });
}

Result<std::size_t> checked_limit(std::uint32_t limit) {
  if (limit >= 1 && limit <= api::most_in_a_page) return std::size_t{limit};
  return fail_field("limit", fmt::format("1 to {}", api::most_in_a_page), "limit is {}", limit);
}

Result<std::optional<std::uint64_t>> cursor_of(std::optional<std::string> const& cursor, char kind) {
  if (!cursor) return std::nullopt;
  std::uint64_t number = 0;
  if (cursor->size() > 1 && cursor->front() == kind && read_number(std::string_view(*cursor).substr(1), number)) return number;
  return fail_field("cursor", "give `next` of the page before, unchanged", "\"{}\" is no cursor of this list", shortened(*cursor, 60));
}

std::string etag_of(Api const& api, std::string const& body) { return fmt::format("\"{}\"", to_text(api.options.secrets.digest(body))); }

Result<void> check_match(Call const& call, std::string const& etag) {
  auto const failed = [](std::string message) {
    return Unexpected(Error{ErrorKind::PreconditionFailed, std::move(message), "get it, look at it, and give its ETag as If-Match", "If-Match"});
  };
  std::string const* wanted = call.request.header("If-Match");
  if (wanted == nullptr || wanted->empty()) return fail_field("If-Match", "get it, look at it, and give its ETag", "a change needs to say what it changes");
  if (*wanted == "*") return {};
  for (std::string_view one : split(*wanted, ',')) {
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == etag) return {};
  }
  return failed("it was changed by somebody else meanwhile");
}

Result<void> ask_matched(Api& api, CallPtr const& call, std::string what, std::string const& shown_now, Wish wish) {
  TRY_VOID(check_match(*call, etag_of(api, shown_now)));
  {
    std::lock_guard lock(api.updating_mutex);
    if (!api.updating.insert(what).second)
      return Unexpected(Error{ErrorKind::PreconditionFailed, "somebody else changes it at this moment", "get it again", "If-Match"});
  }
  auto const over = std::shared_ptr<void>(nullptr, [&api, what = std::move(what)](void*) {
    std::lock_guard lock(api.updating_mutex);
    api.updating.erase(what);
  });
  // `over` goes with the callback, whether it is called with an answer or with a refusal.
  return ask(api, call, std::move(wish), [&api, over, shown_now](Call& asked, Accepted accepted) {
    std::string body = accepted.answer.empty() ? shown_now : std::move(accepted.answer);
    std::string const etag = etag_of(api, body);
    answer_json(asked, std::move(body), {{"ETag", etag}});
  });
}

}  // namespace nav::http
