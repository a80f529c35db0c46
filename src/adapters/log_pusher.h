// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "client/http_client.h"

namespace nav {

/// Brings the logs of a node's attempts to the controller: piece by piece, acknowledged by offset, going on where it was after any
/// restart of either side, and never faster than `bytes_a_second`.
class LogPusher {
 public:
  struct Options {
    std::string data_folder;
    client::Options controller;
    std::size_t piece = 1u << 20;
    std::uint64_t bytes_a_second = 16u << 20;  ///< of all attempts of the node together
    Duration look_again = milliseconds(300);   ///< how late a line may come
    std::function<void()> delivered = {};      ///< a log went to its last byte; from the pusher's thread
    std::function<void(std::string)> warn = {};
  };
  explicit LogPusher(Options options);
  ~LogPusher();
  LogPusher(LogPusher const&) = delete;
  LogPusher& operator=(LogPusher const&) = delete;

  /// Attempts whose logs are to be looked after: those with a folder here whose log is not delivered yet.
  void follow(std::vector<AttemptId> attempts);
  /// Something was written, perhaps: look now.
  void wake();
  /// Speak as somebody else from now on (a renewed certificate).
  void set_controller(client::Options controller);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nav
