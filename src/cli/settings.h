// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "cli/local_commands.h"

namespace nav::cli {

/// The server to speak with, and as whom. What `nav login` keeps, in a file nobody else may read.
struct Settings {
  std::string url;  ///< "https://gpu.example.org:8440"
  std::string token;
  std::string ca_sha256;  ///< fingerprint of the installation's own CA; empty: the system's CAs are trusted
};
BOOST_DESCRIBE_STRUCT(Settings, (), (url, token, ca_sha256))

/// Looked for in this order: NAV_URL (with NAV_TOKEN, or the token in the file NAV_TOKEN_FILE), what `nav login` kept, the installation
/// on this machine. Unavailable when there is none, Forbidden when there is one that this user may not speak for.
Result<Settings> find_settings(Variables const& variables);

/// Where `nav login` keeps them: $XDG_CONFIG_HOME/opennav/login.json, or the same under ~/.config.
Result<std::string> login_file(Variables const& variables);
Result<void> keep_login(std::string const& file, Settings const& settings);

/// The folder of the installation on this machine: NAV_DATA, else /var/lib/opennav for root, else $XDG_DATA_HOME/opennav or the same
/// under ~/.local/share.
std::string data_folder(Variables const& variables);

}  // namespace nav::cli
