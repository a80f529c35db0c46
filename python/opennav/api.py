# SPDX-License-Identifier: Apache-2.0
"""Every operation of the API as a function that makes its request; a client's `ask` sends it.

Made from api/openapi.json by python/tools/generate.py; not to be edited.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from . import model
from .call import Call


def submit_jobs(body: model.SubmitJobs) -> Call[model.SubmittedJobs]:
    """Submit a job, or many alike. The jobs are durable when this answers. A template that does not exist is refused, with those that are near."""
    return Call("POST", "/v1/jobs", model.SubmittedJobs, keyed=True, body=body)


def list_jobs(
    *,
    state: Sequence[model.JobState] | None = None,
    project: str | None = None,
    user: str | None = None,
    name: str | None = None,
    on: str | None = None,
    node: str | None = None,
    gang: model.JobId | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[model.JobPage]:
    """List jobs, new to old. Jobs that are over included, however many there are."""
    return Call(
        "GET",
        "/v1/jobs",
        model.JobPage,
        query={"state": state, "project": project, "user": user, "name": name, "on": on, "node": node, "gang": gang, "limit": limit, "cursor": cursor},
    )


def submit_batch(body: model.SubmitBatch) -> Call[model.SubmittedBatch]:
    """Submit jobs that differ. Each entry is taken or refused on its own. Asked again with the same Idempotency-Key, what was taken is not taken twice."""
    return Call("POST", "/v1/jobs/batch", model.SubmittedBatch, keyed=True, body=body)


def get_job(job: int) -> Call[model.JobDetails]:
    """One job: request, attempts, history."""
    return Call("GET", "/v1/jobs/{job}", model.JobDetails, segments={"job": job})


def cancel_job(job: int) -> Call[model.CancelledJob]:
    """Cancel a job. A job that is over answers 409; one that is being cancelled already answers as if this were the first time."""
    return Call("POST", "/v1/jobs/{job}/cancel", model.CancelledJob, segments={"job": job}, keyed=True)


def open_door(job: int) -> Call[model.DoorLink]:
    """A link to a job's port. It lets a browser in once, within a minute. For members of the job's project and administrators. Programs need none: they give
    their token at the door.
    """
    return Call("POST", "/v1/jobs/{job}/door", model.DoorLink, segments={"job": job}, keyed=True)


def list_services(*, limit: int | None = None, cursor: str | None = None) -> Call[model.ListedServicePage]:
    """List workspaces and endpoints. Those that are not over."""
    return Call("GET", "/v1/services", model.ListedServicePage, query={"limit": limit, "cursor": cursor})


def why_job(job: int) -> Call[model.Why]:
    """Why a job waits, or is where it is."""
    return Call("GET", "/v1/jobs/{job}/why", model.Why, segments={"job": job})


def try_jobs(body: model.TryJobs) -> Call[model.Trial]:
    """What would become of a job, without submitting it. Which rung would start now and where, when if not now, and what it costs. What could never be had
    is told from what is not to be had now.
    """
    return Call("POST", "/v1/try", model.Trial, keyed=True, body=body)


def read_log(job: int, *, offset: int | None = None, limit: int | None = None, attempt: int | None = None, follow: bool | None = None) -> Call[str]:
    """What a job wrote. Bytes as the job wrote them, standard output and error as they came. The headers say where they stand: Nav-Log-Attempt, Nav-Log-Next
    (the offset to go on at), Nav-Log-Size and Nav-Log-Complete. With `follow` the answer goes on until the attempt is over.
    """
    return Call("GET", "/v1/jobs/{job}/log", str, segments={"job": job}, query={"offset": offset, "limit": limit, "attempt": attempt, "follow": follow})


def get_pool(*, limit: int | None = None, cursor: str | None = None) -> Call[model.Pool]:
    """The pool at one moment. Nodes, GPUs and slices with their holders, and sums over all. Follow /v1/events after its `sequence` to keep it true."""
    return Call("GET", "/v1/pool", model.Pool, query={"limit": limit, "cursor": cursor})


def defragment_pool(body: model.Defragment) -> Call[model.Defragmentation]:
    """Bring together what is free. GPUs with few jobs that may move are emptied into the gaps on others. Without `apply` the plan is only shown; with it the
    jobs stop and begin anew in places that are kept for them.
    """
    return Call("POST", "/v1/pool/defragment", model.Defragmentation, keyed=True, body=body)


def list_nodes(
    *,
    state: Sequence[model.NodeState] | None = None,
    site: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[model.NodePage]:
    """List nodes."""
    return Call("GET", "/v1/nodes", model.NodePage, query={"state": state, "site": site, "limit": limit, "cursor": cursor})


def get_node(node: str) -> Call[model.Node]:
    """One node."""
    return Call("GET", "/v1/nodes/{node}", model.Node, segments={"node": node})


def drain_node(node: str, body: model.DrainNode) -> Call[model.Node]:
    """Give a node no new jobs. Jobs there run to their end."""
    return Call("POST", "/v1/nodes/{node}/drain", model.Node, segments={"node": node}, keyed=True, body=body)


def resume_node(node: str) -> Call[model.Node]:
    """Give a drained node jobs again."""
    return Call("POST", "/v1/nodes/{node}/resume", model.Node, segments={"node": node}, keyed=True)


def declare_node_lost(node: str) -> Call[model.Node]:
    """Declare a node lost. Nothing runs there any more: this is your word for it, and jobs that were there are tried again elsewhere or fail. A node that
    answers is not lost, and is refused.
    """
    return Call("POST", "/v1/nodes/{node}/lost", model.Node, segments={"node": node}, keyed=True)


def set_gpu_policy(node: str, gpu: int, body: model.SetGpuPolicy) -> Call[model.Node]:
    """Say who decides on a GPU's layout."""
    return Call("PUT", "/v1/nodes/{node}/gpus/{gpu}/policy", model.Node, segments={"node": node, "gpu": gpu}, body=body)


