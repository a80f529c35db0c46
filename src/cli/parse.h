// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/syntax.h"

namespace nav::cli {

/// What a command line asks for: a command whose options are filled in, or its help.
struct Parsed {
  std::vector<Command const*> path;  ///< from `nav` itself to the command named
  bool wants_help = false;

  Command const& command() const { return *path.back(); }
};

/// "nav node drain"
std::string words_of(std::vector<Command const*> const& path);

/// Reads the words after the program's name. Errors say what is wrong with the command line and what was perhaps meant.
Result<Parsed> parse(Command const& nav, std::vector<std::string> const& words);

}  // namespace nav::cli
