// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

/// The text that Prometheus reads (exposition format 0.0.4), written and read.
namespace nav::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Collects samples and writes them with each metric's lines together, as the format demands.
class Exposition {
 public:
  enum class Type { Gauge, Counter };
  void add(std::string const& name, Type type, std::string_view help, Labels labels, double value);
  std::string text() const;

 private:
  struct Family {
    Type type;
    std::string help;
    std::string lines;
  };
  std::map<std::string, Family> families_;
};

/// One line of a page.
struct Exposed {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;

  bool operator==(Exposed const&) const = default;
};

/// The samples of a page somebody else wrote. InvalidArgument names the line that is none; comments, time stamps and blank lines are passed over.
Result<std::vector<Exposed>> read_exposition(std::string_view page);

}  // namespace nav::telemetry
