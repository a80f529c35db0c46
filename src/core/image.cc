// SPDX-License-Identifier: Apache-2.0
#include "core/image.h"

#include "base/bytes.h"
#include "core/image_pool.h"

namespace nav {

namespace {

constexpr std::string_view mark = "opennav image\n";
/// Raised when a new field cannot be read as absent. Journals outlive versions, and so do images: the reader of each older form stays.
/// 2: a seat has the time limit of its attempt, a class the limits of its rungs and the current one.
constexpr std::uint64_t image_version = 2;

struct AccessImage {
  std::vector<User> users;
  std::vector<Team> teams;
  std::vector<Project> projects;
  std::vector<Token> tokens;
  std::vector<Webhook> webhooks;
  std::vector<ReportSchedule> report_schedules;
};
BOOST_DESCRIBE_STRUCT(AccessImage, (), (users, teams, projects, tokens, webhooks, report_schedules))

std::string save_access(Access const& access) {
  AccessImage image;
  for (auto const& [id, user] : access.users) image.users.push_back(user);
  for (auto const& [id, team] : access.teams) image.teams.push_back(team);
  for (auto const& [id, project] : access.projects) image.projects.push_back(project);
  for (auto const& [id, token] : access.tokens) image.tokens.push_back(token);
  for (auto const& [id, webhook] : access.webhooks) image.webhooks.push_back(webhook);
  for (auto const& [name, schedule] : access.report_schedules) image.report_schedules.push_back(schedule);
  return json_write(image);
}

Result<Access> load_access(std::string_view text) {
  TRY(auto image, json_read<AccessImage>(text, Unknown::Ignore));
  Access access;
  for (auto& user : image.users) access.users[user.id] = std::move(user);
  for (auto& team : image.teams) access.teams[team.id] = std::move(team);
  for (auto& project : image.projects) access.projects[project.id] = std::move(project);
  for (auto& token : image.tokens) {
    if (!token.revoked) access.token_of_hash[token.hash] = token.id;
    access.tokens[token.id] = std::move(token);
  }
  for (auto& webhook : image.webhooks) access.webhooks[webhook.id] = std::move(webhook);
  for (auto& schedule : image.report_schedules) access.report_schedules[schedule.name] = schedule;
  return access;
}

}  // namespace

std::string save_image(Pool const& pool, Access const& access, std::string_view answers) {
  ByteWriter out;
  out.text(mark);
  out.number(image_version);
  out.text(save_access(access));
  out.text(answers);
  save_pool(pool, out);
  return out.take();
}

Result<Image> load_image(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.text() != mark) return fail(ErrorKind::Internal, "this is no image of a state");
  std::uint64_t const found = in.number();
  if (found < 1 || found > image_version)
    return fail(ErrorKind::Unsupported, "the image is of version {}, and this one reads versions up to {}", found, image_version);
  Image image;
  TRY(image.access, load_access(in.text()));
  image.answers = in.text();
  tell(image.pool.accounts, image.access, Time{});
  TRY_VOID(load_pool(in, image.pool, found));
  if (!in.is_done()) return fail(ErrorKind::Internal, "the image does not end where it should");
  return image;
}

}  // namespace nav
