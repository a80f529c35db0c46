// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

/// The language of the command line as a value: commands with their options, arguments and examples. Parsing, help and completion all
/// read this one declaration, so they cannot disagree.
namespace nav::cli {

struct Context;

/// What kind of name a value is: the shells complete it, where the answer is cheap to come by.
enum class Names { None, File, Folder, Template, Node, SimulatedNode, Job, Project, Team, User, Token, Machine, Word };

/// What was written is wrong, and what would be right.
inline Unexpected wrong(std::string message, std::string hint) {
  return Unexpected(Error{ErrorKind::InvalidArgument, std::move(message), std::move(hint), {}});
}

/// Puts what was written into the command's options, or says what would be right.
using Take = std::function<Result<void>(std::string_view)>;

// Where a value goes, and how it is read.
Take into(std::string& value);
Take into(std::vector<std::string>& values);
Take into(Duration& value);
Take into(std::optional<std::string>& value);
Take into(std::optional<Duration>& value);
Take into(std::uint32_t& value);
Take into(std::uint64_t& value);
Take into(std::int32_t& value);
Take into(std::optional<std::uint32_t>& value);
Take into(std::optional<std::int32_t>& value);
Take into(std::map<std::string, std::string>& pairs);  ///< KEY=VALUE
Take into_list(std::vector<double>& values);           ///< 0.8,1.0; the first replaces the default
Take into_list(std::vector<std::uint32_t>& values);
Take into_list(std::vector<std::uint64_t>& values);  ///< 1,2,3 or 1-8
Take into_list(std::vector<std::string>& values);
Take into_mib(std::uint64_t& mib);                                                  ///< 512M, 16G
Take into_money(std::optional<std::int64_t>& micro);                                ///< 3, 2.50
Take into_milli(std::uint32_t& milli);                                              ///< processors: 2, 0.5
Take into_word(std::string& value, std::vector<std::string> words);                 ///< one of these
Take into_words(std::vector<std::string>& values, std::vector<std::string> words);  ///< each one of these, or several with commas
Take into(std::optional<double>& value);
Take into_switch(bool& value);

struct Option {
  char letter = 0;    ///< 'f' of "-f, --follow"; 0: none
  std::string name;   ///< "--follow"
  std::string value;  ///< "TEMPLATE"; empty: a switch
  std::string help;
  Take take;
  Names names = Names::None;
  std::vector<std::string> words;  ///< for Names::Word
  bool required = false;
  bool hidden = false;
};

struct Argument {
  std::string name;  ///< "JOB"
  std::string help;
  Take take;
  Names names = Names::None;
  std::vector<std::string> words;
  std::size_t least = 1;
  std::size_t most = 1;
  bool takes_rest = false;  ///< everything from its first word on belongs to it, options of other programs too
};

struct Example {
  std::string what;
  std::string command;
};

/// A word of the command line, with what may follow it. What its values are read into belongs to its `run`, which captures it. Built by its file:
/// `Command("cancel", "End jobs").argument("JOB...", "numbers of jobs", into(asked->jobs), Names::Job).runs(...)`.
class Command {
 public:
  Command(std::string name_of_command, std::string summary_line) : name(std::move(name_of_command)), summary(std::move(summary_line)) {}

  Command& about(std::string paragraphs) &;
  /// "--on TEMPLATE", "-f, --follow"; "!" at the end: it must be given.
  Command& option(std::string_view spelling, std::string help, Take take, Names names = Names::None, std::vector<std::string> words = {}) &;
  Command& hidden_option(std::string_view spelling, Take take) &;
  /// "JOB", "[JOB]", "JOB...", "[JOB...]", or "COMMAND...!": the rest of the line.
  Command& argument(std::string_view spelling, std::string help, Take take, Names names = Names::None, std::vector<std::string> words = {}) &;
  Command& example(std::string what, std::string command) &;
  /// Held against the options once all are read: what does not go together is a fault of the command line.
  Command& checked(std::function<Result<void>()> check) &;
  Command& runs(std::function<Result<int>(Context&)> run) &;
  Command& add(Command subcommand) &;
  Command& in_group(std::string group) &;
  Command& is_hidden() &;

  Command const* find(std::string_view subcommand) const;

  std::string name;
  std::string summary;  ///< one line, no full stop
  std::string text;     ///< what a person should know before the first use
  std::string group;    ///< heading it stands under in the help of its parent
  bool hidden = false;
  std::vector<Option> options;
  std::vector<Argument> arguments;
  std::vector<Example> examples;
  std::vector<Command> subcommands;
  std::function<Result<void>()> check;
  std::function<Result<int>(Context&)> run;  ///< empty: only its subcommands do anything
};

}  // namespace nav::cli
