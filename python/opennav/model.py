# SPDX-License-Identifier: Apache-2.0
"""Every value of the API. Made from api/openapi.json by python/tools/generate.py; not to be edited."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from .record import Record, Word

#: Job and number of an attempt.
AttemptId = str
#: The number of a job.
JobId = int


class AccountKind(Word):
    """The words of AccountKind."""

    TEAM = "team"
    PROJECT = "project"


@dataclass(frozen=True, kw_only=True)
class AccountUse(Record):
    """What a team or a project has in use, with all below it."""

    #: Which of the two.
    kind: AccountKind
    #: Its name.
    name: str
    #: The team it is part of; empty: it stands at the top.
    parent: str
    #: Absent: it has none.
    quota: Quota | None = None
    #: Compute slices in use.
    slices: int
    #: GPU memory in use.
    memory_mib: int
    #: In use beyond its own.
    borrowed_slices: int
    #: Of its own, idle here and in use by others; an estimate, for slices carry no owner's name.
    lent_slices: int
    #: In use by attempts that were told to make room.
    leaving_slices: int
    #: Attempts that have a place.
    running: int
    #: Slice-hours used, each worth half after every half-life: what the fair share goes by.
    spent: float
    #: Its part of what it and its neighbours have spent, from 0 to 1.
    share: float


@dataclass(frozen=True, kw_only=True)
class Advice(Record):
    """What could be given back, with the evidence."""

    #: What would free most first.
    items: list[AdviceItem]
    #: Attempts on GPUs that have run long enough.
    looked_at: int
    #: Of these, how many nothing was measured of.
    unknown: int


@dataclass(frozen=True, kw_only=True)
class AdviceItem(Record):
    """A running job that holds more than it was measured to use."""

    #: unused: its place did nothing; smaller: a smaller one would do.
    kind: AdviceKind
    #: Which.
    job: JobId
    #: Its name.
    name: str
    #: Whose.
    project: str
    #: Who submitted it.
    user: str
    #: The template it got.
    on: str
    #: Where it runs.
    node: str
    #: What it holds.
    place: str
    #: It runs since then.
    since: datetime.datetime
    #: GPU memory it holds.
    memory_mib: int
    #: The most it had in use at once since it runs. Absent: no source told.
    most_memory_mib: int | None = None
    #: The most its place was busy, 0 to 1, in one of the steps looked at. Absent: no source told.
    most_activity: float | None = None
    #: How busy its place was on average. Absent: no source told.
    activity: float | None = None
    #: The smallest profile it would fit with a tenth to spare; empty where none is smaller.
    fits: str
    #: Memory slices that would be free.
    saves_slices: int
    #: The same as a share of what it holds.
    saves: float
    #: All this in a sentence.
    text: str


class AdviceKind(Word):
    """The words of AdviceKind."""

    UNUSED = "unused"
    SMALLER = "smaller"


@dataclass(frozen=True, kw_only=True)
class AnswerApproval(Record):
    """What somebody says to a component that waits for approval."""

    #: Which.
    component: str
    #: Why, for those who look at the run.
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Artifact(Record):
    """A file by its content."""

    #: SHA-256 of its bytes.
    digest: str
    #: In bytes.
    size: int
    #: When it was complete.
    stored: datetime.datetime
    #: Who needs it, five at most: jobs, runs of flows, flows, schedules. Empty: it is deleted some time after it was stored.
    used_by: list[str]


@dataclass(frozen=True, kw_only=True)
class ArtifactPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Artifact]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class AskedService(Record):
    """What was asked for of a job that is there to be used."""

    #: For one person to work in, or there to answer requests.
    kind: ServiceKind
    #: The path that is asked now and then; empty: none.
    health: str
    #: Ended when nobody used it for so long; zero: never.
    idle_after: datetime.timedelta


@dataclass(frozen=True, kw_only=True)
class Attempt(Record):
    """One placing of a job."""

    #: Job and number, counted from 1.
    id: AttemptId
    #: The template it was placed on.
    on: str
    #: Where.
    node: str
    #: What it has there: GPU and slice, GPUs, or `cpu`.
    place: str
    #: The MIG instance it ran on, as the driver names it.
    instance_uuid: str | None = None
    #: When it got its place.
    placed: datetime.datetime
    #: When it began to run, by the node's clock.
    started: datetime.datetime | None = None
    #: When it was over.
    ended: datetime.datetime | None = None
    #: How it ended.
    outcome: Outcome | None = None
    #: If it exited.
    exit_code: int | None = None
    #: The signal that ended it, if one did.
    signal: int | None = None
    #: How it ended, in words.
    message: str | None = None
    #: The most memory of the machine it held at once.
    peak_memory_mib: int | None = None
    #: Processor time it used.
    cpu_time: datetime.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class BatchItem(Record):
    """What became of one entry of the batch: one of the two."""

    #: It is queued.
    submitted: SubmittedJobs | None = None
    #: It was refused; its `field` counts from the entry.
    error: ErrorDetail | None = None


@dataclass(frozen=True, kw_only=True)
class BoardCount(Record):
    """GPUs alike, counted over all nodes that are not lost."""

    #: The driver's product name.
    model: str
    #: The name their templates go by.
    family: str
    #: All of them.
    gpus: int
    #: Held whole.
    gpus_held: int
    #: Cut in slices.
    gpus_cut: int
    #: Set aside whole, after errors or by hand.
    gpus_set_aside: int
    #: Slices there are, or are being made.
    slices: int
    #: Held by attempts.
    slices_held: int
    #: Set aside, after errors or by hand.
    slices_set_aside: int
    #: Into how many memory slices one is divided; 0 if it cannot be cut.
    memory_slices: int
    #: What one can be cut into.
    profiles: list[BoardProfile]


@dataclass(frozen=True, kw_only=True)
class BoardProfile(Record):
    """A kind of slice, as the driver describes it."""

    #: NVIDIA's name for it.
    name: str
    #: How many memory slices it takes.
    memory_slices: int
    #: How many compute slices.
    compute_slices: int
    #: Its memory.
    memory_mib: int
    #: Its streaming multiprocessors.
    multiprocessors: int
    #: Memory slices it may begin at.
    starts: list[int]


class Can(Word):
    """The words of Can."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class CancelledJob(Record):
    """The job will not run on."""

    #: Its number.
    id: JobId
    #: It waited, so it is over already; else its attempt has been told to end, and the job is over when that has.
    over: bool
    #: If it is a member of one: all members are cancelled with it.
    gang: GangMember | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeFlowSchedule(Record):
    """What is to change of a schedule."""

    #: Each time runs this version. Zero: the newest.
    version: int | None = None
    #: Values for the flow's parameters, all of them: what is absent is the default from now on.
    parameters: dict[str, str] | None = None
    #: A sweep of more trials is refused.
    trials_allowed: int | None = None
    #: `false`: everything runs, whatever its components say.
    cache: bool | None = None
    #: When.
    cron: str | None = None
    #: By whose clock.
    time_zone: str | None = None
    #: What happens while the last run still goes on.
    overlap: Overlap | None = None
    #: How long after its time a run may still start.
    may_be_late: datetime.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeProject(Record):
    """What is to change."""

    #: Names of users who become members.
    add: list[str] | None = None
    #: Names of users who are members no longer.
    remove: list[str] | None = None
    #: Whose it is from now on, by name.
    team: str | None = None
    #: What it may use from now on, all of it: what is absent is no limit any more. It may be less than is in use: then nothing is begun beyond it.
    quota: SetQuota | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeReportSchedule(Record):
    """What is to change of a schedule of reports."""

    #: Which report.
    report: str | None = None
    #: What it is grouped by. None: what suits the report.
    by: list[str] | None = None
    #: Each is about so long before its time. Zero: about all since the time before.
    span: datetime.timedelta | None = None
    #: When.
    cron: str | None = None
    #: By whose clock.
    time_zone: str | None = None
    #: As what it is written: csv, html, json.
    formats: list[str] | None = None
    #: So many are kept.
    keep: int | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeTeam(Record):
    """What is to change."""

    #: The team it is part of from now on, by name; empty: it stands at the top.
    parent: str | None = None
    #: What it may use from now on, all of it: what is absent is no limit any more. It may be less than is in use: then nothing is begun beyond it.
    quota: SetQuota | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeUser(Record):
    """What is to change."""

    #: What they may do from now on.
    role: Role | None = None
    #: Whether their tokens open nothing from now on.
    disabled: bool | None = None
    #: What they may have at once, all of it: what is absent is not limited any more.
    limits: SetUserLimits | None = None


@dataclass(frozen=True, kw_only=True)
class CheckFlow(Record):
    """Hold a flow against all that is known before it runs. Nothing is kept."""

    #: The flow.
    definition: FlowDefinition
    #: As a run would be given them.
    parameters: dict[str, str] | None = None
    #: A sweep of more trials is refused.
    trials_allowed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Cloud(Record):
    """A site whose machines are booted when jobs want them."""

    #: And the site of its nodes, and the template for one of its machines.
    name: str
    #: Which kind, in the provider's words.
    machine: str
    #: Of its GPUs.
    family: str
    #: On one machine.
    gpus: int
    #: Machines at once.
    most: int
    #: How long one usually takes.
    boot: datetime.timedelta
    #: One on which nothing ran for so long is given back.
    idle: datetime.timedelta
    #: What an hour of one costs, in millionths.
    price_micro: int
    #: Whether machines are booted. A closed one gives idle machines back at once.
    open: bool
    #: What it failed at last.
    problem: str | None = None
    #: Those there are.
    machines: list[Machine]


