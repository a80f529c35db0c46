// SPDX-License-Identifier: Apache-2.0
#include "core/offer.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace nav {

namespace {

template <class T>
bool contains(std::vector<T> const& all, T const& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string listed(std::vector<std::string> const& names) { return shortened(fmt::format("{}", fmt::join(names, ", ")), 400); }

/// "did you mean a or b? there are: ...", or only what there is.
std::string what_there_is(std::string_view what, std::string const& wanted, std::set<std::string> const& there) {
  std::vector<std::string> const names(there.begin(), there.end());
  if (names.empty()) return fmt::format("there are no {} yet; --for-later makes the template nevertheless", what);
  auto const near = nearest(wanted, names);
  std::string const all = fmt::format("{} here: {}", what, listed(names));
  return near.empty() ? fmt::format("{}; --for-later makes the template nevertheless", all) : fmt::format("did you mean {}? {}", fmt::join(near, " or "), all);
}

std::vector<Node const*> nodes_admitted(Pool const& pool, Template const& t) {
  std::vector<Node const*> nodes;
  pool.nodes.each([&](Node const& node) {
    if (node.state != NodeState::Lost && node.inventory && admits(t, node)) nodes.push_back(&node);
  });
  return nodes;
}

std::uint32_t gpus_on(Node const& node, std::string const& family) {
  return static_cast<std::uint32_t>(std::count_if(node.gpus.begin(), node.gpus.end(), [&](Gpu const& gpu) { return gpu.family == family; }));
}

bool has_compute(Node const& node, Template const& t) {
  switch (t.kind) {
    case TemplateKind::Slice:
      return std::any_of(node.gpus.begin(), node.gpus.end(), [&](Gpu const& gpu) { return gpu.geometry && gpu.geometry->profile_named(t.profile); });
    case TemplateKind::Gpus: return gpus_on(node, t.family) >= t.gpus;
    case TemplateKind::Cpu: return true;
  }
  return false;
}

/// That the nodes, sites and labels named exist, each by itself.
Result<void> check_where(Pool const& pool, Template const& t) {
  std::set<std::string> names, sites, labels;
  pool.nodes.each([&](Node const& node) {
    if (node.state == NodeState::Lost) return;
    names.insert(node.name);
    sites.insert(node.site);
    for (auto const& [key, value] : node.labels) labels.insert(fmt::format("{}={}", key, value));
  });
  for (auto const& [name, cloud] : *pool.clouds) sites.insert(name);
  for (std::size_t i = 0; i < t.nodes.size(); ++i)
    if (!names.contains(t.nodes[i]))
      return fail_field(fmt::format("nodes[{}]", i), what_there_is("nodes", t.nodes[i], names), "there is no node \"{}\"", t.nodes[i]);
  for (std::size_t i = 0; i < t.sites.size(); ++i)
    if (!sites.contains(t.sites[i]))
      return fail_field(fmt::format("sites[{}]", i), what_there_is("sites", t.sites[i], sites), "there is no site \"{}\"", t.sites[i]);
  for (auto const& [key, value] : t.labels)
    if (auto const label = fmt::format("{}={}", key, value); !labels.contains(label))
      return fail_field(fmt::format("labels.{}", key), what_there_is("labels", label, labels), "no node has the label {}", label);
  return {};
}

Unexpected no_such_slice(Template const& t, std::vector<Node const*> const& nodes) {
  std::set<std::string> profiles;
  for (Node const* node : nodes)
    for (auto const& gpu : node->gpus)
      if (gpu.geometry)
        for (auto const& profile : gpu.geometry->board().profiles) profiles.insert(profile.name);
  return fail_field("profile", what_there_is("profiles", t.profile, profiles), "no GPU {}can be cut into {}", nodes.empty() ? "there " : "in the pool ",
                    t.profile);
}

Unexpected no_such_gpus(Template const& t, std::vector<Node const*> const& nodes) {
  std::set<std::string> families;
  std::uint32_t most = 0;
  for (Node const* node : nodes) {
    for (auto const& gpu : node->gpus) families.insert(gpu.family);
    most = std::max(most, gpus_on(*node, t.family));
  }
  if (most == 0) return fail_field("family", what_there_is("families", t.family, families), "no node has a GPU of {}", t.family);
  return fail_field("gpus", fmt::format("at most {}, or --for-later", most), "no node has {} GPUs of {}: the most on one node is {}", t.gpus, t.family, most);
}

}  // namespace

bool admits(Template const& t, Node const& node) {
  // What costs is for those who name it.
  if (node.rental && !contains(t.sites, node.site)) return false;
  if (!t.nodes.empty() && !contains(t.nodes, node.name)) return false;
  if (!t.sites.empty() && !contains(t.sites, node.site)) return false;
  return std::all_of(t.labels.begin(), t.labels.end(), [&](auto const& label) {
    auto const found = node.labels.find(label.first);
    return found != node.labels.end() && found->second == label.second;
  });
}

bool is_for(Template const& t, Asker const& who) {
  if (t.is_for_everybody() || contains(t.users, who.user) || contains(t.projects, who.project)) return true;
  return std::any_of(who.teams.begin(), who.teams.end(), [&](TeamId team) { return contains(t.teams, team); });
}

Result<void> check_open(Template const& t, RequestClass const& request, std::size_t rung) {
  if (auto const highest = request.limits_of(rung).price_micro; highest && t.price_micro > *highest)
    return fail(ErrorKind::Conflict, "{} costs {} an hour, more than {}", t.name, money_text(t.price_micro), money_text(*highest));
  if (t.priority_ceiling && request.priority > *t.priority_ceiling)
    return fail(ErrorKind::Conflict, "{} takes no job of a priority above {}", t.name, *t.priority_ceiling);
  return {};
}

Cloud const* cloud_of(Pool const& pool, Template const& t) {
  for (auto const& site : t.sites)
    if (auto const found = pool.clouds->find(site); found != pool.clouds->end()) return &found->second;
  return nullptr;
}

std::uint32_t next_stop(Pool const& pool, RequestClass const& request, std::size_t from) {
  for (std::size_t i = from; !request.is_last(i); ++i) {
    Template const* t = pool.find_template(request.on[i]);
    if (!t || !check_open(*t, request, i)) continue;
    if (request.limits_of(i).wait.us > 0 || cloud_of(pool, *t)) return static_cast<std::uint32_t>(i);
  }
  return static_cast<std::uint32_t>(request.on.size() - 1);
}

Template with_usual_share(Pool const& pool, Template wish) {
  if (wish.cpu_milli != 0 && wish.memory_mib != 0) return wish;
  for (Node const* node : nodes_admitted(pool, wish)) {
    if (!has_compute(*node, wish)) continue;
    for (auto const& usual : templates_for(*node->inventory)) {
      if (usual.kind != wish.kind || usual.profile != wish.profile || usual.family != wish.family) continue;
      // Of whole GPUs, discovery names some counts; any other has that many times the share of one.
      std::uint32_t const times = wish.kind == TemplateKind::Gpus ? wish.gpus : 1;
      if (wish.cpu_milli == 0) wish.cpu_milli = usual.cpu_milli * times;
      if (wish.memory_mib == 0) wish.memory_mib = usual.memory_mib * times;
      return wish;
    }
  }
  if (wish.cpu_milli == 0) wish.cpu_milli = 1000;
  if (wish.memory_mib == 0) wish.memory_mib = 2048;
  return wish;
}

Result<void> check_form(Template const& t) {
  TRY_VOID(check_name(t.name, "name"));
  bool const slice = t.kind == TemplateKind::Slice, gpus = t.kind == TemplateKind::Gpus;
  if (slice && t.profile.empty()) return fail_field("profile", "a MIG profile, as 1g.5gb", "a slice needs a profile");
  if (!slice && !t.profile.empty()) return fail_field("profile", "leave it out, or make it a slice", "only a slice has a profile");
  if (gpus && t.family.empty()) return fail_field("family", "which GPUs, as a100", "whole GPUs need a family");
  if (!gpus && !t.family.empty()) return fail_field("family", "leave it out, or ask for whole GPUs", "only whole GPUs have a family");
  if (gpus && (t.gpus < 1 || t.gpus > 32)) return fail_field("gpus", "1 to 32, of one node", "gpus is {}", t.gpus);
  if (!gpus && t.gpus != 0) return fail_field("gpus", "leave it out, or name their family", "only whole GPUs are counted");
  if (t.price_micro < 0) return fail_field("price_micro", "zero or more", "a price is not negative");
  if (t.longest.us < 0) return fail_field("longest", "a length of time above zero, or leave it out", "longest is negative");
  if (t.priority_ceiling && (*t.priority_ceiling < -1000 || *t.priority_ceiling > 1000))
    return fail_field("priority_ceiling", "-1000 to 1000", "priority_ceiling is {}", *t.priority_ceiling);
  if (t.description.size() > 1000) return fail_field("description", "at most 1000 characters", "the description is too long");
  if (t.nodes.size() > 1000 || t.sites.size() > 1000 || t.labels.size() > 100)
    return fail_field("nodes", "at most 1000 nodes, 1000 sites and 100 labels", "too many places are named");
  return {};
}

Result<void> check_offer(Pool const& pool, Template const& t) {
  TRY_VOID(check_where(pool, t));
  if (Cloud const* cloud = cloud_of(pool, t)) {
    if (t.kind == TemplateKind::Gpus && t.family != cloud->family)
      return fail_field("family", cloud->family, "machines of {} have no GPU of {}", cloud->name, t.family);
    if (t.kind == TemplateKind::Gpus && t.gpus > cloud->gpus)
      return fail_field("gpus", fmt::format("at most {}", cloud->gpus), "a machine of {} has fewer GPUs than {}", cloud->name, t.gpus);
    if (t.kind != TemplateKind::Slice) return {};
  }
  auto const nodes = nodes_admitted(pool, t);
  std::uint64_t most_cpu = 0, most_memory = 0;
  bool found = false;
  for (Node const* node : nodes) {
    if (!has_compute(*node, t)) continue;
    found = true;
    if (node->cpu_milli >= t.cpu_milli && node->memory_mib >= t.memory_mib) return {};
    most_cpu = std::max(most_cpu, node->cpu_milli);
    most_memory = std::max(most_memory, node->memory_mib);
  }
  if (found && most_cpu < t.cpu_milli)
    return fail_field("cpu_milli", fmt::format("at most {}", most_cpu), "no node that could give it has {} thousandths of a processor", t.cpu_milli);
  if (found)
    return fail_field("memory_mib", fmt::format("at most {}", mib_text(most_memory)), "no node that could give it has {} beside it", mib_text(t.memory_mib));
  if (t.kind == TemplateKind::Slice) return no_such_slice(t, nodes);
  if (t.kind == TemplateKind::Gpus) return no_such_gpus(t, nodes);
  return fail_field("kind", "nodes join with nav up and nav agent; --for-later makes the template nevertheless", "no node could give it");
}

}  // namespace nav
