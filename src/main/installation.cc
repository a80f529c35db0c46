// SPDX-License-Identifier: Apache-2.0
#include "main/installation.h"

#include <atomic>
#include <cstring>
#include <future>
#include <sodium.h>
#include <unistd.h>

#include "adapters/artifact_files.h"
#include "adapters/certificates.h"
#include "adapters/clock.h"
#include "adapters/controller_thread.h"
#include "adapters/log_store.h"
#include "adapters/report_maker.h"
#include "adapters/run_folders.h"
#include "adapters/s3_artifacts.h"
#include "adapters/secrets.h"
#include "adapters/sqlite_experiments.h"
#include "adapters/sqlite_journal.h"
#include "adapters/sqlite_views.h"
#include "adapters/telemetry_thread.h"
#include "adapters/webhook_sender.h"
#include "adapters/zone_files.h"
#include "base/log.h"
#include "http/api_server.h"
#include "http/door.h"
#include "http/server.h"
#include "main/address.h"
#include "main/web_folder.h"

namespace nav {

struct Installation::Body {
  DataFolder folder;
  std::unique_ptr<SqliteJournal> journal;
  std::unique_ptr<SqliteViews> views;
  std::unique_ptr<FileLogStore> logs;
  std::unique_ptr<ArtifactStore> artifacts;
  std::unique_ptr<TelemetryThread> telemetry;
  std::unique_ptr<SqliteExperiments> experiments;
  std::unique_ptr<RunFolders> run_files;
  ZoneFiles zones;
  KeyPair ca;
  std::unique_ptr<ControllerThread> controller;
  std::unique_ptr<WebhookSender> webhooks;
  std::unique_ptr<ReportMaker> reports;
  http::Tunnels tunnels;
  std::unique_ptr<http::Door> door;
  std::unique_ptr<http::ApiServer> api;
  std::optional<http::Server> server, agents, visits;
  std::string fingerprint;
  std::string own_name;              ///< by which others reach this machine
  std::string join_address;          ///< for agents of other machines ...
  std::atomic<bool> serves = false;  ///< ... once this is true: requests may come before the ports are known
  bool first_start = false;
  bool has_web = false;

  Result<void> open(InstallationOptions const& options);
  Result<void> open_artifacts(std::string const& bucket);
  Result<void> open_secrets(std::string& secret);
  Result<void> found();
  Result<void> keep_a_way_in();
  Result<void> send_webhooks(std::string const& secret);
  void make_reports();
  Result<void> serve(InstallationOptions const& options, std::string const& secret);
  Result<void> open_door(InstallationOptions const& options, std::vector<std::string> names);
  Result<Accepted> ask(Command command, UserId by);

  ~Body() {
    // New requests end first, then those under way, then who would answer them.
    if (visits) visits->drain(seconds(1));
    if (server) server->drain(seconds(2));
    if (agents) agents->drain(seconds(1));
    visits.reset();
    server.reset();
    agents.reset();
    if (webhooks) webhooks->stop();
    if (reports) reports->stop();
    if (controller) controller->stop();
    telemetry.reset();
    api.reset();
    door.reset();
    webhooks.reset();
    reports.reset();
    controller.reset();
  }
};

namespace {

Digest digest_of_bytes(std::string_view bytes) {
  unsigned char hash[16];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(), nullptr, 0);
  Digest digest;
  std::memcpy(&digest.high, hash, 8);
  std::memcpy(&digest.low, hash + 8, 8);
  return digest;
}

/// Hex, of a key that is the installation's own.
std::string keyed_digest(std::string_view bytes, std::string_view key) {
  unsigned char hash[32];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char const*>(key.data()),
                     key.size());
  std::string hex;
  for (unsigned char const byte : hash) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string host_name() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

/// Where a server is reached: one that listens at every address is given a name instead.
std::string reached_at(http::Server const& server, std::string const& name) {
  std::string url = server.url();
  for (std::string const everywhere : {"//0.0.0.0:", "//[::]:"})
    if (auto const at = url.find(everywhere); at != std::string::npos) url.replace(at + 2, everywhere.size() - 3, name);
  return url;
}

}  // namespace

