// SPDX-License-Identifier: Apache-2.0
// nav usage
#include <map>
#include <memory>
#include <optional>

#include "api/quota.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/quota_options.h"
#include "cli/table.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

std::string own_text(std::optional<api::Quota> const& quota) {
  if (!quota || !quota->slices) return "-";
  return fmt::format("{}", *quota->slices);
}

std::string most_text(std::optional<api::Quota> const& quota) {
  if (!quota || !quota->borrow_slices) return "-";
  return fmt::format("{}", quota->slices.value_or(0) + *quota->borrow_slices);
}

Table accounts_table(api::Usage const& usage) {
  Table table({{"TEAM OR PROJECT", Fit::Shrink},
               {"SLICES", Fit::Keep, Align::Right},
               {"OWN", Fit::Keep, Align::Right},
               {"MOST", Fit::Keep, Align::Right},
               {"BORROWED", Fit::Keep, Align::Right},
               {"LENT", Fit::Optional, Align::Right},
               {"GPU MEMORY", Fit::Optional, Align::Right},
               {"JOBS", Fit::Keep, Align::Right},
               {"SPENT", Fit::Keep, Align::Right},
               {"SHARE", Fit::Keep, Align::Right}});
  std::map<std::string, std::size_t> depth;
  for (auto const& account : usage.accounts) {
    std::size_t const level = account.parent.empty() ? 0 : depth[account.parent] + 1;
    bool const team = account.kind == api::AccountKind::Team;
    if (team) depth[account.name] = level;
    table.add(
        {Cell(std::string(2 * level, ' ') + account.name, team ? Paint::Strong : Paint::Plain), fmt::format("{}", account.slices), own_text(account.quota),
         most_text(account.quota),
         Cell(fmt::format("{}", account.quota && account.quota->slices ? account.borrowed_slices : 0), account.borrowed_slices ? Paint::Warn : Paint::Plain),
         fmt::format("{}", account.lent_slices), mib_text(account.memory_mib), fmt::format("{}", account.running), fmt::format("{:.1f} h", account.spent),
         fmt::format("{:.0f} %", account.share * 100)});
  }
  return table;
}

Table use_by_user(api::Usage const& usage) {
  Table table({{"USER", Fit::Shrink},
               {"SLICES", Fit::Keep, Align::Right},
               {"RUNNING", Fit::Keep, Align::Right},
               {"WAITING", Fit::Keep, Align::Right},
               {"LIMITS", Fit::Shrink}});
  for (auto const& user : usage.users)
    table.add({user.name, fmt::format("{}", user.slices), fmt::format("{}", user.running), fmt::format("{}", user.queued), limits_text(user.limits)});
  return table;
}

struct UsageOptions {
  std::optional<Duration> half_life;
  bool json = false;
};

Result<std::string> usage(Context& nav, UsageOptions const& asked) {
  if (!asked.half_life) return nav.server->call({api::Operation::GetUsage});
  return nav.server->call({api::Operation::SetHalfLife, {}, {}, json_write(api::SetHalfLife{*asked.half_life})});
}

Result<int> show_usage(Context& nav, UsageOptions const& asked) {
  TRY(auto const body, usage(nav, asked));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const usage, Server::read<api::Usage>(body));
  nav.print(fmt::format("{} of {} slices in use, {} of {} of GPU memory.\n\n", usage.slices, usage.capacity_slices, mib_text(usage.memory_mib),
                        mib_text(usage.capacity_memory_mib)));
  nav.print(accounts_table(usage).text(nav.terminal));
  if (!usage.users.empty()) nav.print("\n" + use_by_user(usage).text(nav.terminal));
  return 0;
}

}  // namespace

Command usage_command() {
  auto asked = std::make_shared<UsageOptions>();
  Command command("usage", "Show who uses how much of the pool, against their quotas");
  command.about(
      "Teams and projects as a tree. OWN is the quota, MOST what borrowing may add to it, BORROWED what is in use beyond the own and is given back when its "
      "owners want it. SPENT are slice-hours, each worth half after every half-life: who has the smaller SHARE of them goes first.");
  command.option("--half-life TIME", "change after how long what was spent counts half; for admins", into(asked->half_life));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) { return show_usage(nav, *asked); });
  return command;
}

}  // namespace nav::cli
