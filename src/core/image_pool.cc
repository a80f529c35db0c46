// SPDX-License-Identifier: Apache-2.0
#include "core/image_pool.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace nav {

namespace {

// Few things, with fields that grow over the years, are JSON. Jobs and their classes are many, so they are packed.

struct SliceImage {
  std::string at;
  AttemptId holder;
  std::string aside;
};
BOOST_DESCRIBE_STRUCT(SliceImage, (), (at, holder, aside))

struct GpuImage {
  std::uint32_t index = 0;
  std::string uuid;
  std::string model;
  std::string family;
  std::uint32_t board = 0;  // from 1 in HeadImage::boards; 0: cannot be cut
  std::uint64_t memory_mib = 0;
  GpuPolicy policy = GpuPolicy::Managed;
  GpuMode mode = GpuMode::Whole;
  std::vector<SliceImage> slices;
  AttemptId holder;
  std::string aside;
  std::uint64_t erred = 0;
};
BOOST_DESCRIBE_STRUCT(GpuImage, (), (index, uuid, model, family, board, memory_mib, policy, mode, slices, holder, aside, erred))

struct NodeImage {
  NodeId id;
  std::string name;
  std::string site;
  std::map<std::string, std::string> labels;
  NodeState state = NodeState::Joining;
  Time since;
  bool draining = false;
  std::string drain_message;
  RentalId rental;
  std::string boot;
  std::uint64_t boots = 0;
  std::optional<Inventory> inventory;
  std::vector<GpuImage> gpus;
  std::uint64_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  Generation generation;
  std::uint64_t xids_seen = 0;
};
BOOST_DESCRIBE_STRUCT(NodeImage, (),
                      (id, name, site, labels, state, since, draining, drain_message, rental, boot, boots, inventory, gpus, cpu_milli, memory_mib, generation,
                       xids_seen))

/// What an account has spent, which cannot be counted again from what is there.
struct SpentImage {
  bool project = false;
  std::uint64_t number = 0;
  std::uint64_t spent = 0;  // the bits of a double
  Time as_of;
  std::uint64_t typical_run = 0;  // the bits of a double, in seconds
};
BOOST_DESCRIBE_STRUCT(SpentImage, (), (project, number, spent, as_of, typical_run))

struct ClaimImage {
  JobId job;
  NodeId node;
  std::uint32_t rung = 0;
  std::uint32_t gpus = 0;
  std::string placement;
  Amount cost;
  Time since;
  bool by_moving = false;
  JobId for_job = {};
};
BOOST_DESCRIBE_STRUCT(ClaimImage, (), (job, node, rung, gpus, placement, cost, since, by_moving, for_job))

struct MovedImage {
  JobId job;
  Time at;
};
BOOST_DESCRIBE_STRUCT(MovedImage, (), (job, at))

struct PreemptedImage {
  JobId job;
  JobId by;
  std::string sentence;
  Time at;
};
BOOST_DESCRIBE_STRUCT(PreemptedImage, (), (job, by, sentence, at))

struct ServiceImage {
  JobId job;
  ServiceStatus status;
};
BOOST_DESCRIBE_STRUCT(ServiceImage, (), (job, status))

struct GangImage {
  JobId first;
  std::uint32_t members = 1;
  std::uint32_t well = 0;
  std::uint32_t port = 0;
  std::vector<NodeId> nodes;
  std::optional<GangBroken> broken;
};
BOOST_DESCRIBE_STRUCT(GangImage, (), (first, members, well, port, nodes, broken))

struct HeadImage {
  std::vector<mig::Board> boards;
  std::vector<Template> templates;
  std::vector<std::string> retired;
  std::vector<Cloud> clouds;
  std::vector<Rental> rentals;
  std::uint64_t next_rental = 1;
  std::uint64_t next_job = 1;
  std::uint64_t next_node = 1;
  std::uint64_t next_queue = 1;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  Time now;
  std::vector<SpentImage> spent;
  std::map<std::string, std::uint64_t> class_users;  // by number of the class
  std::vector<ClaimImage> claims;
  std::vector<PreemptedImage> preempted;
  std::vector<MovedImage> moved;
  Duration half_life = hours(24);
  std::vector<GangImage> gangs;
  std::map<std::string, std::uint64_t> class_gangs;  // by number of the class
  std::vector<ServiceImage> services;
};
BOOST_DESCRIBE_STRUCT(HeadImage, (),
                      (boards, templates, retired, clouds, rentals, next_rental, next_job, next_node, next_queue, epoch, sequence, now, spent, class_users,
                       claims, preempted, moved, half_life, gangs, class_gangs, services))

template <class... Args>
Unexpected broken(fmt::format_string<Args...> format, Args&&... args) {
  return within("the image", Error{ErrorKind::Internal, fmt::format(format, std::forward<Args>(args)...), {}, {}});
}

// ---- boards, templates, counters

HeadImage image_of_head(Pool const& pool) {
  HeadImage head{
      .next_job = pool.next_job, .next_node = pool.next_node, .next_queue = pool.next_queue, .epoch = pool.epoch, .sequence = pool.sequence, .now = pool.now};
  for (auto const& geometry : *pool.geometries) head.boards.push_back(geometry->board());
  for (auto const& [name, t] : *pool.templates) head.templates.push_back(t);
  for (auto const& [name, cloud] : *pool.clouds) head.clouds.push_back(cloud);
  for (auto const& [id, rental] : *pool.rentals) head.rentals.push_back(rental);
  head.next_rental = pool.next_rental;
  head.retired.assign(pool.retired->begin(), pool.retired->end());
  for (bool const project : {false, true})
    (project ? pool.accounts.projects : pool.accounts.teams).each([&](Account const& account) {
      if (account.as_of)
        head.spent.push_back(
            {project, account.number, std::bit_cast<std::uint64_t>(account.spent), account.as_of, std::bit_cast<std::uint64_t>(account.typical_run_s)});
    });
  for (auto const& [job, claim] : *pool.claims) {
    auto const index = static_cast<std::size_t>(std::countr_zero(claim.gpus));
    Node const& node = pool.nodes.at(claim.node.value);
    bool const cut = claim.placement && index < node.gpus.size() && node.gpus[index].geometry;
    head.claims.push_back({job, claim.node, claim.rung, claim.gpus, cut ? mig::to_text(node.gpus[index].geometry->board(), *claim.placement) : "", claim.cost,
                           claim.since, claim.by_moving, claim.for_job});
  }
  for (auto const& [job, what] : *pool.preempted) head.preempted.push_back({job, what.by, what.sentence, what.at});
  for (auto const& [job, at] : *pool.moved) head.moved.push_back({job, at});
  for (auto const& [job, status] : *pool.services) head.services.push_back({job, status});
  head.half_life = pool.accounts.half_life;
  pool.queues.each([&](ClassQueue const& queue) {
    head.class_users[fmt::format("{}", queue.number)] = queue.request.user.value;
    if (queue.request.gang) head.class_gangs[fmt::format("{}", queue.number)] = queue.request.gang.value;
  });
  pool.gangs.each([&](Gang const& gang) { head.gangs.push_back({gang.first, gang.members, gang.well, gang.port, gang.nodes, gang.broken}); });
  return head;
}

Result<void> take_head(HeadImage head, Pool& pool) {
  for (auto& board : head.boards) {
    TRY(auto geometry, mig::Geometry::compile(std::move(board)));
    pool.geometries.edit().push_back(std::make_shared<mig::Geometry const>(std::move(geometry)));
  }
  for (auto& t : head.templates) pool.templates.edit()[t.name] = std::move(t);
  pool.retired.edit().insert(head.retired.begin(), head.retired.end());
  for (auto& cloud : head.clouds) pool.clouds.edit()[cloud.name] = std::move(cloud);
  for (auto& rental : head.rentals) pool.rentals.edit()[rental.id] = std::move(rental);
  pool.next_rental = head.next_rental;
  for (auto& what : head.preempted) pool.preempted.edit()[what.job] = {what.by, std::move(what.sentence), what.at};
  for (auto const& what : head.moved) pool.moved.edit()[what.job] = what.at;
  for (auto& what : head.services) pool.services.edit()[what.job] = std::move(what.status);
  for (auto& gang : head.gangs)
    pool.gangs.insert(gang.first.value, {gang.first, gang.members, gang.well, gang.port, std::move(gang.nodes), std::move(gang.broken)});
  pool.accounts.half_life = head.half_life;
  pool.next_job = head.next_job;
  pool.next_node = head.next_node;
  pool.next_queue = head.next_queue;
  pool.epoch = head.epoch;
  pool.sequence = head.sequence;
  pool.now = head.now;
  return {};
}

// ---- nodes

GpuImage image_of(Pool const& pool, Gpu const& gpu) {
  GpuImage image{.index = gpu.index,
                 .uuid = gpu.uuid,
                 .model = gpu.model,
                 .family = gpu.family,
                 .memory_mib = gpu.memory_mib,
                 .policy = gpu.policy,
                 .mode = gpu.mode,
                 .holder = gpu.holder,
                 .aside = gpu.aside,
                 .erred = gpu.erred};
  auto const known = std::find(pool.geometries->begin(), pool.geometries->end(), gpu.geometry);
  if (known != pool.geometries->end()) image.board = static_cast<std::uint32_t>(known - pool.geometries->begin()) + 1;
  for (auto const& slice : gpu.slices) image.slices.push_back({mig::to_text(gpu.geometry->board(), slice.at), slice.holder, slice.aside});
  return image;
}

NodeImage image_of(Pool const& pool, Node const& node) {
  NodeImage image{.id = node.id,
                  .name = node.name,
                  .site = node.site,
                  .labels = node.labels,
                  .state = node.state,
                  .since = node.since,
                  .draining = node.draining,
                  .drain_message = node.drain_message,
                  .rental = node.rental,
                  .boot = node.boot,
                  .boots = node.boots,
                  .cpu_milli = node.cpu_milli,
                  .memory_mib = node.memory_mib,
                  .generation = node.generation,
                  .xids_seen = node.xids_seen};
  if (node.inventory) image.inventory = *node.inventory;
  for (auto const& gpu : node.gpus) image.gpus.push_back(image_of(pool, gpu));
  return image;
}

Result<Gpu> gpu_of(GpuImage image, Pool const& pool) {
  Gpu gpu{.index = image.index,
          .uuid = std::move(image.uuid),
          .model = std::move(image.model),
          .family = std::move(image.family),
          .memory_mib = image.memory_mib,
          .policy = image.policy,
          .mode = image.mode,
          .holder = image.holder,
          .aside = std::move(image.aside),
          .erred = image.erred};
  if (image.board > pool.geometries->size()) return broken("GPU {} has a board that is not there", gpu.uuid);
  if (image.board != 0) gpu.geometry = (*pool.geometries)[image.board - 1];
  for (auto& slice : image.slices) {
    if (!gpu.geometry) return broken("GPU {} has slices but no board", gpu.uuid);
    TRY(auto const at, mig::parse_placement(gpu.geometry->board(), slice.at));
    gpu.slices.push_back({at, slice.holder, std::move(slice.aside)});
  }
  return gpu;
}

Result<void> take_node(NodeImage image, Pool& pool) {
  if (!image.id || image.id.value >= pool.next_node || pool.node(image.id)) return broken("{} is no number for a node", to_text(image.id));
  Node node{.id = image.id,
            .name = std::move(image.name),
            .site = std::move(image.site),
            .labels = std::move(image.labels),
            .state = image.state,
            .since = image.since,
            .draining = image.draining,
            .drain_message = std::move(image.drain_message),
            .rental = image.rental,
            .boot = std::move(image.boot),
            .boots = image.boots,
            .cpu_milli = image.cpu_milli,
            .memory_mib = image.memory_mib,
            .generation = image.generation,
            .xids_seen = image.xids_seen};
  if (image.inventory) node.inventory = std::make_shared<Inventory const>(std::move(*image.inventory));
  for (auto& seen : image.gpus) {
    TRY(auto gpu, gpu_of(std::move(seen), pool));
    node.gpus.push_back(std::move(gpu));
  }
  if (node.state != NodeState::Lost) pool.node_named.edit()[node.name] = node.id;
  pool.accounts.capacity += capacity_of(node);
  pool.nodes.insert(image.id.value, std::move(node));
  return {};
}

// ---- classes of jobs

void save_queue(ClassQueue const& queue, ByteWriter& out) {
  RequestClass const& request = queue.request;
  out.number(queue.number);
  out.number(request.on.size());
  for (auto const& name : request.on) out.text(name);
  out.number(request.cpu_milli);
  out.number(request.memory_mib);
  out.signed_number(request.priority);
  out.number(request.project.value);
  out.number(request.rung);
  out.number(request.limits.size());
  for (auto const& limits : request.limits) {
    out.signed_number(limits.wait.us);
    out.number(limits.price_micro ? 1 : 0);
    out.signed_number(limits.price_micro.value_or(0));
  }
}

Result<void> load_queue(ByteReader& in, Pool& pool, std::uint64_t version, std::map<std::string, std::uint64_t> const& users,
                        std::map<std::string, std::uint64_t> const& gangs) {
  ClassQueue queue{.number = in.number()};
  std::uint64_t const rungs = in.number();
  for (std::uint64_t i = 0; i < rungs && !in.failed(); ++i) queue.request.on.emplace_back(in.text());
  queue.request.cpu_milli = static_cast<std::uint32_t>(in.number());
  queue.request.memory_mib = in.number();
  queue.request.priority = static_cast<std::int32_t>(in.signed_number());
  queue.request.project.value = in.number();
  if (version < 2) {
    queue.request.rung = static_cast<std::uint32_t>(std::max<std::size_t>(queue.request.on.size(), 1) - 1);  // lists had no limits
  } else {
    queue.request.rung = static_cast<std::uint32_t>(in.number());
    std::uint64_t const limits = in.number();
    for (std::uint64_t i = 0; i < limits && !in.failed(); ++i) {
      RungLimits& one = queue.request.limits.emplace_back(RungLimits{Duration{in.signed_number()}, {}});
      bool const priced = in.number() != 0;
      if (std::int64_t const price = in.signed_number(); priced) one.price_micro = price;
    }
    if (queue.request.rung >= queue.request.on.size()) return broken("class {} is on no rung", queue.number);
  }
  if (auto const user = users.find(fmt::format("{}", queue.number)); user != users.end()) queue.request.user.value = user->second;
  if (auto const gang = gangs.find(fmt::format("{}", queue.number)); gang != gangs.end()) queue.request.gang.value = gang->second;
  if (in.failed() || queue.number >= pool.next_queue || pool.queues.find(queue.number)) return broken("class {} is none", queue.number);
  pool.queue_of.edit()[queue.request] = queue.number;
  pool.queues.insert(queue.number, std::move(queue));
  return {};
}

// ---- jobs

constexpr std::uint64_t restartable = 1, same_request = 2, seated = 4, in_slice = 8, climbs = 16, no_preempt = 32, leaving = 64, outgrows = 128;  // bits

/// Jobs of one submission follow one another: what they share is written with the first.
bool is_same_request(Job const& a, Job const& b) {
  return a.queue == b.queue && a.body == b.body && a.user == b.user && a.submitted == b.submitted && a.time_limit == b.time_limit;
}

void save_job(Job const& job, Job const& before, ByteWriter& out) {
  bool const same = is_same_request(job, before);
  out.number(job.id.value - before.id.value);
  out.number((job.restartable ? restartable : 0) | (same ? same_request : 0) | (job.seat.node ? seated : 0) | (job.seat.placement ? in_slice : 0) |
             (job.climbs ? climbs : 0) | (job.no_preempt ? no_preempt : 0) | (job.seat.leaving ? leaving : 0) |
             (job.on_out_of_memory == OnOutOfMemory::Climb ? outgrows : 0));
  if (!same) {
    out.number(job.queue);
    out.fixed64(job.body.high);
    out.fixed64(job.body.low);
    out.number(job.user.value);
    out.number(job.project.value);
    out.signed_number(job.submitted.us);
    out.signed_number(job.time_limit.us);
  }
  out.signed_number(job.since.us - job.submitted.us);
  out.signed_number(job.started.us);
  out.signed_number(job.rung_since.us);
  out.number(static_cast<std::uint64_t>(job.state));
  out.number(static_cast<std::uint64_t>(job.stop));
  out.number(job.retries_left);
  out.number(job.attempt);
  out.number(job.node_errors);
  out.number(job.aside);
  if (!job.seat.node) return;
  out.number(job.seat.node.value);
  out.number(job.seat.rung);
  out.number(job.seat.gpus);
  if (job.seat.placement) {
    out.number(job.seat.placement->profile);
    out.number(job.seat.placement->start);
  }
  out.number(job.seat.cpu_milli);
  out.number(job.seat.memory_mib);
  out.signed_number(job.seat.time_limit.us);
}

Job load_job(ByteReader& in, Job const& before, std::uint64_t version) {
  std::uint64_t const step = in.number(), flags = in.number();
  Job job;
  if (flags & same_request)
    job.queue = before.queue, job.body = before.body, job.user = before.user, job.project = before.project, job.submitted = before.submitted,
    job.time_limit = before.time_limit;
  job.id.value = before.id.value + step;
  job.restartable = flags & restartable;
  job.climbs = flags & climbs;
  job.no_preempt = flags & no_preempt;
  if (flags & outgrows) job.on_out_of_memory = OnOutOfMemory::Climb;
  if (!(flags & same_request)) {
    job.queue = in.number();
    job.body.high = in.fixed64();
    job.body.low = in.fixed64();
    job.user.value = in.number();
    job.project.value = in.number();
    job.submitted.us = in.signed_number();
    job.time_limit.us = in.signed_number();
  }
  job.since.us = job.submitted.us + in.signed_number();
  job.started.us = in.signed_number();
  job.rung_since.us = version < 2 ? job.submitted.us : in.signed_number();
  job.state = static_cast<JobState>(in.number());
  job.stop = static_cast<StopCause>(in.number());
  job.retries_left = static_cast<std::uint32_t>(in.number());
  job.attempt = static_cast<std::uint32_t>(in.number());
  job.node_errors = static_cast<std::uint32_t>(in.number());
  job.aside = static_cast<std::uint32_t>(in.number());
  if (!(flags & seated)) return job;
  job.seat.leaving = flags & leaving;
  job.seat.node.value = in.number();
  job.seat.rung = static_cast<std::uint32_t>(in.number());
  job.seat.gpus = static_cast<std::uint32_t>(in.number());
  if (flags & in_slice) {
    auto const profile = static_cast<std::uint8_t>(in.number());
    job.seat.placement = mig::Placement{profile, static_cast<std::uint8_t>(in.number())};
  }
  job.seat.cpu_milli = static_cast<std::uint32_t>(in.number());
  job.seat.memory_mib = in.number();
  job.seat.time_limit = version < 2 ? job.time_limit : Duration{in.signed_number()};
  return job;
}

/// Jobs come in the order of their numbers, which is that of every queue.
Result<void> take_job(Job job, Pool& pool) {
  JobId const id = job.id;
  if (!id || id.value >= pool.next_job || pool.job(id)) return broken("{} is no number for a job", to_text(id));
  if (!pool.queues.find(job.queue)) return broken("job {} is of no class", to_text(id));
  if (job.state > JobState::Finishing || job.stop > StopCause::Unhealthy) return broken("job {} is in no state there is", to_text(id));
  ClassQueue& queue = pool.queues.edit(job.queue);
  ++queue.alive;
  job.gang = queue.request.gang;
  if (job.gang && !pool.gangs.find(job.gang.value)) return broken("job {} is of no gang", to_text(id));
  if (job.state == JobState::Queued) {
    job.before = queue.tail;
    (queue.tail ? pool.jobs.edit(queue.tail.value).after : queue.head) = id;
    queue.tail = id;
    ++queue.waiting;
    ++pool.waiting;
    count_queued(pool.accounts, job.user, 1);
  }
  if (job.seat.node) {
    if (!pool.node(job.seat.node)) return broken("job {} sits on no node", to_text(id));
    Node& node = pool.nodes.edit(job.seat.node.value);
    node.attempts.insert(job.attempt_id());
    node.cpu_milli_used += job.seat.cpu_milli;
    node.memory_mib_used += job.seat.memory_mib;
    if (job.climbs && job.seat.rung > 0) pool.climbers.edit().insert(id);
    job.seat.cost = cost_of(node, job.seat.gpus, job.seat.placement);
    occupy(pool.accounts, job.project, job.user, job.seat.cost, pool.now);
    if (job.seat.leaving) begin_leaving(pool.accounts, job.project, job.seat.cost);
  }
  pool.jobs.insert(id.value, std::move(job));
  return {};
}

}  // namespace