def keep_aside(node: str, gpu: int, body: model.KeepAside) -> Call[model.Node]:
    """Keep a slice or GPU from use. Nothing new is placed there until it is taken back, whatever its driver or a restart of its machine says; who holds it
    stays to the end.
    """
    return Call("POST", "/v1/nodes/{node}/gpus/{gpu}/set-aside", model.Node, segments={"node": node, "gpu": gpu}, keyed=True, body=body)


def take_back(node: str, gpu: int, body: model.TakeBack) -> Call[model.Node]:
    """Give what was set aside back to use."""
    return Call("POST", "/v1/nodes/{node}/gpus/{gpu}/take-back", model.Node, segments={"node": node, "gpu": gpu}, keyed=True, body=body)


def list_templates(*, limit: int | None = None, cursor: str | None = None) -> Call[model.TemplatePage]:
    """List templates. They appear by themselves for hardware that joins; an operator may make, change and retire them."""
    return Call("GET", "/v1/templates", model.TemplatePage, query={"limit": limit, "cursor": cursor})


def make_template(body: model.SetTemplate) -> Call[model.Template]:
    """Make a template. What nothing in the pool can give is refused with what can be had, unless it is `for_later`."""
    return Call("POST", "/v1/templates", model.Template, keyed=True, body=body)


def get_template(template: str) -> Call[model.Template]:
    """One template. The ETag is for changing it."""
    return Call("GET", "/v1/templates/{template}", model.Template, segments={"template": template})


def change_template(template: str, body: model.SetTemplate, *, if_match: str) -> Call[model.Template]:
    """Change a template. The body is all of it as it is to be. Jobs that run are left alone; those that wait are placed on the new terms. From now on
    discovery leaves it alone.
    """
    return Call("PUT", "/v1/templates/{template}", model.Template, segments={"template": template}, if_match=if_match, body=body)


def remove_template(template: str) -> Call[model.Template]:
    """Retire a template. Jobs that run are left alone; those that wait pass it over. It does not come back by itself."""
    return Call("DELETE", "/v1/templates/{template}", model.Template, segments={"template": template})


def list_clouds(*, limit: int | None = None, cursor: str | None = None) -> Call[model.CloudPage]:
    """List clouds. Sites whose machines are booted when a job's current rung is theirs, and given back when they stand idle."""
    return Call("GET", "/v1/clouds", model.CloudPage, query={"limit": limit, "cursor": cursor})


def open_cloud(cloud: str) -> Call[model.Cloud]:
    """Let a cloud boot machines."""
    return Call("POST", "/v1/clouds/{cloud}/open", model.Cloud, segments={"cloud": cloud}, keyed=True)