@dataclass(frozen=True, kw_only=True)
class CloudPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Cloud]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class CodeFile(Record):
    """A file to be sent along: each attempt finds it in the folder it starts in, as its own copy."""

    #: Below that folder.
    path: str
    #: Of the artifact.
    digest: str
    #: Whether it may be run itself.
    executable: bool | None = None


class ComponentKind(Word):
    """The words of ComponentKind."""

    JOB = "job"
    SWEEP = "sweep"
    WORKSPACE = "workspace"
    ENDPOINT = "endpoint"


class ComponentState(Word):
    """The words of ComponentState."""

    WAITING = "waiting"
    AWAITING_APPROVAL = "awaiting_approval"
    RUNNING = "running"
    SERVING = "serving"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Confidence(Word):
    """The words of Confidence."""

    NOW = "now"
    AT_LATEST = "at_latest"
    LIKELY = "likely"
    ABOUT = "about"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Defragment(Record):
    """A plan to bring together what is free."""

    #: Carry it out. Else it is only shown.
    apply: bool | None = None
    #: At most so many moves.
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Defragmentation(Record):
    """Which running jobs move so that what is free lies together."""

    #: They were told to. Else nothing has happened.
    applied: bool
    #: GPUs on which nothing runs afterwards.
    emptied: int
    #: Work that is lost and done again: slice-seconds.
    lost_seconds: int
    #: Who moves. Jobs that are not restartable, or said they must not be preempted, never do.
    moves: list[Move]
    #: Templates of which there is room for another number afterwards.
    places: list[FreePlaces]
    #: The same in words.
    sentence: str


@dataclass(frozen=True, kw_only=True)
class DeliverOutputs(Record):
    """What an attempt that succeeded left behind."""

    #: The files.
    outputs: list[DeliveredFile] | None = None
    #: What its metrics.json says.
    metrics: dict[str, float] | None = None
    #: Why it is not all that was asked for.
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveredFile(Record):
    """An output whose bytes were brought."""

    #: Of the output.
    name: str
    #: Of its content.
    digest: str
    #: In bytes.
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class DoorLink(Record):
    """An address that lets a browser in to the port of a job."""

    #: Whose port it is.
    job: JobId
    #: To be opened once; the browser then has a cookie for this job alone.
    url: str
    #: When it opens nothing any more.
    expires: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class DrainNode(Record):
    """Take no new jobs."""

    #: Why, for whoever looks.
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(Record):
    """Which trials are ended before their time, by what they log while they run."""

    #: `median`: who is worse than the median of the others. `asha`: who is not among the best of those that have come to the same rung, which are the steps
    #: `after`, `after` times `eta`, and so on.
    rule: StoppingRule | None = None
    #: What is compared, as it was at best up to the same step. Empty: the sweep's metric.
    metric: str | None = None
    #: Whether more of it is better, or less. Without it as the sweep's.
    goal: SweepGoal | None = None
    #: The first step at which trials are compared.
    after: int | None = None
    #: Of `median`: so many steps from one comparison to the next.
    every: int | None = None
    #: Of `median`: so many others must have come so far.
    others: int | None = None
    #: Of `asha`: one in so many goes on beyond each rung.
    eta: int | None = None


@dataclass(frozen=True, kw_only=True)
class ErrorBody(Record):
    """The body of every answer that is not a success."""

    #: Why.
    error: ErrorDetail


@dataclass(frozen=True, kw_only=True)
class ErrorDetail(Record):
    """Why a request was refused."""

    #: What kind of thing went wrong; says the same as the status.
    kind: ErrorKind
    #: What went wrong, in words.
    message: str
    #: What would be right, or what to do; may be empty.
    hint: str
    #: Path of the field, parameter or header it is about; may be empty.
    field: str


class ErrorKind(Word):
    """The words of ErrorKind."""

    INVALID_ARGUMENT = "invalid_argument"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"
    STORAGE_FULL = "storage_full"
    TIMEOUT = "timeout"
    INTERNAL = "internal"


@dataclass(frozen=True, kw_only=True)
class Event(Record):
    """Something that happened."""

    #: Its number in the journal; rises by at least one.
    sequence: int
    #: When.
    at: datetime.datetime
    #: Name of who wished it; absent if nobody did.
    by: str | None = None
    #: What it is, in the past tense.
    kind: str
    #: The job it is about; the first one, if there are several (JobsQueued).
    job: JobId | None = None
    #: The node it is about.
    node: str | None = None
    #: All of it, as it stands in the journal. Fields are added in time, none is renamed.
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class EventPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Event]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Experiment(Record):
    """Runs that belong together."""

    #: Its number, which is also its id for MLflow.
    id: int
    #: Unique in its project.
    name: str
    #: Whose work it is.
    project: str
    #: Who made it.
    user: str
    #: How many runs it has, without the deleted ones.
    runs: int
    #: When.
    made: datetime.datetime
    #: When its name or tags last changed.
    changed: datetime.datetime
    #: It is shown no more.
    deleted: bool
    #: What people noted about it.
    tags: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ExperimentPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Experiment]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Flow(Record):
    """A flow as lists show it: its newest version."""

    #: What it is called.
    name: str
    #: Whose it is.
    project: str
    #: How often it was changed, and the first time.
    version: int
    #: When this version came.
    saved: datetime.datetime
    #: Whose it is.
    by: str


@dataclass(frozen=True, kw_only=True)
class FlowApproval(Record):
    """What a person is asked before a component starts, and what they answered."""

    #: In the flow's words.
    question: str
    #: Who may answer, beside administrators. Empty: every member of the project.
    approvers: list[str]
    #: Since when it waits, or waited, for an answer.
    asked: datetime.datetime | None = None
    #: The answer. Absent: there is none.
    approved: bool | None = None
    #: Who answered.
    by: str | None = None
    #: When.
    at: datetime.datetime | None = None
    #: Why, in their words.
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class FlowComponent(Record):
    """One step of a flow: a job, a sweep of jobs that differ in their parameters, or a service that others use while it is there."""

    #: `job`, `sweep`, `workspace` or `endpoint`. A service, which the last two are, is there once it answers: what comes after it begins then, and it is
    #: ended when the rest of the run is over.
    kind: ComponentKind | None = None
    #: The compute list: names of templates in order of preference.
    on: list[str]
    #: The program and its arguments. `{{name}}` stands for a parameter. It starts in the job's folder, which has `inputs` and `outputs`. Of a workspace it
    #: may be empty: Jupyter, as it is installed on the node.
    command: list[str]
    #: Environment variables, with `{{name}}` for parameters.
    env: dict[str, str] | None = None
    #: A folder on the node to start in. Empty: a new folder of the attempt's own.
    workdir: str | None = None
    #: After this long an attempt is ended: 90s, 15m, 2h. Empty: no limit.
    time_limit: str | None = None
    #: Memory of the machine: 512M, 16G. Empty: the template's share.
    memory: str | None = None
    #: Processors: 4, 0.5. Empty: the template's share.
    cpus: str | None = None
    #: How often a failed attempt is tried again.
    retries: int | None = None
    #: It may be stopped and begun anew.
    restartable: bool | None = None
    #: Higher goes first.
    priority: int | None = None
    #: `climb`: a job or trial that ran out of memory begins anew where there is more, alone: on a rung of its list, else on the next larger slice of the
    #: same GPU. Without it trials of a sweep climb, and a job fails.
    on_out_of_memory: OnOutOfMemory | None = None
    #: Components that must have succeeded before, beside those its inputs come from.
    after: list[str] | None = None
    #: Files it finds under $NAV_INPUTS, by name: `prepare.data` is the output of a component, `train.best.model` that of a sweep's best trial, `sha256:...`
    #: an artifact; in a YAML file `./train.py` is a file beside it.
    inputs: dict[str, str] | None = None
    #: Files it leaves under $NAV_OUTPUTS, by name.
    outputs: list[str] | None = None
    #: Run only if this holds: a metric of a component, a comparison, a number. Else it is skipped, and what needs it too.
    when: str | None = None
    #: What a person is asked before it starts, when all it needs is there. It waits until somebody approves; rejected, it is skipped.
    approval: str | None = None
    #: Names of the users who may answer, beside administrators. Empty: every member of the project.
    approvers: list[str] | None = None
    #: Of a sweep: every combination of these values.
    grid: dict[str, list[str]] | None = None
    #: Of a sweep: drawn anew for each trial.
    random: dict[str, SweepRange] | None = None
    #: Of a sweep: so many trials. Zero: every combination of the grid.
    trials: int | None = None
    #: Of a random sweep: the same seed draws the same parameters.
    seed: int | None = None
    #: Of a sweep: at most so many trials at once. Zero: all.
    parallel: int | None = None
    #: Of a sweep: which metric says what the best trial is.
    metric: str | None = None
    #: Of a sweep: whether more of it is better, or less.
    goal: SweepGoal | None = None
    #: Of a sweep: so many trials may fail without the sweep failing.
    may_fail: int | None = None
    #: Of a sweep: trials that do worse than the others are ended before their time. They count as over, not as failed.
    early_stopping: EarlyStopping | None = None
    #: `true`: where the project has a kept run in which a job with the same name of component, command, environment, parameters, inputs by content and names
    #: of outputs succeeded, its outputs and metrics are handed on and nothing runs. Of a sweep: trial by trial. Without it the flow's `cache` counts.
    cache: bool | None = None
    #: Of a service: a path that is asked every few seconds; 2xx and 3xx mean well. Empty: it is well as long as it listens.
    health: str | None = None
    #: Of a service: ended when nobody used it for so long. Empty: a workspace after 2h, an endpoint never.
    idle_after: str | None = None
    #: Of a service: it goes on when the run is over, and the component has succeeded as soon as it answers.
    keep: bool | None = None


