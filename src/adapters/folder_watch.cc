// SPDX-License-Identifier: Apache-2.0
#include "adapters/folder_watch.h"

#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace nav {

Result<std::unique_ptr<FolderWatch>> FolderWatch::open(std::string file, std::function<void()> changed) {
  std::unique_ptr<FolderWatch> watch(new FolderWatch(std::move(file), std::move(changed)));
  watch->events_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch->events_) return fail(ErrorKind::Unavailable, "{}", supervisor::errno_text("watch folders"));
  watch->wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!watch->wake_) return fail(ErrorKind::Unavailable, "{}", supervisor::errno_text("watch folders"));
  watch->thread_ = std::jthread([w = watch.get()](std::stop_token stop) { w->run(stop); });
  return watch;
}

FolderWatch::~FolderWatch() {
  thread_.request_stop();
  std::uint64_t const one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
  if (thread_.joinable()) thread_.join();
}

void FolderWatch::add(std::string const& folder) {
  ::inotify_add_watch(events_.get(), folder.c_str(), IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW);
  std::uint64_t const one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void FolderWatch::run(std::stop_token stop) {
  alignas(inotify_event) char buffer[16384];
  while (!stop.stop_requested()) {
    pollfd waits[2]{{events_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0) continue;
    bool news = waits[1].revents != 0;
    std::uint64_t drained = 0;
    (void)!::read(wake_.get(), &drained, sizeof drained);
    for (ssize_t n; (n = ::read(events_.get(), buffer, sizeof buffer)) > 0;)
      for (char const* at = buffer; at < buffer + n;) {
        auto const* event = reinterpret_cast<inotify_event const*>(at);
        news = news || (event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && file_ == event->name);
        at += sizeof(inotify_event) + event->len;
      }
    if (news && !stop.stop_requested()) changed_();
  }
}

}  // namespace nav