def close_cloud(cloud: str) -> Call[model.Cloud]:
    """Let a cloud boot no more machines. Jobs there run to their end; machines that are idle or on their way are given back."""
    return Call("POST", "/v1/clouds/{cloud}/close", model.Cloud, segments={"cloud": cloud}, keyed=True)


def follow_events(*, after: int | None = None, job: model.JobId | None = None, kind: Sequence[str] | None = None) -> Call[str]:
    """Follow what happens. Server-sent events: `id` is the sequence, `event` the kind, `data` an Event. Come back with Last-Event-ID and nothing is missed.
    An event named `resync` ends the stream of a reader who was too slow, or who asked for what is not there: read the lists anew, and follow from their
    sequence.
    """
    return Call("GET", "/v1/events", str, query={"after": after, "job": job, "kind": kind})


def list_audit(*, limit: int | None = None, cursor: str | None = None) -> Call[model.EventPage]:
    """What people did, new to old."""
    return Call("GET", "/v1/audit", model.EventPage, query={"limit": limit, "cursor": cursor})


def query_metrics(
    *,
    metric: str,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    step: datetime.timedelta | None = None,
    by: Sequence[str] | None = None,
    team: str | None = None,
    project: str | None = None,
    user: str | None = None,
    on: str | None = None,
    profile: str | None = None,
    node: str | None = None,
    site: str | None = None,
    gpu: str | None = None,
    slice: str | None = None,
    job: model.JobId | None = None,
) -> Call[model.MetricsAnswer]:
    """What was measured and held, over time. Of use (held, idle, reconfiguring, set_aside, loss, stranded, capacity, waiting, activity, ...) grouped by up
    to two of team, project, user, template, profile, node, site; or with `by=series` of single GPUs, instances and attempts, those that are gone
    included. A range that would give more than anybody reads, or is finer than what is kept, is refused with what would be fine.
    """
    return Call(
        "GET",
        "/v1/metrics/query",
        model.MetricsAnswer,
        query={
            "metric": metric,
            "since": since,
            "until": until,
            "step": step,
            "by": by,
            "team": team,
            "project": project,
            "user": user,
            "on": on,
            "profile": profile,
            "node": node,
            "site": site,
            "gpu": gpu,
            "slice": slice,
            "job": job,
        },
    )


def latest_metrics(*, node: str | None = None, recent: int | None = None) -> Call[model.LatestAnswer]:
    """The newest values of everything that is measured."""
    return Call("GET", "/v1/metrics/latest", model.LatestAnswer, query={"node": node, "recent": recent})


def show_report(
    report: str,
    *,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    by: Sequence[str] | None = None,
) -> Call[model.Report]:
    """A report: usage, demand, waiting, idle, cost or stranded. Only your own projects, and what is nobody's, unless you are an operator."""
    return Call("GET", "/v1/reports/{report}", model.Report, segments={"report": report}, query={"since": since, "until": until, "by": by})


def get_advice(*, age: datetime.timedelta | None = None) -> Call[model.Advice]:
    """Who holds more than they use, and what would do. Of running jobs on one GPU or a slice of one. What no source measured gives no advice."""
    return Call("GET", "/v1/advice", model.Advice, query={"age": age})


def get_health() -> Call[model.Health]:
    """Whether the controller takes requests."""
    return Call("GET", "/v1/health", model.Health)


def get_version() -> Call[model.Version]:
    """What is running."""
    return Call("GET", "/v1/version", model.Version)


def get_document() -> Call[dict[str, Any]]:
    """This document."""
    return Call("GET", "/openapi.json", dict[str, Any])


def scrape_metrics() -> Call[str]:
    """Everything for a Prometheus. GPUs and instances by the names and labels of dcgm-exporter, the rest as opennav_*. The token goes into the scrape's
    `authorization`.
    """
    return Call("GET", "/metrics", str)


def list_users(*, limit: int | None = None, cursor: str | None = None) -> Call[model.UserPage]:
    """List users."""
    return Call("GET", "/v1/users", model.UserPage, query={"limit": limit, "cursor": cursor})


def make_user(body: model.MakeUser) -> Call[model.User]:
    """Make a user. Who can do nothing yet without a token."""
    return Call("POST", "/v1/users", model.User, keyed=True, body=body)


def get_user(user: str) -> Call[model.User]:
    """One user. The ETag is for changing it."""
    return Call("GET", "/v1/users/{user}", model.User, segments={"user": user})


