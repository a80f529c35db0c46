// SPDX-License-Identifier: Apache-2.0
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Shell } from "./shell/Shell";
import { SignIn } from "./shell/SignIn";
import { has } from "./api/paths";
import { reportsSearch } from "./pages/reports/search";
import { Failed, NotThere } from "./parts/states";
import { PoolPage } from "./pages/pool/PoolPage";
import { poolSearch } from "./pages/pool/search";
import { jobsSearch } from "./pages/jobs/search";
import { runSearch } from "./pages/run/search";

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
});

const reports = createRoute({
  getParentRoute: () => shell,
  path: "/reports",
  component: has("/v1/reports/{report}") ? lazyRouteComponent(() => import("./pages/reports/ReportsPage"), "ReportsPage") : NotThere,
  validateSearch: reportsSearch,
});

export const router = createRouter({
  routeTree: root.addChildren([signIn, shell.addChildren([home, pool, run, jobs, job, reports, admin, adminPart])]),
  defaultPreload: "intent",
  defaultErrorComponent: ({ error, reset }) => <Failed error={error instanceof Error ? error : new Error(String(error))} again={reset} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
