// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "api/error_body.h"
#include "api/events.h"
#include "api/moves.h"
#include "api/on_out_of_memory.h"
#include "api/services.h"
#include "api/start.h"
#include "base/json.h"

namespace nav::api {

enum class JobState { Queued, Starting, Running, Succeeded, Failed, Cancelled, Lost };
BOOST_DESCRIBE_ENUM(JobState, Queued, Starting, Running, Succeeded, Failed, Cancelled, Lost)

/// The four states nothing comes after.
constexpr bool is_over(JobState state) { return state >= JobState::Succeeded; }

/// Whether a job that runs on a rung below its best is begun anew when something better is free.
enum class Upgrade { Never, Restart };
BOOST_DESCRIBE_ENUM(Upgrade, Never, Restart)

inline constexpr std::size_t most_code_files = 2'000;

/// A file that is sent along.
struct CodeFile {
  std::string path;
  std::string digest;
  bool executable = false;

  static constexpr std::array required{"path", "digest"};
  static constexpr Doc docs[] = {
      {"", "A file to be sent along: each attempt finds it in the folder it starts in, as its own copy."},
      {"path", "Below that folder.", R"("src/train.py")"},
      {"digest", "Of the artifact.", R"("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")"},
      {"executable", "Whether it may be run itself.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(CodeFile, (), (path, digest, executable))

/// POST /v1/jobs
struct SubmitJobs {
  std::string name;
  std::string project;
  std::vector<std::string> on;
  std::vector<std::string> command;
  std::map<std::string, std::string> env;
  std::string workdir;
  Duration time_limit;
  std::uint64_t memory_mib = 0;
  std::uint32_t cpu_milli = 0;
  std::uint32_t retries = 0;
  bool restartable = false;
  bool no_preempt = false;
  std::int32_t priority = 0;
  Upgrade upgrade = Upgrade::Never;
  OnOutOfMemory on_out_of_memory = OnOutOfMemory::Fail;
  std::vector<CodeFile> code;
  std::uint32_t count = 1;
  std::uint32_t members = 0;
  std::optional<Service> service;

  static constexpr std::array required{"on"};
  static constexpr Doc docs[] = {
      {"", "A job to run, or many alike."},
      {"name", "For people; need not be unique. Empty: the name of the program.", R"("train")", R"("maxLength":63)"},
      {"project", "Whose work it is, by name. Empty: your only project, or `default`.", R"("vision")"},
      {"on",
       "The compute list: templates in order of preference, each with its longest wait and its highest price an hour, where it has any: "
       "`mig-1g.5gb:wait=2m`, `v100-cloud:price=3.00`. A wait counts from when its rung becomes the current one; without one, and where nothing boots for "
       "it, the next is open at once. The last waits without end. Rungs before the current one stay open until the job starts.",
       R"(["mig-1g.5gb:wait=2m","v100-cloud:price=3.00","cpu"])", R"("minItems":1,"maxItems":32)"},
      {"command", "The program and its arguments. No shell looks at them. A workspace without one is Jupyter, as installed on its node.",
       R"(["python","train.py","--epochs","10"])", R"("maxItems":10000)"},
      {"env", "Environment variables, beside those every job gets (CUDA_VISIBLE_DEVICES, NAV_JOB, ...).", R"({"SEED":"7"})"},
      {"workdir", "A folder on the node to start in. Empty: a new folder of the attempt's own.", R"("/data/vision")"},
      {"time_limit", "After this long the attempt is ended. Zero: no limit.", "3600000000", R"("minimum":0)"},
      {"memory_mib", "Memory of the machine. Zero: the template's share.", "8192", R"("maximum":1099511627776)"},
      {"cpu_milli", "Thousandths of a processor. Zero: the template's share.", "4000"},
      {"retries", "How often a failed attempt is tried again.", "2", R"("maximum":1000)"},
      {"restartable", "It may be stopped and begun anew, so it can be placed again when its node is cut off.", "true"},
      {"no_preempt", "Though it is restartable, it is not stopped to make room for others.", "false"},
      {"priority",
       "Higher goes first. From 100 up it is urgent, from 10 high, below 0 low, below -99 idle: a higher class may stop restartable jobs of a lower one.", "0",
       R"("minimum":-1000,"maximum":1000)"},
      {"upgrade", "`restart`: a restartable job that runs on a rung below its best is begun anew when something better is free.", R"("never")"},
      {"on_out_of_memory",
       "`climb`: an attempt that ran out of memory begins anew where there is more: on a rung of its list, else on the next larger slice of the same GPU.",
       R"("fail")"},
      {"code", "Files that are sent along, each stored before (PUT /v1/artifacts/{digest}). Not with `workdir`.", {}, R"("maxItems":2000)"},
      {"count", "So many jobs, all alike; with `members` so many gangs.", "1", R"("minimum":1,"maximum":100000)"},
      {"members",
       "A gang of so many members, each with compute of its own: all start together, on one rung and at one site, or none does; when one fails, all are "
       "stopped, and the whole is tried again. Each finds its rank, how many there are and where rank 0 is met in RANK, WORLD_SIZE, MASTER_ADDR and "
       "MASTER_PORT, and everybody's address in NAV_HOSTS. Zero: a job by itself.",
       "4", R"("maximum":1024)"},
      {"service", "It is there to be used: a workspace or an endpoint. One job; not with `members`."},
  };
};
BOOST_DESCRIBE_STRUCT(SubmitJobs, (),
                      (name, project, on, command, env, workdir, time_limit, memory_mib, cpu_milli, retries, restartable, no_preempt, priority, upgrade,
                       on_out_of_memory, code, count, members, service))

struct SubmittedJobs {
  JobId first;
  std::uint32_t count = 1;
  std::optional<std::string> warning;

  static constexpr Doc docs[] = {
      {"", "The jobs are queued, durably."},
      {"first", "Number of the first job; the others follow it without a gap.", "42"},
      {"count", "How many there are; of a gang, how many members.", "1"},
      {"warning", "They were taken, and something about them is likely not what was meant."},
  };
};
BOOST_DESCRIBE_STRUCT(SubmittedJobs, (), (first, count, warning))

/// POST /v1/jobs/batch
struct SubmitBatch {
  std::vector<SubmitJobs> jobs;

  static constexpr std::array required{"jobs"};
  static constexpr Doc docs[] = {
      {"", "Jobs that differ. Each is taken or refused on its own, but a batch with an entry that is not as this document says is refused as a whole."},
      {"jobs", "What to run.", {}, R"("minItems":1,"maxItems":1000)"},
  };
};
BOOST_DESCRIBE_STRUCT(SubmitBatch, (), (jobs))

struct BatchItem {
  std::optional<SubmittedJobs> submitted;
  std::optional<ErrorDetail> error;

  static constexpr Doc docs[] = {
      {"", "What became of one entry of the batch: one of the two."},
      {"submitted", "It is queued."},
      {"error", "It was refused; its `field` counts from the entry."},
  };
};
BOOST_DESCRIBE_STRUCT(BatchItem, (), (submitted, error))

struct SubmittedBatch {
  std::vector<BatchItem> jobs;

  static constexpr Doc docs[] = {{"jobs", "In the order of the request."}};
};
BOOST_DESCRIBE_STRUCT(SubmittedBatch, (), (jobs))

/// GET /v1/jobs
struct JobsQuery {
  std::vector<JobState> state;
  std::optional<std::string> project;
  std::optional<std::string> user;
  std::optional<std::string> name;
  std::optional<std::string> on;
  std::optional<std::string> node;
  std::optional<JobId> gang;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"state", "Only jobs in this state; may be given several times."},
      {"project", "Only jobs of this project."},
      {"user", "Only jobs this user submitted."},
      {"name", "Only jobs with this text in their name."},
      {"on", "Only jobs with this template in their compute list."},
      {"node", "Only jobs that are or were last on this node."},
      {"gang", "The members of this gang, by the number of the first. Elsewhere a gang is shown as its first member, unless a node is asked for.", "42"},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(JobsQuery, (), (state, project, user, name, on, node, gang, limit, cursor))

struct GangMember {
  JobId first;
  std::uint32_t rank = 0;
  std::uint32_t members = 0;

  static constexpr Doc docs[] = {
      {"", "Whose member a job is: a gang's, whose members start together or not at all."},
      {"first", "Number of the member with rank 0, by which the gang goes.", "42"},
      {"rank", "Counted from 0.", "0"},
      {"members", "How many there are, numbered without a gap.", "4"},
  };
};
BOOST_DESCRIBE_STRUCT(GangMember, (), (first, rank, members))

struct Job {
  JobId id;
  std::string name;
  std::string project;
  std::string user;
  JobState state = JobState::Queued;
  std::optional<std::string> on;
  std::vector<std::string> wanted;
  std::uint32_t attempt = 0;
  std::optional<std::string> node;
  std::optional<std::string> place;
  Time submitted;
  std::optional<Time> started;
  std::optional<Time> ended;
  std::optional<std::int32_t> exit_code;
  std::optional<std::string> message;
  std::optional<GangMember> gang;

  static constexpr Doc docs[] = {
      {"", "A job as lists show it."},
      {"id", "Its number.", "42"},
      {"name", "For people.", R"("train")"},
      {"project", "Whose work it is.", R"("vision")"},
      {"user", "Who submitted it.", R"("ada")"},
      {"state", "What it is doing.", R"("running")"},
      {"on", "The template it got.", R"("mig-1g.5gb")"},
      {"wanted", "The whole compute list, in order of preference; once it needed more memory, what it climbed to.", R"(["mig-1g.5gb","cpu"])"},
      {"attempt", "Number of its present or last attempt; 0 while it has had none.", "1"},
      {"node", "Where it is, or was last.", R"("dgx-0")"},
      {"place", "What it has there: GPU and slice, GPUs, or `cpu`.", R"("gpu0 1g.5gb@4")"},
      {"submitted", "When it was queued."},
      {"started", "When its attempt began to run, by the node's clock."},
      {"ended", "When it was over."},
      {"exit_code", "Of its last attempt, if that exited.", "0"},
      {"message", "Why it ended, or waits again, in words.", R"("exited with 0")"},
      {"gang", "Whose member it is, if it is one."},
  };
};
BOOST_DESCRIBE_STRUCT(Job, (), (id, name, project, user, state, on, wanted, attempt, node, place, submitted, started, ended, exit_code, message, gang))

/// How an attempt came to its end.
enum class Outcome { Exited, Signalled, Stopped, TimeLimit, OutOfMemory, LeaseExpired, CouldNotStart, NodeError, Lost };
BOOST_DESCRIBE_ENUM(Outcome, Exited, Signalled, Stopped, TimeLimit, OutOfMemory, LeaseExpired, CouldNotStart, NodeError, Lost)

struct Attempt {
  AttemptId id;
  std::string on;
  std::string node;
  std::string place;
  std::optional<std::string> instance_uuid;
  Time placed;
  std::optional<Time> started;
  std::optional<Time> ended;
  std::optional<Outcome> outcome;
  std::optional<std::int32_t> exit_code;
  std::optional<std::int32_t> signal;
  std::optional<std::string> message;
  std::optional<std::uint64_t> peak_memory_mib;
  std::optional<Duration> cpu_time;

  static constexpr Doc docs[] = {
      {"", "One placing of a job."},
      {"id", "Job and number, counted from 1.", R"("42.1")"},
      {"on", "The template it was placed on.", R"("mig-1g.5gb")"},
      {"node", "Where.", R"("dgx-0")"},
      {"place", "What it has there: GPU and slice, GPUs, or `cpu`.", R"("gpu0 1g.5gb@4")"},
      {"instance_uuid", "The MIG instance it ran on, as the driver names it.", R"("MIG-6d1a0d0e-5c04-5a0b-9b3e-0a4f4a1f2c11")"},
      {"placed", "When it got its place."},
      {"started", "When it began to run, by the node's clock."},
      {"ended", "When it was over."},
      {"outcome", "How it ended.", R"("exited")"},
      {"exit_code", "If it exited.", "0"},
      {"signal", "The signal that ended it, if one did.", "9"},
      {"message", "How it ended, in words.", R"("exited with 0")"},
      {"peak_memory_mib", "The most memory of the machine it held at once.", "412"},
      {"cpu_time", "Processor time it used.", "5200000"},
  };
};
BOOST_DESCRIBE_STRUCT(Attempt, (), (id, on, node, place, instance_uuid, placed, started, ended, outcome, exit_code, signal, message, peak_memory_mib, cpu_time))

/// A file that was sent along.
struct SentFile {
  std::string path;
  std::string digest;
  bool executable = false;

  static constexpr Doc docs[] = {
      {"", "A file that each attempt finds in the folder it starts in, as its own copy."},
      {"path", "Below that folder.", R"("src/train.py")"},
      {"digest", "Of the artifact.", R"("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")"},
      {"executable", "Whether it may be run itself.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(SentFile, (), (path, digest, executable))

struct JobRequest {
  std::string name;
  std::string project;
  std::vector<std::string> on;
  std::vector<std::string> command;
  std::map<std::string, std::string> env;
  std::string workdir;
  Duration time_limit;
  std::uint64_t memory_mib = 0;
  std::uint32_t cpu_milli = 0;
  std::uint32_t retries = 0;
  bool restartable = false;
  bool no_preempt = false;
  std::int32_t priority = 0;
  Upgrade upgrade = Upgrade::Never;
  OnOutOfMemory on_out_of_memory = OnOutOfMemory::Fail;
  std::vector<SentFile> code;
  std::optional<std::uint32_t> members;
  std::optional<AskedService> service;

  static constexpr Doc docs[] = {
      {"", "What was asked for when the job was submitted."},
      {"name", "For people.", R"("train")"},
      {"project", "Whose work it is.", R"("vision")"},
      {"on", "The compute list, with what each rung waits and pays.", R"(["mig-1g.5gb:wait=120s","cpu"])"},
      {"command", "The program and its arguments.", R"(["python","train.py"])"},
      {"env", "Environment variables.", R"({"SEED":"7"})"},
      {"workdir", "The folder to start in; empty: one of the attempt's own.", R"("")"},
      {"time_limit", "Zero: none.", "3600000000"},
      {"memory_mib", "Zero: the template's share.", "0"},
      {"cpu_milli", "Zero: the template's share.", "0"},
      {"retries", "How often a failed attempt is tried again.", "2"},
      {"restartable", "Whether it may be stopped and begun anew.", "true"},
      {"no_preempt", "Whether it is spared from being stopped to make room for others.", "false"},
      {"priority", "Higher goes first.", "0"},
      {"upgrade", "Whether it is begun anew when something better is free.", R"("never")"},
      {"on_out_of_memory", "Whether it is begun anew with more memory when that ran out.", R"("fail")"},
      {"code", "Files that were sent along."},
      {"members", "How many the gang has, if it is one.", "4"},
      {"service", "If it is there to be used."},
  };
};
BOOST_DESCRIBE_STRUCT(JobRequest, (),
                      (name, project, on, command, env, workdir, time_limit, memory_mib, cpu_milli, retries, restartable, no_preempt, priority, upgrade,
                       on_out_of_memory, code, members, service))

/// One look at one rung: while it was the current one, or when another was chosen.
struct RungTried {
  std::uint32_t rung = 0;
  std::string on;
  Time since;
  std::optional<Time> until;
  bool chosen = false;
  std::optional<std::int64_t> price_micro;
  std::string why;

  static constexpr Doc docs[] = {
      {"", "What became of one rung of the compute list, at one time."},
      {"rung", "Which, counted from 0.", "0"},
      {"on", "Its template.", R"("mig-1g.5gb")"},
      {"since", "When it was looked at, or became the current one."},
      {"until", "When it was passed; absent for one that is current, or was only looked at."},
      {"chosen", "The job got its place here.", "false"},
      {"price_micro", "What an hour there costs, of the one chosen.", "2500000"},
      {"why", "Why it was not to be had, or what was chosen.", R"("all 7 places for 1g.5gb are held by 7 jobs")"},
  };
};
BOOST_DESCRIBE_STRUCT(RungTried, (), (rung, on, since, until, chosen, price_micro, why))

/// GET /v1/jobs/{job}
struct JobDetails {
  Job job;
  JobRequest request;
  bool stopping = false;
  std::optional<ServiceState> service;
  std::vector<RungTried> rungs;
  std::vector<Attempt> attempts;
  std::vector<Event> history;

  static constexpr Doc docs[] = {
      {"", "All there is to say about one job."},
      {"job", "As lists show it."},
      {"request", "What was asked for."},
      {"stopping", "Its present attempt has been told to end.", "false"},
      {"service", "How it is, if it is there to be used and not over."},
      {"rungs", "What was tried of the compute list, what was chosen and why, first to last."},
      {"attempts", "Every placing, first to last."},
      {"history", "All that happened to it, first to last."},
  };
};
BOOST_DESCRIBE_STRUCT(JobDetails, (), (job, request, stopping, service, rungs, attempts, history))

/// POST /v1/jobs/{job}/cancel
struct CancelledJob {
  JobId id;
  bool over = false;
  std::optional<GangMember> gang;

  static constexpr Doc docs[] = {
      {"", "The job will not run on."},
      {"id", "Its number.", "42"},
      {"over", "It waited, so it is over already; else its attempt has been told to end, and the job is over when that has.", "false"},
      {"gang", "If it is a member of one: all members are cancelled with it."},
  };
};
BOOST_DESCRIBE_STRUCT(CancelledJob, (), (id, over, gang))

/// What a waiting job lacks.
enum class Lack { NoNode, Never, Busy, Fragments, Processors, SetAside, Booting, Terms, Quota, Reserved, Room, Turn };
BOOST_DESCRIBE_ENUM(Lack, NoNode, Never, Busy, Fragments, Processors, SetAside, Booting, Terms, Quota, Reserved, Room, Turn)

struct WhyRung {
  std::string on;
  Lack lack = Lack::Turn;
  std::string sentence;
  std::vector<AttemptId> holders;
  std::uint64_t total = 0;
  std::uint64_t held = 0;
  std::uint64_t set_aside = 0;

  static constexpr Doc docs[] = {
      {"", "Why one template of the compute list cannot be had now."},
      {"on", "The template.", R"("mig-1g.5gb")"},
      {"lack", "What is missing.", R"("busy")"},
      {"sentence", "The same in words.", R"("all 56 places for 1g.5gb are held: 54 by 12 jobs, 2 set aside")"},
      {"holders", "Up to ten attempts whose end would help, longest running first; only those you may see.", R"(["7.1"])"},
      {"total", "How many such places the hardware has.", "56"},
      {"held", "How many of them are held.", "54"},
      {"set_aside", "How many of them are set aside, after errors or by hand.", "2"},
  };
};
BOOST_DESCRIBE_STRUCT(WhyRung, (), (on, lack, sentence, holders, total, held, set_aside))

/// What a limit allows.
enum class Limit { TeamSlices, TeamMemory, ProjectSlices, ProjectMemory, Lending, UserSlices, UserRunning };
BOOST_DESCRIBE_ENUM(Limit, TeamSlices, TeamMemory, ProjectSlices, ProjectMemory, Lending, UserSlices, UserRunning)

struct WhyLimit {
  Limit limit = Limit::TeamSlices;
  std::string whose;
  std::uint64_t most = 0;
  std::uint64_t used = 0;
  std::uint64_t asked = 0;

  static constexpr Doc docs[] = {
      {"", "A limit that a job waits for."},
      {"limit", "Which.", R"("team_slices")"},
      {"whose", "Name of the team, project or user.", R"("research")"},
      {"most", "What it may have in use: slices, MiB or jobs.", "21"},
      {"used", "What it has.", "20"},
      {"asked", "What the job would add.", "7"},
  };
};
BOOST_DESCRIBE_STRUCT(WhyLimit, (), (limit, whose, most, used, asked))

struct WhyReservation {
  JobId job;
  std::string node;
  std::vector<std::uint32_t> gpus;
  std::optional<Time> ready;
  bool exact = false;
  bool room_is_made = false;

  static constexpr Doc docs[] = {
      {"", "GPUs kept for a job that waits for them."},
      {"job", "For which.", "42"},
      {"node", "Where.", R"("dgx-0")"},
      {"gpus", "Which of its GPUs.", "[0,1]"},
      {"ready", "When who holds them will be gone; absent: nobody can say."},
      {"exact", "`ready` is by their time limits; else by how long such jobs usually run.", "true"},
      {"room_is_made", "Who holds them was told to make room.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(WhyReservation, (), (job, node, gpus, ready, exact, room_is_made))

/// GET /v1/jobs/{job}/why
struct Why {
  JobId job;
  JobState state = JobState::Queued;
  std::string sentence;
  std::optional<Lack> lack;
  std::optional<std::uint64_t> ahead;
  std::vector<WhyRung> rungs;
  std::optional<WhyLimit> limit;
  std::optional<WhyReservation> reservation;
  std::optional<double> share;
  std::optional<std::string> preempted;
  std::optional<Moving> moving;
  std::optional<Start> start;

  static constexpr Doc docs[] = {
      {"", "Why a job is where it is."},
      {"job", "Its number.", "42"},
      {"state", "What it is doing.", R"("queued")"},
      {"sentence", "The one dominant reason, in words.", R"("all 56 places for 1g.5gb are held: 54 by 12 jobs, 2 set aside")"},
      {"lack", "What is missing, while it waits.", R"("busy")"},
      {"ahead", "Waiting jobs that go before it, while it waits.", "3"},
      {"rungs", "Template by template, while it waits."},
      {"limit", "The limit it waits for, if that is what it lacks."},
      {"reservation", "What is kept for it; or for the job before it, if that is why it waits."},
      {"share", "What its project has spent, as a part of what it and its neighbours have: who has less goes first.", "0.4"},
      {"preempted", "Why it was stopped and waits again.", R"("preempted by job 42 of project vision: team guests had borrowed what is team research's own")"},
      {"moving", "Who moves so that it has its place."},
      {"start", "When it would start, and how sure that is, while it waits."},
  };
};
BOOST_DESCRIBE_STRUCT(Why, (), (job, state, sentence, lack, ahead, rungs, limit, reservation, share, preempted, moving, start))

/// GET /v1/jobs/{job}/log: bytes as they were written. The answer's headers say where it stands: Nav-Log-Attempt, Nav-Log-Next (the offset
/// to go on at), Nav-Log-Size, Nav-Log-Complete (true, false).
struct LogQuery {
  std::uint64_t offset = 0;
  std::uint32_t limit = 65536;
  std::optional<std::uint32_t> attempt;
  bool follow = false;

  static constexpr Doc docs[] = {
      {"offset", "From this byte on.", "0"},
      {"limit", "At most so many bytes; says nothing with `follow`.", "65536", R"("minimum":1,"maximum":1048576)"},
      {"attempt", "Of this attempt; else of the present or last one.", "1", R"("minimum":1)"},
      {"follow", "Go on as the job writes, until the attempt is over.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(LogQuery, (), (offset, limit, attempt, follow))

}  // namespace nav::api
