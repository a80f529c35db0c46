// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <curl/curl.h>

#include "api/error_body.h"
#include "api/status.h"
#include "base/ensure.h"
#include "base/id.h"
#include "client/address.h"
#include "client/curl_error.h"
#include "client/pinned_ca.h"

namespace nav::client {
namespace {

/// No answer of the API comes near; a stream has no limit.
constexpr std::size_t largest_body = 256 * 1024 * 1024;
/// A server that asks for more patience than this is reported as busy instead.
constexpr Duration longest_wait = seconds(10);

struct Receiving {
  Answer answer;
  std::function<bool(std::string_view)> const* take = nullptr;
  bool stopped = false;  // `take` wants no more
  bool too_large = false;
};

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& receiving = *static_cast<Receiving*>(to);
  std::string_view line(bytes, count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // a new head: what came before it was "100 Continue"
    receiving.answer = {};
    auto const space = line.find(' ');
    std::uint64_t status = 0;
    if (space != line.npos && read_number(line.substr(space + 1, 3), status)) receiving.answer.status = static_cast<int>(status);
  } else if (auto const colon = line.find(':'); colon != line.npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    receiving.answer.headers[std::move(name)] = value;
  }
  return count;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& receiving = *static_cast<Receiving*>(to);
  if (receiving.take && receiving.answer.is_success()) {
    receiving.stopped = !(*receiving.take)(std::string_view(bytes, count));
    return receiving.stopped ? 0 : count;
  }
  receiving.too_large = receiving.answer.body.size() + count > largest_body;
  if (receiving.too_large) return 0;
  receiving.answer.body.append(bytes, count);
  return count;
}

bool may_be_repeated(Request const& request) {
  if (request.method == "GET" || request.method == "HEAD" || request.method == "PUT" || request.method == "DELETE") return true;
  return std::any_of(request.headers.begin(), request.headers.end(), [](auto const& header) { return header.first == "Idempotency-Key"; });
}

Duration wait_before_retry(Answer const& answer, int tries) {
  auto const header = answer.headers.find("retry-after");
  std::uint64_t wanted = 0;
  if (header != answer.headers.end() && read_number(header->second, wanted)) return seconds(static_cast<std::int64_t>(std::min<std::uint64_t>(wanted, 86400)));
  return milliseconds(250) * (1 << std::min(tries, 5));
}

/// Writing to a server that left must not kill the process, nor may a library change what signals do in all of it: SIGPIPE is held
/// back in this thread, and taken out of its queue if it came.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipe() {
    timespec const at_once{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(NoBrokenPipe const&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

bool is_one_line(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

Error cancelled() { return {ErrorKind::Conflict, "cancelled", {}, {}}; }

}  // namespace

Error error_of(Answer const& answer) {
  if (auto body = json_read<api::ErrorBody>(answer.body, Unknown::Ignore))
    return {body->error.kind, std::move(body->error.message), std::move(body->error.hint), std::move(body->error.field)};
  return {error_kind_of_status(answer.status),
          fmt::format("the server answered {}", answer.status),
          "its answer is not nav's: is something else at this address, or a proxy before it?",
          {}};
}

struct HttpClient::Body {
  explicit Body(Options from) : options(std::move(from)) {
    prepare_curl();
    while (options.url.ends_with('/')) options.url.pop_back();
    multi = curl_multi_init();
    easy = curl_easy_init();
  }
  ~Body() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }
  Body(Body const&) = delete;

  void set_up(Request const& request, curl_slist* headers, Receiving& receiving);
  CURLcode perform();
  Result<Answer> run(Request const& request, std::function<bool(std::string_view)> const* take);

  Options options;
  CURLM* multi = nullptr;  // the connection lives here, between requests too
  CURL* easy = nullptr;
  std::atomic<bool> cancelled = false;
  char detail[CURL_ERROR_SIZE] = "";
};

void HttpClient::Body::set_up(Request const& request, curl_slist* headers, Receiving& receiving) {
  curl_easy_reset(easy);
  detail[0] = '\0';
  auto const set = [this](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  auto const set_pem = [&](CURLoption option, std::string& pem) {
    curl_blob blob{pem.data(), pem.size(), CURL_BLOB_COPY};
    if (!pem.empty()) curl_easy_setopt(easy, option, &blob);
  };
  set(CURLOPT_URL, (options.url + request.path).c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  if (is_loopback(options.url)) set(CURLOPT_PROXY, "");  // whatever the environment says: no proxy has this machine's loopback
  set(CURLOPT_ERRORBUFFER, detail);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.ms()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.value_or(options.timeout).ms()));
  set(CURLOPT_TCP_KEEPALIVE, 1L);  // a stream must notice a server that vanished
  set(CURLOPT_TCP_KEEPIDLE, 30L);
  set(CURLOPT_TCP_KEEPINTVL, 10L);

  if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  else set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(CURLOPT_HTTPHEADER, headers);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &receiving);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &receiving);

