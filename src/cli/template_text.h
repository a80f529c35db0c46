// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/templates.h"
#include "cli/terminal.h"

/// Templates, as people read them.
namespace nav::cli {

/// "a slice 1g.5gb", "2 whole a100 of one node", "processors alone".
std::string what_of(api::Template const& one);
/// "team research, user ada"; empty: everybody.
std::string for_whom(api::Template const& one);
/// "site cellar, rack=7"; empty: anywhere.
std::string where_of(api::Template const& one);
/// All of one, a field a line.
std::string template_text(api::Template const& one, Terminal const& terminal);

/// The wish that makes a template as it is shown.
api::SetTemplate wish_of(api::Template const& shown);

}  // namespace nav::cli
