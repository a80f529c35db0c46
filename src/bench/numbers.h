// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace nav::bench {

/// Small numbers for those who are here, given again after they left.
class Numbers {
 public:
  std::uint32_t take() {
    if (free_.empty()) return next_++;
    auto const number = free_.back();
    free_.pop_back();
    return number;
  }
  void give_back(std::uint32_t number) { free_.push_back(number); }

 private:
  std::vector<std::uint32_t> free_;
  std::uint32_t next_ = 0;
};

}  // namespace nav::bench