def change_user(user: str, body: model.ChangeUser, *, if_match: str) -> Call[model.User]:
    """Change a user's role or limits, or disable them."""
    return Call("PATCH", "/v1/users/{user}", model.User, segments={"user": user}, if_match=if_match, body=body)


def list_teams(*, limit: int | None = None, cursor: str | None = None) -> Call[model.TeamPage]:
    """List teams."""
    return Call("GET", "/v1/teams", model.TeamPage, query={"limit": limit, "cursor": cursor})


def make_team(body: model.MakeTeam) -> Call[model.Team]:
    """Make a team."""
    return Call("POST", "/v1/teams", model.Team, keyed=True, body=body)


def get_team(team: str) -> Call[model.Team]:
    """One team. The ETag is for changing it."""
    return Call("GET", "/v1/teams/{team}", model.Team, segments={"team": team})


def change_team(team: str, body: model.ChangeTeam, *, if_match: str) -> Call[model.Team]:
    """Change a team's place in the tree, or its quota."""
    return Call("PATCH", "/v1/teams/{team}", model.Team, segments={"team": team}, if_match=if_match, body=body)


def list_projects(*, limit: int | None = None, cursor: str | None = None) -> Call[model.ProjectPage]:
    """List projects. Only your own, unless you are an operator."""
    return Call("GET", "/v1/projects", model.ProjectPage, query={"limit": limit, "cursor": cursor})


def make_project(body: model.MakeProject) -> Call[model.Project]:
    """Make a project."""
    return Call("POST", "/v1/projects", model.Project, keyed=True, body=body)


def get_project(project: str) -> Call[model.Project]:
    """One project. The ETag is for changing it."""
    return Call("GET", "/v1/projects/{project}", model.Project, segments={"project": project})


def change_project(project: str, body: model.ChangeProject, *, if_match: str) -> Call[model.Project]:
    """Change a project's members, its team or its quota."""
    return Call("PATCH", "/v1/projects/{project}", model.Project, segments={"project": project}, if_match=if_match, body=body)


def get_usage() -> Call[model.Usage]:
    """Who uses how much, against their quotas."""
    return Call("GET", "/v1/usage", model.Usage)


def set_half_life(body: model.SetHalfLife) -> Call[model.Usage]:
    """Say how quickly what was spent is forgotten."""
    return Call("PUT", "/v1/usage/half-life", model.Usage, body=body)


def list_tokens(*, limit: int | None = None, cursor: str | None = None) -> Call[model.TokenPage]:
    """List tokens. Your own; an admin sees all."""
    return Call("GET", "/v1/tokens", model.TokenPage, query={"limit": limit, "cursor": cursor})


def make_token(body: model.MakeToken) -> Call[model.MadeToken]:
    """Make a token. Its secret is shown this once. Asked again with the same Idempotency-Key this answers 409, for the secret is not kept: revoke the token
    and make another.
    """
    return Call("POST", "/v1/tokens", model.MadeToken, keyed=True, body=body)


def revoke_token(token: str) -> Call[model.Token]:
    """Revoke a token. It opens nothing from now on. An admin may revoke any, others their own."""
    return Call("POST", "/v1/tokens/{token}/revoke", model.Token, segments={"token": token}, keyed=True)


def make_join_token(body: model.MakeJoinToken) -> Call[model.MadeToken]:
    """Make a token for machines to join with. Its secret is shown this once."""
    return Call("POST", "/v1/join-tokens", model.MadeToken, keyed=True, body=body)


def sign_in() -> Call[model.Session]:
    """Sign a browser in. With a token as the bearer. The answer sets a cookie that scripts cannot read; with it the browser is who the token says, for 30
    days. A request that changes something by cookie must come from a page of this server (Origin).
    """
    return Call("POST", "/v1/session", model.Session, keyed=True)


def sign_out() -> Call[model.Nothing]:
    """Sign a browser out. Its cookie is forgotten and the token behind it revoked."""
    return Call("POST", "/v1/session/end", model.Nothing, keyed=True)


def whoami() -> Call[model.Whoami]:
    """Who you are here."""
    return Call("GET", "/v1/whoami", model.Whoami)


def list_webhooks(*, limit: int | None = None, cursor: str | None = None) -> Call[model.WebhookPage]:
    """List webhooks, and how delivery goes."""
    return Call("GET", "/v1/webhooks", model.WebhookPage, query={"limit": limit, "cursor": cursor})


