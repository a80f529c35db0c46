// SPDX-License-Identifier: Apache-2.0
#include "adapters/agent_runtime.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "adapters/clock.h"
#include "adapters/dcgm_meter.h"
#include "adapters/door_tunnels.h"
#include "adapters/folder_lock.h"
#include "adapters/log_pusher.h"
#include "adapters/node_page.h"
#include "adapters/node_record.h"
#include "adapters/nvml.h"
#include "adapters/nvml_meter.h"
#include "adapters/process.h"
#include "adapters/process_meter.h"
#include "adapters/sample_sender.h"
#include "adapters/service_watch.h"
#include "adapters/trial_files.h"
#include "adapters/worker_pool.h"
#include "agent/agent.h"
#include "supervisor/machine.h"

namespace nav {

namespace {

/// Longer than the controller holds a sync, shorter than a person's patience with a dead connection.
constexpr Duration sync_timeout = seconds(30), launch_timeout = seconds(20);
constexpr unsigned attempts_at_once = 8, fetches_at_once = 4;
constexpr int patient_fetches = 30;
constexpr Duration between_renewal_checks = hours(1);

/// UTC that never goes back, whoever sets the clock meanwhile: leases are counted on it.
class SteadyClock {
 public:
  Time now() const { return began_ + microseconds(supervisor::boot_clock_us() - boot_us_); }

 private:
  Time began_ = clock_now();
  std::int64_t boot_us_ = supervisor::boot_clock_us();
};

/// What comes in, from any thread, for the one that steps. Owned by whatever may still put something in.
struct Inbox {
  std::mutex mutex;
  std::condition_variable bell;
  std::deque<Input> inputs;
  bool has_xids = false, is_stopping = false;

  void put(Input input) {
    std::lock_guard lock(mutex);
    inputs.push_back(std::move(input));
    bell.notify_one();
  }
};

/// What work on other threads holds on to, so that it outlives the runtime should a thread hang.
struct World {
  std::shared_ptr<NvmlPort> gpus;
  std::unique_ptr<ProcessJobs> jobs;
  std::shared_ptr<Inbox> inbox;
};

/// A connection of its own for each kind of call: what waits on one must not hold up another.
class Line {
 public:
  std::shared_ptr<client::HttpClient> client() {
    std::lock_guard lock(mutex_);
    return http_;
  }
  void speak_as(client::Options const& who) {
    auto next = std::make_shared<client::HttpClient>(who);
    std::lock_guard lock(mutex_);
    http_ = std::move(next);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<client::HttpClient> http_;
};

/// Everything that speaks with the controller, and as whom.
struct Speech {
  Line report, listen, fetches[fetches_at_once];
  std::unique_ptr<LogPusher> logs;
  std::unique_ptr<SampleSender> samples;
  std::unique_ptr<OutputBringer> outputs;
  std::unique_ptr<DoorTunnels> tunnels;
  std::mutex mutex;  // of the identity
  NodeIdentity identity;

  NodeIdentity who() {
    std::lock_guard lock(mutex);
    return identity;
  }
  void speak_as(NodeIdentity next) {
    auto const options = next.client_options();
    report.speak_as(options);
    listen.speak_as(options);
    for (auto& line : fetches) line.speak_as(options);
    if (logs) logs->set_controller(options);
    if (samples) samples->set_controller(options);
    if (outputs) outputs->set_controller(options);
    if (tunnels) tunnels->set_controller(options);
    std::lock_guard lock(mutex);
    identity = std::move(next);
  }
  void cancel() {
    report.client()->cancel();
    listen.client()->cancel();
    for (auto& line : fetches) line.client()->cancel();
  }
};

/// Brings what the attempt is to find. The time that takes is time of its lease.
Result<void> with_files(Speech& speech, std::string const& data, Launch& launch) {
  if (launch.request.inputs.empty() && launch.request.code.empty()) return {};
  auto const began = supervisor::boot_clock_us();
  client::HttpClient http(speech.who().client_options());
  auto fetched = fetch_files(http, data, launch.attempt, launch.request);
  // A controller that is being restarted is no fault of this node: it is waited for a while before the attempt is given up here.
  for (int tries = 0; tries < patient_fetches && !fetched && fetched.error().kind == ErrorKind::Unavailable; ++tries) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    fetched = fetch_files(http, data, launch.attempt, launch.request);
  }
  if (!fetched) return fetched;
  launch.lease = launch.lease - microseconds(supervisor::boot_clock_us() - began);
  if (launch.lease <= Duration{}) return fail(ErrorKind::Unavailable, "fetching its files took longer than its lease");
  return {};
}

}  // namespace

struct AgentRuntime::Body {
  explicit Body(AgentRunOptions o) : options(std::move(o)), record_file(options.data), inbox(std::make_shared<Inbox>()), world(std::make_shared<World>()) {}
  ~Body();

