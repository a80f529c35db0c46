// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace nav::cli {

Command nav_command(LocalCommands const& local, Variables const& variables) {
  Command nav("nav", "OpenNav: any job on the right piece of any GPU");
  nav.about("Name a template, get a slice: nav cuts GPUs with MIG as jobs need it, and takes the slices back when they end.");
  nav.example("A DGX A100 without having one", "nav up --simulate dgx-a100");
  nav.example("A job on a seventh of one of its GPUs", "nav run --on mig-1g.5gb --wait -- sh -c 'echo $CUDA_VISIBLE_DEVICES'");
  auto const add = [&nav](char const* group, Command command) { nav.add(std::move(command.in_group(group))); };
  add("Jobs", run_command());
  add("Jobs", jobs_command());
  add("Jobs", job_command());
  add("Jobs", logs_command());
  add("Jobs", open_command());
  add("Jobs", serve_command());
  add("Jobs", workspace_command());
  add("Jobs", services_command());
  add("Jobs", why_command());
  add("Jobs", try_command());
  add("Jobs", cancel_command());
  add("Jobs", experiments_command());
  add("Flows", flow_command());
  add("Flows", artifacts_command());
  add("The pool", top_command());
  add("The pool", pool_command());
  add("The pool", nodes_command());
  add("The pool", node_command());
  add("The pool", templates_command());
  add("The pool", template_command());
  add("The pool", cloud_command());
  add("The pool", events_command());
  add("The pool", webhook_command());
  add("The pool", report_command());
  add("The pool", advice_command());
  add("People", login_command());
  add("People", logout_command());
  add("People", whoami_command());
  add("People", user_command());
  add("People", team_command());
  add("People", project_command());
  add("People", usage_command());
  add("People", token_command());
  add("People", audit_command());
  add("Running it", up_command(local, variables));
  add("Running it", down_command(local, variables));
  add("Running it", controller_command(local, variables));
  add("Running it", agent_command(local, variables));
  add("Running it", doctor_command(local, variables));
  add("Running it", sim_command(local, variables));
  add("Running it", simulate_command(local));
  add("Running it", bench_command(local));
  add("Besides", version_command(local));
  add("Besides", completion_command());
  add("Besides", help_command());
  return nav;
}

}  // namespace nav::cli
