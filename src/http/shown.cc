// SPDX-License-Identifier: Apache-2.0
#include "http/shown.h"

#include <bit>

#include "core/decide_report.h"
#include "http/call.h"
#include "http/room.h"

namespace nav::http {
namespace {

std::optional<std::string> unless_empty(std::string const& text) { return text.empty() ? std::nullopt : std::optional(text); }
std::optional<Time> unless_zero(Time time) { return time ? std::optional(time) : std::nullopt; }

api::SliceState state_of(AttemptId holder, std::string const& aside) {
  return !aside.empty() ? api::SliceState::SetAside : holder ? api::SliceState::Held : api::SliceState::Idle;
}

std::optional<AttemptId> shown_holder(Snapshot const& snapshot, AttemptId holder, Caller const& caller) {
  return holder && sees_holder(snapshot, holder, caller) ? std::optional(holder) : std::nullopt;
}

/// What an error says may name what runs there, so only who sees everything is told the words; what a person says is for everybody.
std::optional<std::string> shown_reason(std::string const& aside, Caller const& caller) {
  if (aside.empty()) return std::nullopt;
  return caller.sees_all() || is_by_hand(aside) ? aside : "a hardware error";
}

api::Gpu shown_gpu(Snapshot const& snapshot, Gpu const& gpu, Caller const& caller) {
  api::Gpu out{.index = gpu.index,
               .uuid = gpu.uuid,
               .model = gpu.model,
               .family = gpu.family,
               .memory_mib = gpu.memory_mib,
               .memory_slices = gpu.geometry ? gpu.geometry->board().memory_slices : 0,
               .mig_capable = gpu.geometry != nullptr,
               .mode = gpu.mode == GpuMode::Mig ? api::GpuMode::Mig : api::GpuMode::Whole,
               .policy = same_word<api::GpuPolicy>(gpu.policy),
               .state = state_of(gpu.holder, gpu.aside),
               .holder = shown_holder(snapshot, gpu.holder, caller),
               .reason = shown_reason(gpu.aside, caller),
               .slices = {},
               .stranded = stranded_on(gpu)};
  for (Slice const& slice : gpu.slices)
    out.slices.push_back({.placement = mig::to_text(gpu.geometry->board(), slice.at),
                          .start = slice.at.start,
                          .memory_slices = gpu.geometry->profile(slice.at.profile).memory_slices,
                          .state = state_of(slice.holder, slice.aside),
                          .holder = shown_holder(snapshot, slice.holder, caller),
                          .reason = shown_reason(slice.aside, caller)});
  return out;
}

}  // namespace

bool sees_holder(Snapshot const& snapshot, AttemptId attempt, Caller const& caller) {
  if (caller.sees_all()) return true;
  Job const* job = snapshot.pool.job(attempt.job);
  return job != nullptr && caller.sees(job->project);
}

namespace {

std::optional<api::GangMember> gang_of(JobId first, JobId job, std::uint32_t members) {
  if (!first) return std::nullopt;
  return api::GangMember{first, static_cast<std::uint32_t>(job.value - first.value), members};
}

}  // namespace

std::optional<api::GangMember> shown_gang(Pool const& pool, Job const& job) {
  return gang_of(job.gang, job.id, job.gang ? pool.gangs.at(job.gang.value).members : 0);
}

api::Job shown(JobRow const& row) {
  return {.id = row.id,
          .name = row.name,
          .project = row.project,
          .user = row.user,
          .state = enum_of<api::JobState>(row.state).value_or(api::JobState::Queued),
          .on = row.attempt > 0 ? unless_empty(row.on) : std::nullopt,
          .wanted = row.wanted,
          .attempt = row.attempt,
          .node = unless_empty(row.node),
          .place = unless_empty(row.place),
          .submitted = row.submitted,
          .started = unless_zero(row.started),
          .ended = unless_zero(row.ended),
          .exit_code = row.exit_code,
          .message = unless_empty(row.message),
          .gang = gang_of(row.gang, row.id, row.members)};
}

api::Attempt shown(AttemptRow const& row) {
  api::Attempt out{.id = row.id,
                   .on = row.on,
                   .node = row.node,
                   .place = row.place,
                   .instance_uuid = unless_empty(row.instance_uuid),
                   .placed = row.placed,
                   .started = unless_zero(row.started),
                   .ended = unless_zero(row.ended),
                   .outcome = enum_of<api::Outcome>(row.outcome),
                   .exit_code = row.exit_code,
                   .signal = {},
                   .message = unless_empty(row.message),
                   .peak_memory_mib = {},
                   .cpu_time = {}};
  if (row.signal != 0) out.signal = row.signal;
  // Zero is what an attempt that never ran, or whose use nobody could read, reports.
  if (row.peak_memory_mib != 0) out.peak_memory_mib = row.peak_memory_mib;
  if (row.cpu_time.us != 0) out.cpu_time = row.cpu_time;
  return out;
}

std::string place_text(Node const& node, Seat const& seat) {
  std::string text;
  for (std::uint32_t bits = seat.gpus; bits != 0; bits &= bits - 1) {
    auto const index = static_cast<std::size_t>(std::countr_zero(bits));
    text += fmt::format("{}gpu{}", text.empty() ? "" : " ", index);
    if (seat.placement && index < node.gpus.size() && node.gpus[index].geometry)
      text += fmt::format(" {}", mig::to_text(node.gpus[index].geometry->board(), *seat.placement));
  }
  return text.empty() ? "cpu" : text;
}

api::Job shown(Snapshot const& snapshot, Job const& job, std::string const& request) {
  auto const asked = json_read<JobRequest>(request, Unknown::Ignore);
  RequestClass const& wanted = snapshot.pool.queues.at(job.queue).request;
  auto const project = snapshot.access->projects.find(job.project);
  api::Job out{.id = job.id,
               .name = asked ? asked->name : "",
               .project = project == snapshot.access->projects.end() ? "" : project->second.name,
               .user = user_name(*snapshot.access, job.user),
               // A member that has ended waits for the others: the gang runs.
               .state = job.state == JobState::Finishing ? api::JobState::Running : same_word<api::JobState>(job.state),
               .on = {},
               .wanted = wanted.on,
               .attempt = job.attempt,
               .node = {},
               .place = {},
               .submitted = job.submitted,
               .started = {},
               .ended = {},
               .exit_code = {},
               .message = {}};
  out.gang = shown_gang(snapshot.pool, job);
  if (!job.has_seat()) return out;
  if (job.seat.rung < wanted.on.size()) out.on = wanted.on[job.seat.rung];
  if (Node const* node = snapshot.pool.node(job.seat.node)) {
    out.node = node->name;
    out.place = place_text(*node, job.seat);
  }
  out.started = unless_zero(job.started);
  return out;
}

api::ServiceState shown(ServiceStatus const& service) {
  return {.phase = same_word<api::ServicePhase>(service.phase), .reason = unless_empty(service.reason), .idle_since = unless_zero(service.idle_since)};
}

api::Node shown(Snapshot const& snapshot, Node const& node, Caller const& caller) {
  api::Node out{.id = node.id,
                .name = node.name,
                .site = node.site,
                .labels = node.labels,
                .state = same_word<api::NodeState>(node.state),
                .since = node.since,
                .draining = node.draining,
                .drain_message = unless_empty(node.drain_message),
                .simulated = false,
                .hostname = {},
                .os = {},
                .agent_version = {},
                .driver_version = {},
                .cpu_milli = node.cpu_milli,
                .cpu_milli_used = node.cpu_milli_used,
                .memory_mib = node.memory_mib,
                .memory_mib_used = node.memory_mib_used,
                .attempts = static_cast<std::uint32_t>(node.attempts.size()),
                .gpus = {}};
  if (node.inventory) {
    out.simulated = node.inventory->simulated;
    out.hostname = unless_empty(node.inventory->hostname);
    out.os = unless_empty(node.inventory->os);
    out.agent_version = unless_empty(node.inventory->agent_version);
    out.driver_version = unless_empty(node.inventory->driver_version);
  }
  for (Gpu const& gpu : node.gpus) out.gpus.push_back(shown_gpu(snapshot, gpu, caller));
  return out;
}

namespace {

template <class Map, class Ids>
std::vector<std::string> names_of(Map const& known, Ids const& ids) {
  std::vector<std::string> names;
  for (auto const id : ids)
    if (auto const found = known.find(id); found != known.end()) names.push_back(found->second.name);
  return names;
}

}  // namespace

api::Template shown(Access const& access, Template const& what) {
  api::Template out{.name = what.name,
                    .kind = same_word<api::TemplateKind>(what.kind),
                    .profile = unless_empty(what.profile),
                    .family = unless_empty(what.family),
                    .gpus = {},
                    .cpu_milli = what.cpu_milli,
                    .memory_mib = what.memory_mib,
                    .nodes = what.nodes,
                    .sites = what.sites,
                    .labels = what.labels,
                    .teams = names_of(access.teams, what.teams),
                    .projects = names_of(access.projects, what.projects),
                    .users = names_of(access.users, what.users),
                    .price_micro = what.price_micro,
                    .longest = {},
                    .priority_ceiling = what.priority_ceiling,
                    .description = unless_empty(what.description),
                    .seeded = what.seeded};
  if (what.longest.us > 0) out.longest = what.longest;
  if (what.kind == TemplateKind::Gpus) out.gpus = what.gpus;
  return out;
}

namespace {

void describe(api::BoardCount& out, mig::Board const& board) {
  out.memory_slices = board.memory_slices;
  for (mig::Profile const& profile : board.profiles)
    out.profiles.push_back({.name = profile.name,
                            .memory_slices = profile.memory_slices,
                            .compute_slices = profile.compute_slices,
                            .memory_mib = profile.memory_mib,
                            .multiprocessors = profile.multiprocessors,
                            .starts = profile.starts});
}

}  // namespace

api::Pool pool_sums(Snapshot const& snapshot) {
  api::Pool out{.sequence = snapshot.sequence(), .at = snapshot.at, .node_states = {}, .job_states = {}, .boards = {}, .nodes = {}, .next = {}};
  std::uint64_t starting = 0, running = 0;
  std::map<std::string, api::BoardCount> boards;
  snapshot.pool.nodes.each([&](Node const& node) {
    if (node.state == NodeState::Lost) return;
    ++out.node_states[enum_text(node.state)];
    for (AttemptId const attempt : node.attempts) {
      Job const* job = snapshot.pool.job(attempt.job);
      if (job != nullptr) ++(job->state == JobState::Running ? running : starting);
    }
    for (Gpu const& gpu : node.gpus) {
      api::BoardCount& board = boards[gpu.model];
      board.model = gpu.model;
      board.family = gpu.family;
      if (board.gpus == 0 && gpu.geometry) describe(board, gpu.geometry->board());
      ++board.gpus;
      if (!gpu.aside.empty()) ++board.gpus_set_aside;
      else if (gpu.holder) ++board.gpus_held;
      if (!gpu.slices.empty()) ++board.gpus_cut;
      for (Slice const& slice : gpu.slices) {
        ++board.slices;
        if (!slice.aside.empty()) ++board.slices_set_aside;
        else if (slice.holder) ++board.slices_held;
      }
    }
  });
  out.job_states = {{"queued", snapshot.pool.waiting}, {"starting", starting}, {"running", running}};
  for (auto& [model, board] : boards) out.boards.push_back(std::move(board));
  return out;
}

api::Move shown_move(Snapshot const& snapshot, JobId id, NodeId to, std::uint32_t gpus, std::optional<mig::Placement> placement) {
  api::Move move{.job = id, .from_node = {}, .from_place = {}, .node = {}, .place = {}};
  auto const show = [&](NodeId node_id, Seat const& seat, std::string& name, std::string& place) {
    Node const* node = snapshot.pool.node(node_id);
    if (!node || node->gpus.empty()) return;
    name = node->name;
    place = place_text(*node, seat);
  };
  if (Job const* job = snapshot.pool.job(id); job && job->has_seat()) show(job->seat.node, job->seat, move.from_node, move.from_place);
  show(to, Seat{.node = to, .gpus = gpus, .placement = placement}, move.node, move.place);
  return move;
}

api::Why shown(Snapshot const& snapshot, JobId job, Reason const& reason, Caller const& caller) {
  api::Why out{.job = job,
               .state = api::JobState::Queued,
               .sentence = reason.sentence,
               .lack = same_word<api::Lack>(reason.lack),
               .ahead = reason.ahead,
               .rungs = {},
               .limit = {},
               .reservation = {},
               .share = {},
               .preempted = unless_empty(reason.preempted),
               .moving = {},
               .start = {}};
  if (!reason.moves.empty()) {
    out.moving = api::Moving{.jobs = static_cast<std::uint32_t>(reason.moves.size()), .moves = {}};
    for (Claim const& move : reason.moves)
      if (Job const* mover = snapshot.pool.job(move.job); mover && sees_holder(snapshot, mover->attempt_id(), caller))
        out.moving->moves.push_back(shown_move(snapshot, move.job, move.node, move.gpus, move.placement));
  }
  if (reason.limit)
    out.limit = api::WhyLimit{.limit = same_word<api::Limit>(reason.limit->limit),
                              .whose = reason.limit->whose,
                              .most = reason.limit->most,
                              .used = reason.limit->used,
                              .asked = reason.limit->asked};
  if (reason.reservation) {
    Reservation const& kept = *reason.reservation;
    Node const* node = snapshot.pool.node(kept.node);
    out.reservation = api::WhyReservation{
        .job = kept.job, .node = node ? node->name : "", .gpus = {}, .ready = unless_zero(kept.ready), .exact = kept.exact, .room_is_made = kept.is_claimed};
    for (std::uint32_t bits = kept.gpus; bits != 0; bits &= bits - 1) out.reservation->gpus.push_back(static_cast<std::uint32_t>(std::countr_zero(bits)));
  }
  if (reason.share > 0) out.share = reason.share;
  for (RungReason const& rung : reason.rungs) {
    api::WhyRung shown_rung{.on = rung.on,
                            .lack = same_word<api::Lack>(rung.lack),
                            .sentence = rung.sentence,
                            .holders = {},
                            .total = rung.total,
                            .held = rung.held,
                            .set_aside = rung.set_aside};
    for (AttemptId const holder : rung.holders)
      if (sees_holder(snapshot, holder, caller)) shown_rung.holders.push_back(holder);
    out.rungs.push_back(std::move(shown_rung));
  }
  return out;
}

api::Start shown(Snapshot const& snapshot, ExpectedStart const& start, std::vector<std::string> const& on) {
  api::Start out{
      .confidence = same_word<api::Confidence>(start.confidence), .at = {}, .rung = {}, .on = {}, .node = {}, .place = {}, .price_micro = {}, .members = {}};
  if (start.confidence == Confidence::Unknown) return out;
  out.at = start.at;
  out.rung = start.rung;
  out.on = on.at(start.rung);
  if (Template const* t = snapshot.pool.find_template(*out.on))
    out.price_micro = t->price_micro * static_cast<std::int64_t>(std::max<std::size_t>(1, start.members.size()));
  if (!start.cloud.empty()) out.node = start.cloud;
  if (!start.place) return out;
  if (Node const* node = snapshot.pool.node(start.place->node)) {
    out.node = node->name;
    out.place = place_text(*node, Seat{.node = node->id, .gpus = start.place->gpus, .placement = start.place->placement});
  }
  for (PlaceJob const& member : start.members) {
    Node const& node = snapshot.pool.nodes.at(member.node.value);
    if (!out.members) out.members.emplace();
    out.members->push_back({node.name, place_text(node, Seat{.node = node.id, .gpus = member.gpus, .placement = member.placement})});
  }
  return out;
}

std::optional<api::Quota> shown(Quota const& quota) {
  if (quota == Quota{}) return std::nullopt;
  return api::Quota{.slices = quota.slices,
                    .memory_mib = quota.memory_mib,
                    .borrow_slices = quota.borrow_slices,
                    .borrow_memory_mib = quota.borrow_memory_mib,
                    .lend_slices = quota.lend_slices,
                    .weight = quota.weight,
                    .priority_ceiling = quota.priority_ceiling};
}

std::optional<api::UserLimits> shown(UserLimits const& limits) {
  if (limits == UserLimits{}) return std::nullopt;
  return api::UserLimits{.slices = limits.slices, .running = limits.running, .queued = limits.queued};
}

api::User shown(User const& user) {
  return {.id = user.id, .name = user.name, .role = same_word<api::Role>(user.role), .disabled = user.disabled, .limits = shown(user.limits)};
}

api::Team shown(Access const& access, Team const& team) {
  auto const parent = access.teams.find(team.parent);
  api::Team out{.id = team.id, .name = team.name, .parent = {}, .quota = shown(team.quota)};
  if (parent != access.teams.end()) out.parent = parent->second.name;
  return out;
}

api::Project shown(Access const& access, Project const& project) {
  auto const team = access.teams.find(project.team);
  api::Project out{
      .id = project.id, .name = project.name, .team = team == access.teams.end() ? "" : team->second.name, .members = {}, .quota = shown(project.quota)};
  for (UserId const member : project.members) out.members.push_back(user_name(access, member));
  return out;
}

api::Token shown(Access const& access, Token const& token) {
  return {.id = token.id,
          .kind = same_word<api::TokenKind>(token.kind),
          .user = user_name(access, token.user),
          .name = token.name,
          .made = token.made,
          .expires = unless_zero(token.expires),
          .revoked = token.revoked};
}

std::string user_name(Access const& access, UserId user) {
  auto const it = access.users.find(user);
  return it == access.users.end() ? "" : it->second.name;
}

std::optional<api::Event> shown_event(std::uint64_t sequence, Time at, std::string by, std::string const& body) {
  auto const document = json::Document::parse(body);
  if (!document || document->root().kind() != json::Node::Kind::Object) return std::nullopt;
  auto const members = document->root().members();
  if (members.size() != 1 || members[0].second.kind() != json::Node::Kind::Object) return std::nullopt;
  api::Event event{.sequence = sequence, .at = at, .by = unless_empty(by), .kind = std::string(members[0].first), .job = {}, .node = {}, .body = {}};
  for (auto const& [name, value] : members[0].second.members()) {
    if (name == "attempt" || name == "by") {
      AttemptId attempt;
      if (json::read(value, attempt, {}, Unknown::Ignore) && attempt) event.job = attempt.job;
    } else if (name == "job" || name == "first" || name == "gang") {
      JobId job;
      if (json::read(value, job, {}, Unknown::Ignore) && job) event.job = job;
    } else if (name == "node") {
      NodeId node;
      if (json::read(value, node, {}, Unknown::Ignore) && node) event.node = node;
    }
  }
  event.body.text = members[0].second.text();
  if (event.kind == TokenMade::type) {
    TokenMade made;
    if (!json::read(members[0].second, made, {}, Unknown::Ignore)) return std::nullopt;
    made.token.hash.clear();
    event.body.text = json_write(made);
  }
  if (event.kind == WebhookMade::type) {
    WebhookMade made;
    if (!json::read(members[0].second, made, {}, Unknown::Ignore)) return std::nullopt;
    // The path of an address is often its secret.
    auto const address = parse_webhook_address(made.webhook.url);
    made.webhook.url = address ? address->origin : "";
    event.body.text = json_write(made);
  }
  return event;
}

}  // namespace nav::http
