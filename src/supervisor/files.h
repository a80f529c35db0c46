// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "supervisor/lines.h"

namespace nav::supervisor {

/// An open file, closed with its owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// "open /a/b: No such file or directory (2)", from errno.
std::string errno_text(std::string_view what);

/// Files larger than this are not ours: command, environment and token of the largest job the kernel can start fit well.
inline constexpr std::size_t largest_file = 8u << 20;

Checked<std::string> read_whole(std::string const& path);
/// Writes small kernel files (cgroups, uid maps), which take their text in one write or refuse it.
Checked<void> write_kernel(std::string const& path, std::string_view text);

/// Whether a new text must survive a loss of power. What only describes a running process need not: it is gone then as well.
enum class Durability { Process, Power };

/// Replaces a file as a whole: readers see the old text or the new one.
Checked<void> replace_file(std::string const& folder, std::string const& name, std::string_view text, unsigned mode, Durability durability);

/// A file whose room on the disk is taken beforehand, so that its last text can be written even when the disk is full by then.
class ReservedFile {
 public:
  static Checked<ReservedFile> take(std::string const& folder, std::string const& name, std::size_t room);
  /// Becomes `name`, durably. May be tried again after a failure.
  Checked<void> replace(std::string_view text);

 private:
  std::string folder_, name_;
  Fd fd_;
};

Checked<void> make_folder(std::string const& path, unsigned mode);

}  // namespace nav::supervisor
