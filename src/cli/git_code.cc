// SPDX-License-Identifier: Apache-2.0
#include "cli/git_code.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <stdlib.h>

#include "base/text.h"
#include "cli/run_program.h"

namespace nav::cli {

namespace {

namespace fs = std::filesystem;

Unexpected refuse_source(std::string message, std::string remedy) {
  return Unexpected(Error{ErrorKind::InvalidArgument, std::move(message), std::move(remedy), "--code"});
}

std::string first_line(std::string const& text) { return text.substr(0, text.find('\n')); }

/// "git@host:team/project.git"
bool is_scp_like(std::string_view text) {
  auto const at = text.find('@'), colon = text.find(':'), slash = text.find('/');
  return at != text.npos && colon != text.npos && at < colon && (slash == text.npos || colon < slash);
}

bool is_abbreviated_commit(std::string const& revision) {
  return revision.size() >= 4 && revision.size() < 40 && revision.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::make() {
  std::string path = (fs::temp_directory_path() / "nav-code-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) return fail(ErrorKind::Internal, "make a folder in {}: {}", fs::temp_directory_path().string(), std::strerror(errno));
  return TemporaryFolder(std::move(path));
}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

std::string GitSource::shown_url() const {
  auto const scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  auto const at = url.substr(0, url.find('/', scheme + 3)).rfind('@');
  return at == std::string::npos ? url : url.substr(0, scheme + 3) + url.substr(at + 1);
}

std::optional<GitSource> git_source(std::string_view text) {
  if (text.find("://") == text.npos && !is_scp_like(text)) return std::nullopt;
  GitSource source;
  auto const hash = text.find('#');
  source.url = text.substr(0, hash);
  if (hash == text.npos) return source;
  std::string_view const rest = text.substr(hash + 1);
  auto const colon = rest.find(':');
  source.revision = rest.substr(0, colon);
  if (colon != rest.npos) source.folder = rest.substr(colon + 1);
  return source;
}

Result<GitCheckout> check_out(GitSource const& source) {
  if (source.url.starts_with('-') || source.revision.starts_with('-')) return refuse_source("a repository's address begins with no -", "as in --help");
  fs::path const below = fs::path(source.folder).lexically_normal();
  if (below.is_absolute() || source.folder.starts_with("..") || (!below.empty() && *below.begin() == ".."))
    return refuse_source(fmt::format("{} is no folder below the repository's top", source.folder), "a path without ..");
  TRY(auto repository, TemporaryFolder::make());
  std::string const top = repository.path();
  auto const git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-C", top});
    return output_of(std::move(words));
  };
  auto const made = output_of({"git", "init", "-q", top});
  if (!made && made.error().kind == ErrorKind::NotFound) return refuse_source("git is needed to fetch a repository", "install git");
  TRY_VOID(made);
  std::string const revision = source.revision.empty() ? "HEAD" : source.revision;
  // An abbreviated commit cannot be asked for: all is fetched then, and git finds it there.
  bool const is_all_wanted = is_abbreviated_commit(revision);
  auto const fetched = is_all_wanted ? git({"fetch", "-q", "--tags", "--", source.url, "+refs/heads/*:refs/remotes/origin/*"})
                                     : git({"fetch", "-q", "--depth=1", "--", source.url, revision});
  if (!fetched)
    return refuse_source(fmt::format("{} of {} cannot be fetched", shortened(revision, 100), shortened(source.shown_url(), 200)),
                         "URL#REVISION, with a branch, a tag or a commit that is there; git above says why");
  if (!git({"checkout", "-q", "--detach", is_all_wanted ? revision : "FETCH_HEAD"}))
    return refuse_source(fmt::format("{} has no {}", shortened(source.shown_url(), 200), shortened(revision, 100)),
                         "a branch, a tag or a commit that is there");
  TRY(auto const commit, git({"rev-parse", "HEAD"}));
  std::error_code error;
  std::string const folder = source.folder.empty() ? top : (fs::path(top) / below).string();
  if (!fs::is_directory(folder, error)) return refuse_source(fmt::format("there is no folder {} in the repository", source.folder), "URL#REVISION:FOLDER");
  return GitCheckout{std::move(repository), folder, first_line(commit)};
}

std::string commit_of(std::string const& folder) {
  std::error_code error;
  fs::path place = fs::absolute(folder, error).lexically_normal();
  while (!fs::exists(place / ".git", error)) {
    if (place == place.parent_path()) return {};
    place = place.parent_path();
  }
  auto const commit = output_of({"git", "-C", folder, "rev-parse", "--verify", "-q", "HEAD"});
  if (!commit) return {};
  auto const changed = output_of({"git", "-C", folder, "status", "--porcelain", "--", "."});
  return first_line(*commit) + (changed && changed->empty() ? "" : "-dirty");
}

}  // namespace nav::cli