/// Blocks this thread until the controller has answered.
Result<Accepted> Installation::Body::ask(Command command, UserId by) {
  std::promise<Result<Accepted>> promise;
  auto future = promise.get_future();
  controller->ask(Ask{.command = std::move(command), .by = by}, [&](Result<Accepted> done) { promise.set_value(std::move(done)); });
  return future.get();
}

Result<void> Installation::Body::open_secrets(std::string& secret) {
  if (auto kept = read_file(folder.secret())) {
    secret = std::move(*kept);
    if (secret.size() != 32) return fail(ErrorKind::Internal, "{} is damaged: it should have 32 bytes and has {}", folder.secret(), secret.size());
  } else {
    secret = random_bytes(32);
    TRY_VOID(write_private_file(folder.secret(), secret));
  }
  std::string const ca_name = fmt::format("OpenNav {}", journal->installation().substr(0, 8));
  auto certificate = read_file(folder.ca_certificate());
  auto key = read_file(folder.ca_key());
  if (certificate && key) {
    ca = {std::move(*certificate), std::move(*key)};
  } else if (certificate) {
    return fail(ErrorKind::Internal, "{} is missing beside {}: without it the nodes that have joined cannot be spoken with; restore it from a backup",
                folder.ca_key(), folder.ca_certificate());
  } else if (key) {
    return fail(ErrorKind::Internal, "{} is missing beside {}; restore it from a backup", folder.ca_certificate(), folder.ca_key());
  } else {
    TRY(ca, make_ca(ca_name, clock_now()));
    TRY_VOID(write_private_file(folder.ca_key(), ca.key_pem));
    TRY_VOID(write_private_file(folder.ca_certificate(), ca.certificate_pem));
  }
  TRY(auto const facts, read_certificate(ca.certificate_pem));
  if (facts.common_name != ca_name)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("{} belongs to a journal that is not here any more", folder.ca_certificate()),
                            "restore journal.db from a backup, or name another folder with --data to begin anew", "data"});
  fingerprint = facts.sha256;
  return {};
}

/// When no token of any admin opens anything any more, whoever may write the data folder gets a new one.
Result<void> Installation::Body::keep_a_way_in() {
  Access const& access = *controller->snapshot()->access;
  Time const now = clock_now();
  auto const is_admin = [&](UserId id) {
    auto const user = access.users.find(id);
    return user != access.users.end() && user->second.role == Role::Admin && !user->second.disabled;
  };
  UserId admin;
  for (auto const& [id, user] : access.users)
    if (is_admin(id) && !admin) admin = id;
  for (auto const& [id, token] : access.tokens)
    if (token.kind == TokenKind::User && is_admin(token.user) && access.token_for(token.hash, now) != nullptr) return {};
  if (!admin) return {};
  std::string const token = make_token();
  TRY_VOID(write_private_file(folder.admin_token(), token + "\n"));
  TRY_VOID(ask(AccessCommand{MakeToken{TokenKind::User, admin, "way-in", token_hash(token), {}}}, admin));
  log_line("controller", "no token of an admin was valid any more: a new one is in {}", folder.admin_token());
  return {};
}

/// The first start makes an admin. Its token is written before its hash is journalled: a crash in between leaves a token that opens nothing
/// yet, and the next start takes it up.
Result<void> Installation::Body::found() {
  if (!controller->snapshot()->access->users.empty()) return keep_a_way_in();
  first_start = true;
  std::string token;
  if (auto kept = read_file(folder.admin_token())) token = kept->substr(0, kept->find('\n'));
  else {
    token = make_token();
    TRY_VOID(write_private_file(folder.admin_token(), token + "\n"));
  }
  TRY_VOID(ask(AccessCommand{Found{"admin", token_hash(token)}}, UserId{}));
  return {};
}

