// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include "cli/commands.h"
#include "cli/context.h"

namespace nav::cli {

namespace {

/// Where the cursor stands, found without reading any value.
struct Cursor {
  Command const* command;
  Option const* option = nullptr;  // whose value is being written
  std::size_t argument = 0;
  bool only_arguments = false;
  bool in_rest = false;  // of a line that belongs to another program
};

Option const* find_option(Command const& command, std::string const& word) {
  for (auto const& option : command.options) {
    if (option.name == word) return &option;
    if (word.size() == 2 && option.letter != 0 && word[1] == option.letter) return &option;
  }
  return nullptr;
}

Cursor cursor_after(Command const& nav, std::vector<std::string> const& words) {
  Cursor cursor{&nav};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    std::string const& word = words[i];
    if (cursor.in_rest) break;
    if (cursor.option) {
      cursor.option = nullptr;
    } else if (word == "--" && !cursor.only_arguments) {
      cursor.only_arguments = true;
    } else if (word.starts_with('-') && !cursor.only_arguments) {
      Option const* option = find_option(*cursor.command, word);
      if (option && !option->value.empty()) cursor.option = option;
    } else if (Command const* sub = cursor.command->find(word)) {
      cursor.command = sub;
      cursor.argument = 0;
    } else if (cursor.argument < cursor.command->arguments.size()) {
      Argument const& argument = cursor.command->arguments[cursor.argument];
      cursor.in_rest = argument.takes_rest;
      if (argument.most == 1) ++cursor.argument;
    }
  }
  return cursor;
}

std::vector<Candidate> values(Names kind, std::vector<std::string> const& words, NameSource const& names) {
  if (kind == Names::File || kind == Names::Folder) return {{complete_files, ""}};
  if (!words.empty()) {
    std::vector<Candidate> out;
    for (auto const& word : words) out.push_back({word, ""});
    return out;
  }
  return kind == Names::None ? std::vector<Candidate>{} : names(kind);
}

std::vector<Candidate> options(Command const& command) {
  std::vector<Candidate> out;
  for (auto const& option : command.options)
    if (!option.hidden) out.push_back({option.name, option.help});
  out.push_back({"--help", "show how it is used"});
  return out;
}

std::vector<Candidate> subcommands(Command const& command) {
  std::vector<Candidate> out;
  for (auto const& sub : command.subcommands)
    if (!sub.hidden) out.push_back({sub.name, sub.summary});
  return out;
}

std::vector<Candidate> that_begin(std::vector<Candidate> all, std::string_view with) {
  std::erase_if(all, [&](auto const& one) { return one.word != complete_files && !one.word.starts_with(with); });
  return all;
}

constexpr char bash_script[] = R"(# Completion of nav for bash:  source <(nav completion bash)
_nav() {
  local line IFS=$'\n'
  COMPREPLY=()
  for line in $("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    if [ "$line" = :files ]; then
      compopt -o default
      return
    fi
    COMPREPLY+=("${line%%$'\t'*}")
  done
}
complete -F _nav nav
)";

constexpr char zsh_script[] = R"(#compdef nav
# Completion of nav for zsh:  source <(nav completion zsh)
_nav() {
  local line
  local -a names
  for line in "${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line ]] && continue
    if [[ $line == :files ]]; then
      _files
      return
    fi
    local about=${line#*$'\t'}
    names+=("${${line%%$'\t'*}//:/\\:}${${about:#$line}:+:$about}")
  done
  _describe nav names
}
compdef _nav nav
)";

constexpr char fish_script[] = R"(# Completion of nav for fish:  nav completion fish | source
function __nav_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$lines" = :files
        __fish_complete_path (commandline -ct)
        return
    end
    printf '%s\n' $lines
end
complete -c nav -f -a '(__nav_complete)'
)";

}  // namespace

std::vector<Candidate> candidates(Command const& nav, std::vector<std::string> const& words, NameSource const& names) {
  std::string const last = words.empty() ? "" : words.back();
  Cursor const cursor = cursor_after(nav, words);
  if (cursor.in_rest) return {{complete_files, ""}};
  if (cursor.option) return that_begin(values(cursor.option->names, cursor.option->words, names), last);
  if (last.starts_with('-') && !cursor.only_arguments) {
    auto const equals = last.find('=');
    if (equals == std::string::npos) return that_begin(options(*cursor.command), last);
    Option const* option = find_option(*cursor.command, last.substr(0, equals));
    if (!option) return {};
    auto found = that_begin(values(option->names, option->words, names), last.substr(equals + 1));
    for (auto& one : found)
      if (one.word != complete_files) one.word = last.substr(0, equals + 1) + one.word;
    return found;
  }
  auto found = cursor.argument == 0 ? that_begin(subcommands(*cursor.command), last) : std::vector<Candidate>{};
  if (cursor.argument >= cursor.command->arguments.size()) return found;
  Argument const& argument = cursor.command->arguments[cursor.argument];
  auto const of_argument = that_begin(values(argument.takes_rest ? Names::File : argument.names, argument.words, names), last);
  found.insert(found.end(), of_argument.begin(), of_argument.end());
  return found;
}

std::string completion_script(std::string_view shell) { return shell == "zsh" ? zsh_script : shell == "fish" ? fish_script : bash_script; }

Command completion_command() {
  auto shell = std::make_shared<std::string>();
  std::vector<std::string> const shells{"bash", "zsh", "fish"};
  Command command("completion", "Print a script that completes nav's words in your shell");
  command.about("Commands and options are completed, and names of templates, nodes and jobs as the server knows them.");
  command.argument("SHELL", "bash, zsh or fish", into_word(*shell, shells), Names::Word, shells);
  command.example("For this shell (bash or zsh)", "source <(nav completion bash)");
  command.example("For every bash from now on", "nav completion bash > ~/.local/share/bash-completion/completions/nav");
  command.example("For every fish", "nav completion fish > ~/.config/fish/completions/nav.fish");
  command.runs([shell](Context& nav) -> Result<int> {
    nav.print(completion_script(*shell));
    return 0;
  });
  return command;
}

}  // namespace nav::cli
