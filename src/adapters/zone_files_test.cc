// SPDX-License-Identifier: Apache-2.0
#include "adapters/zone_files.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(ZoneFiles, AZoneIsFoundByItsName) {
  ZoneFiles const zones;
  auto const berlin = zones.find("Europe/Berlin");
  ASSERT_TRUE(berlin) << berlin.error().message;
  EXPECT_EQ((*berlin)->span_at(1'795'343'040).ahead, 3600);  // a winter's day
  EXPECT_EQ(*berlin, *zones.find("Europe/Berlin"));
  EXPECT_TRUE(zones.find("America/Argentina/Buenos_Aires"));
}

TEST(ZoneFiles, WhatIsNoZoneIsRefusedWithWhatMayHaveBeenMeant) {
  ZoneFiles const zones;
  EXPECT_EQ(zones.find("Europe/Berln").error().hint.substr(0, 27), "did you mean Europe/Berlin ") << zones.find("Europe/Berln").error().hint;
  for (char const* const name : {"", "/etc/passwd", "../../etc/passwd", "Europe", "Europe/../Europe/Berlin", "right/Europe/Berlin", "tzdata.zi", "CET\n"}) {
    auto const found = zones.find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().kind, ErrorKind::NotFound);
    EXPECT_FALSE(found.error().hint.empty()) << name;
  }
}

TEST(ZoneFiles, WithoutADatabaseThereIsUtcAlone) {
  ZoneFiles const zones("/nowhere");
  EXPECT_TRUE(zones.find("UTC"));
  EXPECT_EQ(zones.find("Europe/Berlin").error().hint, "install the package tzdata there; without it only UTC is known");
}

}  // namespace
}  // namespace nav
