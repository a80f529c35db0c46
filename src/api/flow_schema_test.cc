// SPDX-License-Identifier: Apache-2.0
#include "api/flow_schema.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace nav::api {
namespace {

TEST(FlowSchema, IsTheOneInTheRepository) {
  std::string const committed = NAV_SOURCE_DIR "/api/flow.schema.json";
  if (std::getenv("UPDATE") != nullptr) std::ofstream(committed) << flow_schema();
  std::ostringstream there;
  there << std::ifstream(committed).rdbuf();
  EXPECT_TRUE(there.str() == flow_schema()) << "api/flow.schema.json is not what the source says: UPDATE=1 build/dev/api_test rewrites it";
}

}  // namespace
}  // namespace nav::api
