// SPDX-License-Identifier: Apache-2.0
#include "core/rung.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(Rung, ReadsAndWritesItsLimitsExactly) {
  for (std::string const text : {"cpu", "mig-1g.5gb:wait=120s", "v100-cloud:wait=1500ms:price=3.00", "a100:price=0.125"}) {
    auto const rung = parse_rung(text);
    ASSERT_TRUE(rung) << text;
    EXPECT_EQ(to_text(*rung), text);
  }
  EXPECT_EQ(parse_rung("a:wait=1h30m")->limits.wait, minutes(90));
  EXPECT_EQ(parse_rung("a:price=0")->limits.price_micro, 0);
}

TEST(Rung, AWrongOneNamesTheKey) {
  std::map<std::string, std::string> const wrong{{":wait=2m", ""},         {"a:wait=2x", "wait"},         {"a:price=cheap", "price"}, {"a:wait", "wait"},
                                                 {"a:color=red", "color"}, {"a:wait=1s:wait=2s", "wait"}, {"a:price=-1", "price"},    {"a:", ""}};
  for (auto const& [text, key] : wrong) {
    auto const rung = parse_rung(text);
    ASSERT_FALSE(rung) << text;
    EXPECT_EQ(rung.error().field, key) << text;
    EXPECT_FALSE(rung.error().hint.empty()) << text;
  }
}

}  // namespace
}  // namespace nav
