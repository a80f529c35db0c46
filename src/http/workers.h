// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nav::http {

/// A few threads for what may take a while (searches, files), so that the threads that hold the connections never do.
class Workers {
 public:
  /// With no threads everything is done at once, by whoever brings it: one thread, and a test repeats.
  Workers(int threads, std::size_t most_waiting);
  ~Workers();

  /// False if too much waits already; `work` is then not done.
  bool post(std::function<void()> work);

 private:
  void run();

  std::size_t const most_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace nav::http
