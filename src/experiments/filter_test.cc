// SPDX-License-Identifier: Apache-2.0
#include "experiments/filter.h"

#include <gtest/gtest.h>

#include "experiments/store.h"

namespace nav::experiments {
namespace {

TEST(Filter, ReadsWhatMlflowWrites) {
  auto const all = parse_filter("metrics.loss <= -1e-3 and params.`learning rate` = '0.1' AND tags.\"mlflow.user\" ILIKE 'a%' and status != 'FAILED'",
                                Subject::Runs);
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 4u);
  EXPECT_EQ((*all)[0].about, About::Metric);
  EXPECT_EQ((*all)[0].comparison, Comparison::LessOrEqual);
  EXPECT_EQ((*all)[0].number, -1e-3);
  EXPECT_EQ((*all)[1].key, "learning rate");
  EXPECT_EQ((*all)[2].key, "mlflow.user");
  EXPECT_EQ((*all)[2].comparison, Comparison::LikeAnyCase);
  EXPECT_EQ((*all)[3].about, About::Attribute);
  EXPECT_EQ((*all)[3].texts, std::vector<std::string>{"FAILED"});
}

TEST(Filter, TakesListsOfTexts) {
  auto const all = parse_filter("attributes.run_id IN ('a', 'b') and run_name NOT IN ('c')", Subject::Runs);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ((*all)[0].texts, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ((*all)[1].comparison, Comparison::NotIn);
}

TEST(Filter, NothingIsNoCondition) { EXPECT_TRUE(parse_filter("  ", Subject::Runs)->empty()); }

TEST(Filter, RefusesWhatItDoesNotUnderstandAndNamesIt) {
  for (char const* text : {"loss", "loss < 1", "metrics.loss <", "metrics.loss < 'a'", "params.x = 1", "metrics.loss < 1 or metrics.loss > 2", "status = 'a",
                           "metrics. < 1", "run_id in ()", "run_id in ('a'", "metrics.a in ('1')", "; drop table runs", "metrics.a < 1 and",
                           "and metrics.a < 1", "metrics.a < 1e", "status NOT LIKE 'a'"}) {
    auto const all = parse_filter(text, Subject::Runs);
    ASSERT_FALSE(all) << text;
    EXPECT_EQ(all.error().kind, ErrorKind::InvalidArgument) << text;
    EXPECT_EQ(all.error().field, "filter") << text;
    EXPECT_FALSE(all.error().hint.empty()) << text;
  }
  EXPECT_FALSE(parse_filter("metrics.loss < 1", Subject::Experiments)) << "experiments have no metrics";
  EXPECT_TRUE(parse_filter("name LIKE 'a%' AND tags.team = 'x'", Subject::Experiments));
}

TEST(Filter, OrdersHaveADirection) {
  EXPECT_FALSE(parse_order("metrics.accuracy DESC", Subject::Runs)->ascending);
  EXPECT_TRUE(parse_order("attributes.start_time", Subject::Runs)->ascending);
  EXPECT_EQ(parse_order("params.`a b` asc", Subject::Runs)->key, "a b");
  for (char const* text : {"", "metrics.a DOWN", "metrics.a DESC x", "what", "="}) EXPECT_FALSE(parse_order(text, Subject::Runs)) << text;
}

TEST(Runs, OfAnAttemptIsKnownWithoutAsking) {
  AttemptId const attempt{JobId{42}, 3};
  EXPECT_EQ(run_of(attempt), "00000000000000000000002a00000003");
  EXPECT_EQ(attempt_of_run(run_of(attempt)), attempt);
  EXPECT_EQ(attempt_of_run("0123456789abcdef0123456789abcdef"), std::nullopt);
  EXPECT_EQ(attempt_of_run(""), std::nullopt);
  EXPECT_EQ(attempt_of_run("0000000000000000zzzzzzzz00000003"), std::nullopt);
}

}  // namespace
}  // namespace nav::experiments
