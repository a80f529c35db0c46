// SPDX-License-Identifier: Apache-2.0
#include "adapters/sample_sender.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

namespace nav {

using namespace telemetry;

namespace {

constexpr std::size_t ticks_a_file = 12;
/// A driver may hang: who ends the agent does not wait for it.
constexpr std::chrono::seconds patience_with_sender{3};

std::string file_name(std::uint64_t number) { return fmt::format("{:020}", number); }

/// Columns grow: a subject that was measured before gets one more row.
void append(SampleBatch& batch, std::vector<Readings> const& news) {
  for (auto const& one : news) {
    // A clock that was set back begins a column of its own: times rise in each.
    auto const known = std::find_if(batch.readings.begin(), batch.readings.end(),
                                    [&](Readings const& r) { return r.subject == one.subject && r.source == one.source && r.at.back() <= one.at.front(); });
    if (known == batch.readings.end()) {
      batch.readings.push_back(one);
      continue;
    }
    std::size_t const before = known->at.size();
    known->at.insert(known->at.end(), one.at.begin(), one.at.end());
    for (auto const& [metric, column] : one.values) {
      auto& into = known->values[metric];
      into.resize(before);
      into.insert(into.end(), column.begin(), column.end());
    }
    for (auto& [metric, column] : known->values) column.resize(known->at.size());
  }
}

}  // namespace

struct SampleSender::State {
  explicit State(Options o) : options(std::move(o)), http(std::make_shared<client::HttpClient>(options.controller)) {}

  void run();
  void tick();
  void find_waiting();
  void keep(std::string const& body);
  void give_up_oldest();
  bool deliver_waiting();
  Result<void> send(std::string const& body);
  std::string seal();
  std::string folder() const { return options.data_folder + "/samples"; }
  void say(std::string const& line) {
    if (line != last_said && !line.empty() && options.say) options.say(line);
    last_said = line;
  }

