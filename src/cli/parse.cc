// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <fmt/ranges.h>
#include <set>

#include "base/text.h"

namespace nav::cli {

namespace {

std::string meant(std::vector<std::string> const& near, std::string otherwise) {
  return near.empty() ? otherwise : fmt::format("did you mean {}?", fmt::join(near, " or "));
}

/// What was written for `name` is wrong: the reader said why, here comes where.
Unexpected in(std::string const& name, Error error) {
  error.message = fmt::format("{}: {}", name, error.message);
  return Unexpected(std::move(error));
}

class WordReader {
 public:
  WordReader(Command const& nav, std::vector<std::string> const& words) : words_(words) { parsed_.path.push_back(&nav); }

  Result<Parsed> read() {
    while (at_ < words_.size() && !parsed_.wants_help) TRY_VOID(read_word());
    if (parsed_.wants_help) return parsed_;
    Command const& command = parsed_.command();
    if (!command.run) {  // a noun alone: its help says what can be done
      parsed_.wants_help = true;
      return parsed_;
    }
    for (auto const& option : command.options)
      if (option.required && !given_.contains(option.name)) return wrong(fmt::format("{} {} is missing", option.name, option.value), usage_hint());
    for (std::size_t i = argument_; i < command.arguments.size(); ++i)
      if ((i == argument_ ? taken_ : 0) < command.arguments[i].least)
        return wrong(fmt::format("{} is missing: {}", command.arguments[i].name, command.arguments[i].help), usage_hint());
    if (command.check) TRY_VOID(command.check());
    return parsed_;
  }

 private:
  Result<void> read_word() {
    std::string const& word = words_[at_];
    if (word == "--" && !only_arguments_) {
      only_arguments_ = true;
      ++at_;
      return {};
    }
    if (!only_arguments_ && word.size() > 1 && word[0] == '-') return word[1] == '-' ? read_long(word) : read_letters(word);
    ++at_;
    return read_plain(word);
  }

  Result<void> read_long(std::string const& word) {
    auto const equals = word.find('=');
    std::string const name = word.substr(0, equals);
    if (name == "--help") return ask_help();
    Option const* option = nullptr;
    std::vector<std::string> known{"--help"};
    for (auto const& one : parsed_.command().options) {
      if (one.name == name) option = &one;
      if (!one.hidden) known.push_back(one.name);
    }
    if (!option) return wrong(fmt::format("{} has no option {}", words_of(parsed_.path), shortened(name, 60)), meant(nearest(name, known), usage_hint()));
    ++at_;
    if (option->value.empty()) {
      if (equals != std::string::npos) return wrong(fmt::format("{} takes no value", option->name), usage_hint());
      return give(*option, {});
    }
    if (equals != std::string::npos) return give(*option, word.substr(equals + 1));
    return give_next(*option);
  }

  /// "-f", "-fn5", "-n 5"
  Result<void> read_letters(std::string const& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      if (word[i] == 'h') return ask_help();
      Option const* option = nullptr;
      for (auto const& one : parsed_.command().options)
        if (one.letter != 0 && one.letter == word[i]) option = &one;
      if (!option) return wrong(fmt::format("{} has no option -{}", words_of(parsed_.path), word[i]), usage_hint());
      if (option->value.empty()) {
        TRY_VOID(give(*option, {}));
        continue;
      }
      ++at_;
      return i + 1 < word.size() ? give(*option, word.substr(i + 1)) : give_next(*option);
    }
    ++at_;
    return {};
  }

  Result<void> give_next(Option const& option) {
    if (at_ == words_.size()) return wrong(fmt::format("{} wants a value: {}", option.name, option.value), usage_hint());
    return give(option, words_[at_++]);
  }

  Result<void> give(Option const& option, std::string const& value) {
    given_.insert(option.name);
    if (auto taken = option.take(value); !taken) return in(option.name, std::move(taken).error());
    return {};
  }

  Result<void> read_plain(std::string const& word) {
    Command const& command = parsed_.command();
    if (!command.subcommands.empty() && !only_arguments_) {
      if (Command const* sub = command.find(word)) {
        parsed_.path.push_back(sub);
        return {};
      }
      std::vector<std::string> known;
      for (auto const& sub : command.subcommands)
        if (!sub.hidden) known.push_back(sub.name);
      if (command.arguments.empty())
        return wrong(fmt::format("there is no command \"{} {}\"", words_of(parsed_.path), shortened(word, 60)), meant(nearest(word, known), usage_hint()));
    }
    if (argument_ < command.arguments.size() && taken_ == command.arguments[argument_].most) {
      ++argument_;
      taken_ = 0;
    }
    if (argument_ == command.arguments.size()) return wrong(fmt::format("\"{}\" is one word too many", shortened(word, 60)), usage_hint());
    Argument const& argument = command.arguments[argument_];
    ++taken_;
    only_arguments_ = only_arguments_ || argument.takes_rest;
    if (auto taken = argument.take(word); !taken) return in(argument.name, std::move(taken).error());
    return {};
  }

  Result<void> ask_help() {
    parsed_.wants_help = true;
    return {};
  }

  std::string usage_hint() const { return fmt::format("{} --help shows how it is used", words_of(parsed_.path)); }

  std::vector<std::string> const& words_;
  std::size_t at_ = 0;
  Parsed parsed_;
  std::set<std::string> given_;
  bool only_arguments_ = false;
  std::size_t argument_ = 0;  // the one being filled
  std::size_t taken_ = 0;     // words it has
};

}  // namespace

std::string words_of(std::vector<Command const*> const& path) {
  std::string out;
  for (auto const* command : path) out += (out.empty() ? "" : " ") + command->name;
  return out;
}

Result<Parsed> parse(Command const& nav, std::vector<std::string> const& words) { return WordReader(nav, words).read(); }

}  // namespace nav::cli
