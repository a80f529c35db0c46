// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/local_commands.h"
#include "cli/syntax.h"

/// Every command, each declared in the file of its name. What a command line says is written into options the command owns, so each
/// value is for one parse.
namespace nav::cli {

/// The whole tree.
Command nav_command(LocalCommands const& local, Variables const& variables);

// Jobs
Command run_command();
Command jobs_command();
Command job_command();
Command logs_command();
Command open_command();
Command serve_command();
Command workspace_command();
Command services_command();
Command cancel_command();
Command why_command();
Command try_command();
Command experiments_command();

// Flows
Command flow_command();
Command flow_schedule_command();  ///< of `nav flow`

// The pool
Command pool_command();
Command nodes_command();
Command node_command();
Command templates_command();
Command template_command();
Command cloud_command();
Command top_command();
Command events_command();
Command report_command();
Command report_schedule_command();  ///< of `nav report`
Command advice_command();

// People
Command login_command();
Command logout_command();
Command whoami_command();
Command user_command();
Command team_command();
Command project_command();
Command usage_command();
Command token_command();
Command artifacts_command();
Command webhook_command();
Command audit_command();

// Running nav
Command up_command(LocalCommands const& local, Variables const& variables);
Command down_command(LocalCommands const& local, Variables const& variables);
Command controller_command(LocalCommands const& local, Variables const& variables);
Command agent_command(LocalCommands const& local, Variables const& variables);
Command doctor_command(LocalCommands const& local, Variables const& variables);
Command sim_command(LocalCommands const& local, Variables const& variables);
Command simulate_command(LocalCommands const& local);
Command simulate_trace_command(LocalCommands const& local);
Command bench_command(LocalCommands const& local);
Command version_command(LocalCommands const& local);
Command completion_command();
/// Commands of which only their text is of use: what else a person may ask `nav help` for.
Command help_command();

}  // namespace nav::cli
