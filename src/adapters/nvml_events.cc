// SPDX-License-Identifier: Apache-2.0
#include "adapters/nvml_events.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/clock.h"

namespace nav::nvml {

namespace {

constexpr unsigned wait_ms = 500;
constexpr std::chrono::seconds patience_with_watch{2};  ///< for the thread's end
constexpr std::size_t most_kept = 1024;                 ///< a storm of XIDs says nothing more after that

}  // namespace

struct XidWatch::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::function<void()> notice;
  bool is_running = false, is_stopping = false;
  unsigned asked = 0;  ///< raised by every watch()
  std::shared_ptr<Library> library;
  std::vector<std::pair<Device, std::string>> gpus;
  std::map<std::string, std::map<unsigned, std::string>> placements;
  std::vector<XidStatus> xids;
};

XidWatch::XidWatch(std::function<void()> notice) : state_(std::make_shared<State>()) { state_->notice = std::move(notice); }

XidWatch::~XidWatch() {
  std::unique_lock lock(state_->mutex);
  state_->is_stopping = true;
  state_->notice = nullptr;
  state_->wake.notify_all();
  state_->wake.wait_for(lock, patience_with_watch, [&] { return !state_->is_running; });
}

void XidWatch::watch(std::shared_ptr<Library> library, std::vector<std::pair<Device, std::string>> gpus) {
  std::lock_guard lock(state_->mutex);
  state_->library = std::move(library);
  state_->gpus = std::move(gpus);
  ++state_->asked;
  if (std::exchange(state_->is_running, true)) return;
  std::thread(run, state_).detach();
}

void XidWatch::set_placements(std::string const& gpu, std::map<unsigned, std::string> by_instance) {
  std::lock_guard lock(state_->mutex);
  state_->placements[gpu] = std::move(by_instance);
}

std::vector<XidStatus> XidWatch::take() {
  std::lock_guard lock(state_->mutex);
  return std::exchange(state_->xids, {});
}

void XidWatch::run(std::shared_ptr<State> state) {
  std::unique_lock lock(state->mutex);
  while (!state->is_stopping) {
    unsigned const asked = state->asked;
    auto const library = state->library;
    auto const gpus = state->gpus;
    lock.unlock();
    EventSet set = nullptr;
    bool is_watching = false;
    if (library->event_set_create(&set) == code::success)
      for (auto const& [device, uuid] : gpus) is_watching = library->register_events(device, event_xid, set) == code::success || is_watching;
    lock.lock();
    while (!state->is_stopping && state->asked == asked) {
      EventData event{};
      lock.unlock();
      Code const c = is_watching ? library->event_wait(set, &event, wait_ms) : code::not_supported;
      std::string uuid;
      for (auto const& [device, name] : gpus)
        if (device == event.device) uuid = name;
      lock.lock();
      if (c == code::timeout) continue;
      if (c != code::success) {
        // A lost GPU makes every wait fail at once: keep on, slowly, for the sake of the others.
        state->wake.wait_for(lock, std::chrono::seconds(1), [&] { return state->is_stopping || state->asked != asked; });
        continue;
      }
      if (event.type != event_xid || uuid.empty() || state->xids.size() >= most_kept) continue;
      XidStatus xid{.gpu = uuid, .xid = static_cast<std::uint32_t>(event.data), .at = clock_now()};
      if (event.gpu_instance != none) {
        auto const& known = state->placements[uuid];
        if (auto it = known.find(event.gpu_instance); it != known.end()) xid.placement = it->second;
      }
      state->xids.push_back(std::move(xid));
      auto const notice = state->notice;
      if (notice) {
        lock.unlock();
        notice();
        lock.lock();
      }
    }
    lock.unlock();
    if (set) library->event_set_free(set);
    lock.lock();
  }
  state->library.reset();
  state->is_running = false;
  state->wake.notify_all();
}

}  // namespace nav::nvml
