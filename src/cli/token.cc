// SPDX-License-Identifier: Apache-2.0
// nav token list|create|revoke
#include <memory>

#include "api/access.h"
#include "api/page.h"
#include "base/text.h"
#include "cli/access_text.h"
#include "cli/commands.h"

namespace nav::cli {

namespace {

struct TokenOptions {
  std::string name;
  std::string user;
  std::optional<Duration> valid_for;
  bool join = false;
  bool json = false;
};

Result<Table> tokens_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::Token>>(body));
  Table table({{"NUMBER"}, {"NAME", Fit::Shrink}, {"OPENS"}, {"USER", Fit::Shrink}, {"MADE"}, {"EXPIRES", Fit::Optional}, {"NOTE", Fit::Optional}});
  for (auto const& token : page.items)
    table.add({to_text(token.id), Cell(token.name, Paint::Strong), token.kind == api::TokenKind::Join ? "joining" : "the API", token.user,
               clock_text(token.made), clock_text(token.expires), Cell(token.revoked ? "revoked" : "", Paint::Warn)});
  return table;
}

Result<int> create_user_token(Context& nav, TokenOptions const& asked) {
  api::MakeToken const wanted{asked.name.empty() ? "cli" : asked.name, asked.user, asked.valid_for};
  TRY(auto const body, nav.server->call({api::Operation::MakeToken, {}, {}, json_write(wanted)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const made, Server::read<api::MadeToken>(body));
  nav.print_error(fmt::format("{} for {}{}. It is shown this once:\n", to_text(made.token.id), made.token.user,
                              made.token.expires ? ", until " + clock_text(made.token.expires) : ""));
  nav.print(made.secret + "\n");
  return 0;
}

Result<int> create_join_token(Context& nav, TokenOptions const& asked) {
  api::MakeJoinToken wanted;
  if (!asked.name.empty()) wanted.name = asked.name;
  if (asked.valid_for) wanted.valid_for = *asked.valid_for;
  TRY(auto const body, nav.server->call({api::Operation::MakeJoinToken, {}, {}, json_write(wanted)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const made, Server::read<api::MadeToken>(body));
  nav.print_error(fmt::format("{}, until {}. On each machine that is to join:\n\n", to_text(made.token.id), clock_text(made.token.expires)));
  nav.print(fmt::format("echo {} > join-token\nnav agent --join {} --token-file join-token\n", made.secret,
                        made.join.value_or("https://HOST:8443#sha256:FINGERPRINT")));
  if (!made.join) nav.print_error("\nHOST, port and FINGERPRINT are in what the server printed when it started.\n");
  else if (made.join->starts_with("https://127.") || made.join->starts_with("https://[::1]") || made.join->starts_with("https://localhost"))
    nav.print_error("\nOnly this machine reaches that address: --agents-listen 0.0.0.0:8443 opens the door to others.\n");
  return 0;
}

Command create_token_command() {
  auto asked = std::make_shared<TokenOptions>();
  Command command("create", "Make a token, for the API or for machines to join with");
  command.about("The secret is shown this once; the server keeps only its hash.");
  command.argument("[NAME]", "what it is for: laptop, rack-7", into(asked->name));
  command.option("--join", "for machines that are to join; prints what to run there (valid for an hour)", into_switch(asked->join));
  command.option("--user U", "whose it will be (you)", into(asked->user), Names::User);
  command.option("--valid-for T", "90d, 12h; for ever unless it is said", into(asked->valid_for));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.checked([asked]() -> Result<void> {
    if (asked->join && !asked->user.empty()) return fail(ErrorKind::InvalidArgument, "--user does not go with --join: machines are nobody's");
    return {};
  });
  command.example("For your laptop", "nav token create laptop --valid-for 90d");
  command.example("For the machines of a rack, this afternoon", "nav token create rack-7 --join --valid-for 4h");
  command.runs([asked](Context& nav) { return asked->join ? create_join_token(nav, *asked) : create_user_token(nav, *asked); });
  return command;
}

Command revoke_token_command() {
  auto asked = std::make_shared<TokenOptions>();
  Command command("revoke", "Let a token open nothing from now on");
  command.argument("TOKEN", "its number, as token-3", into(asked->name), Names::Token);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) -> Result<int> {
    TRY(auto const body, nav.server->call({api::Operation::RevokeToken, {asked->name}}));
    nav.print(asked->json ? json_line(body) : fmt::format("{} opens nothing any more.\n", asked->name));
    return 0;
  });
  return command;
}

}  // namespace

Command token_command() {
  Command command("token", "List, create and revoke tokens");
  command.add(list_command("List your tokens", [](Context& nav, bool json) { return show_list(nav, api::Operation::ListTokens, json, tokens_table); }));
  command.add(create_token_command());
  command.add(revoke_token_command());
  return command;
}

}  // namespace nav::cli
