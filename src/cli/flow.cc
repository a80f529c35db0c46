// SPDX-License-Identifier: Apache-2.0
// nav flow validate|graph|run|list|show|approve|reject|cancel|rerun|fetch; schedules are in flow_schedule.cc
#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include "api/flows.h"
#include "api/page.h"
#include "base/text.h"
#include "cli/artifact.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/flow_file.h"
#include "cli/flow_request.h"
#include "cli/flow_text.h"
#include "cli/interrupt.h"
#include "cli/words.h"
#include "client/file_transfer.h"

namespace nav::cli {

namespace {

struct FlowOptions : FlowWish {  ///< `what` may be a run too
  std::vector<std::string> from;
  std::string component, output, to, note;
  bool flows = false, wait = false, json = false;
};

Result<int> validate(Context& nav, FlowOptions const& asked, bool as_graph) {
  TRY(auto const file, read_flow_file(asked.what));
  TRY(auto const graph, check_flow_file(nav, asked, file));
  if (asked.json) return nav.print(json_line(json_write(graph))), exit_ok;
  if (as_graph) return nav.print(graph_text(graph)), exit_ok;
  std::uint64_t jobs = 0;
  for (auto const& component : graph.components) jobs += component.trials;
  nav.print(fmt::format("{} is sound: {}, {}.\n", graph.name, counted(graph.components.size(), "component"), counted(jobs, "job")));
  return exit_ok;
}

Result<api::FlowRunDetails> look_at_run(Context& nav, std::string const& run) {
  return nav.server->read<api::FlowRunDetails>({api::Operation::GetFlowRun, {run}});
}

/// Tells each component's state as it changes, until the run is over.
Result<int> wait_for_run(Context& nav, std::string const& run) {
  TRY(auto client, nav.server->new_client());
  Interrupt const interrupt([&client] { client->cancel(); });
  std::map<std::string, std::string> told;
  while (true) {
    TRY(auto const details, look_at_run(nav, run));
    for (auto const& component : details.components) {
      std::string const line = component_line(component);
      if (std::exchange(told[component.name], line) == line || component.state == api::ComponentState::Waiting) continue;
      nav.print(line + "\n");
      if (component.state == api::ComponentState::AwaitingApproval) nav.print_error(fmt::format("nav: nav flow approve {} {}\n", run, component.name));
    }
    if (details.run.state != api::FlowRunState::Running) {
      nav.print(fmt::format("{} {}{}\n", run, enum_text(details.run.state), details.run.message ? ": " + printable(*details.run.message) : ""));
      return details.run.state == api::FlowRunState::Succeeded ? exit_ok : exit_error;
    }
    if (client->pause(milliseconds(500))) continue;
    nav.print_error(fmt::format("\n{} goes on: nav flow show {}, nav flow cancel {}\n", run, run, run));
    return exit_interrupted;
  }
}

Result<int> told_started(Context& nav, FlowOptions const& asked, std::string const& body) {
  TRY(auto const started, Server::read<api::StartedFlowRun>(body));
  if (!asked.wait) return nav.print(asked.json ? json_line(body) : to_text(started.id) + "\n"), exit_ok;
  nav.print_error(fmt::format("nav: {}\n", to_text(started.id)));
  return wait_for_run(nav, to_text(started.id));
}

Result<int> run_flow(Context& nav, FlowOptions const& asked) {
  TRY(auto const request, flow_request(nav, asked));
  auto const body = nav.server->call({api::Operation::StartFlowRun, {}, {}, request.json});
  if (!body) return Unexpected(request.with_place(body.error()));
  return told_started(nav, asked, *body);
}

Result<int> list(Context& nav, FlowOptions const& asked) {
  TRY(auto const body, nav.server->call({asked.flows ? api::Operation::ListFlows : api::Operation::ListFlowRuns, {}, "limit=1000"}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  if (asked.flows) {
    TRY(auto const page, Server::read<api::Page<api::Flow>>(body));
    return nav.print(flows_table(page.items, nav.now()).text(nav.terminal)), exit_ok;
  }
  TRY(auto const page, Server::read<api::Page<api::FlowRun>>(body));
  return nav.print(runs_table(page.items, nav.now()).text(nav.terminal)), exit_ok;
}

Result<int> show(Context& nav, FlowOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::GetFlowRun, {asked.what}}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const details, Server::read<api::FlowRunDetails>(body));
  nav.print(run_text(details, nav.terminal, nav.now()));
  return exit_ok;
}

Result<int> cancel(Context& nav, FlowOptions const& asked) {
  TRY_VOID(nav.server->call({api::Operation::CancelFlowRun, {asked.what}}));
  nav.print(fmt::format("{} is being cancelled.\n", asked.what));
  return exit_ok;
}

Result<int> answer_approval(Context& nav, FlowOptions const& asked, api::Operation operation) {
  TRY_VOID(nav.server->call({operation, {asked.what}, {}, json_write(api::AnswerApproval{asked.component, asked.note})}));
  nav.print(fmt::format("{} of {} {}.\n", asked.component, asked.what, operation == api::Operation::ApproveComponent ? "starts" : "is skipped"));
  return exit_ok;
}

Result<int> rerun(Context& nav, FlowOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::RerunFlow, {asked.what}, {}, json_write(api::RerunFlow{asked.from})}));
  return told_started(nav, asked, body);
}