@dataclass(frozen=True, kw_only=True)
class FlowDefinition(Record):
    """A graph of components, by name. A component starts when all it needs has succeeded."""

    #: What the flow is called; a changed definition of the same name is its next version.
    name: str
    #: For people.
    description: str | None = None
    #: Parameters with their defaults; a run may give others.
    parameters: dict[str, str] | None = None
    #: The components by name.
    components: dict[str, FlowComponent]
    #: What counts for components that do not say it themselves.
    cache: bool | None = None


@dataclass(frozen=True, kw_only=True)
class FlowDetails(Record):
    """One version of a flow."""

    #: As lists show it.
    flow: Flow
    #: What it was submitted as.
    definition: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FlowFile(Record):
    """An output that is in the store of artifacts."""

    #: Of the output.
    name: str
    #: Its content's, by which it is fetched.
    digest: str
    #: In bytes.
    size: int


@dataclass(frozen=True, kw_only=True)
class FlowGraph(Record):
    """The flow is sound."""

    #: Of the flow.
    name: str
    #: Each after all it needs.
    components: list[FlowGraphNode]


@dataclass(frozen=True, kw_only=True)
class FlowGraphNode(Record):
    """A component in the graph of its flow."""

    #: The component.
    name: str
    #: A job or a sweep.
    kind: ComponentKind
    #: The components before it.
    needs: list[str]
    #: How many jobs it unfolds into.
    trials: int
    #: Its compute list.
    on: list[str]


@dataclass(frozen=True, kw_only=True)
class FlowPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Flow]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class FlowRun(Record):
    """A run as lists show it."""

    #: Its number.
    id: str
    #: Of which flow.
    flow: str
    #: Of which version of it.
    version: int
    #: Whose work it is.
    project: str
    #: Who started it.
    user: str
    #: How it stands.
    state: FlowRunState
    #: When it was started.
    started: datetime.datetime
    #: When it was over.
    ended: datetime.datetime | None = None
    #: Why it did not succeed, in words.
    message: str | None = None
    #: The run it takes results over from.
    rerun_of: str | None = None
    #: The schedule that started it.
    schedule: str | None = None
    #: The time it was started for; of a run that repeats another, that one's.
    scheduled_for: datetime.datetime | None = None
    #: Components that wait until somebody approves them.
    awaiting_approval: list[str]


@dataclass(frozen=True, kw_only=True)
class FlowRunComponent(Record):
    """One component of a run."""

    #: The component.
    name: str
    #: A job or a sweep.
    kind: ComponentKind
    #: How it stands.
    state: ComponentState
    #: The components before it.
    needs: list[str]
    #: How many trials it has when all are queued.
    planned: int
    #: Of a sweep that succeeded: number of its best trial.
    best: int | None = None
    #: Its results are those of the run this one repeats.
    taken_over: bool
    #: When its first job was queued.
    started: datetime.datetime | None = None
    #: When it was over.
    ended: datetime.datetime | None = None
    #: Why it did not run or succeed, in words.
    message: str | None = None
    #: If somebody is asked before it starts.
    approval: FlowApproval | None = None
    #: Its jobs so far, by number.
    trials: list[FlowTrial]


@dataclass(frozen=True, kw_only=True)
class FlowRunDetails(Record):
    """All there is to say about one run."""

    #: As lists show it.
    run: FlowRun
    #: The flow's parameters in this run.
    parameters: dict[str, str]
    #: Each after all it needs.
    components: list[FlowRunComponent]


@dataclass(frozen=True, kw_only=True)
class FlowRunPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[FlowRun]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


class FlowRunState(Word):
    """The words of FlowRunState."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class FlowSchedule(Record):
    """A schedule as lists show it."""

    #: Its number.
    id: str
    #: What it runs.
    flow: str
    #: The version it runs. Absent: the newest.
    version: int | None = None
    #: Whose work it is.
    project: str
    #: Who made it or changed it last: whose its runs are.
    user: str
    #: Values for the flow's parameters, where they are not the defaults.
    parameters: dict[str, str]
    #: A sweep of more trials is refused.
    trials_allowed: int
    #: `false`: everything runs, whatever its components say.
    cache: bool
    #: When.
    cron: str
    #: By whose clock.
    time_zone: str
    #: What happens while the last run still goes on.
    overlap: Overlap
    #: How long after its time a run may still start.
    may_be_late: datetime.timedelta
    #: When it was made.
    made: datetime.datetime
    #: It starts nothing until it is resumed.
    paused: bool
    #: When it comes next. Absent while it is paused.
    next: datetime.datetime | None = None
    #: The last time that came.
    last: ScheduledTime | None = None
    #: Why it starts nothing, if something is wrong.
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class FlowScheduleDetails(Record):
    """All there is to say about one schedule."""

    #: As lists show it.
    schedule: FlowSchedule
    #: The next five times. None while it is paused.
    next: list[datetime.datetime]
    #: The last fifty times that came, new to old.
    times: list[ScheduledTime]


@dataclass(frozen=True, kw_only=True)
class FlowSchedulePage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[FlowSchedule]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class FlowTrial(Record):
    """One job of a component, with the compute it got."""

    #: Counted from 0 within its component.
    number: int
    #: The job.
    job: JobId
    #: What it is doing.
    state: JobState
    #: What it was given.
    parameters: dict[str, str]
    #: What it left in $NAV_OUTPUTS/metrics.json; of one that was stopped early, that by which it was compared.
    metrics: dict[str, float]
    #: What it left of its component's outputs.
    outputs: list[FlowFile]
    #: The template of the list that it got.
    on: str | None = None
    #: Where it is, or was last.
    node: str | None = None
    #: What it has there.
    place: str | None = None
    #: The MIG instance, as the driver names it.
    instance_uuid: str | None = None
    #: When it began to run, by the node's clock.
    started: datetime.datetime | None = None
    #: When it was over.
    ended: datetime.datetime | None = None
    #: How it ended or what it waits for, in words.
    message: str | None = None
    #: Why it was ended before its time, if it was: others did better.
    stopped_early: str | None = None
    #: The run whose job this is: nothing had changed since, so its results were handed on.
    reused_from: str | None = None


@dataclass(frozen=True, kw_only=True)
class FreePlaces(Record):
    """How many more jobs of a template there is room for, if nobody asks for anything else. Processors are not counted."""

    #: The template.
    on: str
    #: As it is.
    before: int
    #: After the moves.
    after: int


@dataclass(frozen=True, kw_only=True)
class GangMember(Record):
    """Whose member a job is: a gang's, whose members start together or not at all."""

    #: Number of the member with rank 0, by which the gang goes.
    first: JobId
    #: Counted from 0.
    rank: int
    #: How many there are, numbered without a gap.
    members: int


@dataclass(frozen=True, kw_only=True)
class Gpu(Record):
    """One physical GPU."""

    #: Its place in the node, counted from 0.
    index: int
    #: As the driver names it.
    uuid: str
    #: The driver's product name.
    model: str
    #: The name its templates go by.
    family: str
    #: All of its memory.
    memory_mib: int
    #: Into how many memory slices its driver divides it; 0 if it cannot be cut.
    memory_slices: int
    #: Whether it can be cut.
    mig_capable: bool
    #: Given whole, or cut.
    mode: GpuMode
    #: Who decides on its layout.
    policy: GpuPolicy
    #: Of the GPU as a whole: held while somebody has all of it, set aside after an error that no slice can be blamed for, or by hand.
    state: SliceState
    #: Who has all of it, if you may see that job.
    holder: AttemptId | None = None
    #: Why it is set aside.
    reason: str | None = None
    #: Its layout, along the GPU.
    slices: list[Slice]
    #: Memory slices that are not cut and that no profile can be placed on beside what is there.
    stranded: list[int]


class GpuMode(Word):
    """The words of GpuMode."""

    WHOLE = "whole"
    MIG = "mig"


class GpuPolicy(Word):
    """The words of GpuPolicy."""

    MANAGED = "managed"
    FIXED = "fixed"
    WHOLE = "whole"


@dataclass(frozen=True, kw_only=True)
class Health(Record):
    """The controller takes requests."""

    #: Always true: a controller that cannot take requests answers 503.
    healthy: bool


