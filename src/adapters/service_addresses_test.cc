// SPDX-License-Identifier: Apache-2.0
#include "adapters/service_addresses.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "supervisor/files.h"

namespace nav {
namespace {

constexpr std::string_view tcp_table =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0000 100 0 0 10 0\n"
    "   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 1 1 0000 100 0 0 10 0\n"
    "   2: 0A00000A:1F92 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1002        0 1 1 0000 100 0 0 10 0\n"
    "   3: 00000000:1F93 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1003        0 1 1 0000 100 0 0 10 0\n";

TEST(ServiceAddresses, WhoListensIsReadFromTheKernelsTable) {
  EXPECT_EQ(listener_in(tcp_table, 0x1F90), 1000u);
  EXPECT_EQ(listener_in(tcp_table, 0x1F91), std::nullopt) << "a connection, and nobody listens";
  EXPECT_EQ(listener_in(tcp_table, 0x1F92), std::nullopt) << "not on loopback";
  EXPECT_EQ(listener_in(tcp_table, 0x1F93), 1003u) << "on all addresses";
  EXPECT_EQ(listener_in("   0: 00000000000000000000000000000000:1F90 0:0 0A 0:0 00:0 0 1004 0 1", 0x1F90), 1004u);
  for (auto const* nonsense : {"", "\n\n", "0: 0100007F 0 0A 0 0 0 1000", "0: 0100007F:1F90 0 0A 0 0 0 many"})
    EXPECT_EQ(listener_in(nonsense, 0x1F90), std::nullopt);
}

TEST(ServiceAddresses, APortIsFreeAndNotGivenTwice) {
  std::set<std::uint16_t> given;
  for (int i = 0; i < 50; ++i) {
    auto const port = free_port(42, given);
    ASSERT_TRUE(port) << port.error().message;
    EXPECT_TRUE(given.insert(*port).second);
  }
  supervisor::Fd const service(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(service.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(service.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  auto const port = ntohs(address.sin_port);
  EXPECT_EQ(listener_on(port), std::nullopt);
  ASSERT_EQ(::listen(service.get(), 1), 0);
  EXPECT_EQ(listener_on(port), ::geteuid());
}

}  // namespace
}  // namespace nav
