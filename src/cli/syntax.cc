// SPDX-License-Identifier: Apache-2.0
#include "cli/syntax.h"

#include "base/ensure.h"

namespace nav::cli {

Command& Command::about(std::string paragraphs) & {
  text = std::move(paragraphs);
  return *this;
}

Command& Command::option(std::string_view spelling, std::string help, Take take, Names names, std::vector<std::string> words) & {
  Option option;
  if (spelling.ends_with('!')) {
    option.required = true;
    spelling.remove_suffix(1);
  }
  if (spelling.size() > 4 && spelling[1] != '-') {
    ensure(spelling.substr(2, 2) == ", ", "a letter is followed by the name");
    option.letter = spelling[1];
    spelling.remove_prefix(4);
  }
  ensure(spelling.starts_with("--"), "every option has a long name");
  auto const space = spelling.find(' ');
  option.name = spelling.substr(0, space);
  if (space != std::string_view::npos) option.value = spelling.substr(space + 1);
  option.help = std::move(help);
  option.take = std::move(take);
  option.names = names;
  option.words = std::move(words);
  options.push_back(std::move(option));
  return *this;
}

Command& Command::hidden_option(std::string_view spelling, Take take) & {
  option(spelling, "", std::move(take));
  options.back().hidden = true;
  return *this;
}

Command& Command::argument(std::string_view spelling, std::string help, Take take, Names names, std::vector<std::string> words) & {
  Argument argument;
  if (spelling.ends_with('!')) {
    argument.takes_rest = true;
    spelling.remove_suffix(1);
  }
  if (spelling.starts_with('[')) {
    argument.least = 0;
    spelling.remove_prefix(1);
    spelling.remove_suffix(1);
  }
  if (spelling.ends_with("...")) {
    argument.most = std::numeric_limits<std::size_t>::max();
    spelling.remove_suffix(3);
  }
  argument.name = spelling;
  argument.help = std::move(help);
  argument.take = std::move(take);
  argument.names = names;
  argument.words = std::move(words);
  arguments.push_back(std::move(argument));
  return *this;
}

Command& Command::example(std::string what, std::string command) & {
  examples.push_back({std::move(what), std::move(command)});
  return *this;
}

Command& Command::checked(std::function<Result<void>()> how) & {
  check = std::move(how);
  return *this;
}

Command& Command::runs(std::function<Result<int>(Context&)> what) & {
  run = std::move(what);
  return *this;
}

Command& Command::add(Command subcommand) & {
  subcommands.push_back(std::move(subcommand));
  return *this;
}

Command& Command::in_group(std::string heading) & {
  group = std::move(heading);
  return *this;
}

Command& Command::is_hidden() & {
  hidden = true;
  return *this;
}

Command const* Command::find(std::string_view subcommand) const {
  for (auto const& command : subcommands)
    if (command.name == subcommand) return &command;
  return nullptr;
}

}  // namespace nav::cli