Result<void> Installation::Body::send_webhooks(std::string const& secret) {
  WebhookSender::Options sending{.folder = folder.webhooks(), .installation_secret = secret, .clock = [] { return clock_now(); }};
  sending.storage_problem = [this] {
    auto problem = controller->journal_problem();
    return problem.empty() ? telemetry->progress().problem : problem;
  };
  sending.say = [](std::string const& line) { log_line("webhooks", "{}", line); };
  TRY(webhooks, WebhookSender::start(*controller, std::move(sending)));
  return {};
}

void Installation::Body::make_reports() {
  ReportMaker::Options making{.folder = folder.reports(), .clock = [] { return clock_now(); }, .time_zones = &zones};
  making.say = [](std::string const& line) { log_line("reports", "{}", line); };
  reports = std::make_unique<ReportMaker>(*controller, *telemetry, std::move(making));
  reports->start();
}

/// On loopback unless told otherwise, at the API's port plus one or the first that is free after it. Ports of jobs have an origin of their own.
Result<void> Installation::Body::open_door(InstallationOptions const& options, std::vector<std::string> names) {
  ListenAddress address{.host = "127.0.0.1", .port = 0};
  bool const is_named = !options.door_listen.empty();
  if (is_named) {
    TRY(address, parse_listen(options.door_listen, "door"));
  } else if (parse_listen(options.listen, "listen")->port != 0) address.port = static_cast<std::uint16_t>(std::min(server->port() + 1, 65535));
  bool const is_local = is_loopback_host(address.host);
  std::string const name = !options.door_name.empty() ? options.door_name : is_local ? "*.localhost" : own_name;
  names.push_back(name);
  if (name.starts_with("*.")) names.push_back(name.substr(2));
  http::Options serving{.host = address.host, .port = address.port, .names = names, .door = door.get()};
  serving.limits.write = minutes(2);
  if (!is_local) {
    TRY(auto const certificate, issue_server_certificate(ca, names, clock_now()));
    serving.tls = http::Tls{.certificate_pem = certificate.certificate_pem, .key_pem = certificate.key_pem};
  }
  auto opened = http::Server::start(serving, {});
  for (int tries = 0; !opened && !is_named && tries < 50 && serving.port != 0; ++tries) {
    serving.port = tries == 49 || serving.port == 65535 ? std::uint16_t{0} : static_cast<std::uint16_t>(serving.port + 1);
    opened = http::Server::start(serving, {});
  }
  if (!opened) {
    Error error = opened.error();
    error.field = "door";
    return Unexpected(std::move(error));
  }
  visits.emplace(std::move(*opened));
  door->opened(is_local ? "http" : "https", visits->port(), name, std::move(names));
  return {};
}

