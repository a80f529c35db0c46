// SPDX-License-Identifier: Apache-2.0
// nav template list|show|create|edit|delete
#include <fstream>
#include <memory>
#include <sstream>

#include "api/page.h"
#include "api/query.h"
#include "api/templates.h"
#include "base/text.h"
#include "cli/access_text.h"
#include "cli/commands.h"
#include "cli/template_text.h"

namespace nav::cli {

namespace {

/// What the flags say; what they leave out stays as the file, or the template, has it.
struct TemplateOptions {
  std::string name;
  std::string file;
  std::optional<std::string> profile, gpu, description;
  std::optional<std::uint32_t> gpus;
  std::optional<std::uint32_t> cpu_milli;
  std::optional<std::uint64_t> memory_mib;
  std::vector<std::string> nodes, sites, teams, projects, users;
  std::map<std::string, std::string> labels;
  std::optional<std::int64_t> price_micro;
  std::optional<Duration> longest;
  std::optional<std::int32_t> priority_ceiling;
  bool anywhere = false, everybody = false, no_limits = false;
  bool for_later = false;
  bool json = false;
};

template <class Number, class Read>
Take through(std::optional<Number>& value, Read read) {
  return [&value, read](std::string_view text) -> Result<void> {
    Number number{};
    TRY_VOID(read(number)(text));
    value = number;
    return {};
  };
}

Result<std::string> read_whole(std::string const& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::ifstream("/dev/stdin").rdbuf();
    return text.str();
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_field("--file", "a file with a template as JSON, or - for standard input", "{} cannot be read", path);
  text << in.rdbuf();
  return text.str();
}

/// A file is written as the API takes it; what `nav template show --json` prints will do.
Result<api::SetTemplate> wish_in(std::string const& path) {
  TRY(auto const text, read_whole(path));
  if (auto whole = json_read<api::SetTemplate>(text)) return whole;
  auto shown = json_read<api::Template>(text);
  if (shown) return wish_of(*shown);
  auto wish = json_read<api::SetTemplate>(text);
  return within(path, std::move(wish).error());
}

template <class T>
void take(std::optional<T> const& from, T& to) {
  if (from) to = *from;
}
template <class T>
void take(std::optional<T> const& from, std::optional<T>& to) {
  if (from) to = from;
}
template <class T>
void take(T const& from, T& to) {
  if (!from.empty()) to = from;
}

void put_flags(TemplateOptions const& asked, api::SetTemplate& wish) {
  if (asked.profile || asked.gpu || asked.gpus) wish.kind.reset();  // it follows from them
  if (asked.profile) wish.family.reset(), wish.gpus.reset();
  if (asked.gpu) wish.profile.reset();
  take(asked.profile, wish.profile);
  take(asked.gpu, wish.family);
  take(asked.gpus, wish.gpus);
  take(asked.cpu_milli, wish.cpu_milli);
  take(asked.memory_mib, wish.memory_mib);
  if (asked.anywhere) wish.nodes.clear(), wish.sites.clear(), wish.labels.clear();
  take(asked.nodes, wish.nodes);
  take(asked.sites, wish.sites);
  take(asked.labels, wish.labels);
  if (asked.everybody) wish.teams.clear(), wish.projects.clear(), wish.users.clear();
  take(asked.teams, wish.teams);
  take(asked.projects, wish.projects);
  take(asked.users, wish.users);
  if (asked.no_limits) wish.longest.reset(), wish.priority_ceiling.reset();
  take(asked.price_micro, wish.price_micro);
  take(asked.longest, wish.longest);
  take(asked.priority_ceiling, wish.priority_ceiling);
  take(asked.description, wish.description);
  if (asked.for_later) wish.for_later = true;
}

Result<int> show_changed_template(Context& nav, bool json, std::string const& body) {
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const one, Server::read<api::Template>(body));
  nav.print(template_text(one, nav.terminal));
  return 0;
}

Result<int> create(Context& nav, TemplateOptions const& asked) {
  api::SetTemplate wish;
  if (!asked.file.empty()) { TRY(wish, wish_in(asked.file)); }
  if (!asked.name.empty()) wish.name = asked.name;
  put_flags(asked, wish);
  TRY(auto const body, nav.server->call({api::Operation::MakeTemplate, {}, {}, json_write(wish)}));
  return show_changed_template(nav, asked.json, body);
}

Result<int> edit(Context& nav, TemplateOptions const& asked) {
  TRY(auto const now, nav.server->answer({api::Operation::GetTemplate, {asked.name}}));
  TRY(auto const shown, Server::read<api::Template>(now.body));
  api::SetTemplate wish = wish_of(shown);
  if (!asked.file.empty()) { TRY(wish, wish_in(asked.file)); }
  put_flags(asked, wish);
  auto const etag = now.headers.find("etag");
  TRY(auto const body, nav.server->call({api::Operation::ChangeTemplate, {asked.name}, {}, json_write(wish), etag == now.headers.end() ? "" : etag->second}));
  return show_changed_template(nav, asked.json, body);
}

Result<int> show(Context& nav, TemplateOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::GetTemplate, {asked.name}}));
  return show_changed_template(nav, asked.json, body);
}