def make_webhook(body: model.MakeWebhook) -> Call[model.MadeWebhook]:
    """Make a webhook. From now on it is sent a notice, signed, whenever something happens to the pool's health; again and again until it is taken, for a
    day. Its secret is shown in this answer alone.
    """
    return Call("POST", "/v1/webhooks", model.MadeWebhook, keyed=True, body=body)


def remove_webhook(webhook: str) -> Call[model.Nothing]:
    """Delete a webhook. What waits for it is not sent any more."""
    return Call("DELETE", "/v1/webhooks/{webhook}", model.Nothing, segments={"webhook": webhook})


def test_webhook(webhook: str) -> Call[model.TestedWebhook]:
    """Send a webhook a test. At once, before what waits for it, and once. If it is taken, what waits is tried at once too."""
    return Call("POST", "/v1/webhooks/{webhook}/test", model.TestedWebhook, segments={"webhook": webhook}, keyed=True)


def check_flow(body: model.CheckFlow) -> Call[model.FlowGraph]:
    """Hold a flow against all that is known. The first thing that is wrong is answered as 400 with its place. Nothing is kept or started."""
    return Call("POST", "/v1/flows/check", model.FlowGraph, keyed=True, body=body)


def list_flows(*, project: str | None = None, limit: int | None = None, cursor: str | None = None) -> Call[model.FlowPage]:
    """List flows."""
    return Call("GET", "/v1/flows", model.FlowPage, query={"project": project, "limit": limit, "cursor": cursor})


def get_flow(flow: str, *, project: str | None = None, version: int | None = None) -> Call[model.FlowDetails]:
    """One version of a flow."""
    return Call("GET", "/v1/flows/{flow}", model.FlowDetails, segments={"flow": flow}, query={"project": project, "version": version})


def start_flow_run(body: model.StartFlowRun) -> Call[model.StartedFlowRun]:
    """Run a flow. The run is durable when this answers, and goes on whatever happens to the controller. A flow that is not sound is refused whole."""
    return Call("POST", "/v1/flow-runs", model.StartedFlowRun, keyed=True, body=body)


