// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/local_commands.h"

namespace nav::cli {

/// What a piece of text means, shown as colour where there is one. The words alone must say it too.
enum class Paint { Plain, Strong, Dim, Good, Warn, Bad, Accent };

/// Where text goes, and what it can show.
struct Terminal {
  bool is_terminal = false;  ///< a person reads along; else a file or another program
  bool has_colour = false;
  std::size_t width = 0;   ///< columns; 0: no limit
  std::size_t height = 0;  ///< rows; 0: no limit

  std::string painted(Paint paint, std::string_view text) const;
};

/// Colour only on a terminal, and not when NO_COLOR is set (no-color.org) or TERM says "dumb".
Terminal terminal_of(int file, Variables const& variables);

/// Columns that UTF-8 text takes (every code point counts as one).
std::size_t columns_of(std::string_view text);
/// At most `columns` of it, with "…" where something was cut.
std::string cut_to(std::string_view text, std::size_t columns);
/// Without control characters: names and messages come from others and must not steer the terminal.
std::string printable(std::string_view text);

}  // namespace nav::cli
