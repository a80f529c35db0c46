// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <ctime>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/help_topics.h"
#include "cli/name_source.h"
#include "cli/parse.h"

namespace nav::cli {

namespace {

void write_all(int file, std::string_view text) {
  while (!text.empty()) {
    ssize_t const n = write(file, text.data(), text.size());
    if (n <= 0) return;  // whoever read along is gone
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

Time clock_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec * 1'000'000 + now.tv_nsec / 1000};
}

int report(Error const& error, ExitCode code) {
  write_all(STDERR_FILENO, error_text(error));
  return code;
}

int print_candidates(Command const& nav, std::vector<std::string> words, Server& server, LocalCommands const& local) {
  words.erase(words.begin());
  if (!words.empty() && words[0] == "--") words.erase(words.begin());
  std::string out;
  for (auto const& one : candidates(nav, words, names_of(server, local)))
    out += one.about.empty() ? one.word + "\n" : fmt::format("{}\t{}\n", one.word, one.about);
  write_all(STDOUT_FILENO, out);
  return exit_ok;
}

}  // namespace

int run_cli(int argc, char** argv, LocalCommands const& local, Variables const& variables) {
  std::vector<std::string> words(argv + (argc > 0), argv + argc);
  Command const nav = nav_command(local, variables);
  Server server(variables);
  if (!words.empty() && words[0] == "__complete") return print_candidates(nav, std::move(words), server, local);
  if (!words.empty() && words[0] == "--version") words[0] = "version";
  if (words.size() >= 2 && words[0] == "help") {
    if (auto const topic = help_topic(words[1])) return write_all(STDOUT_FILENO, *topic), exit_ok;
    words.erase(words.begin());
    words.emplace_back("--help");
  } else if (words.size() == 1 && words[0] == "help") {
    words[0] = "--help";
  }

  Context context;
  context.terminal = terminal_of(STDOUT_FILENO, variables);
  context.error_terminal = terminal_of(STDERR_FILENO, variables);
  context.asks_person = isatty(STDIN_FILENO) == 1 && context.error_terminal.is_terminal;
  context.print = [](std::string_view text) { write_all(STDOUT_FILENO, text); };
  context.print_error = [](std::string_view text) { write_all(STDERR_FILENO, text); };
  context.now = clock_now;
  context.variables = &variables;
  context.server = &server;

  auto const parsed = parse(nav, words);
  if (!parsed) return report(parsed.error(), exit_usage);
  if (parsed->wants_help) {
    context.print(help_text(parsed->path, context.terminal));
    // A noun that was left without its verb did nothing.
    bool const was_asked = words.empty() || words.back() == "--help" || words.back() == "-h";
    return was_asked ? exit_ok : exit_usage;
  }
  auto const code = parsed->command().run(context);
  if (!code) return report(code.error(), exit_code_of(code.error().kind));
  return *code;
}

}  // namespace nav::cli
