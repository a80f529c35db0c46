// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/meter.h"
#include "client/http_client.h"

namespace nav {

/// Measures at a steady pace and brings what was measured to the controller. What it cannot deliver it keeps in DATA/samples, a minute a file,
/// oldest given up first, and delivers when it can, in order; the controller keeps a batch once, however often it is sent.
class SampleSender {
 public:
  struct Options {
    std::string data_folder;
    client::Options controller;
    std::vector<std::unique_ptr<Meter>> meters;
    Duration every = seconds(5);
    std::uint64_t most_bytes = 64u << 20;  ///< of what waits on disk
    std::function<Time()> clock;
    std::function<void(std::string const&)> say = {};
    std::function<void(std::vector<telemetry::Readings> const&)> measured = {};  ///< told of each tick, from its thread
  };
  explicit SampleSender(Options options);
  /// Ends within the time one measurement takes.
  ~SampleSender();
  SampleSender(SampleSender const&) = delete;
  SampleSender& operator=(SampleSender const&) = delete;

  /// Speak as somebody else from now on (a renewed certificate).
  void set_controller(client::Options controller);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace nav
