// SPDX-License-Identifier: Apache-2.0
#include "http/handlers.h"
#include "http/session.h"
#include "http/shown.h"

namespace nav::http {

Result<void> sign_in(Api& api, CallPtr const& call) {
  std::string const token = api.options.secrets.make_token();
  Time const expires = api.now() + session_length;
  Wish wish{.command = AccessCommand{MakeToken{
                .kind = TokenKind::User, .user = call->caller.user, .name = "browser", .hash = api.options.secrets.tokens.hash(token), .expires = expires}},
            .blob = {},
            .answer = [](std::vector<Frame> const&) { return std::string("signed in"); }};
  return ask(api, call, std::move(wish), [token, expires](Call& asked, Accepted accepted) {
    if (accepted.repeated)
      return refuse(asked, {ErrorKind::Conflict, "this was answered already, and its cookie was set then", "ask without the Idempotency-Key, or with another",
                            "Idempotency-Key"});
    Access const& access = *accepted.snapshot->access;
    api::Session const session{.user = user_name(access, asked.caller.user), .role = same_word<api::Role>(asked.caller.role), .expires = expires};
    answer_json(asked, json_write(session),
                {{"Set-Cookie", session_cookie_text(accepted.snapshot->installation, token, asked.request.encrypted)}, {"Cache-Control", "no-store"}});
  });
}

Result<void> sign_out(Api& api, CallPtr const& call) {
  std::string const installation = call->snapshot->installation;
  auto const forgotten = [installation](Call& asked) {
    answer_json(asked, "{}", {{"Set-Cookie", session_cookie_text(installation, {}, asked.request.encrypted)}});
  };
  auto const session = session_of(call->request, installation);
  Token const* token = session ? call->snapshot->access->token_for(api.options.secrets.tokens.hash(*session), api.now()) : nullptr;
  if (token == nullptr) {
    forgotten(*call);
    return {};
  }
  return ask(api, call, {.command = AccessCommand{RevokeToken{token->id}}}, [forgotten](Call& asked, Accepted) { forgotten(asked); });
}

}  // namespace nav::http