@dataclass(frozen=True, kw_only=True)
class Job(Record):
    """A job as lists show it."""

    #: Its number.
    id: JobId
    #: For people.
    name: str
    #: Whose work it is.
    project: str
    #: Who submitted it.
    user: str
    #: What it is doing.
    state: JobState
    #: The template it got.
    on: str | None = None
    #: The whole compute list, in order of preference; once it needed more memory, what it climbed to.
    wanted: list[str]
    #: Number of its present or last attempt; 0 while it has had none.
    attempt: int
    #: Where it is, or was last.
    node: str | None = None
    #: What it has there: GPU and slice, GPUs, or `cpu`.
    place: str | None = None
    #: When it was queued.
    submitted: datetime.datetime
    #: When its attempt began to run, by the node's clock.
    started: datetime.datetime | None = None
    #: When it was over.
    ended: datetime.datetime | None = None
    #: Of its last attempt, if that exited.
    exit_code: int | None = None
    #: Why it ended, or waits again, in words.
    message: str | None = None
    #: Whose member it is, if it is one.
    gang: GangMember | None = None


@dataclass(frozen=True, kw_only=True)
class JobDetails(Record):
    """All there is to say about one job."""

    #: As lists show it.
    job: Job
    #: What was asked for.
    request: JobRequest
    #: Its present attempt has been told to end.
    stopping: bool
    #: How it is, if it is there to be used and not over.
    service: ServiceState | None = None
    #: What was tried of the compute list, what was chosen and why, first to last.
    rungs: list[RungTried]
    #: Every placing, first to last.
    attempts: list[Attempt]
    #: All that happened to it, first to last.
    history: list[Event]


@dataclass(frozen=True, kw_only=True)
class JobPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Job]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobRequest(Record):
    """What was asked for when the job was submitted."""

    #: For people.
    name: str
    #: Whose work it is.
    project: str
    #: The compute list, with what each rung waits and pays.
    on: list[str]
    #: The program and its arguments.
    command: list[str]
    #: Environment variables.
    env: dict[str, str]
    #: The folder to start in; empty: one of the attempt's own.
    workdir: str
    #: Zero: none.
    time_limit: datetime.timedelta
    #: Zero: the template's share.
    memory_mib: int
    #: Zero: the template's share.
    cpu_milli: int
    #: How often a failed attempt is tried again.
    retries: int
    #: Whether it may be stopped and begun anew.
    restartable: bool
    #: Whether it is spared from being stopped to make room for others.
    no_preempt: bool
    #: Higher goes first.
    priority: int
    #: Whether it is begun anew when something better is free.
    upgrade: Upgrade
    #: Whether it is begun anew with more memory when that ran out.
    on_out_of_memory: OnOutOfMemory
    #: Files that were sent along.
    code: list[SentFile]
    #: How many the gang has, if it is one.
    members: int | None = None
    #: If it is there to be used.
    service: AskedService | None = None


