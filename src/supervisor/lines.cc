// SPDX-License-Identifier: Apache-2.0
#include "supervisor/lines.h"

#include <charconv>

namespace nav::supervisor {
namespace {

Checked<std::string> unescaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\0') return Refused("it holds a NUL byte");
    if (value[i] != '\\') {
      out += value[i];
      continue;
    }
    char const next = ++i < value.size() ? value[i] : ' ';
    if (next == 'n') out += '\n';
    else if (next == '\\') out += '\\';
    else return Refused("it holds a backslash that is neither \\n nor \\\\");
  }
  return out;
}

/// Takes one line off the front; a text without a line end has no whole line.
bool take_line(std::string_view& text, std::string_view& line) {
  auto const end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

LineWriter::LineWriter(std::string_view kind, int version) {
  text_ += kind;
  text_ += ' ';
  text_ += std::to_string(version);
  text_ += '\n';
}

LineWriter& LineWriter::add(std::string_view key, std::string_view value) {
  text_ += key;
  text_ += ' ';
  for (char c : value) {
    if (c == '\n') text_ += "\\n";
    else if (c == '\\') text_ += "\\\\";
    else text_ += c;
  }
  text_ += '\n';
  return *this;
}

LineWriter& LineWriter::add_number(std::string_view key, std::int64_t value) { return add(key, std::to_string(value)); }

std::string LineWriter::finish() && { return std::move(text_) + "end\n"; }

Checked<LineReader> LineReader::open(std::string_view text, std::string_view kind, int version) {
  std::string const first = std::string(kind) + " " + std::to_string(version);
  std::string_view line;
  if (!take_line(text, line) || line != first) return Refused("it does not begin with the line \"" + first + "\"");
  LineReader reader;
  while (take_line(text, line)) {
    if (line == "end") {
      if (!text.empty()) return Refused("something follows its last line");
      return reader;
    }
    auto const space = line.find(' ');
    if (space == std::string_view::npos || space == 0) return Refused("it holds a line that is not a key and a value");
    auto value = unescaped(line.substr(space + 1));
    if (!value) return Refused(value.error());
    reader.lines_.emplace_back(std::string(line.substr(0, space)), std::move(*value));
  }
  return Refused("it is cut short");
}

void LineReader::read(std::string_view key, std::vector<std::string>& out) {
  out.clear();
  for (auto const& [name, value] : lines_)
    if (name == key) out.push_back(value);
}

void LineReader::read(std::string_view key, std::string& out) {
  bool found = false;
  for (auto const& [name, value] : lines_) {
    if (name != key) continue;
    if (found) refuse(std::string(key) + " is given twice");
    found = true;
    out = value;
  }
}

void LineReader::read(std::string_view key, std::int64_t& out, std::int64_t low, std::int64_t high) {
  std::string text;
  read(key, text);
  if (!has(key)) return;
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high)
    return refuse(std::string(key) + " must be a number from " + std::to_string(low) + " to " + std::to_string(high));
  out = value;
}

bool LineReader::has(std::string_view key) const {
  for (auto const& line : lines_)
    if (line.first == key) return true;
  return false;
}

void LineReader::refuse(std::string why) {
  if (problem_.empty()) problem_ = std::move(why);
}

}  // namespace nav::supervisor
