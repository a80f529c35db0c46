// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/cloud.h"
#include "main/data_folder.h"

namespace nav {

struct InstallationOptions {
  std::string data;
  std::string listen;                                                     ///< HOST:PORT of the API; port 0: any
  std::string agents_listen;                                              ///< HOST:PORT with mutual TLS for agents; port 0: any
  std::vector<std::string> tls_names;                                     ///< names and addresses for certificates, beside this machine's own
  std::string artifacts = {};                                             ///< "s3://bucket/prefix"; empty: in the data folder
  Duration keep_artifacts = days(30);                                     ///< that nobody needs; zero: for ever
  std::string door_listen = {};                                           ///< HOST:PORT of the door; empty: loopback, the first free port after the API's
  std::string door_name = {};                                             ///< in links; empty: "*.localhost" on loopback, else this machine's name
  std::function<void(std::vector<CloudSpec> const&)> clouds_wanted = {};  ///< told of what should be at the clouds; on the writer's thread, so short
};

/// A running controller: journal, views, logs, the API's server and the agents' server. Ends when it is destroyed; jobs run on.
class Installation {
 public:
  static Result<std::unique_ptr<Installation>> start(InstallationOptions const& options);
  ~Installation();

  DataFolder const& folder() const;
  std::string url() const;         ///< as programs on this machine dial it: "http://127.0.0.1:8440", with TLS "https://127.0.0.1:8440#sha256:..."
  std::string agents_url() const;  ///< the same for agents on this machine: "https://127.0.0.1:8443#sha256:..."
  std::string join_url() const;    ///< for agents of other machines: "https://gpu.example.org:8443#sha256:..."
  std::string door_url() const;    ///< where ports of jobs are reached: "http://localhost:8441"
  bool is_first_start() const;     ///< the admin's token was made just now
  /// A token with which any number of nodes may join for `hours`.
  Result<std::string> make_join_token(int hours);
  /// Whether it serves pages for browsers: they lie beside the program once they have been built.
  bool has_web() const;
  /// An address that signs a browser in as the admin, for a quarter of an hour.
  Result<std::string> make_sign_in_link();
  /// A cloud as it is from now on; and what its provider's adapter saw.
  Result<void> set_cloud(Cloud cloud);
  void report_cloud(CloudStatus status);
  /// Jobs that have a place and are not over, by the name of their node.
  std::map<std::string, std::size_t> running_jobs() const;
  /// Asks for the end of every job that is not over.
  void cancel_all_jobs();
  /// Nodes that are ready, and all that were ever joined and are not lost.
  std::pair<std::size_t, std::size_t> nodes() const;
  /// Why it cannot go on by itself; empty while all is well.
  std::string fault() const;

 private:
  struct Body;
  explicit Installation(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace nav