Result<void> Installation::Body::serve(InstallationOptions const& options, std::string const& secret) {
  TRY(auto const api_address, parse_listen(options.listen, "listen"));
  TRY(auto const agents_address, parse_listen(options.agents_listen, "agents-listen"));
  http::ApiOptions api_options{.clock = [] { return clock_now(); }};
  api_options.telemetry = telemetry.get();
  api_options.webhooks = webhooks.get();
  api_options.reports = reports.get();
  api_options.experiments = experiments.get();
  api_options.run_files = run_files.get();
  api_options.secrets.tokens.hash = [](std::string_view token) { return token_hash(token); };
  api_options.secrets.make_token = [] { return make_token(); };
  api_options.secrets.digest = [](std::string_view bytes) { return digest_of_bytes(bytes); };
  api_options.secrets.sign_node = [this](std::string const& request, NodeId node) { return sign_node_certificate(ca, request, to_text(node), clock_now()); };
  api_options.secrets.ca_pem = ca.certificate_pem;
  api_options.artifacts = artifacts.get();
  api_options.keep_artifacts = options.keep_artifacts;
  api_options.time_zones = &zones;
  api_options.join_address = [this] { return serves ? join_address : std::string(); };
  http::DoorOptions door_options{.clock = [] { return clock_now(); }};
  door_options.tokens.hash = [](std::string_view token) { return token_hash(token); };
  door_options.make_token = [] { return make_token(); };
  door_options.sign = [secret](std::string_view bytes) { return keyed_digest(bytes, secret); };
  door = std::make_unique<http::Door>(*controller, *views, tunnels, std::move(door_options));
  api_options.door = door.get();
  api_options.web = read_web(web_folder());
  has_web = !api_options.web.empty();
  api = std::make_unique<http::ApiServer>(*controller, *views, *logs, std::move(api_options));
  auto const handler = [this](http::Request request, http::Reply reply) { api->handle(std::move(request), std::move(reply)); };

  std::vector<std::string> names{"localhost", "127.0.0.1", host_name()};
  names.insert(names.end(), options.tls_names.begin(), options.tls_names.end());
  for (auto const& host : {api_address.host, agents_address.host})
    if (host != "0.0.0.0" && host != "::") names.push_back(host);
  own_name = options.tls_names.empty() ? host_name() : options.tls_names.front();
  TRY(auto const certificate, issue_server_certificate(ca, names, clock_now()));
  http::Tls const tls{.certificate_pem = certificate.certificate_pem,
                      .key_pem = certificate.key_pem,
                      .client_ca_pem = ca.certificate_pem,
                      .client = http::ClientCertificate::Requested};

  http::Options public_options{.host = api_address.host, .port = api_address.port, .names = names, .body_limit = &http::ApiServer::body_limit};
  if (!is_loopback_host(api_address.host)) public_options.tls = http::Tls{.certificate_pem = certificate.certificate_pem, .key_pem = certificate.key_pem};
  TRY(server, http::Server::start(std::move(public_options), handler));
  TRY(agents, http::Server::start(
                  {.host = agents_address.host, .port = agents_address.port, .tls = tls, .names = names, .body_limit = &http::ApiServer::body_limit}, handler));
  TRY_VOID(open_door(options, names));
  join_address = fmt::format("{}#sha256:{}", reached_at(*agents, own_name), fingerprint);
  serves = true;
  return {};
}

Result<void> Installation::Body::open_artifacts(std::string const& bucket) {
  if (bucket.empty()) {
    artifacts = std::make_unique<ArtifactFiles>(folder.artifacts());
    return {};
  }
  TRY(auto terms, client::s3_options(bucket, [](char const* name) {
        char const* value = std::getenv(name);
        return std::string(value ? value : "");
      }));
  auto store = std::make_unique<S3Artifacts>(folder.artifacts(), std::move(terms));
  // A bucket that will come back keeps nothing else from working.
  if (auto const there = store->look(); !there && there.error().kind == ErrorKind::Unavailable) log_line("artifacts", "{}", to_text(there.error()));
  else if (!there) return there;
  artifacts = std::move(store);
  return {};
}

Result<void> Installation::Body::open(InstallationOptions const& options) {
  if (sodium_init() < 0) return fail(ErrorKind::Internal, "libsodium cannot be used here");
  TRY(folder, open_data_folder(options.data));
  TRY(journal, SqliteJournal::open(folder.path));
  TRY(views, SqliteViews::open(folder.path, *journal));
  logs = std::make_unique<FileLogStore>(folder.logs());
  TRY_VOID(open_artifacts(options.artifacts));
  TRY(telemetry, TelemetryThread::open(folder.path, *journal));
  TRY(experiments, SqliteExperiments::open(folder.path));
  run_files = std::make_unique<RunFolders>(folder.runs());
  std::string secret;
  TRY_VOID(open_secrets(secret));
  ControllerOptions controller_options;
  controller_options.digest = [](std::string_view bytes) { return digest_of_bytes(bytes); };
  controller_options.time_zones = &zones;
  controller = std::make_unique<ControllerThread>(*journal, *views, std::move(controller_options), AttemptTokens(secret));
  controller->on_clouds_wanted(options.clouds_wanted);
  TRY_VOID(controller->start());
  TRY_VOID(found());
  TRY_VOID(send_webhooks(secret));
  make_reports();
  TRY_VOID(serve(options, secret));
  return {};
}

