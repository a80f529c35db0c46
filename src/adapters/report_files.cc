// SPDX-License-Identifier: Apache-2.0
#include "adapters/report_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/disk_failure.h"
#include "base/calendar.h"
#include "base/text.h"
#include "supervisor/files.h"

namespace nav {

namespace {

constexpr std::string_view half_written = ".unfinished-";
constexpr std::array all_formats{api::ReportFormat::Csv, api::ReportFormat::Html, api::ReportFormat::Json};

Unexpected report_failure(std::string_view what, std::string const& path) { return disk_failure(what, path, "reports", "the controller's disk"); }

/// What `name_of` makes, and nothing else: so no name leads out of the folder.
std::optional<api::ReportFile> report_file_named(std::string const& name) {
  // 2026-11-23T06-00-00Z.csv
  std::uint64_t part[6] = {};
  constexpr std::size_t begin[6] = {0, 5, 8, 11, 14, 17}, length[6] = {4, 2, 2, 2, 2, 2};
  if (name.size() < 22) return {};
  for (int i = 0; i < 6; ++i)
    if (!read_number(std::string_view(name).substr(begin[i], length[i]), part[i])) return {};
  if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31) return {};
  Date const date{static_cast<std::int64_t>(part[0]), static_cast<unsigned>(part[1]), static_cast<unsigned>(part[2])};
  auto const of = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  Time const until = Time{} + days(days_since_1970(date)) + hours(of(part[3])) + minutes(of(part[4])) + seconds(of(part[5]));
  for (auto const format : all_formats)
    if (ReportFiles::name_of(until, format) == name) return api::ReportFile{.name = name, .until = until, .format = format};
  return {};
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// The names in a folder; none if it is not there.
Result<std::vector<std::string>> names_in(std::string const& path) {
  std::unique_ptr<DIR, CloseFolder> const folder(::opendir(path.c_str()));
  if (!folder && errno == ENOENT) return std::vector<std::string>{};
  if (!folder) return report_failure("read", path);
  std::vector<std::string> names;
  while (dirent const* one = ::readdir(folder.get())) names.emplace_back(one->d_name);
  return names;
}

Result<void> write_whole(std::string const& path, std::string_view text) {
  supervisor::Fd const file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return report_failure("make", path);
  while (!text.empty()) {
    ssize_t const n = ::write(file.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return report_failure("write", path);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(file.get()) != 0) return report_failure("write", path);
  return {};
}

Result<void> sync_report_folder(std::string const& path) {
  supervisor::Fd const folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return report_failure("keep", path);
  return {};
}

Result<void> make_private_folder(std::string const& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return report_failure("make", path);
  return {};
}

}  // namespace

std::string ReportFiles::name_of(Time until, api::ReportFormat format) {
  std::string text = to_text(until).substr(0, 19);  // 2026-11-23T06:00:00.000000Z
  std::replace(text.begin(), text.end(), ':', '-');
  return fmt::format("{}Z.{}", text, enum_text(format));
}

Result<std::vector<api::ReportFile>> ReportFiles::list(std::string const& schedule) const {
  TRY(auto const names, names_in(path_of(schedule)));
  std::vector<api::ReportFile> files;
  for (auto const& name : names) {
    auto file = report_file_named(name);
    struct stat info {};
    if (!file || ::lstat((path_of(schedule) + "/" + name).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    file->bytes = static_cast<std::uint64_t>(info.st_size);
    file->made = Time{} + seconds(info.st_mtim.tv_sec) + microseconds(info.st_mtim.tv_nsec / 1000);
    files.push_back(std::move(*file));
  }
  std::sort(files.begin(), files.end(), [](auto const& a, auto const& b) { return a.until != b.until ? a.until > b.until : a.format < b.format; });
  return files;
}

Result<std::string> ReportFiles::read(std::string const& schedule, std::string const& file) const {
  auto const missing = [&] {
    return Unexpected(Error{
        ErrorKind::NotFound, fmt::format("{} has no report \"{}\"", schedule, shortened(file, 70)), "nav report schedule show tells which there are", {}});
  };
  if (!report_file_named(file)) return missing();
  std::string const path = path_of(schedule) + "/" + file;
  supervisor::Fd const open(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!open && errno == ENOENT) return missing();
  struct stat info {};
  if (!open || ::fstat(open.get(), &info) != 0) return report_failure("read", path);
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  for (std::size_t done = 0; done < text.size();) {
    ssize_t const n = ::read(open.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return report_failure("read", path);
    done += static_cast<std::size_t>(n);
  }
  return text;
}

Result<void> ReportFiles::write(std::string const& schedule, Time until, api::ReportFormat format, std::string_view text) {
  TRY_VOID(make_private_folder(folder_));
  TRY_VOID(make_private_folder(path_of(schedule)));
  std::string const name = name_of(until, format), target = path_of(schedule) + "/" + name;
  std::string const fresh = fmt::format("{}/{}{}", path_of(schedule), half_written, name);
  if (auto written = write_whole(fresh, text); !written) {
    ::unlink(fresh.c_str());  // half a report must not take the room that the disk lacks
    return written;
  }
  if (::rename(fresh.c_str(), target.c_str()) != 0) {
    auto failed = report_failure("keep", target);
    ::unlink(fresh.c_str());
    return failed;
  }
  return sync_report_folder(path_of(schedule));
}

Result<void> ReportFiles::tidy(std::string const& schedule, std::size_t keep) {
  TRY(auto const names, names_in(path_of(schedule)));
  std::set<Time, std::greater<>> moments;
  for (auto const& name : names)
    if (auto const file = report_file_named(name)) moments.insert(file->until);
  if (moments.size() > keep) moments.erase(std::next(moments.begin(), static_cast<std::ptrdiff_t>(keep)), moments.end());
  for (auto const& name : names) {
    auto const file = report_file_named(name);
    bool const is_old = file && !moments.contains(file->until);
    std::string const path = path_of(schedule) + "/" + name;
    if ((is_old || name.starts_with(half_written)) && ::unlink(path.c_str()) != 0 && errno != ENOENT) return report_failure("delete", path);
  }
  return {};
}

}  // namespace nav
