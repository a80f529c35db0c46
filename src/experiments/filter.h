// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// MLflow's language of searches: `metrics.loss < 0.3 AND params.model = 'tree' AND tags."data set" LIKE 'mnist%' AND status = 'FINISHED'`.
namespace nav::experiments {

enum class About { Attribute, Metric, Param, Tag };
enum class Comparison { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Like, LikeAnyCase, In, NotIn };

struct Condition {
  About about = About::Attribute;
  std::string key;
  Comparison comparison = Comparison::Equal;
  std::vector<std::string> texts;  ///< one, or several with In
  double number = 0;               ///< for metrics and moments
};

struct Order {
  About about = About::Attribute;
  std::string key;
  bool ascending = true;
};

/// What a search is for; it says which attributes there are.
enum class Subject { Experiments, Runs };

/// InvalidArgument names the part that is not understood and says what would be.
Result<std::vector<Condition>> parse_filter(std::string_view text, Subject subject);
/// "metrics.accuracy DESC".
Result<Order> parse_order(std::string_view text, Subject subject);

/// Attributes that are moments or numbers, and not texts.
bool is_number(std::string_view attribute);

}  // namespace nav::experiments
