// SPDX-License-Identifier: Apache-2.0
// nav up, nav down: a whole installation on this machine.
#include <memory>

#include "cli/commands.h"
#include "cli/local_syntax.h"

namespace nav::cli {

Command up_command(LocalCommands const& local, Variables const& variables) {
  auto asked = std::make_shared<UpOptions>();
  asked->listen = default_listen;
  Command command("up", "Start a whole installation on this machine");
  command.about(
      "Starts the controller and an agent for this machine, in the foreground. With --simulate, simulated machines join too, each an agent of its "
      "own over a simulated NVIDIA driver: everything works as on real ones, without a GPU.\n"
      "\n"
      "Ctrl-C ends serving; jobs run on, and nav up on the same folder takes them up again. The first start makes an admin token, which the other "
      "commands find by themselves on this machine.");
  command.option("--simulate BOARD[:N]", "add N simulated machines (nav sim list names them); may be given again",
                 into_simulated(asked->simulate, local.check_machine), Names::Machine);
  command.option("--simulate-cloud MACHINE[:N]", "a cloud with N machines at most, booted for jobs: v100:4,boot=5s,idle=1m,price=2.50",
                 into_simulated_cloud(asked->clouds));
  command.option("--background", "return as soon as it serves; nav down stops it", into_switch(asked->background));
  command.option("--stop-jobs", "end all jobs when it stops", into_switch(asked->stop_jobs));
  command.option("--no-agent", "leave this machine itself out of the pool", into_switch(asked->no_agent));
  command.option("--listen HOST:PORT", fmt::format("where the API listens ({}; port 0: any that is free)", default_listen), into_address(asked->listen));
  command.option("--agents-listen HOST:PORT", "let agents of other machines join here", into_address(asked->agents_listen));
  add_door_options(command, asked->door);
  command.option("--tls-name NAME", "a name or address others reach this machine by; may be given again", into(asked->tls_names));
  add_artifact_options(command, asked->artifacts, asked->keep_artifacts);
  add_data_option(command, asked->data, variables);
  command.option("--nvml PATH", "the driver's libnvidia-ml.so.1, where it is not in its usual place", into_path(asked->nvml), Names::File);
  command.example("Three simulated DGX A100: 24 GPUs, 168 slices", "nav up --simulate dgx-a100:3");
  command.example("One DGX, and V100s of a simulated cloud for 2.50 an hour where it is full", "nav up --simulate dgx-a100 --simulate-cloud v100:4,price=2.50");
  command.example("This machine's GPUs, open for other machines to join", "nav up --agents-listen 0.0.0.0:8443 --tls-name gpu.example.org");
  command.runs(handed_to(local.up, asked));
  return command;
}

Command down_command(LocalCommands const& local, Variables const& variables) {
  auto asked = std::make_shared<DownOptions>();
  Command command("down", "Stop the installation on this machine");
  command.about("Jobs run on, and nav up on the same folder takes them up again.");
  command.option("--stop-jobs", "end all jobs first", into_switch(asked->stop_jobs));
  add_data_option(command, asked->data, variables);
  command.example("Stop everything, jobs too", "nav down --stop-jobs");
  command.runs(handed_to(local.down, asked));
  return command;
}

}  // namespace nav::cli