Installation::Installation(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Installation::~Installation() {
  unlink(folder().url().c_str());
  unlink(folder().agents_url().c_str());
  unlink(folder().door_url().c_str());
}

Result<std::unique_ptr<Installation>> Installation::start(InstallationOptions const& options) {
  auto body = std::make_unique<Body>();
  TRY_VOID(body->open(options));
  std::unique_ptr<Installation> installation(new Installation(std::move(body)));
  TRY_VOID(write_private_file(installation->folder().agents_url(), installation->join_url() + "\n"));
  TRY_VOID(write_private_file(installation->folder().door_url(), installation->door_url() + "\n"));
  // What the command line on this machine dials: an address that can be dialled, and with TLS the CA to expect there.
  TRY_VOID(write_private_file(installation->folder().url(), installation->url() + "\n"));
  return installation;
}

DataFolder const& Installation::folder() const { return body_->folder; }
std::string Installation::url() const {
  std::string const url = reached_at(*body_->server, "127.0.0.1");
  return url.starts_with("https:") ? fmt::format("{}#sha256:{}", url, body_->fingerprint) : url;
}
std::string Installation::agents_url() const { return fmt::format("{}#sha256:{}", reached_at(*body_->agents, "127.0.0.1"), body_->fingerprint); }
std::string Installation::join_url() const { return body_->join_address; }
bool Installation::is_first_start() const { return body_->first_start; }
std::string Installation::fault() const { return body_->controller->fault(); }

Result<std::string> Installation::make_join_token(int for_hours) {
  std::string const token = make_token();
  TRY_VOID(body_->ask(AccessCommand{MakeToken{TokenKind::Join, UserId{1}, "nav-up", token_hash(token), clock_now() + hours(for_hours)}}, UserId{1}));
  return token;
}

Result<std::string> Installation::make_sign_in_link() {
  std::string const token = make_token();
  TRY_VOID(body_->ask(AccessCommand{MakeToken{TokenKind::User, UserId{1}, "link", token_hash(token), clock_now() + minutes(15)}}, UserId{1}));
  return fmt::format("{}/sign-in#{}", reached_at(*body_->server, "127.0.0.1"), token);
}

std::string Installation::door_url() const { return body_->door->address(); }

bool Installation::has_web() const { return body_->has_web; }

Result<void> Installation::set_cloud(Cloud cloud) {
  TRY_VOID(body_->ask(PoolCommand{SetCloud{std::move(cloud)}}, UserId{1}));
  return {};
}

void Installation::report_cloud(CloudStatus status) { body_->controller->report_cloud(std::move(status)); }

std::map<std::string, std::size_t> Installation::running_jobs() const {
  auto const snapshot = body_->controller->snapshot();
  std::map<std::string, std::size_t> running;
  if (snapshot->pool.jobs.size() == snapshot->pool.waiting) return running;
  snapshot->pool.jobs.each([&](Job const& job) {
    if (job.has_seat()) ++running[snapshot->pool.nodes.at(job.seat.node.value).name];
  });
  return running;
}

void Installation::cancel_all_jobs() {
  // Many at once, so that they share commits; newest first, so that what waits is gone before a place falls free for it.
  constexpr std::size_t at_once = 2'000;
  auto const snapshot = body_->controller->snapshot();
  std::vector<JobId> jobs;
  snapshot->pool.jobs.each([&](Job const& job) { jobs.push_back(job.id); });
  while (!jobs.empty()) {
    std::vector<std::future<void>> answered;
    for (std::size_t i = 0; i < at_once && !jobs.empty(); ++i) {
      auto promise = std::make_shared<std::promise<void>>();
      answered.push_back(promise->get_future());
      body_->controller->ask(Ask{.command = PoolCommand{CancelJob{jobs.back()}}, .by = UserId{1}}, [promise](Result<Accepted>) { promise->set_value(); });
      jobs.pop_back();
    }
    for (auto& one : answered) one.wait();
  }
}

std::pair<std::size_t, std::size_t> Installation::nodes() const {
  std::size_t ready = 0, all = 0;
  body_->controller->snapshot()->pool.nodes.each([&](Node const& node) {
    ready += node.state == NodeState::Ready;
    all += node.state != NodeState::Lost;
  });
  return {ready, all};
}

}  // namespace nav
