// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "client/http_client.h"

/// Files to and from the controller's store of artifacts, piece by piece: what broke off goes on where it was.
namespace nav::client {

/// Of an open file, from its beginning: "sha256:..." Internal if it cannot be read.
Result<std::string> sha256_of(int fd);

/// Brings all of the file to `path` ("/v1/artifacts/sha256:...?project=vision"), to whose query offset and size are added. False: it was there already.
Result<bool> send_file(HttpClient& http, int fd, std::uint64_t size, std::string const& path);

/// Fetches from `path` into the open, empty file.
Result<void> fetch_file(HttpClient& http, int fd, std::string const& path);

}  // namespace nav::client
