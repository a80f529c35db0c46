// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

enum class Mood { Calm, SetAside };
BOOST_DESCRIBE_ENUM(Mood, Calm, SetAside)

struct Inner {
  std::string uuid;
  std::optional<int> count;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (uuid, count))

struct Outer {
  static constexpr std::array required{"name"};
  std::string name;
  std::vector<Inner> gpus;
  std::map<std::string, std::string> env;
  Mood mood = Mood::Calm;
  double share = 0;
  JobId job;
  NodeId node;
  AttemptId attempt;
  Time at;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (name, gpus, env, mood, share, job, node, attempt, at))

struct Came {
  static constexpr std::string_view type = "Came";
  int who = 0;
};
BOOST_DESCRIBE_STRUCT(Came, (), (who))
struct Left {
  static constexpr std::string_view type = "Left";
  int why = 0;
};
BOOST_DESCRIBE_STRUCT(Left, (), (why))

TEST(Json, WhatIsWrittenIsReadBack) {
  Outer outer{"a\"b\\\n\x01", {{"GPU-1", 3}, {"GPU-2", {}}}, {{"K", "V"}}, Mood::SetAside, 0.1, JobId{42}, NodeId{7}, AttemptId{JobId{42}, 1}, Time{5}};
  std::string const text = json_write(outer);
  EXPECT_EQ(text, R"({"name":"a\"b\\\n\u0001","gpus":[{"uuid":"GPU-1","count":3},{"uuid":"GPU-2"}],"env":{"K":"V"},"mood":"set_aside",)"
                  R"("share":0.1,"job":42,"node":"node-7","attempt":"42.1","at":5})");
  auto back = json_read<Outer>(text);
  ASSERT_TRUE(back) << to_text(back.error());
  EXPECT_EQ(json_write(*back), text);
}

TEST(Json, AnErrorNamesTheFieldAndWhatWouldBeRight) {
  auto const error_of = [](std::string_view text) { return json_read<Outer>(text).error(); };
  EXPECT_EQ(error_of(R"({"name":"x","gpus":[{"uuid":3}]})").field, "gpus[0].uuid");
  EXPECT_EQ(error_of(R"({"name":"x","mood":"angry"})").message, "mood must be one of calm, set_aside, not \"angry\"");
  EXPECT_EQ(error_of(R"({"name":"x","shar":1})").hint, "did you mean share?");
  EXPECT_EQ(error_of(R"({})").message, "name is missing");
  EXPECT_EQ(error_of(R"({"name":"x","node":"job-7"})").field, "node");
  EXPECT_EQ(error_of(R"({"name":"x","job":-1})").field, "job");
  EXPECT_EQ(error_of(R"({"name")").kind, ErrorKind::InvalidArgument);
}

TEST(Json, AnswersMayCarryFieldsWeDoNotKnow) {
  EXPECT_TRUE(json_read<Outer>(R"({"name":"x","later":1})", Unknown::Ignore));
  EXPECT_FALSE(json_read<Outer>(R"({"name":"x","later":1})"));
}

TEST(Json, AVariantIsAnObjectWithItsTypeAsKey) {
  using Event = std::variant<Came, Left>;
  EXPECT_EQ(json_write(Event(Left{3})), R"({"Left":{"why":3}})");
  auto event = json_read<Event>(R"({"Left":{"why":3}})");
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Left>(*event).why, 3);
  EXPECT_EQ(json_read<Event>(R"({"Lefts":{}})").error().hint, "did you mean Left?");
}

TEST(Json, NumbersKeepEveryBit) {
  EXPECT_EQ(json_read<std::uint64_t>("18446744073709551615").value(), 18446744073709551615ull);
  EXPECT_EQ(json_read<std::int64_t>("-9223372036854775808").value(), INT64_MIN);
  EXPECT_EQ(json_read<double>("52.0").value(), 52.0);
  EXPECT_FALSE(json_read<std::uint8_t>("256"));
}

}  // namespace
}  // namespace nav