class JobState(Word):
    """The words of JobState."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class JoinNode(Record):
    """A machine asks to be taken into the pool."""

    #: The form of the sync it speaks.
    protocol: int | None = None
    #: Its name in the pool: lower-case letters, digits and inner `-._`.
    name: str
    #: Where it comes from.
    site: str | None = None
    #: What people choose nodes by.
    labels: dict[str, str] | None = None
    #: PKCS #10, as PEM. Empty on loopback without TLS, where a token takes its place.
    certificate_request: str | None = None


@dataclass(frozen=True, kw_only=True)
class JoinedNode(Record):
    """The machine is in the pool."""

    #: Its number.
    node: str
    #: Whose node it is now.
    installation: str
    #: Its own, as PEM, with its number as the common name; empty if none was asked for.
    certificate: str
    #: Who signs for this installation, as PEM.
    ca: str
    #: Its bearer token on loopback; empty where it has a certificate.
    token: str


@dataclass(frozen=True, kw_only=True)
class KeepAside(Record):
    """Keep a slice or GPU from use."""

    #: The slice; empty: the GPU as a whole.
    placement: str | None = None
    #: Why, for whoever finds it so.
    reason: str


class Lack(Word):
    """The words of Lack."""

    NO_NODE = "no_node"
    NEVER = "never"
    BUSY = "busy"
    FRAGMENTS = "fragments"
    PROCESSORS = "processors"
    SET_ASIDE = "set_aside"
    BOOTING = "booting"
    TERMS = "terms"
    QUOTA = "quota"
    RESERVED = "reserved"
    ROOM = "room"
    TURN = "turn"


@dataclass(frozen=True, kw_only=True)
class LatestAnswer(Record):
    """What is being measured, newest values only."""

    #: Now.
    at: datetime.datetime
    #: Sorted by node.
    items: list[LatestValues]


@dataclass(frozen=True, kw_only=True)
class LatestValues(Record):
    """The newest values of one thing. What is not known is left out."""

    #: Where it is.
    node: str
    #: gpu, instance, attempt or node.
    kind: str
    #: Index of the GPU on its node.
    gpu: int | None = None
    #: UUID of the GPU.
    uuid: str | None = None
    #: Placement of an instance.
    slice: str | None = None
    #: Of an attempt; of an instance or GPU: who holds it, if the caller may see that.
    attempt: AttemptId | None = None
    #: Where the activity comes from, or else the newest value: nvml, gpm, dcgm_exporter, simulated or host.
    source: str
    #: When the newest was measured.
    at: datetime.datetime
    #: By metric.
    values: dict[str, float]
    #: Activity of late, oldest first.
    activity: list[float]


@dataclass(frozen=True, kw_only=True)
class Launch(Record):
    """What a node needs to start an attempt it was given."""

    #: The job's request.
    request: dict[str, Any]
    #: The attempt's own token.
    token: str


class Limit(Word):
    """The words of Limit."""

    TEAM_SLICES = "team_slices"
    TEAM_MEMORY = "team_memory"
    PROJECT_SLICES = "project_slices"
    PROJECT_MEMORY = "project_memory"
    LENDING = "lending"
    USER_SLICES = "user_slices"
    USER_RUNNING = "user_running"


@dataclass(frozen=True, kw_only=True)
class ListedService(Record):
    """A workspace or endpoint that is not over."""

    #: The job it is, with its owner and where it runs.
    job: Job
    #: What it is for.
    kind: ServiceKind
    #: How it is.
    state: ServiceState
    #: Ended when nobody used it for so long; zero: never.
    idle_after: datetime.timedelta
    #: Where the door shows it.
    path: str
    #: The same with the door's address, for programs: they give their token there. Absent: this controller has no door.
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListedServicePage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[ListedService]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Machine(Record):
    """A machine of a cloud, from the wish for it until the provider has it no more."""

    #: Of its node, too.
    name: str
    #: It is on its way, in the pool, or being given back.
    state: MachineState
    #: Since when it costs.
    wanted: datetime.datetime
    #: Since when it is in that state.
    since: datetime.datetime
    #: For which it was wanted, if you may see that job.
    job: JobId | None = None
    #: What an hour costs, in millionths.
    price_micro: int


class MachineState(Word):
    """The words of MachineState."""

    BOOTING = "booting"
    READY = "ready"
    RELEASING = "releasing"


@dataclass(frozen=True, kw_only=True)
class MadeReport(Record):
    """A report that was made just now."""

    #: One for each format.
    files: list[ReportFile]


@dataclass(frozen=True, kw_only=True)
class MadeToken(Record):
    """A new token with its secret."""

    #: What can be read of it from now on.
    token: Token
    #: Shown this once: only its hash is kept.
    secret: str
    #: Of a token for joining: the address agents dial, with the fingerprint of the CA to expect there; absent where it is not known.
    join: str | None = None


@dataclass(frozen=True, kw_only=True)
class MadeWebhook(Record):
    """A new webhook with its secret."""

    #: What can be read of it from now on.
    webhook: Webhook
    #: Under which its notices are signed: `whsec_` and base64. Shown in this answer alone.
    secret: str


@dataclass(frozen=True, kw_only=True)
class MakeFlowSchedule(Record):
    """Run a flow again and again."""

    #: What each time starts. With a definition the flow is kept, and nothing starts yet. Without a version each time runs the version that is the newest
    #: then.
    run: StartFlowRun
    #: When, as crontab(5) writes it: minute, hour, day, month, weekday, with names of months and weekdays; or `@hourly`, `@daily`, `@weekly`, `@monthly`,
    #: `@yearly`.
    cron: str
    #: Whose clock: a name of the IANA database.
    time_zone: str | None = None
    #: `skip`: a time is passed over while the last run still goes on, and noted so. `allow`: they run beside each other.
    overlap: Overlap | None = None
    #: How long after its time a run may still start, when nobody could start it in time. Of several times that were missed the newest alone is run, and the
    #: others are noted.
    may_be_late: datetime.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class MakeJoinToken(Record):
    """A new token with which machines join the pool."""

    #: What it is for: lower-case letters, digits and inner `-._`.
    name: str | None = None
    #: How long.
    valid_for: datetime.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class MakeProject(Record):
    """A new project, without members."""

    #: Lower-case letters, digits and inner `-._`.
    name: str
    #: Whose it is, by name. Empty: `default`.
    team: str | None = None


@dataclass(frozen=True, kw_only=True)
class MakeReportSchedule(Record):
    """Make a report again and again."""

    #: Of the schedule, and of its folder on the controller's machine.
    name: str
    #: Which report.
    report: str
    #: What it is grouped by, as the report itself: team, project, user, template, profile, node or site; two at most. None: what suits the report.
    by: list[str] | None = None
    #: Each is about so long before its time. Zero: about all since the time before, so that one begins where another ends.
    span: datetime.timedelta | None = None
    #: When, as crontab(5) writes it: minute, hour, day, month, weekday, with names of months and weekdays; or `@hourly`, `@daily`, `@weekly`, `@monthly`,
    #: `@yearly`.
    cron: str
    #: Whose clock: a name of the IANA database.
    time_zone: str | None = None
    #: As what it is written: csv, html (a page with a picture), json. `nav report --parquet` makes Parquet of it where Apache Arrow is.
    formats: list[str] | None = None
    #: So many are kept, the newest; older ones are deleted.
    keep: int | None = None


@dataclass(frozen=True, kw_only=True)
class MakeTeam(Record):
    """A new team."""

    #: Lower-case letters, digits and inner `-._`.
    name: str
    #: The team it is part of, by name; empty: it stands at the top.
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class MakeToken(Record):
    """A new token for the API."""

    #: What it is for: lower-case letters, digits and inner `-._`.
    name: str
    #: Whose it will be, by name; only an admin makes tokens for others. Empty: yours.
    user: str | None = None
    #: How long; absent: for ever.
    valid_for: datetime.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class MakeUser(Record):
    """A new user."""

    #: Lower-case letters, digits and inner `-._`.
    name: str
    #: What they may do.
    role: Role | None = None


@dataclass(frozen=True, kw_only=True)
class MakeWebhook(Record):
    """A new webhook."""

    #: An http or https address without a user or password. With https its certificate must be one that this machine trusts.
    url: str
    #: What it is to be told of; empty: everything.
    kinds: list[NoticeKind] | None = None


@dataclass(frozen=True, kw_only=True)
class MemberStart(Record):
    """Where one member of a gang would be."""

    #: Its node.
    node: str
    #: What it has there.
    place: str


@dataclass(frozen=True, kw_only=True)
class MetricsAnswer(Record):
    """What was measured or held, over time."""

    #: What was asked for.
    metric: str
    #: Of the values.
    unit: str
    #: The beginning.
    since: datetime.datetime
    #: The end.
    until: datetime.datetime
    #: The length of a step.
    step: datetime.timedelta
    #: Lines, sorted by their labels.
    groups: list[MetricsGroup]


@dataclass(frozen=True, kw_only=True)
class MetricsGroup(Record):
    """One line of a chart."""

    #: What it is, by what was grouped by.
    labels: dict[str, str]
    #: Where each step begins. A step in which nothing is known is left out.
    at: list[datetime.datetime]
    #: A value for each step: a mean over it.
    values: list[float]
    #: The highest single value in it, where that is known.
    max: float | None = None


@dataclass(frozen=True, kw_only=True)
class Move(Record):
    """A running job stops and begins anew elsewhere, in a place that is kept for it."""

    #: Which.
    job: JobId
    #: Where it is; empty once it has left.
    from_node: str
    #: What it has there.
    from_place: str
    #: Where it goes.
    node: str
    #: What it gets there.
    place: str


@dataclass(frozen=True, kw_only=True)
class Moving(Record):
    """Running jobs that move so that a job has its place."""

    #: How many.
    jobs: int
    #: Which, and where to; only those you may see.
    moves: list[Move]


@dataclass(frozen=True, kw_only=True)
class Node(Record):
    """One machine."""

    #: Its number; a machine that joins anew gets a new one.
    id: str
    #: Its name, unique in the pool.
    name: str
    #: Where it comes from.
    site: str
    #: What was said of it when it joined.
    labels: dict[str, str]
    #: Whether it answers.
    state: NodeState
    #: Since when it is in that state.
    since: datetime.datetime
    #: It takes no new jobs; those there run to their end.
    draining: bool
    #: Why it is drained.
    drain_message: str | None = None
    #: Its GPUs are simulated.
    simulated: bool
    #: What the machine calls itself.
    hostname: str | None = None
    #: Its operating system.
    os: str | None = None
    #: The version of its agent.
    agent_version: str | None = None
    #: The version of its NVIDIA driver; absent if it has none.
    driver_version: str | None = None
    #: Thousandths of a processor it has.
    cpu_milli: int
    #: Thousandths of a processor given to attempts.
    cpu_milli_used: int
    #: Memory it has.
    memory_mib: int
    #: Memory given to attempts.
    memory_mib_used: int
    #: How many attempts have their place here.
    attempts: int
    #: In the driver's order.
    gpus: list[Gpu]


@dataclass(frozen=True, kw_only=True)
class NodeCertificate(Record):
    """A new certificate for the node that asked."""

    #: As PEM.
    certificate: str
    #: Who signs for this installation, as PEM.
    ca: str


@dataclass(frozen=True, kw_only=True)
class NodePage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Node]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


class NodeState(Word):
    """The words of NodeState."""

    JOINING = "joining"
    READY = "ready"
    UNREACHABLE = "unreachable"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Nothing(Record):
    """An object without fields."""


@dataclass(frozen=True, kw_only=True)
class Notice(Record):
    """What a webhook is sent, as the body of a POST. The headers are those of Standard Webhooks: `webhook-id`, `webhook-timestamp` (seconds) and `webhook-
    signature`, which is `v1,` and the base64 of HMAC-SHA256 of `ID.TIMESTAMP.BODY` under the webhook's secret.
    """

    #: Of what happened: the same when it is sent again, and for every webhook.
    id: str
    #: What it is.
    kind: NoticeKind
    #: When it happened.
    at: datetime.datetime
    #: Whose pool it is.
    installation: str
    #: The same in a sentence.
    text: str
    #: The node it is about, by name.
    node: str | None = None
    #: The GPU it is about, by its number on the node.
    gpu: int | None = None
    #: The slice it is about; absent: the whole GPU.
    placement: str | None = None
    #: Why, as far as it is known.
    reason: str | None = None
    #: The job it is about.
    job: JobId | None = None


class NoticeKind(Word):
    """The words of NoticeKind."""

    NODE_SILENT = "node_silent"
    NODE_BACK = "node_back"
    NODE_LOST = "node_lost"
    SET_ASIDE = "set_aside"
    TAKEN_BACK = "taken_back"
    JOB_LOST = "job_lost"
    STORAGE_FAILING = "storage_failing"
    STORAGE_BACK = "storage_back"
    TEST = "test"


class OnOutOfMemory(Word):
    """The words of OnOutOfMemory."""

    FAIL = "fail"
    CLIMB = "climb"


class Outcome(Word):
    """The words of Outcome."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    STOPPED = "stopped"
    TIME_LIMIT = "time_limit"
    OUT_OF_MEMORY = "out_of_memory"
    LEASE_EXPIRED = "lease_expired"
    COULD_NOT_START = "could_not_start"
    NODE_ERROR = "node_error"
    LOST = "lost"


class Overlap(Word):
    """The words of Overlap."""

    SKIP = "skip"
    ALLOW = "allow"


@dataclass(frozen=True, kw_only=True)
class Point(Record):
    """A metric at one step."""

    #: A number, or the text NaN, Infinity or -Infinity.
    value: float | str
    #: Where in the training.
    step: int
    #: When.
    at: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class PointPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Point]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pool(Record):
    """All the compute there is, at one moment."""

    #: The last event in it: follow /v1/events after this one to keep it true.
    sequence: int
    #: The moment.
    at: datetime.datetime
    #: How many nodes are in which state.
    node_states: dict[str, int]
    #: How many jobs that are not over are in which state, those of other projects included.
    job_states: dict[str, int]
    #: GPUs by model.
    boards: list[BoardCount]
    #: The nodes with their GPUs and slices, at most `limit` of them.
    nodes: list[Node]
    #: `cursor` for the nodes after these. Absent at the end.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Project(Record):
    """Work that belongs together: every job is of one project, and its members see it."""

    #: Its number.
    id: str
    #: Unique; does not change.
    name: str
    #: Whose it is.
    team: str
    #: Names of the users who see its jobs.
    members: list[str]
    #: What it may use; absent: it has no quota of its own.
    quota: Quota | None = None


@dataclass(frozen=True, kw_only=True)
class ProjectPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Project]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Quota(Record):
    """What a team or a project may use, in compute slices and GPU memory: a whole A100 is 7 slices and its memory."""

    #: Its own: given to others only while idle, and given back. Absent: nothing is its own, and all it uses is borrowed.
    slices: int | None = None
    #: The same in GPU memory.
    memory_mib: int | None = None
    #: At most so much beyond its own. Absent: whatever is idle; 0: none.
    borrow_slices: int | None = None
    #: The same in GPU memory.
    borrow_memory_mib: int | None = None
    #: At most so much of its own is lent while idle. Absent: all of it; 0: none.
    lend_slices: int | None = None
    #: Its part of the fair share among its neighbours in the tree.
    weight: int
    #: Its jobs may ask for this priority at most.
    priority_ceiling: int | None = None


@dataclass(frozen=True, kw_only=True)
class RenewCertificate(Record):
    """A node's certificate will expire."""

    #: PKCS #10, as PEM.
    certificate_request: str


