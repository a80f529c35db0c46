// SPDX-License-Identifier: Apache-2.0
#include "adapters/health_checks.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "supervisor/files.h"

namespace nav {
namespace {

/// A port of loopback where one answers each connection with the same words; nothing: takes connections and says nothing.
class HealthListener {
 public:
  explicit HealthListener(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    if (answer.empty()) return;
    thread_ = std::thread([this, answer = std::move(answer)] {
      while (true) {
        supervisor::Fd const one(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!one) return;
        char asked[4096];
        auto const count = ::recv(one.get(), asked, sizeof asked, 0);
        heard_.assign(asked, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        (void)!::send(one.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~HealthListener() { stop(); }
  void stop() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    listener_.reset();
  }
  std::uint16_t port() const { return port_; }
  /// The last question; only after stop().
  std::string const& heard() const { return heard_; }

 private:
  supervisor::Fd listener_;
  std::uint16_t port_ = 0;
  std::string heard_;
  std::thread thread_;
};

TEST(HealthChecks, AnswersAreReadByTheirFirstLine) {
  EXPECT_EQ(problem_in_answer("HTTP/1.1 200 OK"), "");
  EXPECT_EQ(problem_in_answer("HTTP/1.0 302 Found"), "");
  EXPECT_EQ(problem_in_answer("HTTP/1.1 503 Service Unavailable"), "503");
  EXPECT_EQ(problem_in_answer("HTTP/1.1 404"), "404");
  for (auto const* foreign : {"", "SSH-2.0-OpenSSH_9.2", "HTTP/1.1 abc", "HTTP/1.1200 OK", "HTTP/2 200 OK", "HTTP/1.1 042"})
    EXPECT_EQ(problem_in_answer(foreign), "its answer is not HTTP") << foreign;
}

TEST(HealthChecks, ManyAreAskedAtOnceAndOneThatSaysNothingHoldsUpNobody) {
  HealthListener well("HTTP/1.1 204 No Content\r\n\r\n"), ill("HTTP/1.1 500 no\r\n\r\n"), silent(""), other("hello, this is no HTTP\n"), gone("x");
  gone.stop();
  auto const problems = ask_all({{{silent.port()}, "/a"}, {{well.port()}, "/b?c=1"}, {{ill.port()}, "/healthz"}, {{other.port()}, "/"}, {{gone.port()}, "/"}},
                                milliseconds(300));
  ASSERT_EQ(problems.size(), 5u);
  EXPECT_EQ(problems[0], "GET /a: no answer within 300ms");
  EXPECT_EQ(problems[1], "");
  EXPECT_EQ(problems[2], "GET /healthz: 500");
  EXPECT_EQ(problems[3], "GET /: its answer is not HTTP");
  EXPECT_EQ(problems[4], "GET /: it takes no connection");
  well.stop();
  EXPECT_EQ(well.heard(),
            "GET /b?c=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(well.port()) + "\r\nUser-Agent: opennav\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

TEST(HealthChecks, ASocketIsTakenOnlyFromTheJobsOwnUser) {
  std::string const path = ::testing::TempDir() + fmt::format("health-{}.sock", ::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  supervisor::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 8), 0);
  auto const problem = [&](std::optional<std::uint32_t> user) { return ask_all({{{0, path, user}, ""}}, seconds(1)).at(0); };
  EXPECT_EQ(problem(std::nullopt), "");
  EXPECT_EQ(problem(::geteuid()), "");
  EXPECT_EQ(problem(::geteuid() + 1), "somebody else listens on its socket");
  listener.reset();
  EXPECT_EQ(problem(std::nullopt), "it takes no connection") << "the file was left behind";
  ::unlink(path.c_str());
}

TEST(HealthChecks, NobodyToAskIsNoWait) { EXPECT_TRUE(ask_all({}, hours(1)).empty()); }

}  // namespace
}  // namespace nav
