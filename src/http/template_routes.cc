// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "http/handlers.h"
#include "http/room.h"
#include "http/shown.h"

namespace nav::http {
namespace {

Result<Template const*> template_parameter(Call const& call) {
  Pool const& pool = call.snapshot->pool;
  if (Template const* found = pool.find_template(call.parameter(0))) return found;
  std::vector<std::string> names;
  for (auto const& [name, one] : *pool.templates) names.push_back(name);
  auto const near = nearest(call.parameter(0), names);
  return Unexpected(Error{ErrorKind::NotFound,
                          fmt::format("there is no template \"{}\"", shortened(call.parameter(0), 70)),
                          near.empty() ? "" : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                          {}});
}

/// The ids of things of access by their names.
template <class Map>
Result<std::vector<typename Map::key_type>> ids_of(Map const& known, std::vector<std::string> const& names, std::string_view field, std::string_view what) {
  std::vector<typename Map::key_type> ids;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const found = std::find_if(known.begin(), known.end(), [&](auto const& entry) { return entry.second.name == names[i]; });
    if (found != known.end()) {
      ids.push_back(found->first);
      continue;
    }
    std::vector<std::string> all;
    for (auto const& [id, one] : known) all.push_back(one.name);
    auto const near = nearest(names[i], all);
    return fail_field(fmt::format("{}[{}]", field, i), near.empty() ? "" : fmt::format("did you mean {}?", fmt::join(near, " or ")), "there is no {} \"{}\"",
                      what, shortened(names[i], 70));
  }
  return ids;
}

TemplateKind kind_of(api::SetTemplate const& wanted) {
  if (wanted.kind) return same_word<TemplateKind>(*wanted.kind);
  return wanted.profile ? TemplateKind::Slice : wanted.family ? TemplateKind::Gpus : TemplateKind::Cpu;
}

Result<SetTemplate> command_of(Call const& call, api::SetTemplate const& wanted, TemplateWish wish) {
  Access const& access = *call.snapshot->access;
  if (wanted.memory_mib > std::uint64_t{1} << 40) return fail_field("memory_mib", "in MiB, at most 2^40", "memory_mib is {}", wanted.memory_mib);
  Template what{.name = wanted.name,
                .kind = kind_of(wanted),
                .profile = wanted.profile.value_or(""),
                .family = wanted.family.value_or(""),
                .gpus = 0,
                .cpu_milli = wanted.cpu_milli,
                .memory_mib = wanted.memory_mib,
                .seeded = false,
                .nodes = wanted.nodes,
                .sites = wanted.sites,
                .labels = wanted.labels,
                .teams = {},
                .projects = {},
                .users = {},
                .price_micro = wanted.price_micro,
                .longest = wanted.longest.value_or(Duration{}),
                .priority_ceiling = wanted.priority_ceiling,
                .description = wanted.description.value_or("")};
  what.gpus = wanted.gpus.value_or(what.kind == TemplateKind::Gpus ? 1 : 0);
  TRY(what.teams, ids_of(access.teams, wanted.teams, "teams", "team"));
  TRY(what.projects, ids_of(access.projects, wanted.projects, "projects", "project"));
  TRY(what.users, ids_of(access.users, wanted.users, "users", "user"));
  return SetTemplate{std::move(what), wish, wanted.for_later ? Hardware::Later : Hardware::There};
}

std::string template_in(Access const& access, std::vector<Frame> const& frames) {
  auto const set = event_in<TemplateSet>(frames);
  return set ? json_write(shown(access, set->what)) : std::string();
}

}  // namespace

Result<void> list_templates(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::PageQuery>(*call));
  on_worker(api, call, [query](Call& asked) -> Result<void> {
    Room const room(asked.snapshot->pool);
    std::vector<std::pair<std::uint64_t, Template const*>> all;
    for (auto const& [name, one] : *asked.snapshot->pool.templates) all.emplace_back(all.size() + 1, &one);
    TRY(auto page, page_of<api::Template>(
                       all, query.limit, query.cursor, [](auto const& one) { return one.first; },
                       [&](auto const& one) {
                         api::Template out = shown(*asked.snapshot->access, *one.second);
                         out.free = room.for_template(*one.second);
                         return out;
                       }));
    answer(asked, page);
    return {};
  });
  return {};
}

Result<void> get_template(Api& api, CallPtr const& call) {
  TRY(Template const* found, template_parameter(*call));
  std::string body = json_write(shown(*call->snapshot->access, *found));
  std::string const etag = etag_of(api, body);
  answer_json(*call, std::move(body), {{"ETag", etag}});
  return {};
}

Result<void> make_template(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::SetTemplate>(*call));
  TRY(auto command, command_of(*call, wanted, TemplateWish::Make));
  auto const snapshot = call->snapshot;
  return ask_and_answer(api, call, {.command = PoolCommand{std::move(command)}, .blob = {}, .answer = [snapshot](std::vector<Frame> const& frames) {
                                      return template_in(*snapshot->access, frames);
                                    }});
}

Result<void> change_template(Api& api, CallPtr const& call) {
  TRY(Template const* found, template_parameter(*call));
  TRY(auto wanted, body_of<api::SetTemplate>(*call));
  if (wanted.name.empty()) wanted.name = found->name;
  if (wanted.name != found->name) return fail_field("name", fmt::format("leave it out, or write {}", found->name), "a template keeps its name");
  TRY(auto command, command_of(*call, wanted, TemplateWish::Replace));
  auto const snapshot = call->snapshot;
  return ask_matched(api, call, "template " + found->name, json_write(shown(*snapshot->access, *found)),
                     {.command = PoolCommand{std::move(command)}, .blob = {}, .answer = [snapshot](std::vector<Frame> const& frames) {
                        return template_in(*snapshot->access, frames);
                      }});
}

Result<void> remove_template(Api& api, CallPtr const& call) {
  TRY(Template const* found, template_parameter(*call));
  return ask_and_answer(api, call,
                        {.command = PoolCommand{RemoveTemplate{found->name}},
                         .blob = {},
                         .answer = [gone = json_write(shown(*call->snapshot->access, *found))](std::vector<Frame> const&) { return gone; }});
}

}  // namespace nav::http
