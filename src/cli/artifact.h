// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unistd.h>

#include "base/result.h"
#include "client/http_client.h"

/// Files of this machine that become artifacts of a project.
namespace nav::cli {

struct Context;

/// Closed at the end; below zero: it could not be opened.
struct OpenFile {
  int fd = -1;
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
};

struct StoredFile {
  std::string digest;
  bool was_sent = false;  ///< else it was there already
};

/// Fetches an artifact into this file, which is there only once all of it has come and is what its digest says.
Result<void> fetch_artifact(Context& nav, std::string const& digest, std::string const& project, std::string const& to);

/// Brings an open file of this size to the project; empty: the caller's own.
Result<StoredFile> store_file(Context& nav, client::HttpClient& http, OpenFile const& file, std::uint64_t size, std::string const& project);

}  // namespace nav::cli
