// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>

#include "adapters/agent_runtime.h"
#include "adapters/certificates.h"
#include "adapters/clock.h"
#include "adapters/machine.h"
#include "adapters/node_page.h"
#include "adapters/own_address.h"
#include "adapters/secrets.h"
#include "base/log.h"
#include "http/server.h"
#include "main/address.h"
#include "main/commands.h"
#include "main/data_folder.h"
#include "main/local_agents.h"
#include "nvmlsim/control.h"

namespace nav {

namespace {

std::string driver_folder(AgentRunOptions const& run) { return run.data + "/driver"; }

/// A driver of its own for the node, made at the first start, and the machine it models.
Result<void> simulate(cli::AgentOptions const& options, AgentRunOptions& run) {
  std::string const driver = driver_folder(run);
  if (!nvmlsim::describe_node(driver)) {
    TRY(auto const simulation, nvmlsim::parse_simulation(options.simulate));
    std::string const bytes = random_bytes(8);
    std::uint64_t seed = 0;
    std::memcpy(&seed, bytes.data(), sizeof seed);
    TRY_VOID(nvmlsim::create_node(driver, *simulation.machine, options.name.empty() ? run.machine.hostname : options.name, seed));
  }
  TRY(auto const node, nvmlsim::describe_node(driver));
  TRY(auto const library, nvmlsim::library_folder());
  run.simulated = true;
  run.visible = {driver, library};
  run.nvml = library + "/libnvidia-ml.so.1";
  run.machine.hostname = node.name;
  run.machine.cpus = node.cpus;
  run.machine.memory_mib = node.memory_mib;
  for (auto const& [name, value] : nvmlsim::env_for(driver, library)) {
    run.job_environment[name] = value;
    setenv(name.c_str(), value.c_str(), 1);  // the library reads it in this process too
  }
  return {};
}

Result<std::string> join_token(std::string const& file) {
  if (file.empty()) return std::string{};
  auto token = read_file(file);
  if (!token) return within("token-file", std::move(token).error());
  while (!token->empty() && (token->back() == '\n' || token->back() == ' ')) token->pop_back();
  return token;
}

/// Where the node's page is served; none: nowhere. Others than this machine are refused.
Result<std::optional<ListenAddress>> metrics_address(std::string const& listen) {
  if (listen.empty()) return std::nullopt;
  TRY(auto const address, parse_listen(listen, "metrics"));
  if (!is_loopback_host(address.host))
    return fail_field("metrics", fmt::format("127.0.0.1:{}; the controller's /metrics has all nodes, with TLS and tokens", address.port),
                      "others would see what runs here: {} is not this machine's loopback", address.host);
  return address;
}

Result<http::Server> serve_metrics(ListenAddress const& address, std::shared_ptr<NodePage> page) {
  return http::Server::start({.host = address.host, .port = address.port}, [page = std::move(page)](http::Request request, http::Reply reply) {
    if (request.path != "/metrics") return reply.send(Error{ErrorKind::NotFound, "there is /metrics here, and nothing else", "", ""});
    if (request.method != "GET" && request.method != "HEAD") return reply.send(Error{ErrorKind::InvalidArgument, "this page is read with GET", "", ""});
    reply.send({.body = page->text(clock_now()), .content_type = "text/plain; version=0.0.4; charset=utf-8"});
  });
}

/// The agent, and what is served beside it.
struct RunningAgent {
  std::optional<http::Server> metrics;
  std::unique_ptr<AgentRuntime> runtime;
};

Result<RunningAgent> start(cli::AgentOptions const& options) {
  TRY(DataFolder const folder, open_data_folder(options.data));
  AgentRunOptions run{.data = folder.path,
                      .version = "0.1.0",
                      .machine = this_machine(),
                      .supervisor = std::filesystem::path(own_program()).parent_path() / "nav-supervisor",
                      .nvml = options.nvml};
  run.dcgm_exporter = options.dcgm_exporter;
  if (access(run.supervisor.c_str(), X_OK) != 0)
    return Unexpected(Error{ErrorKind::NotFound, fmt::format("there is no program {}", run.supervisor), "install nav and nav-supervisor side by side", ""});
  if (!options.simulate.empty() || nvmlsim::describe_node(driver_folder(run))) TRY_VOID(simulate(options, run));
  if (char const* url = std::getenv("NAV_JOB_URL")) run.job_url = url;
  if (char const* hidden = std::getenv("NAV_HIDDEN_FOLDER")) run.hidden_folder = hidden;
  run.say = [name = options.name](std::string const& line) { log_line(name.empty() ? "agent" : name.c_str(), "{}", line); };
  TRY(auto const metrics, metrics_address(options.metrics));
  TRY(auto const token, join_token(options.token_file));
  JoinWishes const wishes{.address = options.join,
                          .token = token,
                          .name = options.name.empty() ? run.machine.hostname : options.name,
                          .site = options.site.empty() ? "local" : options.site,
                          .labels = options.labels};
  TRY(auto const identity, take_up_or_join(folder.path, wishes));
  // A real machine beside its controller is reached by its name; nodes that only model machines are all here.
  run.machine.address = options.address.empty() ? address_towards(identity.url) : options.address;
  if (options.address.empty() && !run.simulated && is_loopback_host(run.machine.address)) run.machine.address.clear();
  if (run.job_url.empty()) {
    // Nobody but the fingerprint vouches for the CA, inside a job as elsewhere.
    run.job_url = identity.url;
    if (!identity.ca.empty()) {
      TRY(auto const ca, read_certificate(identity.ca));
      run.job_url += "#sha256:" + ca.sha256;
    }
  }
  RunningAgent running;
  if (metrics) {
    run.page = std::make_shared<NodePage>(identity.name);
    TRY(running.metrics, serve_metrics(*metrics, run.page));
    TRY_VOID(write_private_file(folder.metrics_url(), running.metrics->url() + "/metrics\n"));
    run.say(fmt::format("serves its metrics at {}/metrics", running.metrics->url()));
  }
  TRY(running.runtime, AgentRuntime::start(std::move(run)));
  return running;
}

}  // namespace

int run_agent_command(cli::AgentOptions const& options) {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  auto agent = start(options);
  if (!agent) return told(agent.error());
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;  // jobs run on
}

}  // namespace nav
