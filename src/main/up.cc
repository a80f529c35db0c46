// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "main/commands.h"
#include "main/installation.h"
#include "main/local_agents.h"
#include "main/running.h"
#include "main/simulated_cloud.h"
#include "nvmlsim/control.h"

namespace nav {

namespace {

/// A host name as a node's name: lower-case letters, digits and dashes.
std::string own_node_name() {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  std::string name;
  for (char c : std::string_view(host).substr(0, 63)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ? c : '-';
  }
  while (!name.empty() && !check_name(name, "")) name.erase(name.front() == '-' || name.front() == '.' ? 0 : name.size() - 1, 1);
  return name.empty() ? "this-machine" : name;
}

Result<std::vector<LocalAgents::Wanted>> agents_wanted(cli::UpOptions const& options) {
  std::vector<LocalAgents::Wanted> wanted;
  if (!options.no_agent) wanted.push_back({own_node_name(), {}, options.nvml});
  for (auto const& simulate : options.simulate) {
    TRY(auto const simulation, nvmlsim::parse_simulation(simulate.board));
    for (std::uint32_t i = 1; i <= simulate.count; ++i)
      wanted.push_back({fmt::format("{}-{}", simulation.machine->name, i), std::string(simulation.machine->name), {}});
  }
  return wanted;
}

/// The clouds of this start and of former ones on the same folder.
Result<std::vector<Cloud>> clouds_wanted(cli::UpOptions const& options, DataFolder const& folder) {
  std::vector<Cloud> clouds = SimulatedCloud::kept_in(folder);
  for (auto const& one : options.clouds) {
    TRY(auto terms, SimulatedCloud::terms_of(one));
    std::erase_if(clouds, [&](Cloud const& kept) { return kept.name == terms.name; });
    clouds.push_back(std::move(terms));
  }
  return clouds;
}

/// Clouds, and what was last said should be at them: that comes from another thread, and sooner than they are made.
struct Clouds {
  std::mutex mutex;
  std::vector<CloudSpec> wanted;
  std::vector<std::unique_ptr<SimulatedCloud>> all;

