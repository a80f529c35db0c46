// SPDX-License-Identifier: Apache-2.0
// nav serve, nav workspace start|list|stop, nav services
#include <memory>

#include "api/page.h"
#include "api/service_list.h"
#include "base/text.h"
#include "cli/access_text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/job_number.h"
#include "cli/run.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

constexpr Duration workspace_rests = hours(2);

Result<int> submit_service(Context& nav, RunOptions const& asked) {
  std::string body;
  TRY(auto const jobs, submit_job(nav, asked, body));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  nav.print(to_text(jobs.first) + "\n");
  nav.print_error(fmt::format("once it listens: nav open {}\n", to_text(jobs.first)));
  return exit_ok;
}

Result<Table> services_of(std::string const& body, std::optional<api::ServiceKind> only, Time now) {
  TRY(auto const page, Server::read<api::Page<api::ListedService>>(body));
  Table table({{"JOB", Fit::Keep, Align::Right},
               {"NAME", Fit::Shrink},
               {"KIND"},
               {"USER"},
               {"STATE"},
               {"ON"},
               {"WHERE", Fit::Optional},
               {"IDLE"},
               {"NOTE", Fit::Optional}});
  for (auto const& one : page.items) {
    if (only && one.kind != *only) continue;
    std::string const state = one.job.state == api::JobState::Running ? enum_text(one.state.phase) : enum_text(one.job.state);
    std::string idle = one.state.idle_since ? to_text(Duration{(now - *one.state.idle_since).us / seconds(1).us * seconds(1).us}) : "";
    if (one.state.idle_since && one.idle_after.us > 0) idle += fmt::format(" of {}", to_text(one.idle_after));
    std::string const where = one.job.node ? fmt::format("{} {}", *one.job.node, one.job.place.value_or("")) : "";
    table.add({to_text(one.job.id), Cell(one.job.name, Paint::Strong), enum_text(one.kind), one.job.user, state, one.job.on.value_or(""), where, idle,
               Cell(printable(one.state.reason.value_or("")), Paint::Warn)});
  }
  return table;
}

void add_idle_option(Command& command, RunOptions& asked, char const* usual) {
  command.option("--idle-after D", fmt::format("end it when nobody visited it and it did not work for so long: 30m, 2h; 0s: never ({})", usual),
                 into(asked.job.service->idle_after));
}

std::shared_ptr<RunOptions> service_options(api::ServiceKind kind, Duration idle_after) {
  auto asked = std::make_shared<RunOptions>();
  asked->job.service = api::Service{.kind = kind, .health = {}, .idle_after = idle_after};
  return asked;
}

Command workspace_start_command() {
  auto asked = service_options(api::ServiceKind::Workspace, workspace_rests);
  Command command("start", "Start a workspace: Jupyter, or a program of yours");
  command.about(
      "Submits a job that is there to be worked in and prints its number; nav open NUMBER opens it in a browser. Its door opens for you and administrators "
      "alone. Without a command it is Jupyter, as installed on the node (JupyterLab, else Notebook, else the bare server). A program of your own listens on "
      "127.0.0.1 at $NAV_PORT, or better at the unix socket $NAV_SOCKET, under the path $NAV_SERVICE_PREFIX.");
  add_job_options(command, *asked);
  add_idle_option(command, *asked, "2h");
  command.option("--health PATH", "a path that is asked every few seconds; without one it is well as long as it listens", into(asked->job.service->health));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.argument("[COMMAND...]", "the program and its arguments (Jupyter)", into(asked->job.command));
  command.example("A notebook on the smallest slice, ended after an hour without use", "nav workspace start --on mig-1g.5gb --idle-after 1h");
  command.runs([asked](Context& nav) { return submit_service(nav, *asked); });
  return command;
}

Command workspace_stop_command() {
  struct Stop {
    std::vector<JobId> jobs;
  };
  auto asked = std::make_shared<Stop>();
  Command command("stop", "End workspaces");
  command.argument("JOB...", "numbers of workspaces", into(asked->jobs), Names::Job);
  command.runs([asked](Context& nav) -> Result<int> {
    for (JobId const job : asked->jobs) {
      TRY(auto const body, nav.server->call({api::Operation::GetJob, {to_text(job)}}));
      TRY(auto const details, Server::read<api::JobDetails>(body));
      if (!details.request.service || details.request.service->kind != api::ServiceKind::Workspace)
        return Unexpected(
            Error{ErrorKind::InvalidArgument, fmt::format("job {} is no workspace", to_text(job)), fmt::format("nav cancel {}", to_text(job)), {}});
      TRY(auto const answer, nav.server->call({api::Operation::CancelJob, {to_text(job)}}));
      TRY(auto const cancelled, Server::read<api::CancelledJob>(answer));
      nav.print(fmt::format("{} {}\n", to_text(job), cancelled.over ? "cancelled" : "told to end"));
    }
    return exit_ok;
  });
  return command;
}

}  // namespace

Command serve_command() {
  auto asked = service_options(api::ServiceKind::Endpoint, {});
  Command command("serve", "Run a program that answers requests, and keep it well");
  command.about(
      "Submits a job that is there to answer requests and prints its number. It listens on 127.0.0.1 at $NAV_PORT, under the path $NAV_SERVICE_PREFIX, and is "
      "reached through the door: members of its project give their token there as a bearer, or come by nav open. When it answers no more, or ends, it is begun "
      "anew, --retries times.");
  add_job_options(command, *asked);
  add_idle_option(command, *asked, "0s");
  command.option("--health PATH", "a path that is asked every few seconds: 2xx and 3xx mean well; without one it is well as long as it listens",
                 into(asked->job.service->health));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.argument("COMMAND...!", "the program and its arguments", into(asked->job.command));
  command.example("A model on a slice, begun anew up to ten times", "nav serve --on mig-1g.5gb --health /healthz --retries 10 -- python serve.py");
  command.runs([asked](Context& nav) { return submit_service(nav, *asked); });
  return command;
}

Command workspace_command() {
  Command command("workspace", "Start, list and stop workspaces, such as notebooks");
  command.add(workspace_start_command());
  command.add(list_command("List workspaces", [](Context& nav, bool json) {
    return show_list(nav, api::Operation::ListServices, json,
                     [now = nav.now()](std::string const& body) { return services_of(body, api::ServiceKind::Workspace, now); });
  }));
  command.add(workspace_stop_command());
  return command;
}

Command services_command() {
  struct Services {
    bool json = false;
  };
  auto asked = std::make_shared<Services>();
  Command command("services", "List workspaces and endpoints, and how they are");
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) {
    return show_list(nav, api::Operation::ListServices, asked->json,
                     [now = nav.now()](std::string const& body) { return services_of(body, std::nullopt, now); });
  });
  return command;
}

}  // namespace nav::cli
