// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

/// A bucket of S3, or of any store that speaks its protocol: libcurl signs (Signature Version 4).
namespace nav::client {

struct S3Options {
  std::string endpoint;  ///< "https://minio.example.org:9000", with the bucket in the path; empty: Amazon's of the region, with the bucket in the host
  std::string region = "us-east-1";
  std::string bucket;
  std::string prefix;  ///< of every key; empty, or ending in a slash
  std::string access_key;
  std::string secret_key;
  std::string session_token = {};  ///< of temporary credentials; may be empty
};

/// "s3://bucket/prefix", and the rest from the variables that Amazon's own tools read: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
/// AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL. InvalidArgument names what is wrong or missing.
Result<S3Options> s3_options(std::string const& address, std::function<std::string(char const*)> const& variable);

struct S3Object {
  std::string key;  ///< without the prefix
  std::uint64_t size = 0;
  Time modified;
};

/// Safe to use from several threads: each call takes a connection of its own, which the next one uses again.
/// Errors: Unavailable where the store does not answer or is busy; Internal where it refuses, in its words; NotFound where there is no such object.
class S3Bucket {
 public:
  explicit S3Bucket(S3Options options);
  ~S3Bucket();
  S3Bucket(S3Bucket const&) = delete;

  /// Of an open file, whole, with the sha256 it is known to have (64 digits); the store holds it against that.
  Result<void> put(std::string const& key, int fd, std::uint64_t size, std::string const& sha256) const;
  struct Part {
    std::string bytes;
    std::uint64_t size = 0;  ///< of the whole
  };
  /// `limit` zero: only how large it is.
  Result<Part> get(std::string const& key, std::uint64_t offset, std::size_t limit) const;
  /// Ascending by key, after this one; fewer than `limit` means there are no more.
  Result<std::vector<S3Object>> list(std::string const& under, std::string const& after, std::size_t limit) const;
  /// One that is gone already is success.
  Result<void> remove(std::string const& key) const;

  /// "s3://bucket/prefix"
  std::string address() const;

 private:
  struct Exchange;
  void run(Exchange& exchange) const;
  std::string url_of(std::string const& key) const;

  S3Options options_;
  mutable std::mutex mutex_;
  mutable std::vector<void*> idle_;  ///< curl's handles, with their connections
};

/// What of a listing is ours: <Contents> with <Key>, <Size> and <LastModified>. Unavailable if it is none.
Result<std::vector<S3Object>> read_s3_listing(std::string_view xml, std::string_view prefix);

}  // namespace nav::client