@dataclass(frozen=True, kw_only=True)
class Report(Record):
    """A report."""

    #: Which.
    report: str
    #: In words.
    title: str
    #: The beginning.
    since: datetime.datetime
    #: The end.
    until: datetime.datetime
    #: What it is grouped by.
    by: list[str]
    #: Of the numbers.
    columns: list[ReportColumn]
    #: The largest first.
    rows: list[ReportRow]
    #: Over all rows.
    total: ReportRow
    #: What a reader should know of these numbers.
    notes: list[str]
    #: The main number over the time of the report.
    chart: MetricsAnswer


@dataclass(frozen=True, kw_only=True)
class ReportColumn(Record):
    """A column of a report."""

    #: Its name.
    name: str
    #: Of its numbers; empty for words.
    unit: str
    #: What it says.
    text: str


@dataclass(frozen=True, kw_only=True)
class ReportFile(Record):
    """A report that was made."""

    #: Of the file: the moment the report ends, in UTC, and its format.
    name: str
    #: The moment it ends: it was due then.
    until: datetime.datetime
    #: What it is written as.
    format: ReportFormat
    #: How large it is.
    bytes: int
    #: When it was written.
    made: datetime.datetime


class ReportFormat(Word):
    """The words of ReportFormat."""

    CSV = "csv"
    HTML = "html"
    JSON = "json"


@dataclass(frozen=True, kw_only=True)
class ReportRow(Record):
    """A row of a report."""

    #: Its group, one name for each of `by`; empty: nobody's.
    names: list[str]
    #: By column. What is not known is left out.
    numbers: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class ReportSchedule(Record):
    """A schedule of reports as lists show it."""

    #: Of the schedule, and of its folder.
    name: str
    #: Which report.
    report: str
    #: What it is grouped by. None: what suits the report.
    by: list[str]
    #: Each is about so long before its time. Zero: about all since the time before.
    span: datetime.timedelta
    #: When.
    cron: str
    #: By whose clock.
    time_zone: str
    #: As what it is written.
    formats: list[ReportFormat]
    #: So many are kept.
    keep: int
    #: When it was made.
    made: datetime.datetime
    #: It makes nothing until it is resumed.
    paused: bool
    #: When it comes next. Absent while it is paused.
    next: datetime.datetime | None = None
    #: The time of the newest report that is there.
    last: datetime.datetime | None = None
    #: Since when a report that is due cannot be made; absent: all is well.
    failing_since: datetime.datetime | None = None
    #: Why it cannot.
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReportScheduleDetails(Record):
    """All there is to say about a schedule of reports."""

    #: As lists show it.
    schedule: ReportSchedule
    #: The next five times. None while it is paused.
    next: list[datetime.datetime]
    #: What lies in its folder, new to old.
    files: list[ReportFile]


@dataclass(frozen=True, kw_only=True)
class ReportSchedulePage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[ReportSchedule]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class RerunFlow(Record):
    """Run again what did not succeed, or from some components on."""

    #: These and all that needs them run again. Empty: what did not succeed.
    components: list[str] | None = None


class Role(Word):
    """The words of Role."""

    ADMIN = "admin"
    OPERATOR = "operator"
    MEMBER = "member"
    VIEWER = "viewer"


@dataclass(frozen=True, kw_only=True)
class Run(Record):
    """One try: its parameters and what came of it."""

    #: 32 hexadecimal digits.
    id: str
    #: For people.
    name: str
    #: Number of its experiment.
    experiment: int
    #: Whose work it is.
    project: str
    #: Who ran it.
    user: str
    #: What it is doing.
    state: RunState
    #: When it began.
    started: datetime.datetime
    #: When it was over.
    ended: datetime.datetime | None = None
    #: The attempt of a job that made it.
    attempt: AttemptId | None = None
    #: It is shown no more.
    deleted: bool
    #: What it was given.
    params: dict[str, str]
    #: The last value of each: a number, or the text NaN, Infinity or -Infinity.
    metrics: dict[str, float | str]
    #: What was noted about it. Those beginning with `nav.` say on what its job ran; `mlflow.source.git.commit` is the code.
    tags: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class RunPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Run]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


class RunState(Word):
    """The words of RunState."""

    RUNNING = "running"
    SCHEDULED = "scheduled"
    FINISHED = "finished"
    FAILED = "failed"
    KILLED = "killed"


@dataclass(frozen=True, kw_only=True)
class RungTried(Record):
    """What became of one rung of the compute list, at one time."""

    #: Which, counted from 0.
    rung: int
    #: Its template.
    on: str
    #: When it was looked at, or became the current one.
    since: datetime.datetime
    #: When it was passed; absent for one that is current, or was only looked at.
    until: datetime.datetime | None = None
    #: The job got its place here.
    chosen: bool
    #: What an hour there costs, of the one chosen.
    price_micro: int | None = None
    #: Why it was not to be had, or what was chosen.
    why: str


class ScheduledOutcome(Word):
    """The words of ScheduledOutcome."""

    STARTED = "started"
    SKIPPED = "skipped"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class ScheduledTime(Record):
    """A time that came, and what became of it."""

    #: When it was due.
    at: datetime.datetime
    #: Whether a run was started, or why not: skipped, because something stood against it, or missed, because nobody was there to start it.
    outcome: ScheduledOutcome
    #: The run that it made.
    run: str | None = None
    #: How that run stands, as long as it is kept.
    state: FlowRunState | None = None
    #: Of times that were missed: how many.
    times: int | None = None
    #: Of times that were missed: the first of them.
    since: datetime.datetime | None = None
    #: Why it was not run, in words.
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class SentFile(Record):
    """A file that each attempt finds in the folder it starts in, as its own copy."""

    #: Below that folder.
    path: str
    #: Of the artifact.
    digest: str
    #: Whether it may be run itself.
    executable: bool


@dataclass(frozen=True, kw_only=True)
class Service(Record):
    """What makes a job a service: it listens, on NAV_PORT or at NAV_SOCKET, and is reached through the door."""

    #: `workspace`: for its owner to work in, whose door opens for them alone. `endpoint`: answers requests of its project; begun anew, as often as `retries`
    #: says, when it answers no more or ends.
    kind: ServiceKind
    #: A path that is asked every few seconds; 2xx and 3xx mean well. Empty: it is well as long as it listens.
    health: str | None = None
    #: Ended when nobody visited it and it did not work for so long. Zero: never.
    idle_after: datetime.timedelta | None = None


class ServiceKind(Word):
    """The words of ServiceKind."""

    WORKSPACE = "workspace"
    ENDPOINT = "endpoint"


class ServicePhase(Word):
    """The words of ServicePhase."""

    STARTING = "starting"
    READY = "ready"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, kw_only=True)
class ServiceState(Record):
    """How a service is, as its node sees it."""

    #: `starting`: its present attempt has not answered yet, or waits for its place.
    phase: ServicePhase
    #: Why it is not well.
    reason: str | None = None
    #: Since when nobody visited it and it did not work; absent: it is being used.
    idle_since: datetime.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Session(Record):
    """A browser is signed in: its cookie is a token of its own, `browser`, among the user's tokens."""

    #: Who you are.
    user: str
    #: What you may do.
    role: Role
    #: When you have to sign in again.
    expires: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class SetGpuPolicy(Record):
    """Say who decides on a GPU's layout."""

    #: `managed`: cut and switched on demand; `fixed`: the layout that is there is used and never changed; `whole`: never cut.
    policy: GpuPolicy


@dataclass(frozen=True, kw_only=True)
class SetHalfLife(Record):
    """How quickly what was spent is forgotten."""

    #: After this long it counts half: one minute to 365 days.
    half_life: datetime.timedelta


@dataclass(frozen=True, kw_only=True)
class SetQuota(Record):
    """What a team or a project may use, in compute slices and GPU memory: a whole A100 is 7 slices and its memory."""

    #: Its own: given to others only while idle, and given back. Absent: nothing is its own, and all it uses is borrowed.
    slices: int | None = None
    #: The same in GPU memory.
    memory_mib: int | None = None
    #: At most so much beyond its own. Absent: whatever is idle; 0: none.
    borrow_slices: int | None = None
    #: The same in GPU memory.
    borrow_memory_mib: int | None = None
    #: At most so much of its own is lent while idle. Absent: all of it; 0: none.
    lend_slices: int | None = None
    #: Its part of the fair share among its neighbours in the tree.
    weight: int | None = None
    #: Its jobs may ask for this priority at most.
    priority_ceiling: int | None = None


@dataclass(frozen=True, kw_only=True)
class SetTemplate(Record):
    """A template as it is to be."""

    #: Lower-case letters, digits and inner `-._`. In a change it may be left out; it cannot become another.
    name: str | None = None
    #: May be left out: a template with a profile is a slice, one with a family whole GPUs, any other processors alone.
    kind: TemplateKind | None = None
    #: A slice of this MIG profile, on any board that has it.
    profile: str | None = None
    #: Whole GPUs of this family.
    family: str | None = None
    #: How many of them, on one node; 1 unless said.
    gpus: int | None = None
    #: A job's share of the processors. Zero: that of the hardware which goes with it.
    cpu_milli: int | None = None
    #: A job's share of the machine's memory. Zero: that of the hardware which goes with it.
    memory_mib: int | None = None
    #: Only on these nodes, by name.
    nodes: list[str] | None = None
    #: Only at these sites.
    sites: list[str] | None = None
    #: Only on nodes with all of these labels.
    labels: dict[str, str] | None = None
    #: For the projects of these teams, by name.
    teams: list[str] | None = None
    #: For these projects, by name.
    projects: list[str] | None = None
    #: For these users, by name.
    users: list[str] | None = None
    #: What an hour costs, in millionths of the installation's currency.
    price_micro: int | None = None
    #: No attempt runs longer.
    longest: datetime.timedelta | None = None
    #: Jobs of a higher priority are not taken.
    priority_ceiling: int | None = None
    #: For people.
    description: str | None = None
    #: Make it although nothing in the pool can give it yet.
    for_later: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SetUserLimits(Record):
    """What a user may have at once, over all projects. What is absent is not limited."""

    #: Compute slices in use.
    slices: int | None = None
    #: Jobs that have a place.
    running: int | None = None
    #: Jobs that wait; a submission beyond is refused.
    queued: int | None = None


