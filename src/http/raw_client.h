// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace nav::http {

/// For tests: a client that writes exactly the bytes it is told, well-formed or not.
class RawClient {
 public:
  enum class Refusal { Fails, Allowed };  ///< whether a refused connection fails the test

  explicit RawClient(std::uint16_t port, int receive_buffer = 0, Refusal refusal = Refusal::Fails) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int const failed = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    EXPECT_TRUE(!failed || refusal == Refusal::Allowed) << "nobody at port " << port;
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), read_(std::move(other.read_)) {}
  ~RawClient() { close(); }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void end_of_writing() { ::shutdown(socket_, SHUT_WR); }

  RawClient& send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }

  /// All up to and with `end`, or what came until the server closed or ten seconds went by.
  std::string read_to(std::string_view end) {
    std::size_t at;
    while ((at = read_.find(end)) == std::string::npos)
      if (!read_more()) return std::exchange(read_, {});
    std::string const taken = read_.substr(0, at + end.size());
    read_.erase(0, at + end.size());
    return taken;
  }

  /// All until the server closes.
  std::string read_all() {
    while (read_more()) {}
    return std::exchange(read_, {});
  }

  /// One answer with a Content-Length: its head and its body.
  std::string read_answer() {
    std::string answer = read_to("\r\n\r\n");
    auto const at = answer.find("Content-Length: ");
    if (at == std::string::npos) return answer;
    std::size_t const length = std::stoul(answer.substr(at + 16));
    while (read_.size() < length && read_more()) {}
    answer += read_.substr(0, length);
    read_.erase(0, length);
    return answer;
  }

 private:
  bool read_more() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) != 1) {
      ADD_FAILURE() << "the server said nothing for ten seconds";
      return false;
    }
    char bytes[4096];
    ssize_t const count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    read_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string read_;
};

inline std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n";
}

/// "HTTP/1.1 404 ..." -> 404
inline int status_of(std::string_view answer) { return answer.size() < 12 ? 0 : std::stoi(std::string(answer.substr(9, 3))); }

inline std::string body_of(std::string const& answer) {
  auto const at = answer.find("\r\n\r\n");
  return at == std::string::npos ? "" : answer.substr(at + 4);
}

}  // namespace nav::http
