// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/flow_definition.h"
#include "api/jobs.h"
#include "base/id.h"

/// Flows, their runs, and the files that pass between jobs.
namespace nav {

struct FlowRunTag {
  static constexpr std::string_view prefix = "run-", what = "run of a flow";
};
using FlowRunId = Id<FlowRunTag>;
struct FlowScheduleTag {
  static constexpr std::string_view prefix = "schedule-", what = "schedule of a flow";
};
using FlowScheduleId = Id<FlowScheduleTag>;

}  // namespace nav

namespace nav::api {

/// More trials than this in one sweep have to be asked for by number.
inline constexpr std::uint32_t trials_unasked = 1000;

enum class FlowRunState { Running, Succeeded, Failed, Cancelled };
BOOST_DESCRIBE_ENUM(FlowRunState, Running, Succeeded, Failed, Cancelled)
enum class ComponentState { Waiting, AwaitingApproval, Running, Serving, Succeeded, Failed, Skipped, Cancelled };
BOOST_DESCRIBE_ENUM(ComponentState, Waiting, AwaitingApproval, Running, Serving, Succeeded, Failed, Skipped, Cancelled)

constexpr bool is_over(ComponentState state) { return state >= ComponentState::Succeeded; }

/// POST /v1/flows/check
struct CheckFlow {
  FlowDefinition definition;
  std::map<std::string, std::string> parameters = {};
  std::uint32_t trials_allowed = trials_unasked;

  static constexpr std::array required{"definition"};
  static constexpr Doc docs[] = {
      {"", "Hold a flow against all that is known before it runs. Nothing is kept."},
      {"definition", "The flow."},
      {"parameters", "As a run would be given them.", R"({"rows":"1000"})"},
      {"trials_allowed", "A sweep of more trials is refused.", "1000", R"("minimum":1,"maximum":100000)"},
  };
};
BOOST_DESCRIBE_STRUCT(CheckFlow, (), (definition, parameters, trials_allowed))

struct FlowGraphNode {
  std::string name;
  ComponentKind kind = ComponentKind::Job;
  std::vector<std::string> needs;
  std::uint32_t trials = 1;
  std::vector<std::string> on;

  static constexpr Doc docs[] = {
      {"", "A component in the graph of its flow."},      {"name", "The component.", R"("train")"},
      {"kind", "A job or a sweep.", R"("sweep")"},        {"needs", "The components before it.", R"(["prepare"])"},
      {"trials", "How many jobs it unfolds into.", "18"}, {"on", "Its compute list.", R"(["mig-1g.5gb"])"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowGraphNode, (), (name, kind, needs, trials, on))

struct FlowGraph {
  std::string name;
  std::vector<FlowGraphNode> components;

  static constexpr Doc docs[] = {
      {"", "The flow is sound."},
      {"name", "Of the flow.", R"("digits")"},
      {"components", "Each after all it needs."},
  };
};
BOOST_DESCRIBE_STRUCT(FlowGraph, (), (name, components))

/// GET /v1/flows
struct FlowsQuery {
  std::optional<std::string> project;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"project", "Only those of this project."},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowsQuery, (), (project, limit, cursor))

struct Flow {
  std::string name;
  std::string project;
  std::uint32_t version = 1;
  Time saved;
  std::string by;

  static constexpr Doc docs[] = {
      {"", "A flow as lists show it: its newest version."},
      {"name", "What it is called.", R"("digits")"},
      {"project", "Whose it is.", R"("vision")"},
      {"version", "How often it was changed, and the first time.", "3"},
      {"saved", "When this version came."},
      {"by", "Whose it is.", R"("ada")"},
  };
};
BOOST_DESCRIBE_STRUCT(Flow, (), (name, project, version, saved, by))

/// GET /v1/flows/{flow}
struct FlowQuery {
  std::optional<std::string> project;
  std::optional<std::uint32_t> version;

