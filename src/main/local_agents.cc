// SPDX-License-Identifier: Apache-2.0
#include "main/local_agents.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/clock.h"
#include "base/log.h"
#include "nvmlsim/control.h"

namespace nav {

namespace fs = std::filesystem;

std::string own_program() { return fs::read_symlink("/proc/self/exe").string(); }

LocalAgents::LocalAgents(DataFolder folder, std::string join_address, std::string job_url)
    : folder_(std::move(folder)), join_address_(std::move(join_address)), job_url_(std::move(job_url)) {}

LocalAgents::~LocalAgents() { stop(); }

void LocalAgents::start(std::vector<Wanted> const& wanted) {
  for (auto const& one : wanted) agents_[one.name].wanted = one;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(folder_.path + "/nodes", error)) {
    std::string const name = entry.path().filename();
    if (agents_.contains(name)) continue;
    auto const simulated = nvmlsim::describe_node(entry.path() / "driver");
    if (simulated) agents_[name].wanted = {name, simulated->machine, {}};
  }
  Time const now = clock_now();
  for (auto& [name, child] : agents_) spawn(child, now);
}

void LocalAgents::spawn(Child& child, Time now) {
  std::vector<std::string> arguments{own_program(),  "agent",
                                     "--name",       child.wanted.name,
                                     "--data",       child.wanted.folder.empty() ? folder_.node(child.wanted.name) : child.wanted.folder,
                                     "--join",       join_address_,
                                     "--token-file", folder_.join_token()};
  if (!child.wanted.machine.empty()) arguments.insert(arguments.end(), {"--simulate", child.wanted.machine});
  if (!child.wanted.site.empty()) arguments.insert(arguments.end(), {"--site", child.wanted.site});
  if (!child.wanted.nvml.empty()) arguments.insert(arguments.end(), {"--nvml", child.wanted.nvml});
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t const parent = getpid();
  child.started = now;
  child.pid = fork();
  if (child.pid != 0) {
    if (child.pid < 0) log_line("up", "no process for the agent of {} could be made", child.wanted.name);
    return;
  }
  // The agent goes with this process, however that ends, so that two never work on one node; what it started goes on without it.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setenv("NAV_JOB_URL", job_url_.c_str(), 1);            // jobs speak with the API, not with the agents' door
  setenv("NAV_HIDDEN_FOLDER", folder_.path.c_str(), 1);  // no job sees the controller's files or those of another node
  // Sockets of this process are not the agent's: one that it held too would not close for those at its other end when it is closed here.
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  setpgid(0, 0);  // Ctrl-C on the terminal is for `nav up` alone, which then ends it
  execv(argv[0], argv.data());
  _exit(127);
}

void LocalAgents::watch(Time now) {
  for (auto& [name, child] : agents_) {
    int status = 0;
    if (child.pid > 0 && waitpid(child.pid, &status, WNOHANG) == child.pid) {
      child.pid = 0;
      child.deaths = now - child.started > minutes(1) ? 0 : child.deaths + 1;
      child.not_before = now + seconds(1) * (std::int64_t{1} << std::min(child.deaths, 3u));
      log_line("up", "the agent of {} ended ({}); it is started again", name,
               WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status)) : fmt::format("code {}", WEXITSTATUS(status)));
    }
    if (child.pid <= 0 && now >= child.not_before) spawn(child, now);
  }
}

void LocalAgents::add(Wanted wanted, Time now) {
  Child& child = agents_[wanted.name];
  if (child.pid > 0) return;
  child.wanted = std::move(wanted);
  spawn(child, now);
}

void LocalAgents::remove(std::string const& name) {
  auto const found = agents_.find(name);
  if (found == agents_.end()) return;
  if (found->second.pid > 0) kill(found->second.pid, SIGTERM);
  end(found->second);
  agents_.erase(found);
}

void LocalAgents::end(Child& child) {
  if (child.pid <= 0) return;
  for (int tries = 0; tries < 100 && waitpid(child.pid, nullptr, WNOHANG) == 0; ++tries) {
    usleep(50'000);
    if (tries == 80) kill(child.pid, SIGKILL);
  }
  child.pid = 0;
}

void LocalAgents::stop() {
  for (auto& [name, child] : agents_)
    if (child.pid > 0) kill(child.pid, SIGTERM);
  for (auto& [name, child] : agents_) end(child);
  agents_.clear();
}

}  // namespace nav
