// SPDX-License-Identifier: Apache-2.0
#include "adapters/job_environment.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(JobEnvironment, AMemberFindsTheOthersUnderTheNamesThatProgramsLookFor) {
  Launch launch{.attempt = {JobId{42}, 1}, .gpus = {"GPU-a", "GPU-b"}};
  launch.request.env = {{"RANK", "7"}, {"SEED", "1"}};
  launch.member = MemberSpec{.rank = 1, .hosts = {"10.0.0.1", "10.0.0.2"}, .port = 29'543};
  auto const all = environment_of(launch, {});
  EXPECT_EQ(all.at("RANK"), "1") << "what a request says for all members cannot be the rank of each";
  EXPECT_EQ(all.at("WORLD_SIZE"), "2");
  EXPECT_EQ(all.at("MASTER_ADDR"), "10.0.0.1");
  EXPECT_EQ(all.at("MASTER_PORT"), "29543");
  EXPECT_EQ(all.at("LOCAL_RANK"), "0");
  EXPECT_EQ(all.at("NAV_HOSTS"), "10.0.0.1,10.0.0.2");
  EXPECT_EQ(all.at("PET_NODE_RANK"), "1");
  EXPECT_EQ(all.at("SEED"), "1");
}

TEST(JobEnvironment, AMemberTalksWithGlooWhereTheOthersReachIt) {
  Launch launch{.attempt = {JobId{42}, 1}, .gpus = {}};
  launch.member = MemberSpec{.rank = 1, .hosts = {"192.0.2.1", "127.0.0.1"}, .port = 29'543};
  EXPECT_EQ(environment_of(launch, {}).at("GLOO_SOCKET_IFNAME"), "lo");
  launch.request.env = {{"GLOO_SOCKET_IFNAME", "ib0"}};
  EXPECT_EQ(environment_of(launch, {}).at("GLOO_SOCKET_IFNAME"), "ib0") << "whoever names one knows why";
  launch.request.env = {};
  launch.member->rank = 0;
  EXPECT_FALSE(environment_of(launch, {}).contains("GLOO_SOCKET_IFNAME")) << "no interface of this machine has the address";
}

TEST(JobEnvironment, AJobByItselfFindsNothingOfAGang) {
  auto const all = environment_of(Launch{.attempt = {JobId{42}, 1}}, {});
  for (auto const* name : {"RANK", "WORLD_SIZE", "MASTER_ADDR", "NAV_HOSTS", "GLOO_SOCKET_IFNAME"}) EXPECT_FALSE(all.contains(name)) << name;
}

}  // namespace
}  // namespace nav
