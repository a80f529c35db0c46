// SPDX-License-Identifier: Apache-2.0
#include "cli/run_program.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/artifact.h"

extern char** environ;

namespace nav::cli {

namespace {

/// A file without a name that holds this, to be read from its beginning: unlike a pipe nobody has to stand by and fill it.
int file_with(std::string_view text) {
  int const file = ::memfd_create("input", MFD_CLOEXEC);
  while (file >= 0 && !text.empty()) {
    ssize_t const written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) return ::close(file), -1;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file >= 0) ::lseek(file, 0, SEEK_SET);
  return file;
}

}  // namespace

Result<std::string> output_of(std::vector<std::string> words, std::string_view input) {
  OpenFile const writing{file_with(input)};
  if (writing.fd < 0) return fail(ErrorKind::Internal, "hand something to {}: {}", words[0], std::strerror(errno));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::Internal, "pipe: {}", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writing.fd, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  int const error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  OpenFile const reading{ends[0]};
  if (error != 0) return fail(error == ENOENT ? ErrorKind::NotFound : ErrorKind::Internal, "{}: {}", words[0], std::strerror(error));
  std::string said;
  char bytes[65536];
  for (ssize_t n = 0; (n = ::read(reading.fd, bytes, sizeof bytes)) != 0;) {
    if (n < 0 && errno != EINTR) break;
    if (n > 0) said.append(bytes, static_cast<std::size_t>(n));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return fail(ErrorKind::Internal, "{} {} failed", words[0], words[1]);
  return said;
}

}  // namespace nav::cli
