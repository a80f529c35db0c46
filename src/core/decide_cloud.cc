// SPDX-License-Identifier: Apache-2.0
#include "core/decide_cloud.h"

#include <algorithm>

#include "base/text.h"
#include "core/decide_report.h"
#include "core/offer.h"

namespace nav {

namespace {

using Events = std::vector<PoolEvent>;

Result<Cloud const*> cloud_named(Pool const& pool, std::string const& name) {
  if (auto const found = pool.clouds->find(name); found != pool.clouds->end()) return &found->second;
  std::vector<std::string> names;
  for (auto const& [known, cloud] : *pool.clouds) names.push_back(known);
  return Unexpected(Error{ErrorKind::NotFound,
                          fmt::format("there is no cloud \"{}\"", shortened(name, 70)),
                          names.empty() ? "none has been set up" : fmt::format("there are: {}", fmt::join(names, ", ")),
                          {}});
}

Result<Rental const*> rental_of(Pool const& pool, RentalId id) {
  if (auto const found = pool.rentals->find(id); found != pool.rentals->end()) return &found->second;
  return fail(ErrorKind::NotFound, "there is no {}", to_text(id));
}

/// Its node, if it has joined, is given up: whatever was seated there is lost.
void lose_node(Pool const& pool, Rental const& rental, std::string const& why, Asked const& asked, Events& events) {
  Node const* node = rental.node ? pool.node(rental.node) : nullptr;
  if (!node || node->state == NodeState::Lost) return;
  for (AttemptId id : node->attempts) {
    Job const& job = pool.jobs.at(id.job.value);
    conclude(pool, job, {.attempt = id, .outcome = Outcome::Lost, .message = why, .started = job.started, .ended = asked.now}, events);
  }
  events.push_back(NodeLost{rental.node});
}

/// One machine of its cloud as a template, unless a person has made or retired one of that name.
void seed_template(Pool const& pool, Cloud const& cloud, Events& events) {
  Template const* known = pool.find_template(cloud.name);
  if ((known && !known->seeded) || pool.retired->contains(cloud.name)) return;
  Template t;
  t.name = cloud.name;
  t.kind = TemplateKind::Gpus;
  t.family = cloud.family;
  t.gpus = cloud.gpus;
  t.cpu_milli = 1000;
  t.memory_mib = 2048;
  t.sites = {cloud.name};
  t.price_micro = cloud.price_micro;
  t.seeded = true;
  if (!known || *known != t) events.push_back(TemplateSet{std::move(t)});
}

}  // namespace

Result<Events> decide_on(Pool const& pool, SetCloud const& c, Asked const&) {
  TRY_VOID(check_name(c.what.name, "name"));
  if (c.what.most < 1 || c.what.most > 1000) return fail_field("most", "1 to 1000 machines", "most is {}", c.what.most);
  if (c.what.gpus < 1 || c.what.gpus > 32) return fail_field("gpus", "1 to 32 a machine", "gpus is {}", c.what.gpus);
  if (c.what.price_micro < 0) return fail_field("price", "zero or more", "a price is not negative");
  if (c.what.boot.us < 0 || c.what.idle.us < 0) return fail_field("boot", "a length of time", "a length of time is not negative");
  Cloud what = c.what;
  auto const known = pool.clouds->find(what.name);
  if (known != pool.clouds->end()) {
    what.open = known->second.open;
    what.not_before = known->second.not_before;
    what.problem = known->second.problem;
  }
  Events events;
  if (known == pool.clouds->end() || known->second != what) events.push_back(CloudSet{what});
  seed_template(pool, what, events);
  return events;
}

Result<Events> decide_on(Pool const& pool, OpenCloud const& c, Asked const&) {
  TRY(Cloud const* cloud, cloud_named(pool, c.name));
  Cloud what = *cloud;
  what.open = c.open;
  if (c.open) what.not_before = {}, what.problem.clear();
  if (what == *cloud) return Events{};
  Events events{CloudSet{what}};
  // What has not come yet is not waited for; what is idle goes with the controller's next look.
  if (!c.open)
    for (auto const& [id, rental] : *pool.rentals)
      if (rental.cloud == c.name && rental.state == RentalState::Booting && !rental.node)
        events.push_back(RentalReleased{id, fmt::format("{} was closed", c.name)});
  return events;
}

Result<Events> decide_on(Pool const& pool, WantMachine const& c, Asked const& asked) {
  TRY(Cloud const* cloud, cloud_named(pool, c.cloud));
  if (!cloud->open) return fail(ErrorKind::Conflict, "{} is closed", c.cloud);
  if (asked.now < cloud->not_before) return fail(ErrorKind::Conflict, "{} gave no machine: {}", c.cloud, cloud->problem);
  auto const there = std::count_if(pool.rentals->begin(), pool.rentals->end(), [&](auto const& entry) { return entry.second.cloud == c.cloud; });
  if (there >= static_cast<std::ptrdiff_t>(cloud->most)) return fail(ErrorKind::Conflict, "all {} machines of {} are taken", cloud->most, c.cloud);
  return Events{RentalWanted{RentalId{pool.next_rental}, c.cloud, c.job, cloud->price_micro}};
}

Result<Events> decide_on(Pool const& pool, ReleaseMachine const& c, Asked const& asked) {
  TRY(Rental const* rental, rental_of(pool, c.rental));
  if (rental->state == RentalState::Releasing) return Events{};
  Node const* node = rental->node ? pool.node(rental->node) : nullptr;
  if (node && !node->attempts.empty()) return fail(ErrorKind::Conflict, "{} is in use", node->name);
  Events events{RentalReleased{c.rental, c.why}};
  lose_node(pool, *rental, c.why, asked, events);
  return events;
}

Result<Events> decide_on(Pool const& pool, GiveUpMachine const& c, Asked const& asked) {
  TRY(Rental const* rental, rental_of(pool, c.rental));
  TRY(Cloud const* cloud, cloud_named(pool, rental->cloud));
  if (rental->state != RentalState::Booting || asked.now < rental->wanted + most_boot_time(*cloud))
    return fail(ErrorKind::Conflict, "{} may still come", node_name(*rental));
  // The provider may have it nevertheless, so it is released, not ended; what it said is remembered by the cloud.
  std::string const why = fmt::format("{} did not join within {}", node_name(*rental), to_text(most_boot_time(*cloud)));
  Cloud what = *cloud;
  what.not_before = asked.now + cloud_rest;
  what.problem = why;
  Events events{RentalReleased{c.rental, why}, CloudSet{what}};
  lose_node(pool, *rental, why, asked, events);
  return events;
}

Result<Events> decide_on(Pool const& pool, ReportCloud const& c, Asked const& asked) {
  TRY_VOID(cloud_named(pool, c.status.cloud));
  Events events;
  for (auto const& [id, rental] : *pool.rentals) {
    if (rental.cloud != c.status.cloud) continue;
    auto const seen = std::find_if(c.status.machines.begin(), c.status.machines.end(),
                                   [name = node_name(rental)](MachineStatus const& machine) { return machine.name == name; });
    bool const there = seen != c.status.machines.end();
    bool const failed = there && seen->state == MachineState::Failed;
    if (rental.state == RentalState::Releasing) {
      if (!there) events.push_back(RentalEnded{id, false, "given back"});
      continue;
    }
    // A wish the provider has not heard of yet is no failure; a machine that ran and is not there is gone for good.
    if (!failed && (there || rental.state == RentalState::Booting)) continue;
    std::string const why = failed ? fmt::format("{}: {}", node_name(rental), seen->message)
                                   : fmt::format("{} has no {} any more", rental.cloud, node_name(rental));
    lose_node(pool, rental, why, asked, events);
    if (there) events.push_back(RentalReleased{id, why});
    else events.push_back(RentalEnded{id, true, why});
    if (there) {
      Cloud what = pool.clouds->at(rental.cloud);
      what.not_before = asked.now + cloud_rest;
      what.problem = why;
      events.push_back(CloudSet{what});
    }
  }
  return events;
}

Result<RentalId> rental_joining(Pool const& pool, std::string const& name, std::string const& site) {
  if (!pool.clouds->contains(site)) return RentalId{};
  for (auto const& [id, rental] : *pool.rentals)
    if (rental.cloud == site && rental.state == RentalState::Booting && !rental.node && node_name(rental) == name) return id;
  return Unexpected(
      Error{ErrorKind::Conflict, fmt::format("no machine {} is wanted at {}", name, site), "machines of a cloud are booted by the controller", "name"});
}

}  // namespace nav