Result<int> remove(Context& nav, TemplateOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::RemoveTemplate, {asked.name}}));
  if (asked.json) return nav.print(json_line(body)), 0;
  nav.print(fmt::format("{} is offered no more.\n", asked.name));
  return 0;
}

void add_fields(Command& command, TemplateOptions& o) {
  command.option("--file PATH", "take it from this file, JSON as nav template show --json prints it; - reads standard input", into(o.file), Names::File);
  command.option("--profile PROFILE", "a slice of this MIG profile: 1g.5gb", into(o.profile));
  command.option("--gpu FAMILY", "whole GPUs of this family: a100", into(o.gpu));
  command.option("--gpus N", "so many of them, of one node (1)", into(o.gpus));
  command.option("--cpus C", "processors of a job: 4, 0.5 (the hardware's share)", through(o.cpu_milli, [](std::uint32_t& n) { return into_milli(n); }));
  command.option("--memory M", "memory of a job: 512M, 16G (the hardware's share)", through(o.memory_mib, [](std::uint64_t& n) { return into_mib(n); }));
  command.option("--node NODE", "on this node alone; may be given again", into(o.nodes), Names::Node);
  command.option("--site SITE", "at this site alone; may be given again", into(o.sites));
  command.option("--label K=V", "on nodes with this label; may be given again", into(o.labels));
  command.option("--team TEAM", "for this team's projects; may be given again", into(o.teams), Names::Team);
  command.option("--project P", "for this project; may be given again", into(o.projects), Names::Project);
  command.option("--user USER", "for this user; may be given again", into(o.users), Names::User);
  command.option("--price P", "what an hour costs: 2.50", into_money(o.price_micro));
  command.option("--longest T", "no job runs longer: 90s, 15m, 1h30m, 2d", into(o.longest));
  command.option("--priority-ceiling N", "take no job of a higher priority", into(o.priority_ceiling));
  command.option("--description TEXT", "for people", into(o.description));
  command.option("--for-later", "although nothing in the pool can give it yet", into_switch(o.for_later));
  command.option("--json", "print the API's answer", into_switch(o.json));
}

Command create_template_command() {
  auto asked = std::make_shared<TemplateOptions>();
  Command command("create", "Offer a new kind of compute");
  command.about(
      "With --profile it is a slice, with --gpu whole GPUs, else processors alone. What nothing in the pool can give is refused with what can be had.");
  command.argument("[NAME]", "lower-case letters, digits and - . _ between them; may stand in the file", into(asked->name));
  add_fields(command, *asked);
  command.checked([asked]() -> Result<void> {
    if (asked->name.empty() && asked->file.empty())
      return Unexpected(Error{ErrorKind::InvalidArgument, "the template has no name", "nav template create small --profile 1g.5gb", {}});
    return {};
  });
  command.example("Cheap slices for one team, for an hour at most",
                  "nav template create practice --profile 1g.5gb --team students --longest 1h --priority-ceiling 0");
  command.example("Two whole GPUs of the room downstairs", "nav template create pair --gpu a100 --gpus 2 --site cellar --price 3.20");
  command.runs([asked](Context& nav) { return create(nav, *asked); });
  return command;
}

Command edit_template_command() {
  auto asked = std::make_shared<TemplateOptions>();
  Command command("edit", "Change a template");
  command.about("What no flag names stays as it is. Jobs that run are left alone; those that wait are placed on the new terms.");
  command.argument("NAME", "name of a template", into(asked->name), Names::Template);
  add_fields(command, *asked);
  command.option("--anywhere", "on any node, at any site, whatever its labels", into_switch(asked->anywhere));
  command.option("--everybody", "for all teams, projects and users", into_switch(asked->everybody));
  command.option("--no-limits", "without --longest and --priority-ceiling", into_switch(asked->no_limits));
  command.example("It costs now", "nav template edit mig-1g.5gb --price 0.35");
  command.runs([asked](Context& nav) { return edit(nav, *asked); });
  return command;
}

Command named_command(char const* word, char const* summary, Result<int> (*run)(Context&, TemplateOptions const&)) {
  auto asked = std::make_shared<TemplateOptions>();
  Command command(word, summary);
  command.argument("NAME", "name of a template", into(asked->name), Names::Template);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked, run](Context& nav) { return run(nav, *asked); });
  return command;
}

}  // namespace

Command template_command() {
  Command command("template", "Show, make, change and retire kinds of compute");
  command.about(
      "Templates appear by themselves for hardware that joins. One that a person made, changed or retired is never overwritten by that. nav templates "
      "lists them.");
  command.add(named_command("show", "Show one template", show));
  command.add(create_template_command());
  command.add(edit_template_command());
  command.add(named_command("delete", "Offer a template no more", remove));
  return command;
}

}  // namespace nav::cli