@dataclass(frozen=True, kw_only=True)
class Slice(Record):
    """A MIG instance."""

    #: Profile and first memory slice.
    placement: str
    #: Its first memory slice, counted from 0.
    start: int
    #: How many memory slices it takes.
    memory_slices: int
    #: Whether it can be had.
    state: SliceState
    #: Whose it is, if you may see that job.
    holder: AttemptId | None = None
    #: Why it is set aside.
    reason: str | None = None


class SliceState(Word):
    """The words of SliceState."""

    IDLE = "idle"
    HELD = "held"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, kw_only=True)
class Start(Record):
    """When and where a job would start."""

    #: `now`; `at_latest`: by then the time limits of those before it have run out, if nothing of more precedence comes meanwhile; `likely`: by then they are
    #: done, if they run as long as jobs of their projects usually do; `about`: a cloud boots a machine for it; `unknown`: how long they run nobody knows, or
    #: it is too far ahead to say.
    confidence: Confidence
    #: When; absent if it is unknown.
    at: datetime.datetime | None = None
    #: On which rung, counted from 0.
    rung: int | None = None
    #: Its template.
    on: str | None = None
    #: Where, or the cloud that boots a machine; of a gang, where its first member.
    node: str | None = None
    #: What it has there.
    place: str | None = None
    #: What an hour costs, in millionths; of a gang, of all its members.
    price_micro: int | None = None
    #: Where each member would be, by rank; absent if it is no gang.
    members: list[MemberStart] | None = None


@dataclass(frozen=True, kw_only=True)
class StartFlowRun(Record):
    """Run a flow: one that is given, or one that is known by name."""

    #: Whose work it is, by name. Empty: your only project, or `default`.
    project: str | None = None
    #: The flow. If it differs from the last of its name it is kept as the next version.
    definition: FlowDefinition | None = None
    #: Instead of a definition: the name of a flow of the project.
    flow: str | None = None
    #: Of the flow named. Zero: the newest.
    version: int | None = None
    #: Values for the flow's parameters, where they are not to be the defaults.
    parameters: dict[str, str] | None = None
    #: A sweep of more trials is refused.
    trials_allowed: int | None = None
    #: `false`: everything runs, whatever its components say.
    cache: bool | None = None


@dataclass(frozen=True, kw_only=True)
class StartedFlowRun(Record):
    """The run has begun, durably."""

    #: Its number.
    id: str


class StoppingRule(Word):
    """The words of StoppingRule."""

    MEDIAN = "median"
    ASHA = "asha"


@dataclass(frozen=True, kw_only=True)
class StoredArtifact(Record):
    """Bytes of an artifact are stored."""

    #: Of the artifact.
    digest: str
    #: All bytes before this offset are stored: go on here.
    stored: int
    #: All of it is there, is what its digest says, and is on the disk.
    complete: bool


@dataclass(frozen=True, kw_only=True)
class StoredLog(Record):
    """Log bytes are stored."""

    #: All bytes before this offset are stored.
    stored: int


@dataclass(frozen=True, kw_only=True)
class StoredSamples(Record):
    """The batch is on disk."""

    #: Its own.
    number: int


@dataclass(frozen=True, kw_only=True)
class SubmitBatch(Record):
    """Jobs that differ. Each is taken or refused on its own, but a batch with an entry that is not as this document says is refused as a whole."""

    #: What to run.
    jobs: list[SubmitJobs]


@dataclass(frozen=True, kw_only=True)
class SubmitJobs(Record):
    """A job to run, or many alike."""

    #: For people; need not be unique. Empty: the name of the program.
    name: str | None = None
    #: Whose work it is, by name. Empty: your only project, or `default`.
    project: str | None = None
    #: The compute list: templates in order of preference, each with its longest wait and its highest price an hour, where it has any: `mig-1g.5gb:wait=2m`,
    #: `v100-cloud:price=3.00`. A wait counts from when its rung becomes the current one; without one, and where nothing boots for it, the next is open at
    #: once. The last waits without end. Rungs before the current one stay open until the job starts.
    on: list[str]
    #: The program and its arguments. No shell looks at them. A workspace without one is Jupyter, as installed on its node.
    command: list[str] | None = None
    #: Environment variables, beside those every job gets (CUDA_VISIBLE_DEVICES, NAV_JOB, ...).
    env: dict[str, str] | None = None
    #: A folder on the node to start in. Empty: a new folder of the attempt's own.
    workdir: str | None = None
    #: After this long the attempt is ended. Zero: no limit.
    time_limit: datetime.timedelta | None = None
    #: Memory of the machine. Zero: the template's share.
    memory_mib: int | None = None
    #: Thousandths of a processor. Zero: the template's share.
    cpu_milli: int | None = None
    #: How often a failed attempt is tried again.
    retries: int | None = None
    #: It may be stopped and begun anew, so it can be placed again when its node is cut off.
    restartable: bool | None = None
    #: Though it is restartable, it is not stopped to make room for others.
    no_preempt: bool | None = None
    #: Higher goes first. From 100 up it is urgent, from 10 high, below 0 low, below -99 idle: a higher class may stop restartable jobs of a lower one.
    priority: int | None = None
    #: `restart`: a restartable job that runs on a rung below its best is begun anew when something better is free.
    upgrade: Upgrade | None = None
    #: `climb`: an attempt that ran out of memory begins anew where there is more: on a rung of its list, else on the next larger slice of the same GPU.
    on_out_of_memory: OnOutOfMemory | None = None
    #: Files that are sent along, each stored before (PUT /v1/artifacts/{digest}). Not with `workdir`.
    code: list[CodeFile] | None = None
    #: So many jobs, all alike; with `members` so many gangs.
    count: int | None = None
    #: A gang of so many members, each with compute of its own: all start together, on one rung and at one site, or none does; when one fails, all are
    #: stopped, and the whole is tried again. Each finds its rank, how many there are and where rank 0 is met in RANK, WORLD_SIZE, MASTER_ADDR and
    #: MASTER_PORT, and everybody's address in NAV_HOSTS. Zero: a job by itself.
    members: int | None = None
    #: It is there to be used: a workspace or an endpoint. One job; not with `members`.
    service: Service | None = None


@dataclass(frozen=True, kw_only=True)
class SubmittedBatch(Record):
    """One part of a list."""

    #: In the order of the request.
    jobs: list[BatchItem]


@dataclass(frozen=True, kw_only=True)
class SubmittedJobs(Record):
    """The jobs are queued, durably."""

    #: Number of the first job; the others follow it without a gap.
    first: JobId
    #: How many there are; of a gang, how many members.
    count: int
    #: They were taken, and something about them is likely not what was meant.
    warning: str | None = None


class SweepGoal(Word):
    """The words of SweepGoal."""

    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, kw_only=True)
class SweepRange(Record):
    """Where a parameter is drawn from: `choices`, or from `low` to `high`."""

    #: One of these, each as likely.
    choices: list[str] | None = None
    #: The least it can be.
    low: float | None = None
    #: The most it can be.
    high: float | None = None
    #: Drawn so that each power of ten is as likely; `low` is then above zero.
    log: bool | None = None
    #: Only whole numbers.
    whole: bool | None = None


@dataclass(frozen=True, kw_only=True)
class TakeBack(Record):
    """Give what was set aside back to use."""

    #: The slice; empty: the GPU as a whole.
    placement: str | None = None


@dataclass(frozen=True, kw_only=True)
class Team(Record):
    """People who share projects."""

    #: Its number.
    id: str
    #: Unique; does not change.
    name: str
    #: The team it is part of; absent: it stands at the top.
    parent: str | None = None
    #: What it may use; absent: it has no quota.
    quota: Quota | None = None


@dataclass(frozen=True, kw_only=True)
class TeamPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Team]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Template(Record):
    """A kind of compute that jobs can name."""

    #: What to put in a job's compute list.
    name: str
    #: A slice of a GPU, whole GPUs of one node, or processors alone.
    kind: TemplateKind
    #: Of a slice: its MIG profile, on any board that has it.
    profile: str | None = None
    #: Of whole GPUs: which.
    family: str | None = None
    #: Of whole GPUs: how many.
    gpus: int | None = None
    #: A job's share of the processors, unless it asks otherwise.
    cpu_milli: int
    #: A job's share of the machine's memory, unless it asks otherwise.
    memory_mib: int
    #: Taken on these nodes alone; empty: on any.
    nodes: list[str]
    #: Taken at these sites alone; empty: at any.
    sites: list[str]
    #: Taken on nodes with all of these labels.
    labels: dict[str, str]
    #: For the projects of these teams. With none of teams, projects and users it is for everybody.
    teams: list[str]
    #: For these projects.
    projects: list[str]
    #: For these users.
    users: list[str]
    #: What an hour costs, in millionths of the installation's currency.
    price_micro: int
    #: No attempt runs longer; a job without a time limit gets this one.
    longest: datetime.timedelta | None = None
    #: Jobs of a higher priority are not taken.
    priority_ceiling: int | None = None
    #: For people.
    description: str | None = None
    #: It appeared by itself for hardware that joined, and nobody changed it since.
    seeded: bool
    #: In the list: how many jobs could begin on it now, if nobody asked for anything else.
    free: int | None = None


