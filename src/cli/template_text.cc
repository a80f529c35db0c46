// SPDX-License-Identifier: Apache-2.0
#include "cli/template_text.h"

#include "base/text.h"
#include "cli/table.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

void add_named(std::vector<std::string>& parts, std::string_view what, std::vector<std::string> const& names) {
  for (auto const& name : names) parts.push_back(fmt::format("{} {}", what, name));
}

}  // namespace

std::string what_of(api::Template const& one) {
  switch (one.kind) {
    case api::TemplateKind::Slice: return fmt::format("a slice {}", one.profile.value_or("?"));
    case api::TemplateKind::Gpus:
      return fmt::format("{} whole {}{}", one.gpus.value_or(1), one.family.value_or("GPU"), one.gpus.value_or(1) > 1 ? " of one node" : "");
    case api::TemplateKind::Cpu: return "processors alone";
  }
  return "";
}

std::string for_whom(api::Template const& one) {
  std::vector<std::string> parts;
  add_named(parts, "team", one.teams);
  add_named(parts, "project", one.projects);
  add_named(parts, "user", one.users);
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string where_of(api::Template const& one) {
  std::vector<std::string> parts;
  add_named(parts, "node", one.nodes);
  add_named(parts, "site", one.sites);
  for (auto const& [key, value] : one.labels) parts.push_back(fmt::format("{}={}", key, value));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string template_text(api::Template const& one, Terminal const& terminal) {
  return fields_text({{"template", Cell(one.name, Paint::Strong)},
                      {"is", what_of(one)},
                      {"about", printable(one.description.value_or(""))},
                      {"processors", processors_text(one.cpu_milli)},
                      {"memory", mib_text(one.memory_mib)},
                      {"where", where_of(one)},
                      {"for", for_whom(one)},
                      {"an hour", one.price_micro == 0 ? "" : money_text(one.price_micro)},
                      {"longest", one.longest ? to_text(*one.longest) : ""},
                      {"priority", one.priority_ceiling ? fmt::format("{} at most", *one.priority_ceiling) : ""},
                      {"made by", one.seeded ? "discovery" : "people"}},
                     terminal);
}

api::SetTemplate wish_of(api::Template const& shown) {
  return {.name = shown.name,
          .kind = shown.kind,
          .profile = shown.profile,
          .family = shown.family,
          .gpus = shown.gpus,
          .cpu_milli = shown.cpu_milli,
          .memory_mib = shown.memory_mib,
          .nodes = shown.nodes,
          .sites = shown.sites,
          .labels = shown.labels,
          .teams = shown.teams,
          .projects = shown.projects,
          .users = shown.users,
          .price_micro = shown.price_micro,
          .longest = shown.longest,
          .priority_ceiling = shown.priority_ceiling,
          .description = shown.description,
          .for_later = false};
}

}  // namespace nav::cli