  void want(std::vector<CloudSpec> const& specs) {
    std::lock_guard lock(mutex);
    wanted = specs;
  }
  void watch(Time now) {
    std::vector<CloudSpec> specs;
    {
      std::lock_guard lock(mutex);
      specs = wanted;
    }
    for (auto const& cloud : all) {
      for (auto const& spec : specs)
        if (spec.cloud == cloud->name()) cloud->want(spec);
      cloud->watch(now);
    }
  }
};

/// Waits until all agents have joined or some seconds have gone by.
void greet(Installation& installation, LocalAgents& agents, bool quiet) {
  Time const patience = clock_now() + seconds(20);
  while (installation.nodes().first < agents.size() && clock_now() < patience) {
    agents.watch(clock_now());
    usleep(50'000);
  }
  if (quiet) return;
  auto const [ready, all] = installation.nodes();
  std::printf("OpenNav serves at %s\n", installation.url().c_str());
  std::printf("  data    %s\n", installation.folder().path.c_str());
  std::printf("  nodes   %zu ready of %zu (nav nodes, nav pool)\n", ready, all);
  if (installation.is_first_start()) std::printf("  token   of the admin, in %s; nav finds it on this machine\n", installation.folder().admin_token().c_str());
  if (!installation.has_web()) std::printf("  web     not built: tools/web.sh\n");
  else if (auto link = installation.make_sign_in_link())
    std::printf("  web     %s\n          (signs a browser in as the admin, for 15 minutes)\n", link->c_str());
  std::printf("  door    %s (ports of jobs: nav open JOB)\n", installation.door_url().c_str());
  std::printf("  run     nav run --on cpu --wait -- echo hello\n");
  std::fflush(stdout);
}

void stop_jobs(Installation& installation, LocalAgents& agents) {
  installation.cancel_all_jobs();
  Time const patience = clock_now() + minutes(1);
  while (!installation.running_jobs().empty() && clock_now() < patience) {
    agents.watch(clock_now());
    usleep(50'000);
  }
}

/// What whoever stops it should know of the jobs that are left, and where.
std::string farewell(std::map<std::string, std::size_t> const& running, std::string const& data, bool were_ended) {
  if (running.empty()) return were_ended ? "No job runs.\n" : "";
  std::size_t all = 0;
  std::string where;
  for (auto const& [node, jobs] : running) all += jobs, where += fmt::format("{}{} on {}", where.empty() ? "" : ", ", jobs, node);
  std::string const they_run = fmt::format("{} job{} on ({}).", all, all == 1 ? " runs" : "s run", where);
  if (were_ended)
    return fmt::format("{} They were told to end and have not, or their node could not be reached: nav up --data {} tells them again.\n", they_run, data);
  return fmt::format("{} nav up --data {} takes {} up again; nav down --stop-jobs, or nav up --stop-jobs, ends jobs too.\n", they_run, data,
                     all == 1 ? "it" : "them");
}

/// Serves until a signal says otherwise. `ready` is called once.
int serve(cli::UpOptions const& options, std::function<void()> const& ready, bool quiet) {
  // Blocked before any thread is made, so that all threads leave them to sigtimedwait here.
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto wanted = agents_wanted(options);
  if (!wanted) return told(wanted.error());
  // Local agents come in through the same door as those of other machines; unless others may come, it opens on loopback only.
  Clouds clouds;
  auto installation = Installation::start({.data = options.data,
                                           .listen = options.listen,
                                           .agents_listen = options.agents_listen.empty() ? "127.0.0.1:0" : options.agents_listen,
                                           .tls_names = options.tls_names,
                                           .artifacts = options.artifacts,
                                           .keep_artifacts = options.keep_artifacts,
                                           .door_listen = options.door.listen,
                                           .door_name = options.door.name,
                                           .clouds_wanted = [&clouds](std::vector<CloudSpec> const& specs) { clouds.want(specs); }});
  if (!installation) return told(installation.error());
  DataFolder const folder = (*installation)->folder();
  if (auto kept = write_running(folder); !kept) return told(kept.error());
  auto token = (*installation)->make_join_token(24 * 365);
  if (!token) return told(token.error());
  if (auto kept = write_private_file(folder.join_token(), *token + "\n"); !kept) return told(kept.error());
  LocalAgents agents(folder, (*installation)->agents_url(), (*installation)->url());
  agents.start(*wanted);
  auto terms = clouds_wanted(options, folder);
  if (!terms) return told(terms.error());
  for (auto& one : *terms) {
    if (auto set = (*installation)->set_cloud(one); !set) return told(set.error());
    clouds.all.push_back(std::make_unique<SimulatedCloud>(folder, one, (*installation)->agents_url(), (*installation)->url(),
                                                          [&](CloudStatus status) { (*installation)->report_cloud(std::move(status)); }));
  }
  greet(**installation, agents, quiet);
  ready();

  bool end_jobs = options.stop_jobs;
  while (true) {
    timespec const wait{0, 200'000'000};
    int const signal = sigtimedwait(&signals, nullptr, &wait);
    if (signal == SIGUSR1) end_jobs = true;  // nav down --stop-jobs
    if (signal > 0) break;
    agents.watch(clock_now());
    clouds.watch(clock_now());
    if (auto const fault = (*installation)->fault(); !fault.empty()) {
      log_line("up", "it cannot go on: {}", fault);
      break;
    }
  }
  if (end_jobs) stop_jobs(**installation, agents);
  std::string const last_words = farewell((*installation)->running_jobs(), options.data, end_jobs);
  std::fputs(last_words.c_str(), stdout);
  (void)write_private_file(folder.farewell(), last_words);
  agents.stop();
  for (auto const& cloud : clouds.all) cloud->stop();
  installation->reset();
  forget_running(folder);
  return 0;
}

/// Runs serve() in a process of its own that outlives this terminal, and waits until it serves or says why it does not.
int serve_in_background(cli::UpOptions const& options) {
  auto folder = open_data_folder(options.data);
  if (!folder) return told(folder.error());
  auto const running = running_in(*folder);
  if (!running) return told(running.error());
  if (auto const pid = *running) {
    std::printf("OpenNav runs already (process %d): %s", *pid, read_file(folder->url()).value_or("starting\n").c_str());
    return 0;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return told(Error{ErrorKind::Internal, "no pipe could be made", "", ""});
  std::fflush(nullptr);
  pid_t const child = fork();
  if (child < 0) return told(Error{ErrorKind::Internal, "no process could be made", "", ""});
  if (child == 0) {
    setsid();
    int const log = open(folder->server_log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int const null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, 0);
    dup2(log, 1);
    dup2(log, 2);
    int const code = serve(
        options, [&] { (void)!write(ends[1], "+", 1); }, false);
    std::fflush(nullptr);
    _exit(code);
  }
  close(ends[1]);
  char byte = 0;
  if (read(ends[0], &byte, 1) == 1) {
    auto const url = read_file(folder->url());
    std::printf("OpenNav serves at %sIt runs in the background (process %d, log %s); nav down stops it.\n", url.value_or("?\n").c_str(), child,
                folder->server_log().c_str());
    return 0;
  }
  int status = 0;
  waitpid(child, &status, 0);
  auto const log = read_file(folder->server_log());
  if (log) std::fputs(log->size() > 2000 ? log->c_str() + log->size() - 2000 : log->c_str(), stderr);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int run_up(cli::UpOptions const& options) {
  return options.background ? serve_in_background(options)
                            : serve(
                                  options, [] {}, false);
}

int run_down(cli::DownOptions const& options) {
  DataFolder const folder{options.data};
  auto const running = running_in(folder);
  if (!running) return told(running.error());
  auto const pid = *running;
  if (!pid) return told(Error{ErrorKind::NotFound, fmt::format("nothing runs on {}", options.data), "nav up starts it; --data names another folder", ""});
  if (kill(*pid, options.stop_jobs ? SIGUSR1 : SIGTERM) != 0)
    return told(Error{ErrorKind::Forbidden, fmt::format("process {} belongs to somebody else", *pid), "use sudo", ""});
  for (int tries = 0; tries < 1200; ++tries) {
    if (auto const now = running_in(folder); now && !*now) {
      std::printf("OpenNav has stopped. %s", read_file(folder.farewell()).value_or("\n").c_str());
      return 0;
    }
    usleep(100'000);
  }
  return told(Error{ErrorKind::Timeout, fmt::format("process {} has not ended in two minutes", *pid), "see its log in " + folder.server_log(), ""});
}

int run_controller(cli::ControllerOptions const& options) {
  cli::UpOptions up{.data = options.data,
                    .listen = options.listen,
                    .agents_listen = options.agents_listen,
                    .tls_names = options.tls_names,
                    .door = options.door,
                    .artifacts = options.artifacts,
                    .keep_artifacts = options.keep_artifacts,
                    .no_agent = true};
  return serve(
      up, [] {}, false);
}

}  // namespace nav
