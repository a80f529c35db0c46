// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "cli/local_commands.h"
#include "cli/server.h"
#include "cli/terminal.h"

namespace nav::cli {

/// What a command works with: where it prints, and the server it asks.
struct Context {
  Terminal terminal;         ///< of standard output
  Terminal error_terminal;   ///< of standard error
  bool asks_person = false;  ///< standard input is a person's terminal
  std::function<void(std::string_view)> print;
  std::function<void(std::string_view)> print_error;
  std::function<Time()> now;
  Variables const* variables = nullptr;
  Server* server = nullptr;
};

}  // namespace nav::cli
