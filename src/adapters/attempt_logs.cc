// SPDX-License-Identifier: Apache-2.0
#include "adapters/attempt_logs.h"

#include <algorithm>
#include <limits>
#include <unistd.h>

#include "supervisor/attempt_folder.h"
#include "supervisor/files.h"
#include "supervisor/log.h"

namespace nav {
namespace {

constexpr std::size_t room_for_gap_line = 256;

struct Progress {
  std::int64_t read_to = 0;  ///< in the attempt's own log
  std::int64_t sent = 0;     ///< in what the controller stores
  bool complete = false;
};

/// What cannot be read counts as nothing: it is sent again.
Progress progress_of(std::string const& folder) {
  Progress progress;
  auto const text = supervisor::read_whole(folder + "/delivered");
  if (!text) return progress;
  auto lines = supervisor::LineReader::open(*text, "nav-delivered", 1);
  if (!lines) return progress;
  std::int64_t complete = 0;
  lines->read("read_to", progress.read_to, 0, supervisor::LineReader::highest);
  lines->read("sent", progress.sent, 0, supervisor::LineReader::highest);
  lines->read("complete", complete, 0, 1);
  progress.complete = complete == 1;
  return lines->problem().empty() ? progress : Progress{};
}

/// An attempt that never got as far as a log has an empty one.
Result<supervisor::LogPiece> piece_of(std::string const& folder, std::int64_t offset, std::size_t max) {
  auto piece = supervisor::read_log(folder, offset, max);
  if (!piece && piece.error().kind == ErrorKind::NotFound) return supervisor::LogPiece{offset, 0, {}, offset};
  return piece;
}

}  // namespace

Result<std::optional<LogNews>> AttemptLogs::next(AttemptId attempt, std::size_t max) const {
  auto const folder = jobs_folder_ + "/" + to_text(attempt);
  // The phase first: of an attempt that is over by now, nothing is written after this.
  TRY(auto const sight, supervisor::look(folder));
  bool const over = sight.phase == supervisor::Phase::Ended || sight.phase == supervisor::Phase::Lost;
  auto const progress = progress_of(folder);
  if (progress.complete) return std::nullopt;
  TRY(auto piece, piece_of(folder, progress.read_to, max - std::min(max - 1, room_for_gap_line)));
  LogNews news{static_cast<std::uint64_t>(progress.sent), {}, false, piece.next};
  if (piece.left_out > 0) news.bytes = supervisor::gap_line(piece.left_out);
  news.bytes += piece.bytes;
  if (over) {
    TRY(auto const rest, piece_of(folder, piece.next, 1));
    news.last = rest.bytes.empty();
  }
  if (news.bytes.empty() && !news.last) return std::nullopt;
  return news;
}

Result<void> AttemptLogs::delivered(AttemptId attempt, LogNews const& news) const {
  supervisor::LineWriter lines("nav-delivered", 1);
  lines.add_number("read_to", news.read_to).add_number("sent", static_cast<std::int64_t>(news.offset + news.bytes.size())).add_number("complete", news.last);
  auto const folder = jobs_folder_ + "/" + to_text(attempt);
  if (auto done = supervisor::replace_file(folder, "delivered", std::move(lines).finish(), 0600, supervisor::Durability::Process); !done)
    return fail(ErrorKind::Internal, "{}", done.error());
  return {};
}

Result<void> AttemptLogs::deliver_again(AttemptId attempt) const {
  auto const path = jobs_folder_ + "/" + to_text(attempt) + "/delivered";
  if (::unlink(path.c_str()) != 0 && ::access(path.c_str(), F_OK) == 0) return fail(ErrorKind::Internal, "{}", supervisor::errno_text("remove " + path));
  return {};
}

bool AttemptLogs::all_delivered(std::string const& attempt_folder) { return progress_of(attempt_folder).complete; }

}  // namespace nav
