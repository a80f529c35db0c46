// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/syntax.h"

namespace nav::cli {

/// Something that may stand where the cursor is.
struct Candidate {
  std::string word;
  std::string about;  ///< may be empty

  bool operator==(Candidate const&) const = default;
};

/// All names of a kind, as far as they can be had at once.
using NameSource = std::function<std::vector<Candidate>(Names)>;

/// What the shells are told when they should offer the names of files themselves.
inline constexpr char complete_files[] = ":files";

/// What may stand for the last of `words`, which is unfinished or empty. The words follow the program's name.
std::vector<Candidate> candidates(Command const& nav, std::vector<std::string> const& words, NameSource const& names);

/// The script that teaches a shell ("bash", "zsh", "fish") to ask `nav __complete` for candidates.
std::string completion_script(std::string_view shell);

}  // namespace nav::cli
