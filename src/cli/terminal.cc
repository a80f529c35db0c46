// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace nav::cli {

namespace {

char const* code_of(Paint paint) {
  switch (paint) {
    case Paint::Plain: return "";
    case Paint::Strong: return "1";
    case Paint::Dim: return "2";
    case Paint::Good: return "32";
    case Paint::Warn: return "33";
    case Paint::Bad: return "31";
    case Paint::Accent: return "36";
  }
  return "";
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string Terminal::painted(Paint paint, std::string_view text) const {
  if (!has_colour || paint == Paint::Plain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(paint), text);
}

Terminal terminal_of(int file, Variables const& variables) {
  Terminal terminal;
  terminal.is_terminal = isatty(file) == 1;
  if (!terminal.is_terminal) return terminal;
  auto const no_colour = variables("NO_COLOR");
  terminal.has_colour = (!no_colour || no_colour->empty()) && variables("TERM").value_or("dumb") != "dumb";
  winsize size{};
  bool const known = ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  terminal.width = known ? size.ws_col : 80;
  terminal.height = known && size.ws_row > 0 ? size.ws_row : 24;
  return terminal;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (char c : text) columns += !continues_character(c);
  return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t end = 0, taken = 0;
  while (end < text.size() && (taken < columns - 1 || continues_character(text[end]))) taken += !continues_character(text[end++]);
  while (end < text.size() && continues_character(text[end])) ++end;
  return std::string(text.substr(0, end)) + "…";
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char const c = static_cast<unsigned char>(text[i]);
    // C1 controls, which some terminals obey, are C2 80 to C2 9F in UTF-8.
    bool const c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    out += c < 0x20 || c == 0x7F || c1 ? ' ' : text[i];
  }
  return out;
}

}  // namespace nav::cli
