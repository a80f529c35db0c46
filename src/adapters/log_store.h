// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <mutex>
#include <string>

#include "controller/views.h"

namespace nav {

/// Logs as plain files, DATA/logs/<job / 1000>/<job>/<attempt>.log, that any tool can read. A file's size is the offset up to which all is
/// stored; a file that is read-only is complete. So there is nothing beside the bytes that a crash could bring out of step.
class FileLogStore final : public LogStore {
 public:
  struct Limits {
    std::uint64_t bytes_an_attempt = 256ull << 20;  ///< more is refused with TooLarge; the agent has cut its logs before that
  };
  explicit FileLogStore(std::string folder) : FileLogStore(std::move(folder), Limits{}) {}
  FileLogStore(std::string folder, Limits limits) : folder_(std::move(folder)), limits_(limits) {}

  Result<std::uint64_t> append(AttemptId attempt, std::uint64_t offset, std::string_view bytes, bool last) override;
  Result<Part> read(AttemptId attempt, std::uint64_t offset, std::size_t limit) const override;

 private:
  std::string path_of(AttemptId attempt) const;

  std::string folder_;
  Limits limits_;
  std::array<std::mutex, 64> appending_;  // one writer a file; by attempt
};

}  // namespace nav
