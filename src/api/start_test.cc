// SPDX-License-Identifier: Apache-2.0
#include "api/start.h"

#include <gtest/gtest.h>

namespace nav::api {
namespace {

TEST(Start, WhereItIsSaysWhatIsKnownOfIt) {
  Start start;
  EXPECT_EQ(where_text(start), "");
  start.node = "dgx-0";
  EXPECT_EQ(where_text(start), "dgx-0");
  start.place = "gpu0 1g.5gb@4";
  EXPECT_EQ(where_text(start), "dgx-0 gpu0 1g.5gb@4");
}

TEST(Start, OfAGangItCountsTheMembersOnEachNode) {
  Start start{.node = "dgx-0", .place = "gpu0"};
  start.members = {{{"dgx-0", "gpu0"}}};
  EXPECT_EQ(where_text(start), "1 member on dgx-0");
  start.members = {{{"dgx-0", "gpu0"}, {"dgx-1", "gpu0"}, {"dgx-0", "gpu1"}}};
  EXPECT_EQ(where_text(start), "2 members on dgx-0, 1 on dgx-1");
  for (auto const* node : {"b", "c", "d", "e"}) start.members->push_back({node, "gpu0"});
  EXPECT_EQ(where_text(start), "2 members on dgx-0, 1 on dgx-1, 1 on b, 1 on c and others on 2 more nodes");
}

}  // namespace
}  // namespace nav::api
