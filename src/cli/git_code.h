// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

/// Code that lies in a git repository somewhere: which, and how it comes here. Git does the work, with the rights and keys of whoever asks.
namespace nav::cli {

/// A folder that is gone at the end.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
  ~TemporaryFolder();

  std::string const& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// "https://host/team/project.git#v1.2:training", as docker build writes it.
struct GitSource {
  std::string url;
  std::string revision;  ///< a branch, a tag or a commit; empty: what the repository's HEAD is
  std::string folder;    ///< below the repository's top; empty: all of it

  /// Without a password that stands in it.
  std::string shown_url() const;
  bool operator==(GitSource const&) const = default;
};

/// Nothing for what names a folder of this machine.
std::optional<GitSource> git_source(std::string_view text);

struct GitCheckout {
  TemporaryFolder repository;
  std::string folder;  ///< with the files
  std::string commit;  ///< 40 hexadecimal digits
};

/// The files as they are in that revision. Errors name the field --code; git has said why on the standard error before.
Result<GitCheckout> check_out(GitSource const& source);

/// The commit a folder of this machine is at, with "-dirty" behind it if something there is not committed. Empty: it is in no repository.
std::string commit_of(std::string const& folder);

}  // namespace nav::cli
