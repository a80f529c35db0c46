// SPDX-License-Identifier: Apache-2.0
// nav webhook list|create|delete|test
#include <fmt/ranges.h>
#include <memory>

#include "api/page.h"
#include "api/webhooks.h"
#include "cli/access_text.h"
#include "cli/commands.h"

namespace nav::cli {

namespace {

struct WebhookOptions {
  std::string url;
  std::string id;
  std::vector<std::string> kinds;
  bool json = false;
};

std::string kinds_text(std::vector<api::NoticeKind> const& kinds) {
  std::vector<std::string> words;
  for (auto const kind : kinds) words.push_back(enum_text(kind));
  return words.empty() ? "all" : fmt::format("{}", fmt::join(words, " "));
}

Result<Table> webhooks_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::Webhook>>(body));
  Table table({{"NUMBER"},
               {"ADDRESS", Fit::Shrink},
               {"KINDS", Fit::Optional},
               {"WAITING", Fit::Keep, Align::Right},
               {"TAKEN", Fit::Keep, Align::Right},
               {"GIVEN UP", Fit::Optional, Align::Right},
               {"LAST TAKEN"},
               {"NOTE", Fit::Optional}});
  for (auto const& one : page.items)
    table.add({one.id, Cell(one.url, Paint::Strong), kinds_text(one.kinds), fmt::format("{}", one.waiting), fmt::format("{}", one.delivered),
               fmt::format("{}", one.given_up), one.last_success ? clock_text(one.last_success) : "never", Cell(one.last_error.value_or(""), Paint::Bad)});
  return table;
}

Result<int> create_webhook(Context& nav, WebhookOptions const& asked) {
  api::MakeWebhook wanted{.url = asked.url, .kinds = {}};
  for (auto const& word : asked.kinds) wanted.kinds.push_back(*enum_of<api::NoticeKind>(word));
  TRY(auto const body, nav.server->call({api::Operation::MakeWebhook, {}, {}, json_write(wanted)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const made, Server::read<api::MadeWebhook>(body));
  nav.print_error(fmt::format("{} is told of {}. What it is sent is signed under this, which is shown this once:\n", made.webhook.id,
                              made.webhook.kinds.empty() ? "everything" : kinds_text(made.webhook.kinds)));
  nav.print(made.secret + "\n");
  return 0;
}

Command create_webhook_command() {
  auto asked = std::make_shared<WebhookOptions>();
  Command command("create", "Have an address told of the pool's health");
  command.about(
      "It is sent a POST with a JSON body, signed as Standard Webhooks says it, and again and again until it answers with a status from 200 to 299. With https "
      "its certificate must be one that the controller's machine trusts.");
  command.argument("URL", "an http or https address", into(asked->url));
  command.option("--kind KIND", fmt::format("only of this, or of several with commas: {}", fmt::join(enum_words<api::NoticeKind>(), ", ")),
                 into_words(asked->kinds, enum_words<api::NoticeKind>()), Names::Word, enum_words<api::NoticeKind>());
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("Of nodes that fall silent and come back", "nav webhook create https://example.org/gpu-health --kind node_silent,node_back");
  command.runs([asked](Context& nav) { return create_webhook(nav, *asked); });
  return command;
}

Command delete_webhook_command() {
  auto asked = std::make_shared<WebhookOptions>();
  Command command("delete", "Tell an address nothing more");
  command.argument("WEBHOOK", "its number, as webhook-1", into(asked->id));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) -> Result<int> {
    TRY(auto const body, nav.server->call({api::Operation::RemoveWebhook, {asked->id}}));
    nav.print(asked->json ? json_line(body) : fmt::format("{} is told nothing more.\n", asked->id));
    return 0;
  });
  return command;
}

Command test_webhook_command() {
  auto asked = std::make_shared<WebhookOptions>();
  Command command("test", "Send an address a test, and say whether it was taken");
  command.about("It is sent at once, before what waits, and once. Exits with 1 when it was not taken.");
  command.argument("WEBHOOK", "its number, as webhook-1", into(asked->id));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) -> Result<int> {
    TRY(auto const body, nav.server->call({api::Operation::TestWebhook, {asked->id}}));
    TRY(auto const tested, Server::read<api::TestedWebhook>(body));
    if (asked->json) nav.print(json_line(body));
    else nav.print(tested.delivered ? fmt::format("{} took it.\n", asked->id) : fmt::format("{} did not take it: {}\n", asked->id, tested.error.value_or("")));
    return tested.delivered ? 0 : 1;
  });
  return command;
}

}  // namespace

Command webhook_command() {
  Command command("webhook", "Tell other programs when a node falls silent or a slice is set aside");
  command.add(list_command("List webhooks, and how delivery goes",
                           [](Context& nav, bool json) { return show_list(nav, api::Operation::ListWebhooks, json, webhooks_table); }));
  command.add(create_webhook_command());
  command.add(delete_webhook_command());
  command.add(test_webhook_command());
  return command;
}

}  // namespace nav::cli
