// SPDX-License-Identifier: Apache-2.0
#include "cli/code_folder.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/artifact.h"
#include "cli/context.h"
#include "cli/git_code.h"
#include "cli/run_program.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_bytes = 256u << 20;
constexpr char const* never_sent[] = {".git", "__pycache__", ".ipynb_checkpoints", ".venv"};
constexpr char trim_hint[] = "name in .navignore what the job does not need; what many jobs read is better kept on the nodes";

Unexpected refuse_code(std::string message, std::string remedy = trim_hint) {
  return Unexpected(Error{ErrorKind::InvalidArgument, std::move(message), std::move(remedy), "--code"});
}

/// Git lists what an empty repository of ours would take of the folder, so it need not be in one.
Result<std::vector<std::string>> listed_by_git(std::string const& folder) {
  TRY(auto const repository, TemporaryFolder::make());
  TRY_VOID(output_of({"git", "init", "-q", "--bare", repository.path()}));
  std::vector<std::string> words{"git",      "-C",       folder, "--git-dir=" + repository.path(),    "--work-tree=.",
                                 "ls-files", "--others", "-z",   "--exclude-per-directory=.gitignore"};
  for (auto const name : never_sent) words.push_back(fmt::format("--exclude={}", name));
  if (fs::exists(folder + "/.navignore")) words.push_back("--exclude-from=.navignore");
  TRY(auto const said, output_of(std::move(words)));
  std::vector<std::string> paths;
  for (auto const path : split(said, '\0'))
    if (!path.empty()) paths.emplace_back(path);
  return paths;
}

Result<std::vector<std::string>> listed_without_git(std::string const& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    auto const name = entry->path().filename().string();
    if (name == ".gitignore" || name == ".navignore") return refuse_code(fmt::format("git is needed to read {}", entry->path().string()), "install git");
    if (std::find(std::begin(never_sent), std::end(never_sent), name) != std::end(never_sent)) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_directory(error) || entry->is_symlink(error)) paths.push_back(entry->path().lexically_relative(folder).string());
  }
  if (error) return refuse_code(fmt::format("{} cannot be read: {}", folder, error.message()), "give a folder that can be read");
  return paths;
}

Result<void> check_size(std::vector<FileToSend> const& files) {
  std::uint64_t bytes = 0;
  for (auto const& file : files) bytes += file.size;
  if (bytes <= most_bytes && files.size() <= api::most_code_files) return {};
  auto const largest = std::max_element(files.begin(), files.end(), [](auto const& a, auto const& b) { return a.size < b.size; });
  return refuse_code(fmt::format("{} of {}, and at most {} of {} are sent along; the largest is {} of {}", counted(files.size(), "file"), size_text(bytes),
                                 api::most_code_files, size_text(most_bytes), largest->path, size_text(largest->size)));
}

}  // namespace

Result<std::vector<FileToSend>> files_to_send(std::string const& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return refuse_code(fmt::format("there is no folder {}", folder), "a folder, as in --code .");
  auto paths = listed_by_git(folder);
  if (!paths && paths.error().kind == ErrorKind::NotFound) paths = listed_without_git(folder);
  if (!paths) return Unexpected(paths.error());
  std::sort(paths->begin(), paths->end());
  std::vector<FileToSend> files;
  for (auto const& path : *paths) {
    struct stat info {};
    if (path.ends_with('/')) return refuse_code(fmt::format("{} is a repository of its own", path));
    if (::lstat((folder + "/" + path).c_str(), &info) != 0) return refuse_code(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
    if (!S_ISREG(info.st_mode)) return refuse_code(fmt::format("{} is {}, and only files are sent", path, S_ISLNK(info.st_mode) ? "a link" : "no file"));
    files.push_back({path, static_cast<std::uint64_t>(info.st_size), (info.st_mode & S_IXUSR) != 0});
  }
  if (files.empty()) return refuse_code(fmt::format("there is no file to send in {}", folder), "a folder with the job's code");
  TRY_VOID(check_size(files));
  return files;
}

namespace {

/// Brings those files the project has not got yet, and says how much that was.
Result<std::vector<api::CodeFile>> send_folder(Context& nav, std::string const& folder, std::string const& project) {
  TRY(auto const files, files_to_send(folder));
  TRY(auto http, nav.server->new_client());
  std::vector<api::CodeFile> code;
  std::uint64_t bytes = 0, bytes_sent = 0;
  for (auto const& file : files) {
    OpenFile const open{::open((folder + "/" + file.path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (open.fd < 0) return refuse_code(fmt::format("{} cannot be read: {}", file.path, std::strerror(errno)));
    TRY(auto stored, store_file(nav, *http, open, file.size, project));
    bytes += file.size;
    if (stored.was_sent) bytes_sent += file.size;
    code.push_back({file.path, std::move(stored.digest), file.executable});
  }
  nav.print_error(fmt::format("nav: {} of code, {}; {} sent, the rest was there\n", counted(files.size(), "file"), size_text(bytes), size_text(bytes_sent)));
  return code;
}

}  // namespace

Result<void> send_along(Context& nav, std::string const& code, api::SubmitJobs& job) {
  auto const source = git_source(code);
  if (!source) {
    TRY(job.code, send_folder(nav, code, job.project));
    if (std::string commit = commit_of(code); !commit.empty()) job.env.try_emplace("NAV_CODE_COMMIT", std::move(commit));
    return {};
  }
  TRY(auto const found, check_out(*source));
  nav.print_error(fmt::format("nav: commit {} of {}\n", found.commit.substr(0, 12), source->shown_url()));
  TRY(job.code, send_folder(nav, found.folder, job.project));
  job.env.try_emplace("NAV_CODE_COMMIT", found.commit);
  job.env.try_emplace("NAV_CODE_URL", source->shown_url());
  return {};
}

}  // namespace nav::cli