  set_pem(CURLOPT_CAINFO_BLOB, options.ca_pem);
  // A CA of our own is the only one believed, not one among the system's.
  if (!options.ca_pem.empty()) set(CURLOPT_CAPATH, static_cast<char const*>(nullptr));
  set_pem(CURLOPT_SSLCERT_BLOB, options.certificate_pem);
  set_pem(CURLOPT_SSLKEY_BLOB, options.key_pem);
}

/// Runs the prepared request. curl's multi interface, because its wait can be woken from another thread.
CURLcode HttpClient::Body::perform() {
  NoBrokenPipe const guard;
  curl_multi_add_handle(multi, easy);
  CURLcode code = CURLE_ABORTED_BY_CALLBACK;
  int running = 1;
  while (!cancelled) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) {
      code = CURLE_FAILED_INIT;
      break;
    }
    if (running == 0) {
      int left = 0;
      while (CURLMsg const* message = curl_multi_info_read(multi, &left))
        if (message->msg == CURLMSG_DONE) code = message->data.result;
      break;
    }
    curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  curl_multi_remove_handle(multi, easy);
  return code;
}

Result<Answer> HttpClient::Body::run(Request const& request, std::function<bool(std::string_view)> const* take) {
  if (cancelled) return Unexpected(client::cancelled());
  ensure(request.path.starts_with('/'), "a path begins with a slash");
  if (!is_one_line(options.token)) return fail_field("token", "the token alone, as it was given", "the token has more than one line");
  if (options.ca_pem.empty() && !options.ca_sha256.empty()) { TRY(options.ca_pem, fetch_pinned_ca(options.url, options.ca_sha256, options.connect_timeout)); }
  struct Headers {
    curl_slist* list = nullptr;
    void add(std::string const& line) { list = curl_slist_append(list, line.c_str()); }
    ~Headers() { curl_slist_free_all(list); }
  } headers;
  if (!options.token.empty()) headers.add("Authorization: Bearer " + options.token);
  bool has_type = false;
  for (auto const& [name, value] : request.headers) {
    ensure(is_one_line(name) && is_one_line(value), "a header is one line");
    headers.add(fmt::format("{}: {}", name, value));
    has_type = has_type || name == "Content-Type";
  }
  if (!has_type) headers.add(request.body.empty() ? "Content-Type:" : "Content-Type: application/json");
  headers.add("Expect:");  // our servers are near: waiting for "100 Continue" would only cost a second

  Receiving receiving;
  receiving.take = take;
  set_up(request, headers.list, receiving);
  CURLcode code = perform();
  if (receiving.too_large) code = CURLE_FILESIZE_EXCEEDED;
  if (cancelled) return Unexpected(client::cancelled());
  if (code != CURLE_OK && !receiving.stopped) return Unexpected(error_of_curl(code, options.url, detail));
  return std::move(receiving.answer);
}

HttpClient::HttpClient(Options options) : body_(std::make_unique<Body>(std::move(options))) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<Answer> HttpClient::exchange(Request const& request) { return body_->run(request, nullptr); }

Result<Answer> HttpClient::call(Request const& request) {
  for (int tries = 0;; ++tries) {
    TRY(auto answer, exchange(request));
    if (answer.is_success()) return answer;
    bool const is_busy = answer.status == 429 || answer.status == 503;
    Duration const wait = wait_before_retry(answer, tries);
    if (!is_busy || tries >= body_->options.retries || !may_be_repeated(request) || wait > longest_wait) return Unexpected(error_of(answer));
    if (!pause(wait)) return Unexpected(cancelled());
  }
}

Result<Answer> HttpClient::stream(Request const& request, std::function<bool(std::string_view)> take) {
  TRY(auto answer, body_->run(request, &take));
  if (!answer.is_success()) return Unexpected(error_of(answer));
  return answer;
}

void HttpClient::cancel() {
  body_->cancelled = true;
  curl_multi_wakeup(body_->multi);
}

bool HttpClient::is_cancelled() const { return body_->cancelled; }

bool HttpClient::pause(Duration duration) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::microseconds(duration.us);
  while (!body_->cancelled) {
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return true;
    curl_multi_poll(body_->multi, nullptr, 0, static_cast<int>(std::min<long>(left, 60'000)), nullptr);
  }
  return false;
}

std::string const& HttpClient::ca_pem() const { return body_->options.ca_pem; }

}  // namespace nav::client
