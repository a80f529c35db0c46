// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "client/address.h"

namespace nav::cli {

namespace {

constexpr char system_data_folder[] = "/var/lib/opennav";

Error system_error(ErrorKind kind, std::string const& what, int number) { return Error{kind, fmt::format("{}: {}", what, std::strerror(number)), {}, {}}; }

/// A small file without the line break at its end. NotFound, Forbidden, Internal.
Result<std::string> read_small_file(std::string const& path) {
  int const file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    ErrorKind const kind = errno == ENOENT || errno == ENOTDIR ? ErrorKind::NotFound : errno == EACCES ? ErrorKind::Forbidden : ErrorKind::Internal;
    return Unexpected(system_error(kind, path, errno));
  }
  std::string text(64 * 1024, '\0');
  ssize_t const size = read(file, text.data(), text.size());
  int const number = errno;
  close(file);
  if (size < 0) return Unexpected(system_error(ErrorKind::Internal, path, number));
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string home_path(Variables const& variables, char const* xdg, std::string const& under_home) {
  if (auto const folder = variables(xdg); folder && folder->starts_with('/')) return *folder;
  if (auto const home = variables("HOME"); home && !home->empty()) return *home + under_home;
  return {};
}

/// "https://host:8440#sha256:..." may carry the fingerprint along.
Result<Settings> settings_at(std::string const& url) {
  TRY(auto const address, client::parse_address(url));
  return Settings{address.url, {}, address.ca_sha256};
}

Result<Settings> from_variables(Variables const& variables, std::string const& url) {
  auto settings = settings_at(url);
  if (!settings) return within("NAV_URL", std::move(settings).error());
  if (auto const token = variables("NAV_TOKEN"); token && !token->empty()) {
    settings->token = *token;
  } else if (auto const file = variables("NAV_TOKEN_FILE"); file && !file->empty()) {
    auto text = read_small_file(*file);
    if (!text) return within("NAV_TOKEN_FILE", std::move(text).error());
    settings->token = *text;
  } else if (auto const kept = login_file(variables)) {
    // The same server as the one logged in to, said twice.
    if (auto const body = read_small_file(*kept))
      if (auto const login = json_read<Settings>(*body, Unknown::Ignore); login && login->url == settings->url) return *login;
  }
  return settings;
}

Result<Settings> from_folder(std::string const& folder) {
  TRY(auto const url, read_small_file(folder + "/run/url"));
  TRY(auto settings, settings_at(url));
  TRY(settings.token, read_small_file(folder + "/admin-token"));
  return settings;
}

/// The installation of this machine: a user's own before the system's, unless NAV_DATA names one.
std::vector<std::string> folders_to_look_in(Variables const& variables) {
  std::vector<std::string> folders{data_folder(variables)};
  if (variables("NAV_DATA").value_or("").empty() && folders[0] != system_data_folder) folders.push_back(system_data_folder);
  return folders;
}

}  // namespace

std::string data_folder(Variables const& variables) {
  if (auto const data = variables("NAV_DATA"); data && !data->empty()) return std::filesystem::absolute(*data).lexically_normal();
  if (geteuid() == 0) return system_data_folder;
  std::string const base = home_path(variables, "XDG_DATA_HOME", "/.local/share");
  return base.empty() ? system_data_folder : base + "/opennav";
}

Result<std::string> login_file(Variables const& variables) {
  std::string const base = home_path(variables, "XDG_CONFIG_HOME", "/.config");
  if (base.empty()) return fail(ErrorKind::NotFound, "there is no place for settings: neither HOME nor XDG_CONFIG_HOME is set");
  return base + "/opennav/login.json";
}

Result<void> keep_login(std::string const& file, Settings const& settings) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  if (error) return fail(ErrorKind::Internal, "{}: {}", std::filesystem::path(file).parent_path().string(), error.message());
  std::string const fresh = fmt::format("{}.{}", file, getpid());
  int const out = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) return Unexpected(system_error(ErrorKind::Internal, fresh, errno));
  std::string const body = json_write(settings) + "\n";
  bool const written = write(out, body.data(), body.size()) == static_cast<ssize_t>(body.size());
  int const number = errno;
  close(out);
  if (!written || rename(fresh.c_str(), file.c_str()) != 0) {
    int const why = written ? errno : number;
    unlink(fresh.c_str());
    return Unexpected(system_error(ErrorKind::Internal, file, why));
  }
  return {};
}

Result<Settings> find_settings(Variables const& variables) {
  if (auto const url = variables("NAV_URL"); url && !url->empty()) return from_variables(variables, *url);
  // Who names a data folder means the installation in it.
  bool const names_folder = !variables("NAV_DATA").value_or("").empty();
  if (auto const file = login_file(variables); file && !names_folder) {
    auto const body = read_small_file(*file);
    if (body) {
      auto login = json_read<Settings>(*body, Unknown::Ignore);
      if (!login) return fail(ErrorKind::Internal, "{} cannot be read: {}", *file, login.error().message);
      return login;
    }
    if (body.error().kind != ErrorKind::NotFound) return Unexpected(body.error());
  }
  auto const folders = folders_to_look_in(variables);
  for (auto const& folder : folders) {
    auto settings = from_folder(folder);
    if (settings) return settings;
    Error error = settings.error();
    if (error.kind == ErrorKind::NotFound) continue;
    if (error.kind == ErrorKind::Forbidden) error.hint = "it belongs to somebody else: use sudo, or nav login with a token of your own";
    return Unexpected(std::move(error));
  }
  return Unexpected(Error{ErrorKind::Unavailable,
                          fmt::format("no server is running in {}, and none is named", folders[0]),
                          "start one with nav up, or say where one is: nav login URL, or NAV_URL and NAV_TOKEN",
                          {}});
}

}  // namespace nav::cli
