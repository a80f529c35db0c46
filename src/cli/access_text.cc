// SPDX-License-Identifier: Apache-2.0
#include "cli/access_text.h"

namespace nav::cli {

Result<std::string> change(Context& nav, api::Operation read, api::Operation change, std::string const& name, std::string const& body) {
  TRY(auto const now, nav.server->answer({read, {name}}));
  return nav.server->call({change, {name}, {}, body, etag_of(now)});
}

std::string etag_of(client::Answer const& answer) {
  auto const etag = answer.headers.find("etag");
  return etag == answer.headers.end() ? "" : etag->second;
}

Result<void> warn_if_over(Context& nav, api::AccountKind kind, std::string const& name) {
  TRY(auto const usage, nav.server->read<api::Usage>({api::Operation::GetUsage}));
  for (auto const& account : usage.accounts) {
    if (account.kind != kind || account.name != name || !account.quota) continue;
    api::Quota const& quota = *account.quota;
    if (!quota.borrow_slices) continue;
    std::uint64_t const most = quota.slices.value_or(0) + *quota.borrow_slices;
    if (account.slices > most)
      nav.print_error(
          fmt::format("{} slices are in use, {} more than that: they run on, and nothing is begun until fewer are.\n", account.slices, account.slices - most));
  }
  return {};
}

Command list_command(std::string summary, std::function<Result<int>(Context&, bool json)> run) {
  auto json = std::make_shared<bool>(false);
  Command command("list", std::move(summary));
  command.option("--json", "print the API's answer", into_switch(*json));
  command.runs([json, run = std::move(run)](Context& nav) { return run(nav, *json); });
  return command;
}

}  // namespace nav::cli
