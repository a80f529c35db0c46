// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace nav::cli {

struct Context;

enum class Answer { No, Yes };

/// Asks the person at the terminal; an empty line means `otherwise`, and so does the end of the input. InvalidArgument, with the hint, where
/// nobody can be asked.
Result<bool> ask_yes_or_no(Context& nav, std::string const& question, Answer otherwise, std::string const& hint);

/// A line typed without being shown. On input that is no terminal: its first line.
Result<std::string> ask_secret(Context& nav, std::string const& question);

}  // namespace nav::cli
