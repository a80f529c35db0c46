// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/routes.h"
#include "controller/artifacts.h"
#include "controller/front.h"
#include "controller/reports.h"
#include "controller/telemetry.h"
#include "controller/time_zones.h"
#include "controller/views.h"
#include "controller/webhooks.h"
#include "experiments/run_files.h"
#include "experiments/store.h"
#include "http/caller.h"
#include "http/message.h"
#include "http/reply.h"
#include "http/web_assets.h"

namespace nav::http {

class Door;

/// What the API needs of whoever holds the installation's secrets.
struct Secrets {
  TokenReading tokens;                      ///< how tokens are read
  std::function<std::string()> make_token;  ///< a new secret for a person or a machine
  std::function<Digest(std::string_view bytes)> digest;
  std::function<Result<std::string>(std::string const& request_pem, NodeId node)> sign_node;  ///< empty: nodes get no certificates here
  std::string ca_pem;
  std::function<std::string(NodeId node)> node_token;  ///< for agents on loopback without TLS; empty: they need certificates
};

struct ApiOptions {
  std::string version = "0.1.0";
  std::function<Time()> clock;
  Secrets secrets;
  Telemetry* telemetry = nullptr;              ///< lent; none: nothing is measured here
  ArtifactStore* artifacts = nullptr;          ///< lent; none: there is no store here
  Duration keep_artifacts = days(30);          ///< so long those are kept that nobody needs; zero: for ever
  TimeZones const* time_zones = nullptr;       ///< lent, for schedules; none: UTC alone is known
  experiments::Store* experiments = nullptr;   ///< lent; none: this installation keeps no experiments
  experiments::RunFiles* run_files = nullptr;  ///< lent, beside them
  Webhooks* webhooks = nullptr;                ///< lent; none: nobody is told of the pool's health
  Reports* reports = nullptr;                  ///< lent; none: no reports are made by a schedule here
  Door* door = nullptr;                        ///< lent; none: ports of jobs are not reached here
  std::function<std::string()> join_address;   ///< where agents dial in, "https://host:8443#sha256:..."; empty: not known
  WebAssets web;                               ///< the pages for browsers; empty: there are none, and "/" says so
  int workers = 2;  ///< threads for searches, and as many for files and streams; none: everything on the caller's thread, `tick` is called by hand
  std::size_t most_waiting = 1024;  ///< requests that wait for such a thread; more are told to come later
  std::size_t most_streams = 1000;  ///< event streams and followed logs together
  std::size_t most_streams_a_user = 64;
  Duration patience = seconds(2);  ///< how long a search waits for the views to have what the caller has been told
};

/// The HTTP API: requests become commands and looks at snapshots and views. Any thread may call it.
///
/// All that is lent outlives it, but calls nothing back into it once it is destroyed: first the servers that use it end, then the
/// controller stops (which answers everything it still owes), then this.
class ApiServer {
 public:
  ApiServer(Front& front, Views const& views, LogStore& logs, ApiOptions options);
  ~ApiServer();

  /// A Handler for Server::start. Does not block.
  void handle(Request request, Reply reply);

  /// For Options::body_limit of the server: how large a body the route takes.
  static std::optional<std::size_t> body_limit(std::string_view method, std::string_view path);

  /// What has to happen now and then: streams are kept alive, slow readers are tried again. A thread of its own calls it, if there are workers.
  void tick();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace nav::http