class TemplateKind(Word):
    """The words of TemplateKind."""

    SLICE = "slice"
    GPUS = "gpus"
    CPU = "cpu"


@dataclass(frozen=True, kw_only=True)
class TemplatePage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Template]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class TestedWebhook(Record):
    """What came of a test."""

    #: Whether the receiver took it.
    delivered: bool
    #: Why it did not; absent: it did.
    error: str | None = None
    #: What was sent.
    notice: Notice


@dataclass(frozen=True, kw_only=True)
class Token(Record):
    """A key, without its secret."""

    #: Its number.
    id: str
    #: What it opens.
    kind: TokenKind
    #: Whose it is.
    user: str
    #: What it is for.
    name: str
    #: When.
    made: datetime.datetime
    #: When it opens nothing any more; absent: never.
    expires: datetime.datetime | None = None
    #: It opens nothing any more.
    revoked: bool


class TokenKind(Word):
    """The words of TokenKind."""

    USER = "user"
    JOIN = "join"


@dataclass(frozen=True, kw_only=True)
class TokenPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Token]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Trial(Record):
    """What would become of the jobs, had they been submitted. Nothing was."""

    #: How many were tried: jobs, or gangs.
    count: int
    #: How many of them would start at once.
    now: int
    #: Of the first.
    start: Start
    #: The answer in words.
    sentence: str
    #: Who would move for the first of them, if it would not start now and that is worth it.
    moving: Moving | None = None
    #: Rung by rung, each as if it were the only one.
    rungs: list[TriedRung]


@dataclass(frozen=True, kw_only=True)
class TriedRung(Record):
    """One rung by itself."""

    #: Its template.
    on: str
    #: `never` tells what no hardware here could give from what is not to be had `later`, but not now.
    can: Can
    #: When and where, if it were the only one.
    start: Start
    #: What is missing now.
    lack: Lack | None = None
    #: The same in words.
    sentence: str
    #: Attempts whose end would help; only those you may see.
    holders: list[AttemptId]


@dataclass(frozen=True, kw_only=True)
class TryJobs(Record):
    """Jobs that are not submitted."""

    #: Whose work it would be. Empty: your only project, or `default`.
    project: str | None = None
    #: The compute list, as in a submission.
    on: list[str]
    #: Zero: none.
    time_limit: datetime.timedelta | None = None
    #: Memory of the machine. Zero: the template's share.
    memory_mib: int | None = None
    #: Thousandths of a processor. Zero: the template's share.
    cpu_milli: int | None = None
    #: Higher goes first.
    priority: int | None = None
    #: So many, all alike; with `members` so many gangs.
    count: int | None = None
    #: Of each gang, whose members start together or not at all; zero: jobs by themselves.
    members: int | None = None


class Upgrade(Word):
    """The words of Upgrade."""

    NEVER = "never"
    RESTART = "restart"


@dataclass(frozen=True, kw_only=True)
class Usage(Record):
    """Who uses how much of the pool."""

    #: When it was so.
    at: datetime.datetime
    #: After this long what was spent counts half.
    half_life: datetime.timedelta
    #: Compute slices of all GPUs on nodes that are not lost.
    capacity_slices: int
    #: Their memory.
    capacity_memory_mib: int
    #: Compute slices in use.
    slices: int
    #: GPU memory in use.
    memory_mib: int
    #: The tree, each team before what is below it. Teams all, projects only yours unless you are an operator.
    accounts: list[AccountUse]
    #: Yourself; an operator sees all who use something or have limits.
    users: list[UserUse]


@dataclass(frozen=True, kw_only=True)
class User(Record):
    """Somebody who may do something here."""

    #: Their number.
    id: str
    #: Unique; does not change.
    name: str
    #: What they may do.
    role: Role
    #: Their tokens open nothing.
    disabled: bool
    #: What they may have at once; absent: not limited.
    limits: UserLimits | None = None


@dataclass(frozen=True, kw_only=True)
class UserLimits(Record):
    """What a user may have at once, over all projects. What is absent is not limited."""

    #: Compute slices in use.
    slices: int | None = None
    #: Jobs that have a place.
    running: int | None = None
    #: Jobs that wait; a submission beyond is refused.
    queued: int | None = None


@dataclass(frozen=True, kw_only=True)
class UserPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[User]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class UserUse(Record):
    """What a user has in use, over all projects."""

    #: Whose.
    name: str
    #: Absent: there are none.
    limits: UserLimits | None = None
    #: Compute slices in use.
    slices: int
    #: GPU memory in use.
    memory_mib: int
    #: Jobs that have a place.
    running: int
    #: Jobs that wait.
    queued: int


@dataclass(frozen=True, kw_only=True)
class Version(Record):
    """What is running."""

    #: Of the controller.
    version: str
    #: Its number, for ever the same: 32 hexadecimal digits.
    installation: str
    #: How often the controller has been started.
    epoch: int
    #: The last event.
    sequence: int
    #: When this controller began to serve.
    started: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class Webhook(Record):
    """An address that is told of the pool's health, and how that goes. Without its secret."""

    #: Its number.
    id: str
    #: Where to.
    url: str
    #: What it is told of; empty: everything.
    kinds: list[NoticeKind]
    #: When. Of what was before it is told nothing.
    made: datetime.datetime
    #: Notices that are to be sent; at most 1,000 are counted, and the journal has the rest.
    waiting: int
    #: Notices that were taken, which the receiver said with a status from 200 to 299.
    delivered: int
    #: Notices that were not taken within a day.
    given_up: int
    #: When one was taken the last time.
    last_success: datetime.datetime | None = None
    #: Since when none has been taken although one was to be sent; absent: all is well.
    failing_since: datetime.datetime | None = None
    #: Why the last try failed; absent: it did not.
    last_error: str | None = None


@dataclass(frozen=True, kw_only=True)
class WebhookPage(Record):
    """One part of a list."""

    #: This part of the list.
    items: list[Webhook]
    #: Where the next part begins: give it as `cursor`, with the same filters. Absent at the end of the list.
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Whoami(Record):
    """Who you are to this installation."""

    #: Your name.
    user: str
    #: What you may do.
    role: Role
    #: Projects whose jobs you see.
    projects: list[str]
    #: The attempt you speak from, if your token is a job's own.
    attempt: AttemptId | None = None


@dataclass(frozen=True, kw_only=True)
class Why(Record):
    """Why a job is where it is."""

    #: Its number.
    job: JobId
    #: What it is doing.
    state: JobState
    #: The one dominant reason, in words.
    sentence: str
    #: What is missing, while it waits.
    lack: Lack | None = None
    #: Waiting jobs that go before it, while it waits.
    ahead: int | None = None
    #: Template by template, while it waits.
    rungs: list[WhyRung]
    #: The limit it waits for, if that is what it lacks.
    limit: WhyLimit | None = None
    #: What is kept for it; or for the job before it, if that is why it waits.
    reservation: WhyReservation | None = None
    #: What its project has spent, as a part of what it and its neighbours have: who has less goes first.
    share: float | None = None
    #: Why it was stopped and waits again.
    preempted: str | None = None
    #: Who moves so that it has its place.
    moving: Moving | None = None
    #: When it would start, and how sure that is, while it waits.
    start: Start | None = None


@dataclass(frozen=True, kw_only=True)
class WhyLimit(Record):
    """A limit that a job waits for."""

    #: Which.
    limit: Limit
    #: Name of the team, project or user.
    whose: str
    #: What it may have in use: slices, MiB or jobs.
    most: int
    #: What it has.
    used: int
    #: What the job would add.
    asked: int


@dataclass(frozen=True, kw_only=True)
class WhyReservation(Record):
    """GPUs kept for a job that waits for them."""

    #: For which.
    job: JobId
    #: Where.
    node: str
    #: Which of its GPUs.
    gpus: list[int]
    #: When who holds them will be gone; absent: nobody can say.
    ready: datetime.datetime | None = None
    #: `ready` is by their time limits; else by how long such jobs usually run.
    exact: bool
    #: Who holds them was told to make room.
    room_is_made: bool


@dataclass(frozen=True, kw_only=True)
class WhyRung(Record):
    """Why one template of the compute list cannot be had now."""

    #: The template.
    on: str
    #: What is missing.
    lack: Lack
    #: The same in words.
    sentence: str
    #: Up to ten attempts whose end would help, longest running first; only those you may see.
    holders: list[AttemptId]
    #: How many such places the hardware has.
    total: int
    #: How many of them are held.
    held: int
    #: How many of them are set aside, after errors or by hand.
    set_aside: int
