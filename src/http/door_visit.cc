// SPDX-License-Identifier: Apache-2.0
#include "http/door_visit.h"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>

#include "api/error_body.h"
#include "http/head.h"

namespace nav::http {
namespace {

namespace http = boost::beast::http;

constexpr auto here = Pipe::End::Door;
constexpr std::size_t longest_greeting = 8 * 1024;
constexpr std::size_t longest_answer_head = 128 * 1024;
constexpr std::size_t unfinished_line = 64 * 1024;  // of a chunk's header, which no parser bounds
constexpr auto greeting_within = std::chrono::seconds(30);

std::chrono::microseconds of(Duration duration) { return std::chrono::microseconds(duration.us); }

Fields fields_of(http::fields const& from) {
  Fields fields;
  for (auto const& field : from) fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return fields;
}

/// Feeds what came to the parser, and appends what it finds of the body. What is not used up stays in `bytes`.
template <class Parser>
boost::system::error_code feed(Parser& parser, std::string& bytes, std::string& body) {
  std::array<char, 32 * 1024> part;
  boost::system::error_code error;
  std::size_t used = 0;
  while (!parser.is_done() && body.size() < Pipe::capacity / 4) {
    parser.get().body().data = part.data();
    parser.get().body().size = part.size();
    parser.get().body().more = true;
    bool const had_head = parser.is_header_done();
    std::size_t const count = parser.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    used += count;
    std::size_t const found = part.size() - parser.get().body().size;
    body.append(part.data(), found);
    if (error == http::error::need_buffer) error = {};
    else if (error) break;
    if (!had_head && parser.is_header_done()) break;  // who reads looks at the head first
    if (count == 0 && found == 0) break;
  }
  bytes.erase(0, used);
  if (error == http::error::need_more) error = {};
  return error;
}

}  // namespace

struct DoorVisit::Parsers {
  http::request_parser<http::buffer_body> request;
  std::optional<http::response_parser<http::buffer_body>> answer;
};

/// What somebody else decides, on their thread, while the visit may end on ours.
struct DoorVisit::Asked {
  std::mutex mutex;
  std::optional<Door::Decision> decision;
  std::function<void()> wake;
};

DoorVisit::DoorVisit(Connection& connection)
    : connection_(connection),
      door_(*connection.shared_.options.door),
      stage_began_(Clock::now()),
      moved_(stage_began_),
      looked_(stage_began_),
      parsers_(new Parsers) {
  connection_.outgoing_.clear();
  parsers_->request.header_limit(static_cast<std::uint32_t>(connection_.shared_.options.limits.header_bytes));
  parsers_->request.body_limit(boost::none);
}

DoorVisit::~DoorVisit() {
  if (asked_) {
    std::lock_guard lock(asked_->mutex);
    asked_->wake = nullptr;
  }
  wish_.reset();
  if (pipe_) {
    pipe_->on_news(here, nullptr);
    pipe_->cut();
  }
}

std::chrono::steady_clock::time_point DoorVisit::step() {
  deadline_ = Deadline::max();
  if (connection_.broken_) break_off();
  if (stage_ == Stage::Head) read_head();
  if (stage_ == Stage::Deciding) decided();
  if (stage_ == Stage::Tunnel) await_tunnel();
  if (stage_ == Stage::Passing) pass();
  if (stage_ == Stage::Raw) pass_raw();
  connection_.start_write();
  if (stage_ == Stage::Farewell && !connection_.writing_) over(may_go_on_);
  if (connection_.writing_ && stage_ != Stage::Over) {
    auto const end = connection_.took_ + of(connection_.shared_.options.limits.write);
    if (Clock::now() >= end) break_off();
    until(end);
  }
  return deadline_;
}

void DoorVisit::over(bool may_go_on) {
  may_go_on_ = may_go_on;
  stage_ = Stage::Over;
}

/// What was sent may be a part only: the visitor must not take it for the whole.
void DoorVisit::break_off() {
  connection_.abort();
  over(false);
}

void DoorVisit::answer(Response response) {
  bool const is_whole = parsers_->request.is_done();
  may_go_on_ = keep_alive_ && is_whole && !connection_.shared_.draining;
  connection_.outgoing_ = response_text(std::move(response), may_go_on_ ? Framing::Length : Framing::Close,
                                        request_.method == "HEAD" ? Body::Omitted : Body::Sent);
  stage_ = Stage::Farewell;
}

void DoorVisit::refuse(int status, Error const& error) { answer(door_.told(request_, status, error)); }

void DoorVisit::read_head() {
  auto const& limits = connection_.shared_.options.limits;
  std::string& inbox = connection_.inbox_;
  inbox.erase(0, std::min(inbox.find_first_not_of("\r\n"), inbox.size()));  // RFC 9112, 2.2
  bool const has_begun = !inbox.empty() || moved_ != stage_began_;
  if (!has_begun && (connection_.shared_.draining || connection_.client_left())) return over(false);
  if (has_begun && moved_ == stage_began_) moved_ = Clock::now();
  std::string body;
  auto const error = feed(parsers_->request, inbox, body);
  if (error == http::error::header_limit)
    return refuse(431, {ErrorKind::TooLarge, "the header of this request is too large", "send fewer or shorter header fields", {}});
  if (error) return refuse(400, {ErrorKind::InvalidArgument, fmt::format("this is not a proper HTTP request: {}", error.message()), {}, {}});
  if (parsers_->request.is_header_done()) {
    to_service_ = std::move(body);
    return take_head();
  }
  if (connection_.client_left()) return over(false);
  auto const end = has_begun ? moved_ + of(limits.request) : stage_began_ + of(limits.idle);
  if (Clock::now() >= end) {
    if (!has_begun) return over(false);
    return refuse(408, {ErrorKind::Timeout, "the head of this request did not arrive in time", {}, {}});
  }
  until(end);
  connection_.start_read();
}

void DoorVisit::take_head() {
  auto const& parser = parsers_->request;
  auto const& head = parser.get();
  request_ = {.method = std::string(head.method_string()), .target = std::string(head.target()), .fields = fields_of(head)};
  auto const bad = [&](std::string message) { refuse(400, {ErrorKind::InvalidArgument, std::move(message), {}, {}}); };
  if (head.version() != 11 && head.version() != 10) return refuse(505, {ErrorKind::Unsupported, "HTTP/1.1 is spoken here", {}, {}});
  speaks_chunks_ = head.version() == 11;
  // Two programs on the way must not read two different requests.
  std::size_t hosts = 0, lengths = 0, encodings = 0, authorizations = 0;
  for (auto const& field : head) {
    hosts += field.name() == http::field::host;
    lengths += field.name() == http::field::content_length;
    encodings += field.name() == http::field::transfer_encoding;
    authorizations += field.name() == http::field::authorization;
  }
  if (hosts != 1 || authorizations > 1) return bad("a request has one header Host, and at most one Authorization");
  if (lengths + encodings > 1 || (encodings == 1 && !parser.chunked())) return bad("a body comes chunked or with its length, and that is said once");
  if (request_.method == "CONNECT" || request_.method == "TRACE")
    return refuse(405, {ErrorKind::Unsupported, fmt::format("{} is not done here", request_.method), {}, {}});
  keep_alive_ = speaks_chunks_ && parser.keep_alive();
  has_body_ = !parser.is_done();
  wants_upgrade_ = speaks_chunks_ && !has_body_ && parser.upgrade() && field_of(request_.fields, "upgrade") != nullptr;
  auto target = read_door_target(request_.target);
  if (!target) return refuse(404, target.error());
  target_ = std::move(*target);

  asked_ = std::make_shared<Asked>();
  asked_->wake = connection_.waker();
  stage_ = Stage::Deciding;
  stage_began_ = Clock::now();
  door_.decide(request_, target_, connection_.peer_address_, connection_.tls_.has_value(), [asked = asked_](Door::Decision decision) {
    std::lock_guard lock(asked->mutex);
    asked->decision = std::move(decision);
    if (asked->wake) asked->wake();
  });
}

void DoorVisit::decided() {
  std::optional<Door::Decision> decision;
  {
    std::lock_guard lock(asked_->mutex);
    decision.swap(asked_->decision);
  }
  if (!decision) {
    if (connection_.client_left()) return over(false);
    if (connection_.inbox_.empty()) connection_.start_read();
    return;
  }
  if (auto* refused = std::get_if<Response>(&*decision)) return answer(std::move(*refused));
  entry_ = std::get<Entry>(std::move(*decision));
  auto const* expect = field_of(request_.fields, "expect");
  if (expect != nullptr && has_body_ && to_service_.empty() && connection_.inbox_.empty()) connection_.outgoing_ = "HTTP/1.1 100 Continue\r\n\r\n";
  find_way(has_body_ || wants_upgrade_);
}

/// A tunnel that was used before saves a connection at the service. It may be closed there just now, so only what can be sent twice goes over one.
void DoorVisit::find_way(bool fresh) {
  stage_began_ = Clock::now();
  bool const may_repeat = !fresh && (request_.method == "GET" || request_.method == "HEAD" || request_.method == "OPTIONS");
  if (may_repeat) pipe_ = door_.tunnels().resting(entry_.attempt);
  is_fresh_ = pipe_ == nullptr;
  if (pipe_) return begin();
  stage_ = Stage::Tunnel;
  wish_ = door_.tunnels().wish(entry_.node, connection_.waker());
  await_tunnel();
}

void DoorVisit::await_tunnel() {
  pipe_ = wish_->fetch();
  if (pipe_) {
    wish_.reset();
    return begin();
  }
  if (connection_.client_left()) return over(false);
  auto const end = stage_began_ + of(door_.options().tunnel);
  if (Clock::now() >= end) {
    wish_.reset();
    return answer(door_.no_way(entry_, request_));
  }
  until(end);
  if (connection_.inbox_.empty()) connection_.start_read();
}

void DoorVisit::begin() {
  pipe_->on_news(here, connection_.waker());
  stage_ = Stage::Passing;
  stage_began_ = moved_ = Clock::now();
  greeted_ = !is_fresh_;
  parsers_->answer.emplace();
  from_service_.clear();
  auto const framing = !has_body_                    ? (field_of(request_.fields, "content-length") != nullptr ? BodyFraming::Length : BodyFraming::None)
                       : parsers_->request.chunked() ? BodyFraming::Chunked
                                                     : BodyFraming::Length;
  std::string text;
  if (is_fresh_) text = fmt::format("open {} {}\n", to_text(entry_.attempt), door_.tunnels().waiting(entry_.node));
  Visitor const visitor{.address = connection_.peer_address_, .user = entry_.user_name, .encrypted = connection_.tls_.has_value()};
  text += head_for_service(request_, visitor, framing, wants_upgrade_);
  if (has_body_ && parsers_->request.chunked()) {
    if (!to_service_.empty()) to_service_ = chunk_text(to_service_);
    if (parsers_->request.is_done()) to_service_ += last_chunk;
  }
  to_service_.insert(0, text);
  pass();
}

void DoorVisit::pass() {
  auto const now = Clock::now();
  if (now - looked_ >= door_.options().look_again) {
    looked_ = now;
    if (!door_.may_stay(entry_)) return answer_began_ ? break_off() : refuse(403, {ErrorKind::Forbidden, "this visit is not allowed any more", {}, {}});
  }
  until(looked_ + door_.options().look_again);
  if (connection_.client_left() && !connection_.inbox_.empty() && parsers_->request.is_done()) connection_.inbox_.clear();
  if (connection_.client_left() && (parsers_->request.is_done() || connection_.inbox_.empty())) return break_off();
  pass_request();
  if (stage_ != Stage::Passing) return;
  while (stage_ == Stage::Passing && pass_answer()) {}
}

/// The visitor's body to the service, as far as there is room.
void DoorVisit::pass_request() {
  auto& parser = parsers_->request;
  for (;;) {
    if (std::size_t const count = std::min(pipe_->room(here), to_service_.size()); count > 0) {
      pipe_->write(here, std::string_view(to_service_).substr(0, count));
      to_service_.erase(0, count);
      moved_ = Clock::now();
    }
    if (!to_service_.empty()) return;  // news come when there is room
    if (parser.is_done()) break;
    std::string body;
    if (!connection_.inbox_.empty()) {
      auto const error = feed(parser, connection_.inbox_, body);
      if (error || connection_.inbox_.size() > unfinished_line) {
        if (answer_began_) return break_off();
        return refuse(400, {ErrorKind::InvalidArgument, fmt::format("the body of this request is not proper: {}", error.message()), {}, {}});
      }
    }
    if (parser.chunked()) {
      if (!body.empty()) body = chunk_text(body);
      if (parser.is_done()) body += last_chunk;
    }
    if (!body.empty()) {
      to_service_ = std::move(body);
      continue;
    }
    if (parser.is_done()) break;
    if (connection_.client_left()) return break_off();
    auto const end = moved_ + of(door_.options().stall);
    if (Clock::now() >= end) {
      if (answer_began_) return break_off();
      return refuse(408, {ErrorKind::Timeout, "nothing more came of the body of this request", {}, {}});
    }
    until(end);
    connection_.start_read();
    return;
  }
  // Reading on notices the visitor's leaving; what pipelining brings waits, and stays small.
  if (connection_.inbox_.empty()) connection_.start_read();
}

/// The agent's first line: whether the service took us.
bool DoorVisit::read_greeting() {
  auto const end = from_service_.find('\n');
  if (end == std::string::npos) {
    if (from_service_.size() > longest_greeting) break_off();
    return false;
  }
  std::string const line = from_service_.substr(0, end);
  from_service_.erase(0, end + 1);
  if (line == "ready") {
    greeted_ = true;
    return true;
  }
  auto const refused = line.starts_with("refused ") ? json_read<api::ErrorBody>(line.substr(8), Unknown::Ignore)
                                                    : Result<api::ErrorBody>(fail(ErrorKind::Internal, "the agent's words are not understood"));
  Error error = refused ? Error{refused->error.kind, refused->error.message, refused->error.hint, {}} : refused.error();
  bool const may_come = error.kind == ErrorKind::Unavailable;
  answer(door_.told(request_, may_come ? 503 : 502, error, may_come ? std::optional(5) : std::nullopt));
  return false;
}

/// Nothing has come back over a tunnel that was used before: the service had closed it. The request had no body, so it is asked again.
bool DoorVisit::try_again() {
  if (is_fresh_ || answer_began_ || !from_service_.empty()) return false;
  pipe_->on_news(here, nullptr);
  pipe_->cut();
  pipe_.reset();
  to_service_.clear();
  find_way(true);
  return true;
}

/// The service's answer to the visitor, one piece; whether there may be another at once.
bool DoorVisit::pass_answer() {
  if (connection_.writing_ || !connection_.outgoing_.empty()) return false;
  // A visitor may read more slowly than the service writes: what is not passed on yet stays in the pipe, whose other end then waits.
  if (from_service_.size() <= longest_answer_head) pipe_->take(here, from_service_);
  bool const is_finished = pipe_->is_finished(here);
  if (!greeted_ && !read_greeting()) {
    if (stage_ != Stage::Passing) return false;
    if (is_finished || pipe_->is_cut()) {
      refuse(502, {ErrorKind::Unavailable, "the way to the node was cut off", "try again in a moment", {}});
    } else if (Clock::now() >= stage_began_ + greeting_within) {
      answer(door_.no_way(entry_, request_));
    } else {
      until(stage_began_ + greeting_within);
    }
    return false;
  }
  auto& parser = *parsers_->answer;
  if (request_.method == "HEAD") parser.skip(true);
  parser.body_limit(boost::none);
  parser.header_limit(longest_answer_head);
  std::string body;
  bool const had_head = parser.is_header_done();
  std::size_t const before = from_service_.size();
  auto error = feed(parser, from_service_, body);
  bool const is_stuck = from_service_.size() > unfinished_line && from_service_.size() == before && body.empty() && !parser.is_done();
  if (error || (is_stuck && had_head)) {
    if (answer_began_) break_off();
    else refuse(502, {ErrorKind::Unavailable, fmt::format("the service's answer is no proper HTTP: {}", error.message()), {}, {}});
    return false;
  }
  if (!had_head && parser.is_header_done()) {
    if (!take_answer_head()) return stage_ == Stage::Passing;
    if (stage_ != Stage::Passing) return false;
    error = feed(parser, from_service_, body);
    if (error) {
      break_off();
      return false;
    }
  }
  if (!body.empty()) connection_.outgoing_ += answer_chunked_ ? chunk_text(body) : body;
  // What is left over may be the beginning of something: the line before a chunk's size, say.
  bool const is_at_end = (is_finished || pipe_->is_cut()) && from_service_.size() == before && body.empty();
  if (is_at_end && !parser.is_done() && parser.is_header_done() && is_finished && parser.need_eof()) parser.put_eof(error);
  if (parser.is_header_done() && parser.is_done()) {
    end_of_answer();
    return false;
  }
  if (is_at_end) {
    if (!try_again()) {
      if (answer_began_) break_off();
      else
        refuse(502,
               {ErrorKind::Unavailable, "the service ended the connection without an answer", "has the job ended, or its service failed? nav logs says", {}});
    }
    return false;
  }
  if (!parser.is_header_done() && parsers_->request.is_done()) {
    auto const end = std::max(stage_began_, moved_) + of(door_.options().first_byte);
    if (Clock::now() >= end) {
      refuse(504, {ErrorKind::Timeout, "the service has not begun to answer in time", {}, {}});
      return false;
    }
    until(end);
  }
  return false;
}

/// False: it was one of those that announce the real one.
bool DoorVisit::take_answer_head() {
  auto& parser = *parsers_->answer;
  auto const& head = parser.get();
  int const status = static_cast<int>(head.result_int());
  Fields const fields = fields_of(head);
  std::string const reason(head.reason());
  if (status == 101) {
    if (!wants_upgrade_) {
      refuse(502, {ErrorKind::Unavailable, "the service changed to a protocol nobody asked for", {}, {}});
      return false;
    }
    answer_began_ = true;
    connection_.outgoing_ = head_for_visitor(status, reason, fields, target_.job, BodyFraming::None, false, true);
    connection_.outgoing_ += from_service_;
    from_service_.clear();
    stage_ = Stage::Raw;
    return true;
  }
  if (status < 200) {
    // 100 we said ourselves; hints of what comes are the visitor's, if they know of such.
    if (status != 100 && speaks_chunks_) connection_.outgoing_ += head_for_visitor(status, reason, fields, target_.job, BodyFraming::None, false, false);
    parsers_->answer.emplace();
    return false;
  }
  answer_began_ = true;
  bool const has_body = request_.method != "HEAD" && status != 204 && status != 304;
  bool const has_length = field_of(fields, "content-length") != nullptr && !parser.chunked();
  answer_chunked_ = has_body && !has_length && speaks_chunks_;
  if (has_body && !has_length && !speaks_chunks_) keep_alive_ = false;
  auto const framing = answer_chunked_ ? BodyFraming::Chunked : has_length ? BodyFraming::Length : BodyFraming::None;
  connection_.outgoing_ += head_for_visitor(status, reason, fields, target_.job, framing, !keep_alive_ || connection_.shared_.draining, false);
  return true;
}

void DoorVisit::end_of_answer() {
  if (answer_chunked_) connection_.outgoing_ += last_chunk;
  bool const is_whole = parsers_->request.is_done() && to_service_.empty();
  may_go_on_ = keep_alive_ && is_whole && !connection_.shared_.draining;
  pipe_->on_news(here, nullptr);
  if (is_whole && parsers_->answer->keep_alive() && from_service_.empty() && !pipe_->is_cut()) door_.tunnels().rest(entry_.attempt, std::move(pipe_));
  else pipe_->cut();
  pipe_.reset();
  stage_ = Stage::Farewell;
}

/// After an upgrade there are only bytes, until one of the two has had enough.
void DoorVisit::pass_raw() {
  auto const now = Clock::now();
  if (now - looked_ >= door_.options().look_again) {
    looked_ = now;
    if (!door_.may_stay(entry_)) return break_off();
  }
  until(looked_ + door_.options().look_again);
  std::string& inbox = connection_.inbox_;
  if (std::size_t const count = std::min(pipe_->room(here), inbox.size()); count > 0) {
    pipe_->write(here, std::string_view(inbox).substr(0, count));
    inbox.erase(0, count);
  }
  if (inbox.empty() && connection_.end_of_input_) {
    pipe_->on_news(here, nullptr);
    pipe_->finish(here);
    pipe_.reset();
    return over(false);
  }
  if (inbox.empty()) connection_.start_read();
  if (!connection_.writing_ && connection_.outgoing_.empty()) pipe_->take(here, connection_.outgoing_);
  if (connection_.writing_ || !connection_.outgoing_.empty()) return;
  if (pipe_->is_cut()) return break_off();
  if (pipe_->is_finished(here)) over(false);
}

}  // namespace nav::http
