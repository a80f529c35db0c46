// SPDX-License-Identifier: Apache-2.0
#include "client/file_transfer.h"

#include <cerrno>
#include <cstring>
#include <openssl/evp.h>
#include <unistd.h>

#include "api/flows.h"
#include "base/id.h"

namespace nav::client {

namespace {

constexpr std::size_t piece = 4u << 20;
/// A server that has less than it said, again and again, is not spoken with for ever.
constexpr int most_resumptions = 20;

/// At most a piece at the offset; less only at the end.
Result<std::string> read_at(int fd, std::uint64_t offset) {
  std::string bytes(piece, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    ssize_t const n = ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorKind::Internal, "read a file: {}", std::strerror(errno));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

std::uint64_t number_in(Answer const& answer, std::string const& header) {
  auto const it = answer.headers.find(header);
  std::uint64_t number = 0;
  if (it != answer.headers.end()) read_number(it->second, number);
  return number;
}

}  // namespace

Result<std::string> sha256_of(int fd) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  Result<void> hashed;
  for (std::uint64_t at = 0; hashed;) {
    auto const bytes = read_at(fd, at);
    if (!bytes) hashed = Unexpected(bytes.error());
    else if (bytes->empty()) break;
    else EVP_DigestUpdate(context, bytes->data(), bytes->size()), at += bytes->size();
  }
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context, hash, &length);
  EVP_MD_CTX_free(context);
  if (!hashed) return Unexpected(hashed.error());
  std::string text = "sha256:";
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", hash[i]);
  return text;
}

Result<bool> send_file(HttpClient& http, int fd, std::uint64_t size, std::string const& path) {
  char const joint = path.find('?') == path.npos ? '?' : '&';
  std::uint64_t at = 0;
  std::string bytes;  // the first piece is empty: it asks what is there
  bool is_sent = false;
  for (int resumptions = 0;;) {
    auto const answer = http.call({.method = "PUT",
                                   .path = fmt::format("{}{}offset={}&size={}", path, joint, at, size),
                                   .body = bytes,
                                   .headers = {{"Content-Type", "application/octet-stream"}}});
    std::uint64_t const expected = at + bytes.size();
    // It has less than it said before it was restarted, or a former sending got further.
    bool const is_elsewhere = !answer && answer.error().kind == ErrorKind::Conflict && answer.error().field == "offset";
    if (is_elsewhere && !read_number(answer.error().hint, at)) return Unexpected(answer.error());
    if (!answer && !is_elsewhere) return Unexpected(answer.error());
    if (answer) {
      TRY(auto const there, json_read<api::StoredArtifact>(answer->body, Unknown::Ignore));
      if (there.complete) return is_sent;
      at = there.stored;
    }
    if (at < expected && ++resumptions > most_resumptions) return fail(ErrorKind::Unavailable, "the server keeps {} of {} bytes, again and again", at, size);
    TRY(bytes, read_at(fd, at));
    if (bytes.empty()) return fail(ErrorKind::Conflict, "the file became shorter while it was sent");
    is_sent = true;
  }
}

Result<void> fetch_file(HttpClient& http, int fd, std::string const& path) {
  char const joint = path.find('?') == path.npos ? '?' : '&';
  for (std::uint64_t at = 0;;) {
    TRY(auto const answer, http.call({.path = fmt::format("{}{}offset={}", path, joint, at)}));
    std::string_view rest = answer.body;
    std::uint64_t const size = number_in(answer, "nav-artifact-size");
    while (!rest.empty()) {
      ssize_t const n = ::pwrite(fd, rest.data(), rest.size(), static_cast<off_t>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(errno == ENOSPC ? ErrorKind::StorageFull : ErrorKind::Internal, "write a file: {}", std::strerror(errno));
      at += static_cast<std::uint64_t>(n);
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    if (at >= size) return {};
    if (answer.body.empty()) return fail(ErrorKind::Unavailable, "the file broke off at {} of {} bytes", at, size);
  }
}

}  // namespace nav::client
