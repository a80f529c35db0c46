// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace nav {

/// Where an installation keeps everything, and what lies where in it. All of it is 0700 and 0600.
struct DataFolder {
  std::string path;

  std::string admin_token() const { return path + "/admin-token"; }
  std::string secret() const { return path + "/secret"; }  ///< what tokens of attempts and nodes are derived from
  std::string ca_certificate() const { return path + "/ca.pem"; }
  std::string ca_key() const { return path + "/ca-key.pem"; }
  std::string logs() const { return path + "/logs"; }
  std::string artifacts() const { return path + "/artifacts"; }
  std::string webhooks() const { return path + "/webhooks"; }                          ///< how far each has been told
  std::string reports() const { return path + "/reports"; }                            ///< those made by a schedule
  std::string runs() const { return path + "/runs"; }                                  ///< files of runs
  std::string node(std::string const& name) const { return path + "/nodes/" + name; }  ///< of an agent that `nav up` runs
  std::string url() const { return path + "/run/url"; }
  std::string agents_url() const { return path + "/run/agents-url"; }    ///< with the CA's fingerprint, to join by
  std::string metrics_url() const { return path + "/run/metrics-url"; }  ///< of an agent that is scraped
  std::string door_url() const { return path + "/run/door-url"; }        ///< where ports of jobs are reached
  std::string pid() const { return path + "/run/pid"; }
  std::string server_log() const { return path + "/run/log"; }
  std::string farewell() const { return path + "/run/farewell"; }  ///< what the last server said when it stopped
  std::string join_token() const { return path + "/run/join-token"; }
};

/// Makes the folder, and those inside it that every installation has. Errors name the folder and what to do.
Result<DataFolder> open_data_folder(std::string const& path);

/// The whole file; NotFound if there is none.
Result<std::string> read_file(std::string const& path);
/// Replaces the file as a whole, mode 0600, on disk when it returns.
Result<void> write_private_file(std::string const& path, std::string_view content);

}  // namespace nav
