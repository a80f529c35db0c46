// SPDX-License-Identifier: Apache-2.0
#include "adapters/own_address.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(OwnAddress, TowardsThisMachineItIsTheLoopback) {
  EXPECT_EQ(address_towards("https://127.0.0.1:4443"), "127.0.0.1");
  EXPECT_EQ(address_towards("https://127.0.0.1:4443/v1#sha256:00"), "127.0.0.1");
  EXPECT_EQ(address_towards("127.0.0.1"), "127.0.0.1");
}

TEST(OwnAddress, WhatIsNoAddressHasNoWayToIt) {
  EXPECT_EQ(address_towards(""), "");
  EXPECT_EQ(address_towards("https://:1"), "");
}

}  // namespace
}  // namespace nav
