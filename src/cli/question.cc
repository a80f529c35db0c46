// SPDX-License-Identifier: Apache-2.0
#include "cli/question.h"

#include <termios.h>
#include <unistd.h>

#include "cli/context.h"

namespace nav::cli {

namespace {

/// One line of standard input, byte by byte: nothing of what follows is taken from whoever reads next.
std::string read_line() {
  std::string line;
  char c = 0;
  while (line.size() < 4096 && read(STDIN_FILENO, &c, 1) == 1 && c != '\n') line += c;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

/// Typing is not shown while this lives.
class Hidden {
 public:
  Hidden() {
    hidden_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!hidden_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Hidden() {
    if (hidden_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool hidden_ = false;
};

}  // namespace

Result<bool> ask_yes_or_no(Context& nav, std::string const& question, Answer otherwise, std::string const& hint) {
  if (!nav.asks_person) return Unexpected(Error{ErrorKind::InvalidArgument, "this has to be confirmed, and nobody is at the terminal", hint, {}});
  while (true) {
    nav.print_error(fmt::format("{} {} ", question, otherwise == Answer::Yes ? "[Y/n]" : "[y/N]"));
    std::string const line = read_line();
    if (line.empty()) return otherwise == Answer::Yes;
    for (std::string_view const yes : {"y", "Y", "yes", "Yes", "YES"})
      if (line == yes) return true;
    for (std::string_view const no : {"n", "N", "no", "No", "NO"})
      if (line == no) return false;
  }
}

Result<std::string> ask_secret(Context& nav, std::string const& question) {
  std::string secret;
  if (nav.asks_person) {
    nav.print_error(question + " ");
    Hidden const hidden;
    secret = read_line();
    nav.print_error("\n");
  } else {
    secret = read_line();
  }
  if (secret.empty()) return fail(ErrorKind::InvalidArgument, "no token was given");
  return secret;
}

}  // namespace nav::cli
