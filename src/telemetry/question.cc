// SPDX-License-Identifier: Apache-2.0
#include "telemetry/question.h"

#include "base/text.h"

namespace nav::telemetry {

namespace {

Duration length_of(Range const& range) { return range.to - range.from; }
Duration step_of(Range const& range) { return range.step.us > 0 ? range.step : length_of(range); }

/// A step people would choose, no shorter than this.
Duration round_step(Duration least) {
  for (Duration const step :
       {seconds(1), seconds(5), seconds(10), seconds(30), minutes(1), minutes(5), minutes(10), minutes(30), hours(1), hours(6), days(1), days(7)})
    if (step >= least) return step;
  return days(30);
}

Unexpected too_fine(Range const& range, Duration kept, Duration keep) {
  return fail_field("step", fmt::format("{} or more, or begin at most {} ago", to_text(kept), to_text(keep)), "a step of {} is not kept as far back as {}",
                    to_text(range.step), to_text(range.from));
}

}  // namespace

std::string const& part_of(Dimensions const& all, Dimension one) {
  switch (one) {
    case Dimension::Team: return all.team;
    case Dimension::Project: return all.project;
    case Dimension::User: return all.user;
    case Dimension::Template: return all.on;
    case Dimension::Profile: return all.profile;
    case Dimension::Node: return all.node;
    case Dimension::Site: return all.site;
  }
  return all.team;
}

Result<void> check(Range const& range) {
  for (auto const& [field, at] : {std::pair{"since", range.from}, {"until", range.to}})
    if (at < first_time || at > last_time) return fail_field(field, "microseconds since 1970, before 2100", "{} is no moment of our time", at.us);
  if (range.step > days(3'660))
    return fail_field("step", "at most ten years, or 0 for all in one", "a step of {} is longer than anything kept", to_text(range.step));
  if (range.to <= range.from) return fail_field("until", "a moment after `since`", "the range ends before it begins");
  if (range.step.us < 0) return fail_field("step", "as 60000000 for a minute, or 0 for all in one", "a step goes forward");
  if (range.step.us > 0 && range.step < seconds(1))
    return fail_field("step", "at least a second", "a step of {} is finer than anything measured", to_text(range.step));
  if (range.step.us == 0) return {};
  std::int64_t const points = length_of(range).us / range.step.us;
  if (points <= most_points) return {};
  return fail_field("step", fmt::format("{} or more for {}", to_text(round_step(length_of(range) / most_points)), to_text(length_of(range))),
                    "{} steps of {} are more than the {} that are answered", points, to_text(range.step), most_points);
}

Result<std::size_t> grain_for(Range const& range, Time now) {
  TRY_VOID(check(range));
  std::size_t grain = 0;
  // One sum over all is best taken from wide stretches, as long as its borders fall between them.
  while (grain + 1 < std::size(grains) && grains[grain + 1].width <= step_of(range) &&
         (range.step.us > 0 || (range.from == floor_to(range.from, grains[grain + 1].width) && length_of(range) > days(1))))
    ++grain;
  while (grain + 1 < std::size(grains) && range.from < now - grains[grain].keep) ++grain;
  if (grains[grain].width > step_of(range) && range.step.us > 0) return too_fine(range, grains[grain].width, grains[grain - 1].keep);
  return grain;
}

Result<std::size_t> level_for(Range const& range, Time now) {
  TRY_VOID(check(range));
  std::size_t level = level_for(step_of(range));
  while (level + 1 < level_count && range.from < now - levels[level].keep) ++level;
  if (levels[level].width > step_of(range)) return too_fine(range, levels[level].width, levels[level - 1].keep);
  return level;
}

UsageFold::UsageFold(UsageQuestion question) : question_(std::move(question)), wanted_(question_.measures.begin(), question_.measures.end()) {}

std::optional<std::size_t> UsageFold::group_of(Dimensions const& who) {
  if (question_.projects && !who.project.empty() && !question_.projects->contains(who.project)) return {};
  for (auto const& [dimension, name] : question_.where)
    if (part_of(who, dimension) != name) return {};
  std::vector<std::string> names;
  for (Dimension const by : question_.by) names.push_back(part_of(who, by));
  auto const [it, fresh] = known_.try_emplace(names, groups_.size());
  if (fresh) groups_.push_back({std::move(names), {}});
  return it->second;
}

void UsageFold::add(std::size_t group, Time start, Measure measure, Cell const& cell) {
  Range const& range = question_.range;
  Time at = range.from;
  if (range.step.us > 0) at = floor_to(start, range.step);
  groups_[group].points[at][measure].add(cell);
}

std::vector<UsageGroup> UsageFold::take() {
  std::vector<UsageGroup> sorted;
  for (auto const& [names, index] : known_)
    if (!groups_[index].points.empty()) sorted.push_back(std::move(groups_[index]));
  return sorted;
}

}  // namespace nav::telemetry
