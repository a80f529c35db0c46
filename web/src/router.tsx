// SPDX-License-Identifier: Apache-2.0
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Shell } from "./shell/Shell";
import { SignIn } from "./shell/SignIn";
import { has } from "./api/paths";
import { reportsSearch } from "./pages/reports/search";
import { Failed, NotThere } from "./parts/states";
import { PoolPage } from "./pages/pool/PoolPage";
import { defragmentSearch, poolSearch } from "./pages/pool/search";
import { jobsSearch } from "./pages/jobs/search";
import { runSearch } from "./pages/run/search";
import { experimentSearch } from "./pages/trials/search";
import { editSearch, flowSearch, flowsSearch } from "./pages/flows/search";
import { schedulesSearch } from "./pages/schedules/search";

const root = createRootRoute({ notFoundComponent: NotThere });
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignIn,
  validateSearch: (search: Record<string, unknown>): { then?: string } => (typeof search.then === "string" ? { then: search.then } : {}),
});
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell, notFoundComponent: NotThere });
const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/pool" });
  },
});
const pool = createRoute({ getParentRoute: () => shell, path: "/pool", component: PoolPage, validateSearch: poolSearch });
const defragment = createRoute({
  getParentRoute: () => shell,
  path: "/pool/defragment",
  component: has("/v1/pool/defragment") ? lazyRouteComponent(() => import("./pages/pool/DefragmentPage"), "DefragmentPage") : NotThere,
  validateSearch: defragmentSearch,
});
const run = createRoute({
  getParentRoute: () => shell,
  path: "/run",
  component: lazyRouteComponent(() => import("./pages/run/RunPage"), "RunPage"),
  validateSearch: runSearch,
});
const jobs = createRoute({
  getParentRoute: () => shell,
  path: "/jobs",
  component: lazyRouteComponent(() => import("./pages/jobs/JobsPage"), "JobsPage"),
  validateSearch: jobsSearch,
});
const job = createRoute({
  getParentRoute: () => shell,
  path: "/jobs/$job",
  component: lazyRouteComponent(() => import("./pages/job/JobPage"), "JobPage"),
  validateSearch: (search: Record<string, unknown>): { attempt?: number } => (Number(search.attempt) > 0 ? { attempt: Number(search.attempt) } : {}),
});
const admin = createRoute({
  getParentRoute: () => shell,
  path: "/admin",
  beforeLoad: () => {
    throw redirect({ to: "/admin/$part", params: { part: "nodes" } });
  },
});
const adminPart = createRoute({
  getParentRoute: () => shell,
  path: "/admin/$part",
  component: lazyRouteComponent(() => import("./pages/admin/AdminPage"), "AdminPage"),
  validateSearch: (search: Record<string, unknown>): { show?: string } => ((typeof search.show === "string" && search.show) || typeof search.show === "number" ? { show: String(search.show) } : {}),
});

const reports = createRoute({
  getParentRoute: () => shell,
  path: "/reports",
  component: has("/v1/reports/{report}") ? lazyRouteComponent(() => import("./pages/reports/ReportsPage"), "ReportsPage") : NotThere,
  validateSearch: reportsSearch,
});

const hasFlows = has("/v1/flow-runs");
const flows = createRoute({
  getParentRoute: () => shell,
  path: "/flows",
  component: hasFlows ? lazyRouteComponent(() => import("./pages/flows/FlowsPage"), "FlowsPage") : NotThere,
  validateSearch: flowsSearch,
});
const flow = createRoute({
  getParentRoute: () => shell,
  path: "/flows/of/$flow",
  component: hasFlows ? lazyRouteComponent(() => import("./pages/flows/FlowPage"), "FlowPage") : NotThere,
  validateSearch: flowSearch,
});
const flowRun = createRoute({
  getParentRoute: () => shell,
  path: "/flows/run/$run",
  component: hasFlows ? lazyRouteComponent(() => import("./pages/flows/RunPage"), "FlowRunPage") : NotThere,
  validateSearch: (search: Record<string, unknown>): { step?: string } => (typeof search.step === "string" ? { step: search.step } : {}),
});
const flowEdit = createRoute({
  getParentRoute: () => shell,
  path: "/flows/edit",
  component: hasFlows ? lazyRouteComponent(() => import("./pages/flows/EditPage"), "FlowEditPage") : NotThere,
  validateSearch: editSearch,
});

const services = createRoute({
  getParentRoute: () => shell,
  path: "/services",
  component: lazyRouteComponent(() => import("./pages/services/ServicesPage"), "ServicesPage"),
});

const hasSchedules = has("/v1/flow-schedules");
const schedules = createRoute({
  getParentRoute: () => shell,
  path: "/flows/schedules",
  component: hasSchedules ? lazyRouteComponent(() => import("./pages/schedules/SchedulesPage"), "SchedulesPage") : NotThere,
  validateSearch: schedulesSearch,
});
const schedule = createRoute({
  getParentRoute: () => shell,
  path: "/flows/schedules/$schedule",
  component: hasSchedules ? lazyRouteComponent(() => import("./pages/schedules/SchedulePage"), "SchedulePage") : NotThere,
});

const trials = createRoute({
  getParentRoute: () => shell,
  path: "/trials",
  component: has("/v1/experiments") ? lazyRouteComponent(() => import("./pages/trials/ExperimentsPage"), "ExperimentsPage") : NotThere,
});
const experiment = createRoute({
  getParentRoute: () => shell,
  path: "/trials/$experiment",
  component: has("/v1/experiments") ? lazyRouteComponent(() => import("./pages/trials/ExperimentPage"), "ExperimentPage") : NotThere,
  validateSearch: experimentSearch,
});

export const router = createRouter({
  routeTree: root.addChildren([signIn, shell.addChildren([home, pool, defragment, run, jobs, job, services, flows, flow, flowRun, flowEdit, schedules, schedule, trials, experiment, reports, admin, adminPart])]),
  defaultPreload: "intent",
  defaultErrorComponent: ({ error, reset }) => <Failed error={error instanceof Error ? error : new Error(String(error))} again={reset} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
