// SPDX-License-Identifier: Apache-2.0
#include "core/report_schedule.h"

#include <algorithm>

#include "base/text.h"

namespace nav {

Result<ReportWish> checked(ReportWish wish) {
  if (wish.by.size() > 2) return fail_field("by", "at most two", "{} are too many to group by", wish.by.size());
  if (wish.span.us != 0 && (wish.span < shortest_report || wish.span > longest_report))
    return fail_field("span", fmt::format("{} to {}, or 0 for all since the time before", to_text(shortest_report), to_text(longest_report)),
                      "a report cannot be about {}", to_text(wish.span));
  std::sort(wish.formats.begin(), wish.formats.end());
  wish.formats.erase(std::unique(wish.formats.begin(), wish.formats.end()), wish.formats.end());
  if (wish.formats.empty()) return fail_field("formats", "some of csv, html, json", "a report without a format is no file");
  if (wish.keep < 1 || wish.keep > most_reports_kept)
    return fail_field("keep", fmt::format("1 to {}", most_reports_kept), "{} reports cannot be kept", wish.keep);
  return wish;
}

}  // namespace nav