  Options options;
  std::mutex mutex;
  std::condition_variable bell;
  bool is_stopping = false, is_running = true;
  std::shared_ptr<client::HttpClient> http;  // guarded by mutex
  // The thread's own:
  std::uint64_t stream = 0, next_number = 1, next_file = 1, waiting_bytes = 0, dropped = 0;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> waiting;  ///< files and their sizes, oldest first
  SampleBatch open;
  std::size_t open_ticks = 0;
  std::string last_said;
};

SampleSender::SampleSender(Options options) : state_(std::make_shared<State>(std::move(options))) {
  std::thread([state = state_] { state->run(); }).detach();
}

SampleSender::~SampleSender() {
  std::unique_lock lock(state_->mutex);
  state_->is_stopping = true;
  state_->http->cancel();
  state_->bell.notify_all();
  state_->bell.wait_for(lock, patience_with_sender, [&] { return !state_->is_running; });
}

void SampleSender::set_controller(client::Options controller) {
  std::lock_guard lock(state_->mutex);
  state_->http = std::make_shared<client::HttpClient>(std::move(controller));
}

void SampleSender::State::run() {
  std::random_device chance;
  stream = (static_cast<std::uint64_t>(chance()) << 32 | chance()) >> 1;
  find_waiting();
  std::unique_lock lock(mutex);
  auto next = std::chrono::steady_clock::now();
  while (!is_stopping) {
    lock.unlock();
    tick();
    lock.lock();
    next = std::max(next + std::chrono::microseconds(options.every.us), std::chrono::steady_clock::now());
    bell.wait_until(lock, next, [&] { return is_stopping; });
  }
  lock.unlock();
  // What is not delivered yet is not lost with the agent.
  if (open_ticks > 0) keep(seal());
  options.meters.clear();
  lock.lock();
  is_running = false;
  bell.notify_all();
}

void SampleSender::State::tick() {
  std::vector<Readings> news;
  Time const now = options.clock();
  for (auto const& meter : options.meters)
    for (auto& one : meter->measure(now)) news.push_back(std::move(one));
  if (!news.empty()) {
    if (options.measured) options.measured(news);
    append(open, news);
    ++open_ticks;
  }
  if (!waiting.empty() && !deliver_waiting()) {
    if (open_ticks >= ticks_a_file) keep(seal());
    return;
  }
  if (open_ticks == 0) return;
  std::string const body = seal();
  if (auto const sent = send(body); !sent) {
    // From here on it must be sent as it is, under its number: the controller may have it without our knowing.
    keep(body);
    say(fmt::format("samples wait to be delivered: {}", to_text(sent.error())));
  } else {
    say("");
  }
}

std::string SampleSender::State::seal() {
  open.stream = stream;
  open.number = next_number++;
  open.dropped = std::exchange(dropped, 0);
  open_ticks = 0;
  return json_write(std::exchange(open, {}));
}

Result<void> SampleSender::State::send(std::string const& body) {
  std::shared_ptr<client::HttpClient> line;
  {
    std::lock_guard lock(mutex);
    line = http;
  }
  TRY_VOID(line->call({.method = "POST", .path = fmt::format("/v1/agent/samples?sent={}", options.clock().us), .body = body, .timeout = seconds(20)}));
  return {};
}

void SampleSender::State::find_waiting() {
  std::error_code error;
  std::filesystem::create_directories(folder(), error);
  std::filesystem::permissions(folder(), std::filesystem::perms(0700), error);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
  for (auto const& entry : std::filesystem::directory_iterator(folder(), error)) {
    std::uint64_t number = 0;
    std::string const name = entry.path().filename();
    if (read_number(name, number)) found.emplace_back(number, entry.file_size(error));
    else std::filesystem::remove(entry.path(), error);  // one that was only begun
  }
  std::sort(found.begin(), found.end());
  for (auto const& [number, size] : found) {
    waiting.emplace_back(number, size);
    waiting_bytes += size;
    next_file = number + 1;
  }
}

void SampleSender::State::keep(std::string const& body) {
  std::string const path = fmt::format("{}/{}", folder(), file_name(next_file)), begun = path + ".new";
  std::error_code error;
  {
    std::ofstream out(begun, std::ios::binary);
    out << body;
    out.close();
    if (!out) error = std::make_error_code(std::errc::no_space_on_device);
  }
  if (!error) std::filesystem::rename(begun, path, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(begun, ignored);
    ++dropped;
    say(fmt::format("samples are given up: {}: {}", path, error.message()));
    return;
  }
  waiting.emplace_back(next_file++, body.size());
  waiting_bytes += body.size();
  give_up_oldest();
}

void SampleSender::State::give_up_oldest() {
  while (waiting_bytes > options.most_bytes && waiting.size() > 1) {
    std::error_code ignored;
    std::filesystem::remove(fmt::format("{}/{}", folder(), file_name(waiting.front().first)), ignored);
    waiting_bytes -= waiting.front().second;
    waiting.pop_front();
    dropped += ticks_a_file;
  }
}

/// True once nothing waits any more.
bool SampleSender::State::deliver_waiting() {
  while (!waiting.empty()) {
    {
      std::lock_guard lock(mutex);
      if (is_stopping) return false;
    }
    std::string const path = fmt::format("{}/{}", folder(), file_name(waiting.front().first));
    std::ifstream in(path, std::ios::binary);
    std::ostringstream body;
    body << in.rdbuf();
    auto const sent = send(body.str());
    // What is refused for what it says will be refused for ever.
    bool const is_nonsense = !sent && (sent.error().kind == ErrorKind::InvalidArgument || sent.error().kind == ErrorKind::TooLarge);
    if (!sent && !is_nonsense) return say(fmt::format("samples wait to be delivered: {}", to_text(sent.error()))), false;
    if (is_nonsense) say(fmt::format("samples are given up: {}", to_text(sent.error())));
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    waiting_bytes -= waiting.front().second;
    waiting.pop_front();
  }
  return true;
}

}  // namespace nav