def list_flow_runs(
    *,
    project: str | None = None,
    flow: str | None = None,
    state: Sequence[model.FlowRunState] | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[model.FlowRunPage]:
    """List runs, new to old. Of runs that are over, the newest thousand are kept."""
    return Call("GET", "/v1/flow-runs", model.FlowRunPage, query={"project": project, "flow": flow, "state": state, "limit": limit, "cursor": cursor})


def get_flow_run(flow_run: str) -> Call[model.FlowRunDetails]:
    """One run: its components, their jobs, and what each got."""
    return Call("GET", "/v1/flow-runs/{flow_run}", model.FlowRunDetails, segments={"flow_run": flow_run})


def cancel_flow_run(flow_run: str) -> Call[model.StartedFlowRun]:
    """Cancel a run. Its jobs are told to end, and none begins."""
    return Call("POST", "/v1/flow-runs/{flow_run}/cancel", model.StartedFlowRun, segments={"flow_run": flow_run}, keyed=True)


def approve_component(flow_run: str, body: model.AnswerApproval) -> Call[model.StartedFlowRun]:
    """Let a component that waits for approval start. A person's word: the tokens of jobs are not taken."""
    return Call("POST", "/v1/flow-runs/{flow_run}/approve", model.StartedFlowRun, segments={"flow_run": flow_run}, keyed=True, body=body)


def reject_component(flow_run: str, body: model.AnswerApproval) -> Call[model.StartedFlowRun]:
    """Skip a component that waits for approval. What needs it is skipped too. Running the flow again from it asks again."""
    return Call("POST", "/v1/flow-runs/{flow_run}/reject", model.StartedFlowRun, segments={"flow_run": flow_run}, keyed=True, body=body)


def rerun_flow(flow_run: str, body: model.RerunFlow) -> Call[model.StartedFlowRun]:
    """Run again what did not succeed, or from some components on. A new run; the results of all other components are taken over."""
    return Call("POST", "/v1/flow-runs/{flow_run}/rerun", model.StartedFlowRun, segments={"flow_run": flow_run}, keyed=True, body=body)


def list_flow_schedules(
    *,
    project: str | None = None,
    flow: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[model.FlowSchedulePage]:
    """List schedules."""
    return Call("GET", "/v1/flow-schedules", model.FlowSchedulePage, query={"project": project, "flow": flow, "limit": limit, "cursor": cursor})


def make_flow_schedule(body: model.MakeFlowSchedule) -> Call[model.FlowSchedule]:
    """Run a flow again and again. Each time is run once at most: the run and the fact that its time has come become durable together. Runs are the work of
    whoever made the schedule, or changed it last; once they may not run anything in the project any more, its times are skipped.
    """
    return Call("POST", "/v1/flow-schedules", model.FlowSchedule, keyed=True, body=body)


def get_flow_schedule(flow_schedule: str) -> Call[model.FlowScheduleDetails]:
    """One schedule: its next times, and what became of the last ones."""
    return Call("GET", "/v1/flow-schedules/{flow_schedule}", model.FlowScheduleDetails, segments={"flow_schedule": flow_schedule})


def change_flow_schedule(flow_schedule: str, body: model.ChangeFlowSchedule, *, if_match: str) -> Call[model.FlowSchedule]:
    """Change when a schedule runs its flow, and with what. What is absent stays. From now on its runs are the work of whoever changed it, and times that
    came before are not looked at again. A run that goes on goes on. Its times do not change the ETag.
    """
    return Call("PATCH", "/v1/flow-schedules/{flow_schedule}", model.FlowSchedule, segments={"flow_schedule": flow_schedule}, if_match=if_match, body=body)


def remove_flow_schedule(flow_schedule: str) -> Call[model.Nothing]:
    """Delete a schedule. Its runs stay, and one that goes on goes on."""
    return Call("DELETE", "/v1/flow-schedules/{flow_schedule}", model.Nothing, segments={"flow_schedule": flow_schedule})


def pause_flow_schedule(flow_schedule: str) -> Call[model.FlowSchedule]:
    """Let a schedule start nothing for now. A run that it has started goes on."""
    return Call("POST", "/v1/flow-schedules/{flow_schedule}/pause", model.FlowSchedule, segments={"flow_schedule": flow_schedule}, keyed=True)


def resume_flow_schedule(flow_schedule: str) -> Call[model.FlowSchedule]:
    """Let a paused schedule go on. With the next time that comes. What came while it was paused is not made up for."""
    return Call("POST", "/v1/flow-schedules/{flow_schedule}/resume", model.FlowSchedule, segments={"flow_schedule": flow_schedule}, keyed=True)


def list_artifacts(*, project: str | None = None, limit: int | None = None, cursor: str | None = None) -> Call[model.ArtifactPage]:
    """List the artifacts of a project."""
    return Call("GET", "/v1/artifacts", model.ArtifactPage, query={"project": project, "limit": limit, "cursor": cursor})


def delete_artifact(digest: str, *, project: str | None = None) -> Call[model.Nothing]:
    """Delete a file that nobody needs. What a job that is not over, a run of a flow that is kept, a flow or a schedule needs is refused (conflict), and they
    are named.
    """
    return Call("DELETE", "/v1/artifacts/{digest}", model.Nothing, segments={"digest": digest}, query={"project": project})


def put_artifact(digest: str, body: bytes, *, offset: int, size: int, project: str | None = None) -> Call[model.StoredArtifact]:
    """Store a file, piece by piece. Up to 4 MiB at a time, in order; begun again where `stored` of the answer says. The last piece is held against the
    digest: what is not what it says is thrown away and refused.
    """
    return Call(
        "PUT",
        "/v1/artifacts/{digest}",
        model.StoredArtifact,
        segments={"digest": digest},
        query={"project": project, "offset": offset, "size": size},
        body=body,
    )


def get_artifact(digest: str, *, project: str | None = None, offset: int | None = None, limit: int | None = None) -> Call[bytes]:
    """Fetch a file, piece by piece. The headers say where the bytes stand: Nav-Artifact-Next (the offset to go on at) and Nav-Artifact-Size."""
    return Call("GET", "/v1/artifacts/{digest}", bytes, segments={"digest": digest}, query={"project": project, "offset": offset, "limit": limit})


def list_report_schedules(*, limit: int | None = None, cursor: str | None = None) -> Call[model.ReportSchedulePage]:
    """List schedules of reports, and how they go."""
    return Call("GET", "/v1/report-schedules", model.ReportSchedulePage, query={"limit": limit, "cursor": cursor})


def make_report_schedule(body: model.MakeReportSchedule) -> Call[model.ReportSchedule]:
    """Make a report again and again. Into a folder of the controller's machine, from where it can be fetched. A file is named by the time it was due and is
    there whole or not at all; each is made once, also when the controller is killed. What was missed while it was down is made when it is back.
    """
    return Call("POST", "/v1/report-schedules", model.ReportSchedule, keyed=True, body=body)


def get_report_schedule(report_schedule: str) -> Call[model.ReportScheduleDetails]:
    """One schedule of reports: its next times, and the files that are there."""
    return Call("GET", "/v1/report-schedules/{report_schedule}", model.ReportScheduleDetails, segments={"report_schedule": report_schedule})


def change_report_schedule(report_schedule: str, body: model.ChangeReportSchedule, *, if_match: str) -> Call[model.ReportSchedule]:
    """Change which report a schedule makes, and when. What is absent stays. Files that are there stay too. Times that came before are made no more, unless
    `keep` alone is changed.
    """
    return Call(
        "PATCH",
        "/v1/report-schedules/{report_schedule}",
        model.ReportSchedule,
        segments={"report_schedule": report_schedule},
        if_match=if_match,
        body=body,
    )


def remove_report_schedule(report_schedule: str) -> Call[model.Nothing]:
    """Delete a schedule of reports. Its files stay in their folder. A schedule that is made under its name later goes on there."""
    return Call("DELETE", "/v1/report-schedules/{report_schedule}", model.Nothing, segments={"report_schedule": report_schedule})


def pause_report_schedule(report_schedule: str) -> Call[model.ReportSchedule]:
    """Let a schedule of reports make nothing for now."""
    return Call("POST", "/v1/report-schedules/{report_schedule}/pause", model.ReportSchedule, segments={"report_schedule": report_schedule}, keyed=True)


def resume_report_schedule(report_schedule: str) -> Call[model.ReportSchedule]:
    """Let a paused schedule of reports go on. With the next time that comes. What came while it was paused is not made up for."""
    return Call("POST", "/v1/report-schedules/{report_schedule}/resume", model.ReportSchedule, segments={"report_schedule": report_schedule}, keyed=True)


def run_report_schedule(report_schedule: str) -> Call[model.MadeReport]:
    """Make a report now. It ends with the last whole minute of which all is counted, and begins where a scheduled one would. Its files lie beside the
    others.
    """
    return Call("POST", "/v1/report-schedules/{report_schedule}/run", model.MadeReport, segments={"report_schedule": report_schedule}, keyed=True)


def fetch_report(report_schedule: str, report_file: str) -> Call[bytes]:
    """Fetch a report that was made. As it lies in the folder, whatever its format: CSV, HTML or JSON."""
    return Call(
        "GET",
        "/v1/report-schedules/{report_schedule}/files/{report_file}",
        bytes,
        segments={"report_schedule": report_schedule, "report_file": report_file},
    )


def list_experiments(
    *,
    project: str | None = None,
    name: str | None = None,
    deleted: bool | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[model.ExperimentPage]:
    """List experiments, new to old. Of the projects you see."""
    return Call(
        "GET",
        "/v1/experiments",
        model.ExperimentPage,
        query={"project": project, "name": name, "deleted": deleted, "limit": limit, "cursor": cursor},
    )


def get_experiment(experiment: str) -> Call[model.Experiment]:
    """One experiment."""
    return Call("GET", "/v1/experiments/{experiment}", model.Experiment, segments={"experiment": experiment})


def list_runs(
    experiment: str,
    *,
    filter: str | None = None,
    order: str | None = None,
    deleted: bool | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[model.RunPage]:
    """Runs of an experiment: all, those that fit, or the best first."""
    return Call(
        "GET",
        "/v1/experiments/{experiment}/runs",
        model.RunPage,
        segments={"experiment": experiment},
        query={"filter": filter, "order": order, "deleted": deleted, "limit": limit, "cursor": cursor},
    )


def get_run(run: str) -> Call[model.Run]:
    """One run. A run whose job ended without ending it has ended with the job."""
    return Call("GET", "/v1/runs/{run}", model.Run, segments={"run": run})


def list_points(run: str, *, metric: str, limit: int | None = None, cursor: str | None = None) -> Call[model.PointPage]:
    """A metric of a run, step by step."""
    return Call("GET", "/v1/runs/{run}/points", model.PointPage, segments={"run": run}, query={"metric": metric, "limit": limit, "cursor": cursor})
