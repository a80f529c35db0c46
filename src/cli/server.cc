// SPDX-License-Identifier: Apache-2.0
#include "cli/server.h"

#include <random>

namespace nav::cli {

namespace {

std::string fresh_key() {
  std::random_device source;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", source(), source(), source(), source());
}

}  // namespace

Error Server::with_advice(Error error) const {
  if (!error.hint.empty()) return error;
  if (error.kind == ErrorKind::Unavailable && !url_.empty()) error.hint = fmt::format("is nav running at {}? nav up starts it", url_);
  if (error.kind == ErrorKind::Unauthenticated) error.hint = "nav login keeps a token; NAV_TOKEN gives one for a single command";
  return error;
}

Result<std::unique_ptr<client::HttpClient>> Server::new_client(Duration timeout) {
  TRY(auto settings, find_settings(variables_));
  url_ = settings.url;
  client::Options options;
  options.url = settings.url;
  options.token = settings.token;
  options.ca_sha256 = settings.ca_sha256;
  options.timeout = timeout;
  return std::make_unique<client::HttpClient>(std::move(options));
}

Result<client::Answer> Server::answer(Call const& call) {
  if (!client_) { TRY(client_, new_client()); }
  auto const& route = api::route(call.operation);
  client::Request request;
  request.method = route.method;
  request.path = api::path_of(call.operation, call.segments, call.query);
  request.body = call.body;
  if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!call.if_match.empty()) request.headers.emplace_back("If-Match", call.if_match);
  if (route.method == "POST") request.headers.emplace_back("Idempotency-Key", fresh_key());
  auto answer = client_->call(request);
  if (!answer) return Unexpected(with_advice(std::move(answer).error()));
  return answer;
}

Result<std::string> Server::call(Call const& what) {
  TRY(auto answer, this->answer(what));
  return std::move(answer.body);
}

Unexpected Server::misread(Error const& why) {
  return Unexpected(Error{ErrorKind::Internal, fmt::format("the server's answer is not understood: {}", why.message),
                          "is this nav as new as the server? nav version shows both", why.field});
}

}  // namespace nav::cli
