// SPDX-License-Identifier: Apache-2.0
#include "adapters/health_checks.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "supervisor/files.h"

namespace nav {
namespace {

/// Of an answer so much is read before its service is left: what resets a connection would stand in the job's log as an error.
constexpr std::size_t longest_health_answer = 256 * 1024;
constexpr std::size_t status_line = 12;  // "HTTP/1.1 200"

/// A question on its way.
class HealthQuestion {
 public:
  explicit HealthQuestion(HealthCheck const& check)
      : request_(
            fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: opennav\r\nAccept: */*\r\nConnection: close\r\n\r\n", check.path, check.at.port)),
        problem_("no answer") {
    std::string const& path = check.at.unix_socket;
    socket_ = supervisor::Fd(::socket(path.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    int connected = -1;
    if (path.empty()) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(check.at.port);
      connected = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    } else {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      path.copy(address.sun_path, sizeof address.sun_path - 1);
      connected = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    if (connected != 0 && errno != EINPROGRESS) end("it takes no connection");
    else if (!path.empty() && check.at.user && !is_listened_by(socket_.get(), *check.at.user)) end("somebody else listens on its socket");
    else if (check.path.empty()) end("");
  }

  bool is_over() const { return !socket_; }
  pollfd awaited() const { return {socket_.get(), static_cast<short>(sent_ < request_.size() ? POLLOUT : POLLIN), 0}; }
  /// What it came to so far.
  std::string const& problem() const { return problem_; }
  void say_how_long(Duration within) {
    if (first_.size() < status_line) problem_ = fmt::format("no answer within {}", to_text(within));
  }

  /// Its socket is ready for what it waits for.
  void go_on() {
    if (sent_ < request_.size()) {
      auto const count = ::send(socket_.get(), request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN || errno == EINTR ? void() : end("it takes no connection");
      sent_ += static_cast<std::size_t>(count);
      return;
    }
    char buffer[16 * 1024];
    auto const count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return first_.size() >= status_line ? socket_.reset() : end("it closed the connection without an answer");
    read_ += static_cast<std::size_t>(count);
    first_.append(buffer, std::min(status_line - std::min(first_.size(), status_line), static_cast<std::size_t>(count)));
    if (first_.size() >= status_line) problem_ = problem_in_answer(first_);
    if (read_ > longest_health_answer) socket_.reset();
  }

 private:
  void end(std::string problem) {
    problem_ = std::move(problem);
    socket_.reset();
  }

  supervisor::Fd socket_;
  std::string request_, first_, problem_;
  std::size_t sent_ = 0, read_ = 0;
};

}  // namespace

std::string problem_in_answer(std::string_view answer) {
  std::uint64_t status = 0;
  bool const is_http = answer.size() >= status_line && answer.starts_with("HTTP/1.") && answer[8] == ' ' && read_number(answer.substr(9, 3), status);
  if (!is_http || status < 100) return "its answer is not HTTP";
  return status >= 200 && status < 400 ? "" : fmt::format("{}", status);
}

std::vector<std::string> ask_all(std::vector<HealthCheck> const& checks, Duration within) {
  using Clock = std::chrono::steady_clock;
  auto const end = Clock::now() + std::chrono::microseconds(within.us);
  std::vector<HealthQuestion> questions;
  questions.reserve(checks.size());
  for (auto const& check : checks) questions.emplace_back(check);
  while (true) {
    std::vector<pollfd> awaited;
    std::vector<HealthQuestion*> whose;
    for (auto& question : questions)
      if (!question.is_over()) awaited.push_back(question.awaited()), whose.push_back(&question);
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (awaited.empty() || left <= 0) break;
    if (::poll(awaited.data(), awaited.size(), static_cast<int>(left)) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < awaited.size(); ++i)
      if (awaited[i].revents != 0) whose[i]->go_on();
  }
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (!questions[i].is_over()) questions[i].say_how_long(within);
    problems.push_back(questions[i].problem().empty() ? ""
                       : checks[i].path.empty()       ? questions[i].problem()
                                                      : fmt::format("GET {}: {}", checks[i].path, questions[i].problem()));
  }
  return problems;
}

}  // namespace nav
