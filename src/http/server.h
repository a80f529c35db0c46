// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "http/reply.h"

/// HTTP/1.1 over TCP, with or without TLS. A few threads hold all connections, thousands of them waiting; an answer is given
/// when it is ready, from whichever thread has it. Nothing here knows what the requests mean.
namespace nav::http {

class Door;

/// Called on a thread of the server for each request; it must not block: hand the Reply on and return.
using Handler = std::function<void(Request, Reply)>;

enum class ClientCertificate { None, Requested, Required };

struct Tls {
  std::string certificate_pem;  ///< the server's own first, then the chain up to and with the CA (join addresses pin the CA)
  std::string key_pem;
  std::string client_ca_pem = {};  ///< who signs client certificates (mutual TLS)
  ClientCertificate client = ClientCertificate::None;
};

struct Limits {
  std::size_t header_bytes = 32 * 1024;          ///< 431 beyond
  std::size_t body_bytes = 1024 * 1024;          ///< 413 beyond, before the body is read
  std::size_t connections = 8192;                ///< 503 with Retry-After beyond
  std::size_t stream_buffer_bytes = 256 * 1024;  ///< what a slow reader of a stream may be behind before Overflow
  Duration request = seconds(30);                ///< from its first byte to its last: 408 beyond
  Duration idle = seconds(75);                   ///< between two requests of a connection
  Duration write = seconds(30);                  ///< without the client taking a single byte
};

struct Options {
  std::string host = "127.0.0.1";  ///< an address or a name of this machine; anything but loopback needs `tls`
  std::uint16_t port = 0;          ///< 0: any free one
  std::optional<Tls> tls = {};
  Limits limits = {};
  std::vector<std::string> names = {};  ///< host names requests may be for, beside localhost and plain addresses
  int threads = 1;
  /// A limit for the body of this request, where it is not `limits.body_bytes`.
  std::function<std::optional<std::size_t>(std::string_view method, std::string_view path)> body_limit = {};
  Door* door = nullptr;                                 ///< lent; requests are visits of jobs, and the handler gets none of them
  std::function<void(std::string_view line)> log = {};  ///< what a person would act on; called on any thread; stderr if empty
};

/// A server that runs from start() until it is destroyed. What is still unanswered then is cut off; Replies and Streams may outlive it.
class Server {
 public:
  /// Errors: InvalidArgument (no TLS beyond loopback, bad certificate, unknown host), Conflict (the port is in use), Forbidden.
  static Result<Server> start(Options options, Handler handler);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  std::uint16_t port() const;
  /// "https://127.0.0.1:8443"
  std::string url() const;
  std::size_t connections() const;

  /// Takes no more connections, ends streams and lets running requests finish. Returns how many connections had not ended within
  /// `patience`; the destructor cuts those. Not to be called by a handler, which would wait for itself.
  std::size_t drain(Duration patience);

  /// New connections are served with this certificate (renewal). InvalidArgument leaves the old one.
  Result<void> replace_tls(Tls tls);

 private:
  class Core;
  explicit Server(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace nav::http
