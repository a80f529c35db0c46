// SPDX-License-Identifier: Apache-2.0
#include "cli/artifact.h"

#include <cstdio>
#include <fcntl.h>

#include "cli/context.h"
#include "client/file_transfer.h"

namespace nav::cli {

Result<void> fetch_artifact(Context& nav, std::string const& digest, std::string const& project, std::string const& to) {
  std::string const part = to + ".part";
  OpenFile const open{::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (open.fd < 0) return fail(ErrorKind::InvalidArgument, "{} cannot be written", part);
  TRY(auto http, nav.server->new_client());
  auto const path = api::path_of(api::Operation::GetArtifact, {digest}, project.empty() ? "" : "project=" + api::percent_encoded(project));
  auto const fetched = client::fetch_file(*http, open.fd, path);
  if (!fetched) return ::unlink(part.c_str()), Unexpected(nav.server->with_advice(fetched.error()));
  TRY(auto const found, client::sha256_of(open.fd));
  if (found != digest) return fail(ErrorKind::Internal, "what came is {}, not {}: {} is kept for a look", found, digest, part);
  if (::rename(part.c_str(), to.c_str()) != 0) return fail(ErrorKind::InvalidArgument, "{} cannot be written", to);
  return {};
}

Result<StoredFile> store_file(Context& nav, client::HttpClient& http, OpenFile const& file, std::uint64_t size, std::string const& project) {
  TRY(auto digest, client::sha256_of(file.fd));
  auto const path = api::path_of(api::Operation::PutArtifact, {digest}, project.empty() ? "" : "project=" + api::percent_encoded(project));
  auto const sent = client::send_file(http, file.fd, size, path);
  if (!sent) return Unexpected(nav.server->with_advice(sent.error()));
  return StoredFile{std::move(digest), *sent};
}

}  // namespace nav::cli
