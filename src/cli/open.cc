// SPDX-License-Identifier: Apache-2.0
// nav open
#include <fcntl.h>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/door.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job_number.h"
#include "cli/words.h"

extern char** environ;

namespace nav::cli {

namespace {

struct OpenOptions {
  JobId job;
  bool json = false;
  bool only_print = false;
};

std::string variable(Variables const& variables, char const* name) { return variables(name).value_or(std::string()); }

/// A page of the user's own that goes on to the link: the arguments of a process are everybody's to read, and the link lets in whoever comes first.
std::string page_towards(std::string const& folder, std::string const& url) {
  std::string const path = folder + "/nav-open.html";
  std::string const page = fmt::format(
      "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">"
      "<meta http-equiv=\"refresh\" content=\"0;url={}\"><title>OpenNav</title>\n",
      url);
  unlink(path.c_str());
  int const file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return {};
  bool const written = write(file, page.data(), page.size()) == static_cast<ssize_t>(page.size());
  return close(file) == 0 && written ? path : std::string();
}

/// Where there is a desktop, its browser; false: there is none, or it could not be asked.
bool open_in_browser(Variables const& variables, std::string const& url) {
  std::string const folder = variable(variables, "XDG_RUNTIME_DIR");
  if (folder.empty() || (variable(variables, "DISPLAY").empty() && variable(variables, "WAYLAND_DISPLAY").empty())) return false;
  std::string page = page_towards(folder, url);
  if (page.empty()) return false;
  std::string program = "xdg-open";
  char* arguments[] = {program.data(), page.data(), nullptr};
  posix_spawn_file_actions_t silent;
  posix_spawn_file_actions_init(&silent);
  posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&silent, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  bool const began = posix_spawnp(&child, program.c_str(), &silent, nullptr, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&silent);
  int status = 1;
  return began && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Result<int> open_job(Context& nav, OpenOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::OpenDoor, {to_text(asked.job)}}));
  if (asked.json) {
    nav.print(json_line(body));
    return 0;
  }
  TRY(auto const link, Server::read<api::DoorLink>(body));
  bool const opened = !asked.only_print && nav.terminal.is_terminal && open_in_browser(*nav.variables, link.url);
  nav.print(link.url + "\n");
  nav.print_error(opened ? "opened in the browser\n" : "it lets one browser in, once, within a minute\n");
  return 0;
}

}  // namespace

Command open_command() {
  auto asked = std::make_shared<OpenOptions>();
  Command command("open", "Open a job's port in a browser");
  command.about(
      "Prints a link that lets one browser in to the job's port, once, within a minute, and opens it where there is a desktop. Programs need no link: at "
      "the door's address, /jobs/NUMBER/, they give the user's token as a bearer. Members of the job's project may, and administrators.");
  command.argument("JOB", "number of the job", into(asked->job), Names::Job);
  command.option("--print", "print the link and open nothing", into_switch(asked->only_print));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("A notebook that runs as job 42", "nav open 42");
  command.runs([asked](Context& nav) { return open_job(nav, *asked); });
  return command;
}

}  // namespace nav::cli
