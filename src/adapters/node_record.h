// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/ports.h"

namespace nav {

/// The node's record as the file DATA/record, JSON, replaced as a whole.
class NodeRecordFile final : public RecordPort {
 public:
  explicit NodeRecordFile(std::string data_folder) : folder_(std::move(data_folder)) {}
  /// An unreadable record is an error, not an empty one: to guess here could mean to obey an older controller.
  Result<NodeRecord> load() override;
  /// StorageFull or Unavailable, with the file's name.
  Result<void> save(NodeRecord const& record) override;

 private:
  std::string folder_;
};

}  // namespace nav
