// SPDX-License-Identifier: Apache-2.0
#include "main/data_folder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace nav {

namespace fs = std::filesystem;

Result<DataFolder> open_data_folder(std::string const& path) {
  DataFolder const folder{fs::absolute(path).lexically_normal()};
  // Jobs of other users reach their own folder through it and nothing else, so it may be passed through but not read.
  for (auto const& one : {folder.path, folder.path + "/run", folder.path + "/nodes", folder.path + "/logs", folder.runs()}) {
    std::error_code error;
    fs::create_directories(one, error);
    if (!error && access(one.c_str(), W_OK) != 0) error = {errno, std::generic_category()};
    if (error)
      return Unexpected(Error{ErrorKind::Forbidden, fmt::format("the data folder {} cannot be used: {}", one, error.message()),
                              "choose another with --data, or see to its owner and free space", "data"});
    bool const passed_through = one != folder.path + "/run" && one != folder.path + "/logs" && one != folder.runs();
    fs::permissions(one, passed_through ? fs::perms(0711) : fs::perms(0700), error);
  }
  return folder;
}

Result<std::string> read_file(std::string const& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(errno == EACCES ? ErrorKind::Forbidden : ErrorKind::NotFound, "{}: {}", path, std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

Result<void> write_private_file(std::string const& path, std::string_view content) {
  std::string const fresh = fmt::format("{}.{}", path, getpid());
  auto const broken = [&](char const* what) {
    int const number = errno;
    unlink(fresh.c_str());
    return fail(number == ENOSPC ? ErrorKind::StorageFull : ErrorKind::Internal, "{} {}: {}", what, path, std::strerror(number));
  };
  int const file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return broken("cannot make");
  bool const written = write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) && fsync(file) == 0;
  close(file);
  if (!written) return broken("cannot write");
  if (rename(fresh.c_str(), path.c_str()) != 0) return broken("cannot replace");
  return {};
}

}  // namespace nav
