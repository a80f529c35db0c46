// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/state.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <type_traits>

#include "base/ensure.h"

namespace nav::nvmlsim {

static_assert(std::is_trivially_copyable_v<NodeState>);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

struct StateFile::Layout {
  std::uint64_t magic;
  std::uint64_t bytes;
  NodeIdentity identity;
  std::atomic<std::uint32_t> version;  ///< its lowest bit names the copy that counts
  alignas(64) NodeState copies[2];
};

namespace {

constexpr std::uint64_t magic_number = 0x4D4C564E53564133;  // raised with every change of the layout

void write_or_die(int fd, void const* data, std::size_t size, int& error) {
  auto const* bytes = static_cast<char const*>(data);
  while (size > 0 && error == 0) {
    ssize_t n = ::write(fd, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      error = errno;
    } else {
      bytes += n;
      size -= static_cast<std::size_t>(n);
    }
  }
}

}  // namespace

int StateFile::create(std::string const& path, NodeIdentity const& identity) {
  // Value-initialised, so every instance starts absent and padding is zero.
  auto layout = std::make_unique<Layout>();
  layout->magic = magic_number;
  layout->bytes = sizeof(Layout);
  layout->identity = identity;
  std::string draft = path + ".new." + std::to_string(::getpid());
  int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return errno;
  int error = 0;
  write_or_die(fd, layout.get(), sizeof(Layout), error);
  ::close(fd);
  // link, unlike rename, refuses to replace a node that is there.
  if (error == 0 && ::link(draft.c_str(), path.c_str()) != 0) error = errno;
  ::unlink(draft.c_str());
  return error;
}

std::unique_ptr<StateFile> StateFile::open(std::string const& path) {
  bool writable = true;
  int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && (errno == EACCES || errno == EROFS)) {
    writable = false;
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }
  if (fd < 0) return nullptr;
  struct stat info;
  if (::fstat(fd, &info) != 0 || static_cast<std::size_t>(info.st_size) != sizeof(Layout)) {
    ::close(fd);
    errno = EPROTO;
    return nullptr;
  }
  void* memory = ::mmap(nullptr, sizeof(Layout), writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
  int error = errno;
  ::close(fd);
  if (memory == MAP_FAILED) {
    errno = error;
    return nullptr;
  }
  auto* layout = static_cast<Layout*>(memory);
  if (layout->magic != magic_number || layout->bytes != sizeof(Layout)) {
    ::munmap(memory, sizeof(Layout));
    errno = EPROTO;
    return nullptr;
  }
  return std::unique_ptr<StateFile>(new StateFile(path, layout, writable));
}

StateFile::StateFile(std::string path, Layout* layout, bool writable) : path_(std::move(path)), layout_(layout), writable_(writable) {}

StateFile::~StateFile() { ::munmap(layout_, sizeof(Layout)); }

NodeIdentity const& StateFile::identity() const { return layout_->identity; }

std::uint32_t StateFile::version() const { return layout_->version.load(std::memory_order_acquire); }

NodeState const& StateFile::read() {
  std::uint32_t seen = version();
  if (cached_ && seen == cached_version_) return *cached_;
  if (!cached_) cached_ = std::make_unique<NodeState>();
  while (true) {
    // Copy `seen & 1` is written again only after the counter has left `seen`, so an unmoved counter proves a whole copy.
    std::memcpy(cached_.get(), &layout_->copies[seen & 1], sizeof(NodeState));
    std::atomic_thread_fence(std::memory_order_acquire);
    std::uint32_t now = version();
    if (now == seen) break;
    seen = now;
  }
  cached_version_ = seen;
  return *cached_;
}

bool StateFile::wait_for_change(std::uint32_t seen, std::uint32_t timeout_ms) const {
  timespec timeout{.tv_sec = timeout_ms / 1000, .tv_nsec = static_cast<long>(timeout_ms % 1000) * 1000000};
  while (version() == seen) {
    if (::syscall(SYS_futex, &layout_->version, FUTEX_WAIT, seen, &timeout, nullptr, 0) != 0 && errno == ETIMEDOUT) return version() != seen;
  }
  return true;
}

void StateFile::update(std::function<bool(NodeState&)> const& change) {
  ensure(writable_, "callers refuse a change without write permission first");
  // Opened anew each time: a lock belongs to the open file, and one kept open would be shared with forked children.
  int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  while (::flock(fd, LOCK_EX) != 0) ensure(errno == EINTR, "a lock on a file of ours is only ever interrupted");
  std::uint32_t current = version();
  auto draft = std::make_unique<NodeState>(layout_->copies[current & 1]);
  if (change(*draft)) {
    std::uint32_t next = current + 1;
    std::memcpy(&layout_->copies[next & 1], draft.get(), sizeof(NodeState));
    layout_->version.store(next, std::memory_order_release);
    ::syscall(SYS_futex, &layout_->version, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
  }
  ::close(fd);
}

}  // namespace nav::nvmlsim
