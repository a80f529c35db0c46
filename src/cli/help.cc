// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>

#include "base/text.h"
#include "cli/parse.h"

namespace nav::cli {

namespace {

struct Line {
  std::string left;
  std::string right;
};

std::string heading(std::string const& text, Terminal const& terminal) { return "\n" + terminal.painted(Paint::Strong, text) + "\n"; }

/// Names on the left, what they are on the right. A name too long for its column stands on a line of its own.
std::string two_columns(std::vector<Line> const& lines, std::size_t width) {
  constexpr std::size_t most = 24, indent = 2;
  std::size_t left = 0;
  for (auto const& line : lines)
    if (line.left.size() <= most) left = std::max(left, line.left.size());
  std::string out;
  std::size_t const right = indent + left + 2;
  for (auto const& line : lines) {
    out += std::string(indent, ' ') + line.left;
    std::string const text = wrapped(line.right, width, right);
    if (line.right.empty()) out += "\n";
    else if (line.left.size() > left) out += "\n" + text;
    else out += text.substr(indent + line.left.size());
  }
  return out;
}

std::string spelled(Option const& option) {
  std::string out = option.letter != 0 ? fmt::format("-{}, ", option.letter) : "    ";
  out += option.name;
  return option.value.empty() ? out : out + " " + option.value;
}

std::string spelled(Argument const& argument) {
  std::string const name = argument.name + (argument.most > 1 ? "..." : "");
  return argument.least == 0 ? "[" + name + "]" : name;
}

std::string subcommands_text(Command const& command, Terminal const& terminal, std::size_t width) {
  std::vector<std::string> groups;
  for (auto const& sub : command.subcommands)
    if (!sub.hidden && std::find(groups.begin(), groups.end(), sub.group) == groups.end()) groups.push_back(sub.group);
  std::string out;
  for (auto const& group : groups) {
    std::vector<Line> lines;
    for (auto const& sub : command.subcommands)
      if (!sub.hidden && sub.group == group) lines.push_back({sub.name, sub.summary});
    out += heading(group.empty() ? "Commands" : group, terminal) + two_columns(lines, width);
  }
  return out;
}

std::string examples_text(Command const& command, Terminal const& terminal) {
  std::string out;
  for (auto const& example : command.examples) {
    out += terminal.painted(Paint::Dim, "  # " + example.what) + "\n";
    for (auto const line : split(example.command, '\n')) out += fmt::format("  {}\n", line);
  }
  return out;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  for (auto const line : split(text, '\n')) {
    std::string current(indent, ' ');
    bool empty = true;
    // A line that begins with blanks is a drawing of its own (a list, an example): its words are not moved.
    for (auto const word : line.starts_with(' ') ? std::vector<std::string_view>{line} : split(line, ' ')) {
      if (!empty && columns_of(current) + 1 + columns_of(word) > width) {
        out += current + "\n";
        current = std::string(indent, ' ');
        empty = true;
      }
      if (!empty) current += ' ';
      current += word;
      empty = false;
    }
    while (!current.empty() && current.back() == ' ') current.pop_back();
    out += current + "\n";
  }
  return out;
}

std::string usage_line(std::vector<Command const*> const& path) {
  Command const& command = *path.back();
  std::string out = words_of(path);
  if (!command.run) return out + " COMMAND";
  for (auto const& option : command.options)
    if (option.required) out += fmt::format(" {} {}", option.name, option.value);
  if (std::any_of(command.options.begin(), command.options.end(), [](auto const& o) { return !o.required && !o.hidden; })) out += " [options]";
  for (auto const& argument : command.arguments) out += (argument.takes_rest ? " -- " : " ") + spelled(argument);
  return out;
}

std::string help_text(std::vector<Command const*> const& path, Terminal const& terminal) {
  std::size_t const width = std::min<std::size_t>(terminal.width == 0 ? 80 : std::max<std::size_t>(terminal.width, 40), 100);
  Command const& command = *path.back();
  std::string out = wrapped(command.summary, width, 0);
  out += heading("Usage", terminal) + fmt::format("  {}\n", usage_line(path));
  if (!command.text.empty()) out += "\n" + wrapped(command.text, width, 0);
  out += subcommands_text(command, terminal, width);
  if (!command.arguments.empty()) {
    std::vector<Line> lines;
    for (auto const& argument : command.arguments) lines.push_back({spelled(argument), argument.help});
    out += heading("Arguments", terminal) + two_columns(lines, width);
  }
  std::vector<Line> lines;
  for (auto const& option : command.options)
    if (!option.hidden) lines.push_back({spelled(option), option.help});
  if (command.run) lines.push_back({"-h, --help", "show this"});
  if (!lines.empty()) out += heading("Options", terminal) + two_columns(lines, width);
  if (!command.examples.empty()) out += heading("Examples", terminal) + examples_text(command, terminal);
  if (!command.run) out += fmt::format("\n{} COMMAND --help tells more about each.\n", words_of(path));
  return out;
}

}  // namespace nav::cli
