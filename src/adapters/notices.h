// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "api/webhooks.h"
#include "controller/front.h"

/// What in the journal is news of the pool's health.
namespace nav {

/// Reads the journal's frames in order and makes notices of some. All it remembers is which nodes are silent: a node also answers anew
/// whenever the controller was restarted, which is no news.
class NoticeReader {
 public:
  explicit NoticeReader(std::string installation, std::vector<NodeId> const& silent = {})
      : installation_(std::move(installation)), silent_(silent.begin(), silent.end()) {}

  /// `names`: any state of the pool in which the frame's node is.
  std::optional<api::Notice> read(Frame const& frame, Pool const& names);
  std::vector<NodeId> silent() const { return {silent_.begin(), silent_.end()}; }

 private:
  std::string installation_;
  std::set<NodeId> silent_;
};

/// A notice of something that is in no journal: that nothing can be written to it, or a test.
api::Notice unwritten_notice(std::string const& installation, api::NoticeKind kind, Time at, std::string text);

}  // namespace nav
