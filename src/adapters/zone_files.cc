// SPDX-License-Identifier: Apache-2.0
#include "adapters/zone_files.h"

#include <algorithm>
#include <filesystem>
#include <fmt/ranges.h>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace nav {

namespace {

/// "Europe/Berlin": letters first, and nothing that leads out of the folder. What the database keeps beside its zones begins with a small letter.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 100) return false;
  for (auto const part : split(name, '/')) {
    if (part.empty() || part[0] < 'A' || part[0] > 'Z') return false;
    for (char const c : part) {
      bool const is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z', is_digit = c >= '0' && c <= '9';
      if (!is_letter && !is_digit && c != '_' && c != '-' && c != '+') return false;
    }
  }
  return true;
}

std::vector<std::string> zone_names(std::string const& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, error); !error && it != std::filesystem::recursive_directory_iterator();
       it.increment(error)) {
    std::string name = it->path().lexically_relative(folder).string();
    if (it->is_regular_file(error) && is_zone_name(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<std::shared_ptr<TimeZone const>> ZoneFiles::find(std::string const& name) const {
  if (name == "UTC") return TimeZones::find(name);
  std::lock_guard lock(mutex_);
  if (auto const known = known_.find(name); known != known_.end()) return known->second;
  std::error_code error;
  std::filesystem::path const path = std::filesystem::path(folder_) / name;
  if (!is_zone_name(name) || !std::filesystem::is_regular_file(path, error)) {
    auto const names = zone_names(folder_);
    auto const near = nearest(name, names);
    return Unexpected(Error{ErrorKind::NotFound,
                            fmt::format("there is no time zone \"{}\" on the controller's machine", shortened(name, 70)),
                            names.empty()  ? "install the package tzdata there; without it only UTC is known"
                            : near.empty() ? "a name of the IANA database, as Europe/Berlin, America/New_York or UTC"
                                           : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                            {}});
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  auto zone = TimeZone::parse(bytes.str());
  if (!zone) return within(fmt::format("the time zone {}", name), zone.error());
  return known_[name] = std::make_shared<TimeZone const>(std::move(*zone));
}

}  // namespace nav
