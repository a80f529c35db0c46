// SPDX-License-Identifier: Apache-2.0
#include "adapters/trial_files.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "agent/patience.h"
#include "api/flows.h"
#include "base/text.h"
#include "client/file_transfer.h"
#include "supervisor/files.h"
#include "supervisor/machine.h"

namespace nav {

namespace {

namespace fs = std::filesystem;
using supervisor::Fd;

constexpr Duration first_pause = milliseconds(200), longest_pause = seconds(15);
constexpr std::size_t most_metrics_bytes = 64u << 10;
constexpr char brought_mark[] = "outputs-brought";

std::string staging(std::string const& data_folder, AttemptId attempt) { return data_folder + "/inputs/" + to_text(attempt); }

Unexpected failed(std::string const& what) {
  return fail(errno == ENOSPC || errno == EDQUOT ? ErrorKind::StorageFull : ErrorKind::Internal, "{}", supervisor::errno_text(what));
}

std::string artifact_path(AttemptId attempt, std::string const& digest) { return fmt::format("/v1/agent/attempts/{}/artifacts/{}", to_text(attempt), digest); }

/// What of a file in the outputs' folder may be read.
struct Output {
  Fd file;
  std::uint64_t size = 0;
};

/// NotFound: it is not there; InvalidArgument: it is nothing that is read.
Result<Output> open_output(Fd const& folder, std::string const& name) {
  Output output;
  output.file.reset(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!output.file && errno == ENOENT) return fail(ErrorKind::NotFound, "it did not write its output {} into $NAV_OUTPUTS", name);
  struct stat info {};
  if (!output.file || ::fstat(output.file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return fail(ErrorKind::InvalidArgument, "its output {} is no file: links are not followed, and a folder has to be packed", name);
  output.size = static_cast<std::uint64_t>(info.st_size);
  return output;
}

Result<std::map<std::string, double>> read_metrics(Fd const& folder) {
  auto const file = open_output(folder, "metrics.json");
  if (!file && file.error().kind == ErrorKind::NotFound) return std::map<std::string, double>{};
  if (!file) return Unexpected(file.error());
  if (file->size > most_metrics_bytes)
    return fail(ErrorKind::InvalidArgument, "its metrics.json has {} bytes, and may have {}", file->size, most_metrics_bytes);
  std::string text(file->size, '\0');
  ssize_t const n = ::pread(file->file.get(), text.data(), text.size(), 0);
  text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  auto metrics = json_read<std::map<std::string, double>>(text, Unknown::Refuse);
  if (!metrics) return fail(ErrorKind::InvalidArgument, "its metrics.json is no object of numbers, as {{\"accuracy\": 0.9}}: {}", metrics.error().message);
  return metrics;
}

/// One file below `folder`, and the folders on its way.
Result<void> fetch_into(client::HttpClient& http, std::string const& folder, std::string const& name, ::mode_t mode, AttemptId attempt,
                        std::string const& digest) {
  std::string const path = folder + "/" + name;
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return errno = error.value(), failed("make the folder of " + path);
  Fd const file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed("make " + path);
  if (auto fetched = client::fetch_file(http, file.get(), artifact_path(attempt, digest)); !fetched) return within("fetch " + name, fetched.error());
  TRY(auto const found, client::sha256_of(file.get()));
  if (found != digest) return fail(ErrorKind::Unavailable, "fetch {}: what came is {}, not {}", name, found, digest);
  if (::fchmod(file.get(), mode) != 0) return failed("chmod " + path);
  return {};
}

/// The folder and all below it are the job's. No job has seen any of it yet.
Result<void> hand_over(std::string const& folder, supervisor::RunAs const& user) {
  if (::lchown(folder.c_str(), user.uid, user.gid) != 0) return failed("hand over " + folder);
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (::lchown(entry->path().c_str(), user.uid, user.gid) != 0) return failed("hand over " + entry->path().string());
  if (error) return errno = error.value(), failed("read " + folder);
  return {};
}

}  // namespace

bool is_furnished(JobRequest const& request) { return !request.run.empty() || !request.code.empty(); }

Result<void> fetch_files(client::HttpClient& http, std::string const& data_folder, AttemptId attempt, JobRequest const& request) {
  std::string const folder = staging(data_folder, attempt);
  std::error_code error;
  fs::remove_all(folder, error);
  for (auto const& [name, digest] : request.inputs) TRY_VOID(fetch_into(http, folder + "/inputs", name, 0444, attempt, digest));
  TRY_VOID(check(request.code));
  for (auto const& file : request.code) TRY_VOID(fetch_into(http, folder + "/code", file.path, file.executable ? 0755 : 0644, attempt, file.digest));
  return {};
}

Result<void> furnish(std::string const& data_folder, std::string const& attempt_folder, AttemptId attempt, JobRequest const& request,
                     supervisor::RunAs const* user) {
  std::string const work = attempt_folder + "/work", inputs = work + "/inputs", outputs = work + "/outputs", fetched = staging(data_folder, attempt);
  if (!request.code.empty()) {
    if (user != nullptr) TRY_VOID(hand_over(fetched + "/code", *user));
    if (::rename((fetched + "/code").c_str(), work.c_str()) != 0) return failed("move " + fetched);
    if (::chmod(work.c_str(), 0700) != 0) return failed("chmod " + work);
  }
  if (!request.run.empty()) {
    if (auto made = supervisor::make_folder(work, 0700); !made) return fail(ErrorKind::Internal, "{}", made.error());
    if (auto made = supervisor::make_folder(outputs, 0700); !made) return fail(ErrorKind::Internal, "{}", made.error());
    if (user != nullptr && ::lchown(outputs.c_str(), user->uid, user->gid) != 0) return failed("hand over " + outputs);
    if (::rename((fetched + "/inputs").c_str(), inputs.c_str()) != 0 && errno != ENOENT) return failed("move " + fetched);
    if (auto made = supervisor::make_folder(inputs, 0755); !made) return fail(ErrorKind::Internal, "{}", made.error());
  }
  std::error_code ignored;
  fs::remove_all(fetched, ignored);
  return {};
}

void clear_fetched_files(std::string const& data_folder) {
  std::error_code ignored;
  fs::remove_all(data_folder + "/inputs", ignored);
}

struct OutputBringer::State {
  explicit State(Options o) : options(std::move(o)), client(std::make_shared<client::HttpClient>(options.controller)) {}

  void run();
  Result<bool> bring(AttemptId attempt, client::HttpClient& http);
  std::string folder_of(AttemptId attempt) const { return options.data_folder + "/jobs/" + to_text(attempt); }

  Options options;
  std::mutex mutex;
  std::condition_variable bell;
  bool is_stopping = false;
  std::vector<AttemptId> attempts;
  std::map<AttemptId, Patience> troubles;  // the thread's own
  std::set<AttemptId> no_trials;           // the thread's own: attempts of no flow
  std::shared_ptr<client::HttpClient> client;
  std::thread thread;
};

OutputBringer::OutputBringer(Options options) : state_(std::make_unique<State>(std::move(options))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

OutputBringer::~OutputBringer() {
  {
    std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
    state_->client->cancel();
    state_->bell.notify_all();
  }
  state_->thread.join();
}

void OutputBringer::follow(std::vector<AttemptId> attempts) {
  std::lock_guard lock(state_->mutex);
  state_->attempts = std::move(attempts);
  if (!state_->attempts.empty()) state_->bell.notify_all();
}

void OutputBringer::set_controller(client::Options controller) {
  std::lock_guard lock(state_->mutex);
  state_->client = std::make_shared<client::HttpClient>(std::move(controller));
}

bool OutputBringer::all_brought(std::string const& attempt_folder) { return ::access((attempt_folder + "/" + brought_mark).c_str(), F_OK) == 0; }

void OutputBringer::State::run() {
  std::unique_lock lock(mutex);
  while (!is_stopping) {
    bell.wait_for(lock, std::chrono::milliseconds(200));
    auto const round = attempts;
    for (auto const attempt : round) {
      if (is_stopping) return;
      Time const now{supervisor::boot_clock_us()};
      auto& trouble = troubles[attempt];
      if (!trouble.may_try(now) || no_trials.contains(attempt) || all_brought(folder_of(attempt))) continue;
      auto const http = client;
      lock.unlock();
      auto const done = bring(attempt, *http);
      if (done && !*done) no_trials.insert(attempt);
      if (done && *done && options.delivered) options.delivered();
      if (!done && options.warn && !http->is_cancelled() && trouble.failures == 0)
        options.warn(fmt::format("outputs of {}: {}", to_text(attempt), to_text(done.error())));
      lock.lock();
      if (!done) trouble.failed(now, done.error().message, first_pause, longest_pause);
    }
    auto const is_gone = [&](AttemptId id) { return std::find(round.begin(), round.end(), id) == round.end(); };
    std::erase_if(no_trials, is_gone);
    std::erase_if(troubles, [&](auto const& t) { return is_gone(t.first); });
  }
}

/// All outputs that can be read, then the word that this is all. What is wrong with them is the trial's failure and no trouble of ours. False: no
/// attempt of a flow.
Result<bool> OutputBringer::State::bring(AttemptId attempt, client::HttpClient& http) {
  auto const text = supervisor::read_whole(folder_of(attempt) + "/spec");
  auto const spec = text ? supervisor::read_spec(*text) : supervisor::Checked<supervisor::Spec>(supervisor::Refused(""));
  if (!spec) return fail(ErrorKind::Internal, "its spec cannot be read");
  if (!spec->labels.contains("run")) return false;
  Fd const work(::open((folder_of(attempt) + "/work").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  Fd const outputs(work ? ::openat(work.get(), "outputs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1);
  api::DeliverOutputs delivery;
  auto const labels = spec->labels;
  auto const wanted = labels.contains("outputs") ? labels.at("outputs") : std::string();
  for (auto const part : split(wanted, ' ')) {
    if (part.empty() || !delivery.problem.empty()) continue;
    std::string const name(part);
    auto const output = open_output(outputs, name);
    if (!output) {
      delivery.problem = output.error().message;
      continue;
    }
    TRY(auto const digest, client::sha256_of(output->file.get()));
    auto const sent = client::send_file(http, output->file.get(), output->size, artifact_path(attempt, digest));
    // Too large for the store, or more than the project may have: sending it again would not help.
    bool const is_refused = !sent && (sent.error().kind == ErrorKind::TooLarge || sent.error().kind == ErrorKind::StorageFull ||
                                      sent.error().kind == ErrorKind::InvalidArgument);
    if (!sent && !is_refused) return Unexpected(sent.error());
    if (sent) delivery.outputs.push_back({name, digest, output->size});
    else delivery.problem = fmt::format("its output {} was not taken: {}", name, to_text(sent.error()));
  }
  auto metrics = read_metrics(outputs);
  if (metrics) delivery.metrics = std::move(*metrics);
  else if (delivery.problem.empty()) delivery.problem = metrics.error().message;
  auto const told = http.call({.method = "POST",
                               .path = fmt::format("/v1/agent/attempts/{}/outputs", to_text(attempt)),
                               .body = json_write(delivery),
                               .headers = {{"Content-Type", "application/json"}}});
  // Nobody waits for it any more: the run is over.
  if (!told && told.error().kind != ErrorKind::NotFound) return Unexpected(told.error());
  auto const marked = supervisor::replace_file(folder_of(attempt), brought_mark, "", 0600, supervisor::Durability::Process);
  if (!marked) return fail(ErrorKind::Internal, "{}", marked.error());
  return true;
}

}  // namespace nav