  Result<void> open();
  void begin_measuring(NodeIdentity const& identity);
  void run();
  void carry_out(Output& output);
  void carry(Discover const&);
  void carry(LookAtGpu const&);
  void carry(LookAtJobs const&);
  void carry(FetchLaunch const&);
  void carry(SetMode const&);
  void carry(CreateInstance const&);
  void carry(DestroyInstance const&);
  void carry(StopAttempt const&);
  void carry(ForgetAttempt const&);
  void carry(StartJob&);
  void carry(Sync&);
  void carry(SaveRecord const&);
  void carry(RenewLease const&);
  void carry(Warn const&);

  WorkerPool& gpu_worker(std::string const& gpu);
  void keep_logs_followed(JobsLooked const& looked);
  void keep_tunnels();
  void keep_services_watched(JobsLooked const& looked);
  void renew_certificate();
  void say(std::string const& line) const {
    if (options.say) options.say(line);
  }

  AgentRunOptions options;
  std::optional<FolderLock> lock;
  SteadyClock clock;
  NodeRecordFile record_file;
  std::shared_ptr<Inbox> inbox;
  std::shared_ptr<World> world;
  std::shared_ptr<Speech> speech = std::make_shared<Speech>();
  std::shared_ptr<ServiceWatch> services;
  std::unique_ptr<Agent> agent;
  Time renewal_check_at;
  std::set<AttemptId> with_ports;  ///< that tunnels are kept for

