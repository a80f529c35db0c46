// SPDX-License-Identifier: Apache-2.0
#include "adapters/views_writer.h"

#include "core/job_request.h"

namespace nav {

namespace {

constexpr std::size_t texts_remembered = 10'000;

/// "gpu0 1g.5gb@4", "gpu0 gpu1", "cpu".
std::string place_text(JobPlaced const& placed) {
  if (placed.gpus.empty()) return "cpu";
  std::string text;
  for (std::uint32_t gpu : placed.gpus) text += fmt::format("{}gpu{}", text.empty() ? "" : " ", gpu);
  return placed.placement.empty() ? text : text + " " + placed.placement;
}

views::State state_of(JobEnd end) {
  switch (end) {
    case JobEnd::Succeeded: return views::Succeeded;
    case JobEnd::Failed: return views::Failed;
    case JobEnd::Cancelled: return views::Cancelled;
    case JobEnd::Lost: return views::Lost;
  }
  return views::Lost;
}

}  // namespace

template <class... Args>
Result<void> ViewsWriter::run(char const* sql, Args const&... args) {
  TRY(auto statement, database_.prepared(sql));
  return statement->with(args...).run();
}

Result<void> ViewsWriter::take(Frame const& frame) {
  stamp_ = frame.stamp;
  auto const read = [&]<class Event>(Event event) -> Result<void> {
    TRY(event, json_read<Event>(frame.body, Unknown::Ignore));
    // What a person did, for the audit trail.
    if (stamp_.by) TRY_VOID(run("INSERT INTO audit VALUES(?)", stamp_.sequence));
    return std::visit([&](auto const& one) { return on(one); }, event);
  };
  Result<void> done;
  if (frame.stream == "pool") done = read(PoolEvent{});
  else if (frame.stream == "access") done = read(AccessEvent{});
  else if (frame.stream == "flow" && stamp_.by) done = run("INSERT INTO audit VALUES(?)", stamp_.sequence);  // the rest is asked of the flows themselves
  if (!done) return within(fmt::format("event {}", stamp_.sequence), std::move(done).error());
  return {};
}

Result<void> ViewsWriter::finish(Stamp const& last) {
  for (std::size_t state = 0; state < gained_.size(); ++state)
    if (gained_[state] != 0)
      TRY_VOID(run("INSERT INTO counts VALUES(?1, ?2) ON CONFLICT(state) DO UPDATE SET jobs = jobs + ?2", static_cast<std::int64_t>(state), gained_[state]));
  gained_ = {};
  TRY_VOID(run("INSERT OR REPLACE INTO meta VALUES('sequence', ?)", last.sequence));
  TRY_VOID(run("INSERT OR REPLACE INTO meta VALUES('epoch', ?)", last.epoch));
  return run("INSERT OR REPLACE INTO meta VALUES('at', ?)", last.at.us);
}

void ViewsWriter::forget() {
  gained_ = {};
  names_.clear();
  lists_.clear();
}

Result<void> ViewsWriter::note(JobId job) { return run("INSERT OR IGNORE INTO job_events VALUES(?, ?)", job.value, stamp_.sequence); }

Result<void> ViewsWriter::change_state(JobId job, views::State to) {
  TRY(auto query, database_.prepared("SELECT state FROM jobs WHERE id = ?"));
  TRY(bool const row, query->with(job.value).step());
  if (!row) return fail(ErrorKind::Internal, "there is no job {}", to_text(job));
  --gained_.at(query->unsigned_number(0));
  ++gained_[to];
  query->reset();
  return {};
}

Result<std::int64_t> ViewsWriter::number_of(std::map<std::string, std::int64_t>& known, char const* find, char const* insert, std::string const& text) {
  if (auto it = known.find(text); it != known.end()) return it->second;
  if (known.size() >= texts_remembered) known.clear();
  TRY_VOID(run(insert, text));
  TRY(auto query, database_.prepared(find));
  TRY(bool const row, query->with(text).step());
  if (!row) return fail(ErrorKind::Internal, "what was just written is not there");
  std::int64_t const number = query->number(0);
  query->reset();
  return known[text] = number;
}

Result<std::int64_t> ViewsWriter::number_of_name(std::string const& digest) {
  std::string name;
  auto const body = journal_.blob(digest_of(digest));
  if (!body && body.error().kind != ErrorKind::NotFound) return Unexpected(body.error());
  if (body)
    if (auto request = json_read<JobRequest>(*body, Unknown::Ignore)) name = std::move(request->name);
  return number_of(names_, "SELECT id FROM names WHERE name = ?", "INSERT OR IGNORE INTO names(name) VALUES(?)", name);
}

Result<std::int64_t> ViewsWriter::number_of_list(std::vector<std::string> const& on) {
  return number_of(lists_, "SELECT id FROM lists WHERE wanted = ?", "INSERT OR IGNORE INTO lists(wanted) VALUES(?)", json_write(on));
}

Result<void> ViewsWriter::on(JobsQueued const& e) {
  TRY(std::int64_t const name, number_of_name(e.body));
  TRY(std::int64_t const list, number_of_list(e.on));
  for (std::uint32_t i = 0; i < e.count; ++i) {
    std::uint32_t const rank = e.members > 0 ? i % e.members : 0;
    TRY_VOID(run("INSERT INTO jobs(id, state, project, user, name, list, queued, submitted, gang, rank, members) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 e.first.value + i, static_cast<std::int64_t>(views::Queued), e.project.value, e.user.value, name, list, stamp_.sequence, stamp_.at.us,
                 e.members > 0 ? e.first.value + i - rank : 0, rank, e.members));
  }
  gained_[views::Queued] += e.count;
  return {};
}

Result<void> ViewsWriter::on(JobPlaced const& e) {
  JobId const job = e.attempt.job;
  std::string const place = place_text(e);
  TRY_VOID(note(job));
  TRY_VOID(change_state(job, views::Starting));
  TRY_VOID(run("UPDATE jobs SET state = ?, attempt = ?, rung = ?, node = ?, place = ?, message = '' WHERE id = ?", static_cast<std::int64_t>(views::Starting),
               e.attempt.number, e.rung, e.node.value, place, job.value));
  return run("INSERT INTO attempts(job, number, list, rung, node, place, placed) VALUES(?1, ?2, (SELECT list FROM jobs WHERE id = ?1), ?3, ?4, ?5, ?6)",
             job.value, e.attempt.number, e.rung, e.node.value, place, stamp_.at.us);
}

Result<void> ViewsWriter::on(JobStarted const& e) {
  JobId const job = e.attempt.job;
  TRY_VOID(note(job));
  TRY_VOID(change_state(job, views::Running));
  TRY_VOID(run("UPDATE jobs SET state = ?, started = ? WHERE id = ?", static_cast<std::int64_t>(views::Running), e.started.us, job.value));
  return run("UPDATE attempts SET started = ?, instance = ? WHERE job = ? AND number = ?", e.started.us, e.instance_uuid, job.value, e.attempt.number);
}

Result<void> ViewsWriter::on(ServiceReported const& e) { return note(e.attempt.job); }

Result<void> ViewsWriter::on(JobStopRequested const& e) { return note(e.attempt.job); }

Result<void> ViewsWriter::on(AttemptEnded const& e) {
  JobId const job = e.attempt.job;
  TRY_VOID(note(job));
  TRY(auto update, database_.prepared("UPDATE attempts SET started = ?, ended = ?, outcome = ?, signal = ?, message = ?, peak_memory_mib = ?, "
                                      "cpu_time = ?, exit_code = ? WHERE job = ? AND number = ?"));
  update->with(e.started.us, e.ended.us, enum_text(e.outcome), e.signal, e.message, e.peak_memory_mib, e.cpu_time.us);
  TRY(auto ended, database_.prepared("UPDATE jobs SET started = ?, ended = ?, exit_code = ? WHERE id = ?"));
  ended->with(e.started.us, e.ended.us);
  if (e.outcome == Outcome::Exited) {
    update->bind(8, e.exit_code);
    ended->bind(3, e.exit_code);
  } else {
    update->bind(8, nullptr);
    ended->bind(3, nullptr);
  }
  update->bind(9, job.value);
  update->bind(10, e.attempt.number);
  ended->bind(4, job.value);
  TRY_VOID(update->run());
  return ended->run();
}

Result<void> ViewsWriter::on(JobRequeued const& e) {
  TRY_VOID(note(e.job));
  TRY_VOID(change_state(e.job, views::Queued));
  if (!e.on.empty()) {
    TRY(std::int64_t const list, number_of_list(e.on));
    TRY_VOID(run("UPDATE jobs SET list = ? WHERE id = ?", list, e.job.value));
  }
  return run("UPDATE jobs SET state = ?, rung = 0, node = NULL, place = '', started = 0, ended = 0, exit_code = NULL, message = ? WHERE id = ?",
             static_cast<std::int64_t>(views::Queued), e.message, e.job.value);
}

Result<void> ViewsWriter::on(JobEnded const& e) {
  views::State const state = state_of(e.end);
  TRY_VOID(note(e.job));
  TRY_VOID(change_state(e.job, state));
  // A job that ran ended when its attempt did, by its node's clock.
  return run("UPDATE jobs SET state = ?, ended = CASE ended WHEN 0 THEN ? ELSE ended END, message = ? WHERE id = ?", static_cast<std::int64_t>(state),
             stamp_.at.us, e.message, e.job.value);
}

Result<void> ViewsWriter::on(RungPassed const& e) { return note(e.job); }

Result<void> ViewsWriter::on(GangBroken const& e) { return note(e.gang); }

Result<void> ViewsWriter::on(NodeJoined const& e) { return run("INSERT OR REPLACE INTO nodes VALUES(?, ?)", e.node.value, e.name); }

Result<void> ViewsWriter::on(SetAside const& e) {
  if (!e.by) return {};
  return note(e.by.job);
}

Result<void> ViewsWriter::on(UserSet const& e) { return run("INSERT OR REPLACE INTO users VALUES(?, ?)", e.user.id.value, e.user.name); }
Result<void> ViewsWriter::on(ProjectSet const& e) { return run("INSERT OR REPLACE INTO projects VALUES(?, ?)", e.project.id.value, e.project.name); }

}  // namespace nav