/// An output of a run as a file here.
Result<int> fetch(Context& nav, FlowOptions const& asked) {
  TRY(auto const details, look_at_run(nav, asked.what));
  std::vector<std::string> known;
  for (auto const& component : details.components) {
    known.push_back(component.name);
    if (component.name != asked.component) continue;
    std::uint32_t const number = component.best.value_or(0);
    if (number >= component.trials.size()) return fail(ErrorKind::Conflict, "{} has left nothing yet: it is {}", asked.component, enum_text(component.state));
    for (auto const& file : component.trials[number].outputs) {
      if (file.name != asked.output) continue;
      std::string const to = asked.to.empty() ? file.name : asked.to;
      TRY_VOID(fetch_artifact(nav, file.digest, details.run.project, to));
      nav.print(fmt::format("{} {} bytes {}\n", to, file.size, file.digest));
      return exit_ok;
    }
    return fail(ErrorKind::NotFound, "{} left no {} in {}", asked.component, asked.output, asked.what);
  }
  auto const near = nearest(asked.component, known);
  return Unexpected(Error{ErrorKind::NotFound,
                          fmt::format("{} has no component {}", asked.what, asked.component),
                          near.empty() ? "" : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                          {}});
}

}  // namespace

Command flow_command() {
  auto asked = std::make_shared<FlowOptions>();
  Command command("flow", "Graphs of jobs: validate, run and follow them");
  command.about(
      "A flow is a YAML file with components: jobs, and sweeps of jobs that differ in their parameters. A component starts when all it needs has "
      "succeeded; files pass between them. Each has a compute list of its own. docs/flows.md describes the file, api/flow.schema.json is its schema "
      "for editors.");
  auto const add = [&](Command one) { command.add(std::move(one)); };

  Command validate_command("validate", "Hold a flow against all that is known, and start nothing");
  validate_command.argument("FILE", "a flow", into(asked->what), Names::File);
  add_parameter_options(validate_command, asked);
  validate_command.option("--json", "print the API's answer", into_switch(asked->json));
  validate_command.runs([asked](Context& nav) { return validate(nav, *asked, false); });
  add(std::move(validate_command));

  Command graph_command("graph", "Show what a flow unfolds into");
  graph_command.argument("FILE", "a flow", into(asked->what), Names::File);
  add_parameter_options(graph_command, asked);
  graph_command.option("--json", "print the API's answer", into_switch(asked->json));
  graph_command.runs([asked](Context& nav) { return validate(nav, *asked, true); });
  add(std::move(graph_command));

  Command run("run", "Run a flow, from a file or by name");
  run.argument("FLOW", "a YAML file, or the name of a flow that was run before", into(asked->what), Names::File);
  run.option("--project P", "whose work it is (your only project, or default)", into(asked->project), Names::Project);
  add_parameter_options(run, asked);
  run.option("--version N", "an older version of a flow that is named", into(asked->version));
  run.option("--no-cache", "run what has not changed too", into_switch(asked->no_cache));
  run.option("-w, --wait", "tell how it goes, and exit when it is over", into_switch(asked->wait));
  run.option("--json", "print the API's answer", into_switch(asked->json));
  run.example("Eighteen trainings after a preparation, followed to their end", "nav flow run examples/announced/flow.yaml --wait");
  run.runs([asked](Context& nav) { return run_flow(nav, *asked); });
  add(std::move(run));

  Command list_command("list", "List runs, new to old");
  list_command.option("--flows", "list the flows themselves", into_switch(asked->flows));
  list_command.option("--json", "print the API's answer", into_switch(asked->json));
  list_command.runs([asked](Context& nav) { return list(nav, *asked); });
  add(std::move(list_command));

  Command show_command("show", "Show a run: its components, their jobs, and what each got");
  show_command.argument("RUN", "run-7", into(asked->what));
  show_command.option("--json", "print the API's answer", into_switch(asked->json));
  show_command.runs([asked](Context& nav) { return show(nav, *asked); });
  add(std::move(show_command));

  auto const add_answer = [&](char const* name, char const* summary, api::Operation operation) {
    Command answer(name, summary);
    answer.argument("RUN", "run-7", into(asked->what));
    answer.argument("COMPONENT", "which", into(asked->component));
    answer.option("--note TEXT", "why, for those who look at the run", into(asked->note));
    answer.runs([asked, operation](Context& nav) { return answer_approval(nav, *asked, operation); });
    add(std::move(answer));
  };
  add_answer("approve", "Let a component that waits for approval start", api::Operation::ApproveComponent);
  add_answer("reject", "Skip a component that waits for approval", api::Operation::RejectComponent);

  Command cancel_command("cancel", "End a run and its jobs");
  cancel_command.argument("RUN", "run-7", into(asked->what));
  cancel_command.runs([asked](Context& nav) { return cancel(nav, *asked); });
  add(std::move(cancel_command));

  Command rerun_command("rerun", "Run again what did not succeed, with the results of all else");
  rerun_command.argument("RUN", "run-7", into(asked->what));
  rerun_command.option("--from COMPONENT", "this one and all that needs it, too; may be given again", into(asked->from));
  rerun_command.option("-w, --wait", "tell how it goes, and exit when it is over", into_switch(asked->wait));
  rerun_command.option("--json", "print the API's answer", into_switch(asked->json));
  rerun_command.runs([asked](Context& nav) { return rerun(nav, *asked); });
  add(std::move(rerun_command));

  Command fetch_command("fetch", "Fetch an output of a run; of a sweep, its best trial's");
  fetch_command.argument("RUN", "run-7", into(asked->what));
  fetch_command.argument("COMPONENT", "which", into(asked->component));
  fetch_command.argument("OUTPUT", "which of its outputs", into(asked->output));
  fetch_command.option("--to FILE", "where to put it (a file of the output's name)", into(asked->to), Names::File);
  fetch_command.runs([asked](Context& nav) { return fetch(nav, *asked); });
  add(std::move(fetch_command));

  add(flow_schedule_command());
  return command;
}

}  // namespace nav::cli