  std::map<std::string, std::unique_ptr<WorkerPool>> gpu_workers;
  WorkerPool discoverer{1}, looker{1}, attempt_workers{attempts_at_once}, renewer{1}, reporter{1}, listener{1};
  WorkerPool fetchers[fetches_at_once] = {WorkerPool{1}, WorkerPool{1}, WorkerPool{1}, WorkerPool{1}};
  std::size_t next_fetcher = 0;
  std::thread thread;
};

AgentRuntime::AgentRuntime(std::unique_ptr<Body> body) : body_(std::move(body)) {}
AgentRuntime::~AgentRuntime() = default;

NodeIdentity AgentRuntime::identity() const { return body_->speech->who(); }

Result<std::unique_ptr<AgentRuntime>> AgentRuntime::start(AgentRunOptions options) {
  auto body = std::make_unique<Body>(std::move(options));
  TRY_VOID(body->open());
  body->thread = std::thread([b = body.get()] { b->run(); });
  return std::unique_ptr<AgentRuntime>(new AgentRuntime(std::move(body)));
}

Result<void> AgentRuntime::Body::open() {
  TRY(auto taken, FolderLock::take(options.data));
  lock.emplace(std::move(taken));
  TRY(auto identity, load_identity(options.data));
  TRY(auto record, record_file.load());
  // The record of an earlier life as another node says nothing about this one.
  if (record.node != identity.node || record.installation != identity.installation) record = {.installation = identity.installation, .node = identity.node};

  world->inbox = inbox;
  std::weak_ptr<Inbox> const weak = inbox;
  world->gpus = std::make_unique<NvmlPort>(NvmlOptions{.library = options.nvml, .simulated = options.simulated, .on_xid = [weak] {
                                                         auto box = weak.lock();
                                                         if (!box) return;
                                                         std::lock_guard guard(box->mutex);
                                                         box->has_xids = true;
                                                         box->bell.notify_one();
                                                       }});
  ProcessSettings settings{.data_folder = options.data, .supervisor = options.supervisor};
  settings.hidden_folder = options.hidden_folder;
  settings.visible = options.visible;
  settings.project_users = options.project_users;
  settings.environment = options.job_environment;
  settings.simulated_gpus = options.simulated;
  // Jobs see no device of others. Without the driver's own files there is nothing to keep from them.
  if (!options.simulated && ::access("/dev/nvidiactl", F_OK) == 0)
    settings.device_nodes = [gpus = world->gpus.get()](Launch const& launch) -> Result<std::vector<std::string>> {
      std::vector<std::string> files;
      if (!launch.gpu_of_instance.empty()) return gpus->device_files(launch.gpu_of_instance, launch.placement);
      for (auto const& gpu : launch.gpus)
        for (auto& file : gpus->device_files(gpu, "")) files.push_back(std::move(file));
      return files;
    };
  // The first input of all: from the next lines on, watchers put others.
  inbox->put(Start{.record = std::move(record),
                   .machine = options.machine,
                   .agent_version = options.version,
                   .controller = options.job_url.empty() ? identity.url : options.job_url});
  TRY(world->jobs, ProcessJobs::open(std::move(settings)));
  if (auto watching = world->jobs->watch([weak] {
        if (auto box = weak.lock()) box->put(JobsChanged{});
      });
      !watching)
    say(fmt::format("news of jobs come a little later than they could: {}", to_text(watching.error())));

  speech->logs = std::make_unique<LogPusher>(LogPusher::Options{.data_folder = options.data,
                                                                .controller = identity.client_options(),
                                                                .delivered =
                                                                    [weak] {
                                                                      if (auto box = weak.lock()) box->put(JobsChanged{});
                                                                    },
                                                                .warn = options.say});
  begin_measuring(identity);
  clear_fetched_files(options.data);
  speech->outputs = std::make_unique<OutputBringer>(OutputBringer::Options{.data_folder = options.data,
                                                                           .controller = identity.client_options(),
                                                                           .delivered =
                                                                               [weak] {
                                                                                 if (auto box = weak.lock()) box->put(JobsChanged{});
                                                                               },
                                                                           .warn = options.say});
  speech->tunnels = std::make_unique<DoorTunnels>(DoorTunnels::Options{.controller = identity.client_options(),
                                                                       .service_of = [w = world](AttemptId attempt) -> Result<DoorTunnels::Place> {
                                                                         TRY(auto const address, w->jobs->service_of(attempt));
                                                                         return DoorTunnels::Place{
                                                                             .unix_socket = address.unix_socket, .port = address.port, .user = address.user};
                                                                       },
                                                                       .say = options.say});
  services = std::make_shared<ServiceWatch>(ServiceWatch::Options{.jobs_folder = options.data + "/jobs",
                                                                  .address_of = [w = world](AttemptId attempt) { return w->jobs->service_of(attempt); },
                                                                  .last_traffic = [s = speech](AttemptId attempt) { return s->tunnels->last_traffic(attempt); },
                                                                  .changed =
                                                                      [weak] {
                                                                        if (auto box = weak.lock()) box->put(JobsChanged{});
                                                                      }});
  speech->speak_as(std::move(identity));
  agent = std::make_unique<Agent>(Random(std::random_device{}()));
  return {};
}

void AgentRuntime::Body::begin_measuring(NodeIdentity const& identity) {
  if (options.measure_every.us == 0) return;
  SampleSender::Options sending{.data_folder = options.data, .controller = identity.client_options(), .meters = {}};
  sending.every = options.measure_every;
  sending.clock = [] { return clock_now(); };
  sending.say = options.say;
  if (options.page) sending.measured = [page = options.page](auto const& readings) { page->measured(readings); };
  sending.meters.push_back(std::make_unique<NvmlMeter>(world->gpus, options.simulated));
  auto const of = options.simulated ? ProcessMeter::Of::Attempts : ProcessMeter::Of::AttemptsAndNode;
  sending.meters.push_back(std::make_unique<ProcessMeter>(options.data + "/jobs", of));
  if (!options.dcgm_exporter.empty()) sending.meters.push_back(std::make_unique<DcgmMeter>(options.dcgm_exporter, world->gpus, options.say));
  speech->samples = std::make_unique<SampleSender>(std::move(sending));
}

AgentRuntime::Body::~Body() {
  {
    std::lock_guard guard(inbox->mutex);
    inbox->is_stopping = true;
    inbox->bell.notify_all();
  }
  if (speech->logs) speech->cancel();  // once it is open
  if (thread.joinable()) thread.join();
}

/// The only thread that steps the agent. Input comes first, the clock second, so that nothing waits for a tick.
void AgentRuntime::Body::run() {
  bool is_started = false;
  while (true) {
    std::deque<Input> inputs;
    {
      std::unique_lock guard(inbox->mutex);
      auto const has_news = [&] { return inbox->is_stopping || inbox->has_xids || !inbox->inputs.empty(); };
      if (is_started) {
        auto const wait = std::min(agent->next_wake() - clock.now(), seconds(60));
        if (wait.us > 0) inbox->bell.wait_for(guard, std::chrono::microseconds(wait.us), has_news);
      }
      if (inbox->is_stopping) return;
      inputs.swap(inbox->inputs);
      if (std::exchange(inbox->has_xids, false)) inputs.push_back(XidsSeen{world->gpus->xids()});
    }
    if (inputs.empty()) inputs.push_back(Tick{});
    for (auto& input : inputs) {
      is_started = true;
      if (auto const* looked = std::get_if<JobsLooked>(&input)) keep_logs_followed(*looked), keep_services_watched(*looked);
      for (auto& output : agent->step(std::move(input), clock.now())) carry_out(output);
    }
    if (options.page) options.page->know(agent->status().inventory, agent->spec() ? agent->spec()->attempts : std::vector<AttemptSpec>{});
    keep_tunnels();
    renew_certificate();
  }
}

/// Ways for visitors, as long as anything here can be visited: whatever runs has a port.
void AgentRuntime::Body::keep_tunnels() {
  if (!agent->spec()) return;
  std::set<AttemptId> visited;
  for (AttemptSpec const& attempt : agent->spec()->attempts) visited.insert(attempt.id);
  if (visited == with_ports) return;
  with_ports = visited;
  speech->tunnels->keep(std::move(visited));
}

void AgentRuntime::Body::carry_out(Output& output) {
  std::visit([this](auto& o) { carry(o); }, output);
}

WorkerPool& AgentRuntime::Body::gpu_worker(std::string const& gpu) {
  auto& worker = gpu_workers[gpu];
  if (!worker) worker = std::make_unique<WorkerPool>(1);
  return *worker;
}

void AgentRuntime::Body::carry(Discover const&) {
  discoverer.add([w = world] { w->inbox->put(Discovered{w->gpus->discover()}); });
}
void AgentRuntime::Body::carry(LookAtGpu const& o) {
  gpu_worker(o.gpu).add([w = world, o] { w->inbox->put(GpuLooked{o.gpu, w->gpus->look(o.gpu)}); });
}
void AgentRuntime::Body::carry(SetMode const& o) {
  gpu_worker(o.gpu).add([w = world, o] { w->inbox->put(Done{o, w->gpus->set_mode(o.gpu, o.mode), {}}); });
}
void AgentRuntime::Body::carry(CreateInstance const& o) {
  gpu_worker(o.gpu).add([w = world, o] {
    auto made = w->gpus->create(o.gpu, o.placement);
    if (made) w->inbox->put(Done{o, {}, std::move(*made)});
    else w->inbox->put(Done{o, Unexpected(std::move(made).error()), {}});
  });
}
void AgentRuntime::Body::carry(DestroyInstance const& o) {
  gpu_worker(o.gpu).add([w = world, o] { w->inbox->put(Done{o, w->gpus->destroy(o.gpu, o.placement), {}}); });
}
void AgentRuntime::Body::carry(LookAtJobs const& o) {
  looker.add([w = world, services = services, o] {
    auto attempts = w->jobs->look();
    services->add_to(attempts);
    w->inbox->put(JobsLooked{o.number, std::move(attempts)});
  });
}
void AgentRuntime::Body::carry(StopAttempt const& o) {
  attempt_workers.add([w = world, o] {
    w->jobs->stop(o.attempt);
    w->inbox->put(Done{o, {}, {}});
  });
}
void AgentRuntime::Body::carry(ForgetAttempt const& o) {
  attempt_workers.add([w = world, o] {
    w->jobs->forget(o.attempt);
    w->inbox->put(Done{o, {}, {}});
  });
}
void AgentRuntime::Body::carry(StartJob& o) {
  attempt_workers.add([w = world, speech = speech, data = options.data, launch = std::move(o.launch)]() mutable {
    auto started = with_files(*speech, data, launch);
    if (started) started = w->jobs->start(launch);
    w->inbox->put(Done{StartAttempt{launch.attempt, launch.instance_uuid}, std::move(started), {}});
  });
}
void AgentRuntime::Body::carry(RenewLease const& o) {
  attempt_workers.add([w = world, o] { w->jobs->renew(o.attempt, o.lease); });
}

void AgentRuntime::Body::carry(FetchLaunch const& o) {
  auto const i = next_fetcher++ % fetches_at_once;
  fetchers[i].add([w = world, http = speech->fetches[i].client(), o] {
    auto fetch = [&]() -> Result<LaunchAnswer> {
      TRY(auto answer, http->call({.path = fmt::format("/v1/agent/attempts/{}/launch", to_text(o.attempt)), .timeout = launch_timeout}));
      return json_read<LaunchAnswer>(answer.body, Unknown::Ignore);
    };
    w->inbox->put(LaunchArrived{o.attempt, fetch()});
  });
}

void AgentRuntime::Body::carry(Sync& o) {
  bool const is_report = o.channel == Channel::Report;
  auto http = (is_report ? speech->report : speech->listen).client();
  (is_report ? reporter : listener).add([w = world, http, channel = o.channel, asked = clock.now(), body = json_write(o.request)] {
    auto exchange = [&]() -> Result<SyncAnswer> {
      TRY(auto answer, http->call({.method = "POST", .path = "/v1/agent/sync", .body = body, .timeout = sync_timeout}));
      return json_read<SyncAnswer>(answer.body, Unknown::Ignore);
    };
    w->inbox->put(Synced{channel, asked, exchange()});
  });
}

/// Here and not on another thread: what comes after it in the step may only be done once it is on disk.
void AgentRuntime::Body::carry(SaveRecord const& o) {
  if (auto saved = record_file.save(o.record); !saved) say(fmt::format("write down what the node is about: {}", to_text(saved.error())));
}

void AgentRuntime::Body::carry(Warn const& o) { say(o.message); }

void AgentRuntime::Body::keep_logs_followed(JobsLooked const& looked) {
  std::vector<AttemptId> attempts;
  bool has_ended = false;
  for (auto const& a : looked.attempts) {
    if (a.log_delivered) continue;
    attempts.push_back(a.status.id);
    has_ended = has_ended || a.status.phase == AttemptPhase::Ended;
  }
  std::vector<AttemptId> succeeded;
  for (auto const& a : looked.attempts)
    if (!a.log_delivered && a.status.phase == AttemptPhase::Ended && a.status.outcome == Outcome::Exited && a.status.exit_code == 0)
      succeeded.push_back(a.status.id);
  speech->outputs->follow(std::move(succeeded));
  speech->logs->follow(std::move(attempts));
  if (has_ended) speech->logs->wake();
}

void AgentRuntime::Body::keep_services_watched(JobsLooked const& looked) {
  std::map<AttemptId, Service> running;
  for (auto const& a : looked.attempts)
    if (a.service && a.status.phase == AttemptPhase::Running) running.emplace(a.status.id, *a.service);
  services->keep(std::move(running));
}

void AgentRuntime::Body::renew_certificate() {
  Time const now = clock.now();
  if (now < renewal_check_at) return;
  renewal_check_at = now + between_renewal_checks;
  renewer.add([speech = speech, data = options.data, tell = options.say] {
    auto identity = speech->who();
    auto renewed = renew_if_due(data, identity, clock_now());
    if (renewed && *renewed) return speech->speak_as(std::move(identity));
    if (!renewed && tell) tell(fmt::format("renew the node's certificate: {}", to_text(renewed.error())));
  });
}

}  // namespace nav