  static constexpr Doc docs[] = {
      {"project", "Of which project; else of the one that can be meant."},
      {"version", "An older version.", "1", R"("minimum":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowQuery, (), (project, version))

struct FlowDetails {
  Flow flow;
  Json definition{"{}"};

  static constexpr Doc docs[] = {
      {"", "One version of a flow."},
      {"flow", "As lists show it."},
      {"definition", "What it was submitted as.", R"({"name":"digits","components":{}})"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowDetails, (), (flow, definition))

/// POST /v1/flow-runs
struct StartFlowRun {
  std::string project = {};
  std::optional<FlowDefinition> definition = {};
  std::string flow = {};
  std::uint32_t version = 0;
  std::map<std::string, std::string> parameters = {};
  std::uint32_t trials_allowed = trials_unasked;
  bool cache = true;

  static constexpr Doc docs[] = {
      {"", "Run a flow: one that is given, or one that is known by name."},
      {"project", "Whose work it is, by name. Empty: your only project, or `default`.", R"("vision")"},
      {"definition", "The flow. If it differs from the last of its name it is kept as the next version."},
      {"flow", "Instead of a definition: the name of a flow of the project.", R"("digits")"},
      {"version", "Of the flow named. Zero: the newest.", "0"},
      {"parameters", "Values for the flow's parameters, where they are not to be the defaults.", R"({"rows":"5000"})"},
      {"trials_allowed", "A sweep of more trials is refused.", "1000", R"("minimum":1,"maximum":100000)"},
      {"cache", "`false`: everything runs, whatever its components say.", "true"},
  };
};
BOOST_DESCRIBE_STRUCT(StartFlowRun, (), (project, definition, flow, version, parameters, trials_allowed, cache))

struct StartedFlowRun {
  FlowRunId id;

  static constexpr Doc docs[] = {
      {"", "The run has begun, durably."},
      {"id", "Its number.", R"("run-7")"},
  };
};
BOOST_DESCRIBE_STRUCT(StartedFlowRun, (), (id))

/// POST /v1/flow-runs/{flow_run}/rerun
struct RerunFlow {
  std::vector<std::string> components = {};

  static constexpr Doc docs[] = {
      {"", "Run again what did not succeed, or from some components on."},
      {"components", "These and all that needs them run again. Empty: what did not succeed.", R"(["train"])"},
  };
};
BOOST_DESCRIBE_STRUCT(RerunFlow, (), (components))

/// POST /v1/flow-runs/{flow_run}/approve and /reject
struct AnswerApproval {
  std::string component = {};
  std::string note = {};

  static constexpr std::array required{"component"};
  static constexpr Doc docs[] = {
      {"", "What somebody says to a component that waits for approval."},
      {"component", "Which.", R"("serve")", R"("minLength":1)"},
      {"note", "Why, for those who look at the run.", R"("better than the last on every class")", R"("maxLength":1000)"},
  };
};
BOOST_DESCRIBE_STRUCT(AnswerApproval, (), (component, note))

/// GET /v1/flow-runs
struct FlowRunsQuery {
  std::optional<std::string> project;
  std::optional<std::string> flow;
  std::vector<FlowRunState> state;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"project", "Only runs of this project."},
      {"flow", "Only runs of this flow."},
      {"state", "Only runs in this state; may be given several times."},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowRunsQuery, (), (project, flow, state, limit, cursor))

struct FlowRun {
  FlowRunId id;
  std::string flow;
  std::uint32_t version = 1;
  std::string project;
  std::string user;
  FlowRunState state = FlowRunState::Running;
  Time started;
  std::optional<Time> ended;
  std::optional<std::string> message;
  std::optional<FlowRunId> rerun_of;
  std::optional<FlowScheduleId> schedule;
  std::optional<Time> scheduled_for;
  std::vector<std::string> awaiting_approval;

  static constexpr Doc docs[] = {
      {"", "A run as lists show it."},
      {"id", "Its number.", R"("run-7")"},
      {"flow", "Of which flow.", R"("digits")"},
      {"version", "Of which version of it.", "3"},
      {"project", "Whose work it is.", R"("vision")"},
      {"user", "Who started it.", R"("ada")"},
      {"state", "How it stands.", R"("running")"},
      {"started", "When it was started."},
      {"ended", "When it was over."},
      {"message", "Why it did not succeed, in words.", R"("train failed: 18 of 18 trials failed")"},
      {"rerun_of", "The run it takes results over from.", R"("run-6")"},
      {"schedule", "The schedule that started it.", R"("schedule-3")"},
      {"scheduled_for", "The time it was started for; of a run that repeats another, that one's."},
      {"awaiting_approval", "Components that wait until somebody approves them.", R"(["serve"])"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowRun, (), (id, flow, version, project, user, state, started, ended, message, rerun_of, schedule, scheduled_for, awaiting_approval))

/// A file that was kept.
struct FlowFile {
  std::string name;
  std::string digest;
  std::uint64_t size = 0;

  static constexpr Doc docs[] = {
      {"", "An output that is in the store of artifacts."},
      {"name", "Of the output.", R"("model")"},
      {"digest", "Its content's, by which it is fetched.", R"("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")"},
      {"size", "In bytes.", "40960"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowFile, (), (name, digest, size))

struct FlowTrial {
  std::uint32_t number = 0;
  JobId job;
  JobState state = JobState::Queued;
  std::map<std::string, std::string> parameters;
  std::map<std::string, double> metrics;
  std::vector<FlowFile> outputs;
  std::optional<std::string> on;
  std::optional<std::string> node;
  std::optional<std::string> place;
  std::optional<std::string> instance_uuid;
  std::optional<Time> started;
  std::optional<Time> ended;
  std::optional<std::string> message;
  std::optional<std::string> stopped_early = {};
  std::optional<FlowRunId> reused_from = {};

  static constexpr Doc docs[] = {
      {"", "One job of a component, with the compute it got."},
      {"number", "Counted from 0 within its component.", "4"},
      {"job", "The job.", "42"},
      {"state", "What it is doing.", R"("running")"},
      {"parameters", "What it was given.", R"({"rate":"0.01"})"},
      {"metrics", "What it left in $NAV_OUTPUTS/metrics.json; of one that was stopped early, that by which it was compared.", R"({"accuracy":0.93})"},
      {"outputs", "What it left of its component's outputs."},
      {"on", "The template of the list that it got.", R"("mig-1g.5gb")"},
      {"node", "Where it is, or was last.", R"("dgx-0")"},
      {"place", "What it has there.", R"("gpu0 1g.5gb@4")"},
      {"instance_uuid", "The MIG instance, as the driver names it.", R"("MIG-6d1a0d0e-5c04-5a0b-9b3e-0a4f4a1f2c11")"},
      {"started", "When it began to run, by the node's clock."},
      {"ended", "When it was over."},
      {"message", "How it ended or what it waits for, in words.", R"("exited with 0")"},
      {"stopped_early", "Why it was ended before its time, if it was: others did better.",
       R"("accuracy was 0.41 at best by step 3, and the median of 7 others is 0.62")"},
      {"reused_from", "The run whose job this is: nothing had changed since, so its results were handed on.", R"("run-6")"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowTrial, (),
                      (number, job, state, parameters, metrics, outputs, on, node, place, instance_uuid, started, ended, message, stopped_early, reused_from))

struct FlowApproval {
  std::string question;
  std::vector<std::string> approvers;
  std::optional<Time> asked;
  std::optional<bool> approved;
  std::optional<std::string> by;
  std::optional<Time> at;
  std::optional<std::string> note;

  static constexpr Doc docs[] = {
      {"", "What a person is asked before a component starts, and what they answered."},
      {"question", "In the flow's words.", R"("Is the model good enough to be served?")"},
      {"approvers", "Who may answer, beside administrators. Empty: every member of the project.", R"(["ada"])"},
      {"asked", "Since when it waits, or waited, for an answer."},
      {"approved", "The answer. Absent: there is none.", "true"},
      {"by", "Who answered.", R"("ada")"},
      {"at", "When."},
      {"note", "Why, in their words.", R"("better than the last on every class")"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowApproval, (), (question, approvers, asked, approved, by, at, note))

struct FlowRunComponent {
  std::string name;
  ComponentKind kind = ComponentKind::Job;
  ComponentState state = ComponentState::Waiting;
  std::vector<std::string> needs;
  std::uint32_t planned = 1;
  std::optional<std::uint32_t> best;
  bool taken_over = false;
  std::optional<Time> started;
  std::optional<Time> ended;
  std::optional<std::string> message;
  std::optional<FlowApproval> approval;
  std::vector<FlowTrial> trials;

  static constexpr Doc docs[] = {
      {"", "One component of a run."},
      {"name", "The component.", R"("train")"},
      {"kind", "A job or a sweep.", R"("sweep")"},
      {"state", "How it stands.", R"("running")"},
      {"needs", "The components before it.", R"(["prepare"])"},
      {"planned", "How many trials it has when all are queued.", "18"},
      {"best", "Of a sweep that succeeded: number of its best trial.", "4"},
      {"taken_over", "Its results are those of the run this one repeats.", "false"},
      {"started", "When its first job was queued."},
      {"ended", "When it was over."},
      {"message", "Why it did not run or succeed, in words.", R"("prepare failed")"},
      {"approval", "If somebody is asked before it starts."},
      {"trials", "Its jobs so far, by number."},
  };
};
BOOST_DESCRIBE_STRUCT(FlowRunComponent, (), (name, kind, state, needs, planned, best, taken_over, started, ended, message, approval, trials))

/// GET /v1/flow-runs/{flow_run}
struct FlowRunDetails {
  FlowRun run;
  std::map<std::string, std::string> parameters;
  std::vector<FlowRunComponent> components;

  static constexpr Doc docs[] = {
      {"", "All there is to say about one run."},
      {"run", "As lists show it."},
      {"parameters", "The flow's parameters in this run.", R"({"rows":"1000"})"},
      {"components", "Each after all it needs."},
  };
};
BOOST_DESCRIBE_STRUCT(FlowRunDetails, (), (run, parameters, components))

/// PUT /v1/artifacts/{digest}
struct PutArtifactQuery {
  std::optional<std::string> project;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  static constexpr std::array required{"offset", "size"};
  static constexpr Doc docs[] = {
      {"project", "Whose it is; else your only project, or `default`."},
      {"offset", "Where these bytes begin. What is there already is skipped; a gap is refused with the offset to go on at.", "0"},
      {"size", "Of the whole.", "40960"},
  };
};
BOOST_DESCRIBE_STRUCT(PutArtifactQuery, (), (project, offset, size))

struct StoredArtifact {
  std::string digest;
  std::uint64_t stored = 0;
  bool complete = false;

  static constexpr Doc docs[] = {
      {"", "Bytes of an artifact are stored."},
      {"digest", "Of the artifact.", R"("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")"},
      {"stored", "All bytes before this offset are stored: go on here.", "40960"},
      {"complete", "All of it is there, is what its digest says, and is on the disk.", "true"},
  };
};
BOOST_DESCRIBE_STRUCT(StoredArtifact, (), (digest, stored, complete))

/// GET /v1/artifacts/{digest}
struct GetArtifactQuery {
  std::optional<std::string> project;
  std::uint64_t offset = 0;
  std::uint32_t limit = 1u << 20;

  static constexpr Doc docs[] = {
      {"project", "Whose it is; else your only project, or `default`."},
      {"offset", "From this byte on.", "0"},
      {"limit", "At most so many bytes.", "1048576", R"("minimum":1,"maximum":4194304)"},
  };
};
BOOST_DESCRIBE_STRUCT(GetArtifactQuery, (), (project, offset, limit))

/// GET /v1/artifacts
struct ArtifactsQuery {
  std::optional<std::string> project;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"project", "Whose; else of your only project, or `default`."},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(ArtifactsQuery, (), (project, limit, cursor))

/// DELETE /v1/artifacts/{digest}
struct ArtifactQuery {
  std::optional<std::string> project;

  static constexpr Doc docs[] = {
      {"project", "Whose; else of your only project, or `default`."},
  };
};
BOOST_DESCRIBE_STRUCT(ArtifactQuery, (), (project))

struct Artifact {
  std::string digest;
  std::uint64_t size = 0;
  Time stored;
  std::vector<std::string> used_by;

  static constexpr Doc docs[] = {
      {"", "A file by its content."},
      {"digest", "SHA-256 of its bytes.", R"("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")"},
      {"size", "In bytes.", "40960"},
      {"stored", "When it was complete."},
      {"used_by", "Who needs it, five at most: jobs, runs of flows, flows, schedules. Empty: it is deleted some time after it was stored.",
       R"(["job 42","run-7: train.model"])"},
  };
};
BOOST_DESCRIBE_STRUCT(Artifact, (), (digest, size, stored, used_by))

/// GET and PUT /v1/agent/attempts/{attempt}/artifacts/{digest}
struct AttemptArtifactQuery {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  static constexpr Doc docs[] = {
      {"offset", "Where the bytes begin.", "0"},
      {"size", "Of the whole, where bytes are brought.", "40960"},
  };
};
BOOST_DESCRIBE_STRUCT(AttemptArtifactQuery, (), (offset, size))

/// POST /v1/agent/attempts/{attempt}/outputs
struct DeliveredFile {
  std::string name = {};
  std::string digest = {};
  std::uint64_t size = 0;

  static constexpr std::array required{"name", "digest"};
  static constexpr Doc docs[] = {
      {"", "An output whose bytes were brought."},
      {"name", "Of the output.", R"("model")"},
      {"digest", "Of its content.", R"("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")"},
      {"size", "In bytes.", "40960"},
  };
};
BOOST_DESCRIBE_STRUCT(DeliveredFile, (), (name, digest, size))

struct DeliverOutputs {
  std::vector<DeliveredFile> outputs = {};
  std::map<std::string, double> metrics = {};
  std::string problem = {};

  static constexpr Doc docs[] = {
      {"", "What an attempt that succeeded left behind."},
      {"outputs", "The files."},
      {"metrics", "What its metrics.json says.", R"({"accuracy":0.93})"},
      {"problem", "Why it is not all that was asked for.", R"("the output model was not written")"},
  };
};
BOOST_DESCRIBE_STRUCT(DeliverOutputs, (), (outputs, metrics, problem))

}  // namespace nav::api
