// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

bool is_own(Call const& call, Token const& token) { return token.user == call.caller.user || includes(call.caller.role, Role::Admin); }

/// Makes the token and shows its secret. What is kept with an Idempotency-Key is the number alone: a secret never enters the journal.
Result<void> ask_for_token(Api& api, CallPtr const& call, MakeToken command) {
  std::string const secret = api.options.secrets.make_token();
  command.hash = api.options.secrets.tokens.hash(secret);
  Wish wish{.command = AccessCommand{std::move(command)}, .blob = {}, .answer = [](std::vector<Frame> const& frames) {
              auto const made = event_in<TokenMade>(frames);
              ensure(made, "a token that was asked for is made");
              return to_text(made->token.id);
            }};
  return ask(api, call, std::move(wish), [&api, secret](Call& asked, Accepted accepted) {
    if (accepted.repeated)
      return refuse(asked, {ErrorKind::Conflict, fmt::format("{} was made when this was asked first, and its secret was shown then", accepted.answer),
                            "revoke it and make another, with another Idempotency-Key", "Idempotency-Key"});
    auto const made = event_in<TokenMade>(accepted.frames);
    ensure(made, "a token that was asked for is made");
    api::MadeToken shown_once{.token = shown(*accepted.snapshot->access, made->token), .secret = secret, .join = {}};
    if (made->token.kind == TokenKind::Join && api.options.join_address)
      if (std::string address = api.options.join_address(); !address.empty()) shown_once.join = std::move(address);
    answer(asked, shown_once);
  });
}

Result<Time> expiry(Api const& api, Duration valid_for, Duration longest) {
  if (valid_for.us >= 1 && valid_for <= longest) return api.now() + valid_for;
  return fail_field("valid_for", fmt::format("more than nothing, at most {}", to_text(longest)), "valid_for is {} microseconds", valid_for.us);
}

}  // namespace

Result<void> list_tokens(Api&, CallPtr const& call) {
  TRY(auto query, query_of<api::PageQuery>(*call));
  Access const& access = *call->snapshot->access;
  std::vector<Token const*> all;
  for (auto const& [id, token] : access.tokens)
    if (is_own(*call, token)) all.push_back(&token);
  TRY(auto page,
      page_of<api::Token>(
          all, query.limit, query.cursor, [](Token const* token) { return token->id.value; }, [&](Token const* token) { return shown(access, *token); }));
  answer(*call, page);
  return {};
}

Result<void> make_token(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::MakeToken>(*call));
  MakeToken command{.kind = TokenKind::User, .user = call->caller.user, .name = wanted.name, .hash = {}, .expires = {}};
  if (wanted.valid_for) { TRY(command.expires, expiry(api, *wanted.valid_for, days(36500))); }
  if (!wanted.user.empty()) {
    Access const& access = *call->snapshot->access;
    User const* user = access.user_named(wanted.user);
    bool const is_self = user != nullptr && user->id == call->caller.user;
    if (!is_self && !includes(call->caller.role, Role::Admin)) return fail(ErrorKind::Forbidden, "only an admin makes tokens for others");
    if (user == nullptr) return fail_field("user", "nav user list shows them", "there is no user \"{}\"", shortened(wanted.user, 70));
    command.user = user->id;
  }
  return ask_for_token(api, call, std::move(command));
}

Result<void> revoke_token(Api& api, CallPtr const& call) {
  Access const& access = *call->snapshot->access;
  auto const id = parse_id<TokenTag>(call->parameter(0));
  auto const found = id ? access.tokens.find(*id) : access.tokens.end();
  if (found == access.tokens.end() || !is_own(*call, found->second))
    return fail(ErrorKind::NotFound, "there is no token \"{}\"", shortened(call->parameter(0), 70));
  return ask(api, call, {.command = AccessCommand{RevokeToken{found->first}}}, [token = found->first](Call& asked, Accepted accepted) {
    Access const& now = *accepted.snapshot->access;
    answer(asked, shown(now, now.tokens.at(token)));
  });
}

Result<void> make_join_token(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::MakeJoinToken>(*call));
  TRY(Time const expires, expiry(api, wanted.valid_for, days(365)));
  return ask_for_token(api, call, {.kind = TokenKind::Join, .user = call->caller.user, .name = wanted.name, .hash = {}, .expires = expires});
}

}  // namespace nav::http
