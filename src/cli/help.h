// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/syntax.h"
#include "cli/terminal.h"

namespace nav::cli {

/// What `nav COMMAND --help` prints, within the terminal's width (80 columns where there is no limit, 100 at most).
std::string help_text(std::vector<Command const*> const& path, Terminal const& terminal);

/// "nav run [options] COMMAND..."
std::string usage_line(std::vector<Command const*> const& path);

/// Words between blanks in lines of at most `width` columns, every line after `indent` blanks. Line breaks in it stay.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace nav::cli
