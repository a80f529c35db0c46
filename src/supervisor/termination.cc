// SPDX-License-Identifier: Apache-2.0
#include "supervisor/termination.h"

#include <algorithm>

namespace nav::supervisor {
namespace {

constexpr std::size_t longest_message = 300;

/// One line of plain characters: what is told goes into documents and onto terminals.
std::string plain(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (out.size() == longest_message) return out + "...";
    bool const is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (is_space && (out.empty() || out.back() == ' ')) continue;
    out += is_space ? ' ' : c > ' ' && c < '\x7f' ? c : '?';
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

std::string termination_file(std::string const& folder) { return folder + "/work/.nav-termination"; }

std::optional<Termination> read_termination(std::string_view text) {
  auto const line_end = std::min(text.find('\n'), text.size());
  std::string const word = plain(text.substr(0, line_end));
  for (Cause const cause : {Cause::OutOfMemory, Cause::GpuOutOfMemory})
    if (word == word_of(cause)) return Termination{cause, plain(text.substr(line_end))};
  return std::nullopt;
}

}  // namespace nav::supervisor
