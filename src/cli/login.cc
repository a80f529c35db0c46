// SPDX-License-Identifier: Apache-2.0
// nav login, logout, whoami
#include <filesystem>
#include <memory>

#include "api/access.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/question.h"
#include "cli/words.h"
#include "client/address.h"

namespace nav::cli {

namespace {

/// Keeps the login once the server has said that the token is good.
Result<int> log_in(Context& nav, std::string const& url) {
  TRY(auto const address, client::parse_address(url));
  Settings settings{address.url, {}, address.ca_sha256};
  TRY(settings.token, ask_secret(nav, fmt::format("Token for {}:", settings.url)));
  client::Options options;
  options.url = settings.url;
  options.token = settings.token;
  options.ca_sha256 = settings.ca_sha256;
  client::HttpClient client(std::move(options));
  TRY(auto const answer, client.call({.path = api::path_of(api::Operation::Whoami)}));
  TRY(auto const me, Server::read<api::Whoami>(answer.body));
  TRY(auto const file, login_file(*nav.variables));
  TRY_VOID(keep_login(file, settings));
  nav.print(fmt::format("You are {} ({}) at {}. Kept in {}.\n", me.user, enum_text(me.role), settings.url, file));
  return 0;
}

Result<int> log_out(Context& nav) {
  TRY(auto const file, login_file(*nav.variables));
  std::error_code error;
  bool const was_there = std::filesystem::remove(file, error);
  if (error) return fail(ErrorKind::Internal, "{}: {}", file, error.message());
  nav.print(was_there ? "Forgotten. The token itself opens the API until it is revoked: nav token revoke.\n" : "You were not logged in.\n");
  return 0;
}

Result<int> tell_who(Context& nav, bool json) {
  TRY(auto const body, nav.server->call({api::Operation::Whoami}));
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const me, Server::read<api::Whoami>(body));
  nav.print(fields_text({{"user", Cell(me.user, Paint::Strong)},
                         {"role", enum_text(me.role)},
                         {"projects", fmt::format("{}", fmt::join(me.projects, ", "))},
                         {"attempt", me.attempt ? to_text(*me.attempt) : ""}},
                        nav.terminal));
  return 0;
}

}  // namespace

Command login_command() {
  auto url = std::make_shared<std::string>();
  Command command("login", "Keep the address of a server, and your token for it");
  command.about(
      "Asks for the token, tries it, and keeps both in a file that only you can read. On the machine where nav up runs no login is needed. An address "
      "with #sha256:FINGERPRINT names the installation's own CA, which is then trusted for it.");
  command.argument("URL", "https://HOST:PORT[#sha256:FINGERPRINT]", into(*url));
  command.example("Typed", "nav login https://gpu.example.org:8440");
  command.example("From a file", "nav login https://gpu.example.org:8440 < token");
  command.runs([url](Context& nav) { return log_in(nav, *url); });
  return command;
}

Command logout_command() {
  Command command("logout", "Forget the address and the token that nav login keeps");
  command.runs(log_out);
  return command;
}

Command whoami_command() {
  auto json = std::make_shared<bool>(false);
  Command command("whoami", "Show who you are to the server, and what you may do");
  command.option("--json", "print the API's answer", into_switch(*json));
  command.runs([json](Context& nav) { return tell_who(nav, *json); });
  return command;
}

}  // namespace nav::cli