void save_pool(Pool const& pool, ByteWriter& out) {
  out.text(json_write(image_of_head(pool)));
  out.number(pool.nodes.size());
  pool.nodes.each([&](Node const& node) { out.text(json_write(image_of(pool, node))); });
  out.number(pool.queues.size());
  pool.queues.each([&](ClassQueue const& queue) { save_queue(queue, out); });
  out.number(pool.jobs.size());
  Job const none;
  Job const* before = &none;
  pool.jobs.each([&](Job const& job) {
    save_job(job, *before, out);
    before = &job;
  });
}

Result<void> load_pool(ByteReader& in, Pool& pool, std::uint64_t version) {
  TRY(auto head, json_read<HeadImage>(in.text(), Unknown::Ignore));
  auto const spent = std::move(head.spent);
  auto const class_users = std::move(head.class_users);
  auto const claims = std::move(head.claims);
  auto const class_gangs = std::move(head.class_gangs);
  TRY_VOID(take_head(std::move(head), pool));
  std::uint64_t const nodes = in.number();
  for (std::uint64_t i = 0; i < nodes && !in.failed(); ++i) {
    TRY(auto node, json_read<NodeImage>(in.text(), Unknown::Ignore));
    TRY_VOID(take_node(std::move(node), pool));
  }
  std::uint64_t const queues = in.number();
  for (std::uint64_t i = 0; i < queues && !in.failed(); ++i) TRY_VOID(load_queue(in, pool, version, class_users, class_gangs));
  std::uint64_t const jobs = in.number();
  Job before;
  for (std::uint64_t i = 0; i < jobs && !in.failed(); ++i) {
    Job job = load_job(in, before, version);
    before = job;
    TRY_VOID(take_job(std::move(job), pool));
  }
  if (in.failed()) return broken("it ends too early");
  for (auto const& image : claims) {
    Job const* job = pool.job(image.job);
    Node const* node = pool.node(image.node);
    if (!job || !node) return broken("a claim is of no job or on no node");
    Claim known{.job = image.job,
                .node = image.node,
                .rung = image.rung,
                .gpus = image.gpus,
                .placement = {},
                .cost = image.cost,
                .since = image.since,
                .by_moving = image.by_moving,
                .for_job = image.for_job};
    auto const index = static_cast<std::size_t>(std::countr_zero(image.gpus));
    if (!image.placement.empty() && index < node->gpus.size() && node->gpus[index].geometry) {
      TRY(known.placement, mig::parse_placement(node->gpus[index].geometry->board(), image.placement));
    }
    if (known.is_counted()) claim(pool.accounts, job->project, known.cost);
    pool.claims.edit()[image.job] = std::move(known);
  }
  for (auto const& [project, number, bits, as_of, run] : spent)
    set_spent(pool.accounts, project, number, std::bit_cast<double>(bits), as_of, std::bit_cast<double>(run));
  return {};
}

}  // namespace nav
