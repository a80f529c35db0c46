// SPDX-License-Identifier: Apache-2.0
#include "adapters/run_folders.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/files.h"

namespace nav {

namespace fs = std::filesystem;

namespace {

Unexpected failed(std::string_view what, int number) {
  ErrorKind const kind = number == ENOSPC || number == EDQUOT    ? ErrorKind::StorageFull
                         : number == ENOENT || number == ENOTDIR ? ErrorKind::NotFound
                         : number == EISDIR || number == EEXIST  ? ErrorKind::Conflict
                                                                 : ErrorKind::Internal;
  return fail(kind, "{}: {}", what, std::strerror(number));
}

Result<void> write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t const written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write an artifact", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file) != 0) return failed("write an artifact", errno);
  return {};
}

/// That a name is there is kept too.
void keep_names(std::string const& folder) {
  supervisor::Fd const open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (open) ::fsync(open.get());
}

}  // namespace

Result<std::string> RunFolders::place(std::string const& run, std::vector<std::string> const& path) const {
  TRY_VOID(experiments::check_path({run}));
  TRY_VOID(experiments::check_path(path));
  std::string found = folder_ + "/" + run;
  for (auto const& name : path) found += "/" + name;
  return found;
}

Result<void> RunFolders::write(std::string const& run, std::vector<std::string> const& path, std::string_view bytes) {
  if (path.empty()) return fail_field("path", "such as models/best.pt", "a file needs a name");
  TRY(std::string const target, place(run, path));
  std::string const parent = fs::path(target).parent_path();
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) return failed("make a folder for an artifact", error.value());
  std::string const fresh = fmt::format("{}/.unfinished-{}-{}", folder_, getpid(), unfinished_++);
  {
    supervisor::Fd const file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return failed("write an artifact", errno);
    if (auto done = write_all(file.get(), bytes); !done) {
      ::unlink(fresh.c_str());
      return done;
    }
  }
  if (::rename(fresh.c_str(), target.c_str()) != 0) {
    int const number = errno;
    ::unlink(fresh.c_str());
    return failed("keep an artifact", number);
  }
  keep_names(parent);
  return {};
}

Result<std::string> RunFolders::read(std::string const& run, std::vector<std::string> const& path) const {
  TRY(std::string const target, place(run, path));
  supervisor::Fd const file(::open(target.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat facts = {};
  if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return fail(ErrorKind::NotFound, "there is no such artifact");
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    ssize_t const got = ::read(file.get(), bytes.data() + at, bytes.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read an artifact", errno);
    if (got == 0) break;
    at += static_cast<std::size_t>(got);
  }
  bytes.resize(at);
  return bytes;
}

Result<std::vector<experiments::RunFile>> RunFolders::list(std::string const& run, std::vector<std::string> const& path) const {
  TRY(std::string const target, place(run, path));
  std::vector<experiments::RunFile> found;
  std::error_code error;
  for (fs::directory_iterator it(target, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    bool const is_folder = it->is_directory(ignored);
    found.push_back({it->path().filename(), is_folder, is_folder ? 0 : it->file_size(ignored)});
  }
  std::sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
  return found;
}

}  // namespace nav
