// SPDX-License-Identifier: Apache-2.0
#include "cli/artifact.h"

#include "cli/context.h"
#include "client/file_transfer.h"

namespace nav::cli {

Result<StoredFile> store_file(Context& nav, client::HttpClient& http, OpenFile const& file, std::uint64_t size, std::string const& project) {
  TRY(auto digest, client::sha256_of(file.fd));
  auto const path = api::path_of(api::Operation::PutArtifact, {digest}, project.empty() ? "" : "project=" + api::percent_encoded(project));
  auto const sent = client::send_file(http, file.fd, size, path);
  if (!sent) return Unexpected(nav.server->with_advice(sent.error()));
  return StoredFile{std::move(digest), *sent};
}

}  // namespace nav::cli
