// SPDX-License-Identifier: Apache-2.0
// nav top
#include <algorithm>
#include <csignal>
#include <memory>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "api/query.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/node_text.h"
#include "cli/top_view.h"

namespace nav::cli {

namespace {

/// A screen of its own on the terminal, keys one by one, and signals as something to read. The terminal is as before when it is gone.
class Screen {
 public:
  explicit Screen(Context& nav) : nav_(nav) {
    sigset_t heard;
    sigemptyset(&heard);
    for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&heard, signal);
    pthread_sigmask(SIG_BLOCK, &heard, &mask_before_);
    signals_ = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
    tcgetattr(STDIN_FILENO, &before_);
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    nav_.print("\x1b[?1049h\x1b[?25l");
  }
  ~Screen() {
    nav_.print("\x1b[?25h\x1b[?1049l");
    tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    close(signals_);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  Screen(Screen const&) = delete;
  Screen& operator=(Screen const&) = delete;

  void show(std::vector<std::string> const& lines) {
    std::string out = "\x1b[H";
    for (std::size_t i = 0; i < lines.size(); ++i) out += lines[i] + "\x1b[K" + (i + 1 < lines.size() ? "\r\n" : "");
    nav_.print(out + "\x1b[J");
  }

  enum class Event { Nothing, Leave, Resize, Keys };
  /// Waits for something to happen; the keys pressed are in `keys`.
  Event wait(Duration longest, std::string& keys) {
    pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}};
    if (poll(waits, 2, static_cast<int>(longest.ms())) <= 0) return Event::Nothing;
    if ((waits[1].revents & POLLIN) != 0) {
      signalfd_siginfo which{};
      if (read(signals_, &which, sizeof which) != sizeof which) return Event::Nothing;
      return which.ssi_signo == SIGWINCH ? Event::Resize : Event::Leave;
    }
    char bytes[64];
    ssize_t const n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n <= 0) return Event::Leave;
    keys.assign(bytes, static_cast<std::size_t>(n));
    return Event::Keys;
  }

 private:
  Context& nav_;
  int signals_ = -1;
  sigset_t mask_before_{};
  termios before_{};
};

/// The first key of what was typed: a letter, or all that a key with a name sends ("\x1b[5~"). Taken out of `typed`.
std::string take_key(std::string& typed) {
  std::size_t size = 1;
  if (typed.starts_with("\x1b[") || typed.starts_with("\x1bO")) {
    size = 2;
    while (size < typed.size() && (typed[size] < '@' || typed[size] > '~')) ++size;
    size = std::min(size + 1, typed.size());
  }
  std::string key = typed.substr(0, size);
  typed.erase(0, size);
  return key;
}

enum class Wish { Stay, Leave };

Wish obey(TopView& view, std::string const& key, std::size_t page) {
  auto const up = [&](std::size_t n) { view.scroll -= std::min(view.scroll, n); };
  if (key == "q" || key == "Q" || key == "\x1b") return Wish::Leave;
  if (key == "\x1b[A" || key == "\x1bOA" || key == "k") up(1);
  else if (key == "\x1b[B" || key == "\x1bOB" || key == "j") view.scroll += 1;
  else if (key == "\x1b[5~") up(page);
  else if (key == "\x1b[6~" || key == " ") view.scroll += page;
  else if (key == "\x1b[H" || key == "g") view.scroll = 0;
  else if (key == "s") view.detail = view.detail == TopDetail::Slices ? TopDetail::Gpus : TopDetail::Slices;
  else if (key == "i") view.idle = view.idle == TopIdle::Shown ? TopIdle::Hidden : TopIdle::Shown;
  else if (key == "\x1b[F" || key == "G") view.scroll = 1'000'000'000;
  return Wish::Stay;
}

/// Only of what is in sight: a hundred nodes have thousands of slices. An older server measures nothing, which is no trouble.
void measure(Context& nav, TopView& view) {
  for (auto const& name : nodes_in_sight(view, nav.terminal)) {
    api::LatestQuery const query{.node = name, .recent = 12};
    if (auto const latest = nav.server->read<api::LatestAnswer>({api::Operation::LatestMetrics, {}, api::query_text(query)})) view.take(*latest, name);
  }
}

void refresh(Context& nav, TopView& view) {
  auto pool = nav.server->read<api::Pool>({api::Operation::GetPool});
  if (!pool) {
    view.trouble = pool.error().message;
    return;
  }
  view.pool = std::move(*pool);
  view.seen = nav.now();
  view.trouble.clear();
  measure(nav, view);
}

Result<int> watch_pool(Context& nav, Duration every) {
  TopView view;
  auto pool = nav.server->read<api::Pool>({api::Operation::GetPool});
  if (!pool) return Unexpected(pool.error());
  view.pool = std::move(*pool);
  view.seen = nav.now();
  measure(nav, view);
  if (!nav.terminal.is_terminal || !nav.asks_person) {
    nav.print(pool_sentence(*view.pool) + boards_text(*view.pool, nav.terminal));
    for (auto const& line : list_lines(view, nav.terminal)) nav.print(line + "\n");
    return 0;
  }
  Screen screen(nav);
  Time next = nav.now() + every;
  while (true) {
    screen.show(frame_of(view, nav.terminal, nav.now()));
    std::string keys;
    Duration const until_next = next - nav.now();
    auto const event = until_next.us <= 0 ? Screen::Event::Nothing : screen.wait(until_next, keys);
    if (event == Screen::Event::Leave) return 0;
    if (event == Screen::Event::Resize) nav.terminal = terminal_of(STDOUT_FILENO, *nav.variables);
    while (!keys.empty())
      if (obey(view, take_key(keys), nav.terminal.height / 2) == Wish::Leave) return 0;
    if (nav.now() < next) continue;
    refresh(nav, view);
    next = nav.now() + every;
  }
}

}  // namespace

Command top_command() {
  auto every = std::make_shared<Duration>(seconds(1));
  Command command("top", "Watch all GPUs and slices, live");
  command.about(
      "Redraws as things change. Each slice is a line: who holds it, how busy it is, its memory. q leaves, arrows and page keys move, s shows a line a GPU "
      "instead, i hides what is idle. Where output is not a terminal it prints once.");
  command.option("--every T", "ask again so often (1s)", into(*every));
  command.checked([every]() -> Result<void> {
    if (*every >= milliseconds(100)) return {};
    return fail(ErrorKind::InvalidArgument, "--every: at least 100ms");
  });
  command.runs([every](Context& nav) { return watch_pool(nav, *every); });
  return command;
}

}  // namespace nav::cli
