// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/access.h"
#include "api/events.h"
#include "api/nodes.h"
#include "api/page.h"
#include "api/pool.h"
#include "api/templates.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

TEST(Users, AreMadeAndChangedByWhoHasSeenThem) {
  Site site;
  Answer const made = site.call("POST /v1/users", "root", R"({"name":"carl","role":"viewer"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body, R"({"id":"user-6","name":"carl","role":"viewer","disabled":false})");
  EXPECT_EQ(site.call("POST /v1/users", "root", R"({"name":"carl"})").status, 409);
  EXPECT_EQ(site.call("POST /v1/users", "root", R"({"name":"Carl!"})").status, 400);

  EXPECT_EQ(site.call("PATCH /v1/users/carl", "root", R"({"role":"member"})").status, 400) << "without If-Match";
  std::string const etag = site.call("GET /v1/users/carl", "root").headers.at("ETag");
  Answer const changed = site.call("PATCH /v1/users/carl", "root", R"({"role":"member"})", {{"If-Match", etag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(read<api::User>(changed).role, api::Role::Member);
  EXPECT_EQ(changed.headers.at("ETag"), site.call("GET /v1/users/user-6", "root").headers.at("ETag"));
  EXPECT_EQ(site.call("PATCH /v1/users/carl", "root", R"({"role":"admin"})", {{"If-Match", etag}}).status, 412) << "it is another by now";
  EXPECT_EQ(site.call("PATCH /v1/users/carl", "root", R"({"role":"member"})", {{"If-Match", "*"}}).status, 200) << "nothing to change";
  EXPECT_EQ(site.call("PATCH /v1/users/root", "root", R"({"role":"viewer"})", {{"If-Match", "*"}}).status, 409) << "the only admin";
  EXPECT_EQ(site.call("PATCH /v1/users/nobody", "root", "{}", {{"If-Match", "*"}}).status, 404);
}

TEST(Projects, ShowTheirMembersAndOnlyYourOwn) {
  Site site;
  EXPECT_EQ(site.call("POST /v1/projects", "root", R"({"name":"maps"})").body, R"({"id":"project-4","name":"maps","team":"default","members":[]})");
  EXPECT_EQ(site.call("POST /v1/projects", "root", R"({"name":"maps2","team":"nowhere"})").status, 400);
  Answer const joined = site.call("PATCH /v1/projects/maps", "root", R"({"add":["ada","bob"]})", {{"If-Match", "*"}});
  EXPECT_EQ(read<api::Project>(joined).members, (std::vector<std::string>{"ada", "bob"}));
  Answer const stranger = site.call("PATCH /v1/projects/maps", "root", R"({"remove":["bobb"]})", {{"If-Match", "*"}});
  EXPECT_EQ(stranger.status, 400);
  EXPECT_NE(stranger.body.find("did you mean bob?"), stranger.body.npos);
  auto const names = [&](char const* user) {
    std::string text;
    for (auto const& project : read<api::Page<api::Project>>(site.call("GET /v1/projects", user)).items) text += project.name + " ";
    return text;
  };
  EXPECT_EQ(names("ada"), "default vision maps ");
  EXPECT_EQ(names("bob"), "speech maps ");
  EXPECT_EQ(names("oper"), "default vision speech maps ");
}

TEST(Tokens, ShowTheirSecretOnce) {
  Site site;
  Answer const answer = site.call("POST /v1/tokens", "ada", R"({"name":"laptop","valid_for":60000000})", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(answer.status, 201);
  auto const made = read<api::MadeToken>(answer);
  EXPECT_EQ(made.token.user, "ada");
  EXPECT_EQ(site.call_as({.token = made.secret, .certificate = {}}, "GET /v1/whoami").status, 200);
  Answer const again = site.call("POST /v1/tokens", "ada", R"({"name":"laptop","valid_for":60000000})", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.body.find(to_text(made.token.id)), again.body.npos);
  for (Frame const& frame : site.front.frames) EXPECT_EQ(frame.body.find("\"" + made.secret), frame.body.npos) << "the journal knows its hash alone";
  site.now = site.now + seconds(61);
  EXPECT_EQ(site.call_as({.token = made.secret, .certificate = {}}, "GET /v1/whoami").status, 401) << "expired";
}

TEST(Tokens, AreSeenAndRevokedByTheirOwnersAndAdmins) {
  Site site;
  auto const mine = read<api::Page<api::Token>>(site.call("GET /v1/tokens", "ada"));
  ASSERT_EQ(mine.items.size(), 1u);
  EXPECT_GT(read<api::Page<api::Token>>(site.call("GET /v1/tokens", "root")).items.size(), 4u);
  EXPECT_EQ(site.call("GET /v1/tokens", "root").body.find("hash"), std::string::npos);
  std::string const path = "POST /v1/tokens/" + to_text(mine.items[0].id) + "/revoke";
  EXPECT_EQ(site.call(path, "bob").status, 404);
  EXPECT_TRUE(read<api::Token>(site.call(path, "ada")).revoked);
  EXPECT_EQ(site.call("GET /v1/whoami", "ada").status, 401);
  EXPECT_EQ(site.call(path, "root").status, 200) << "again";
}

TEST(Tokens, ForOthersAreMadeByAdminsAlone) {
  Site site;
  EXPECT_EQ(site.call("POST /v1/tokens", "ada", R"({"name":"x","user":"ada"})").status, 201);
  EXPECT_EQ(site.call("POST /v1/tokens", "ada", R"({"name":"x","user":"bob"})").status, 403);
  EXPECT_EQ(site.call("POST /v1/tokens", "ada", R"({"name":"x","user":"nobody"})").status, 403) << "who there is, is nobody's business";
  EXPECT_EQ(site.call("POST /v1/tokens", "root", R"({"name":"x","user":"nobody"})").status, 400);
  auto const made = read<api::MadeToken>(site.call("POST /v1/tokens", "root", R"({"name":"x","user":"bob"})"));
  EXPECT_EQ(read<api::Whoami>(site.call_as({.token = made.secret, .certificate = {}}, "GET /v1/whoami")).user, "bob");
  EXPECT_EQ(site.call("POST /v1/tokens", "root", R"({"name":"x","valid_for":0})").status, 400);
}

TEST(Audit, SaysWhoDidWhatWithoutSecrets) {
  Site site;
  site.call("POST /v1/teams", "root", R"({"name":"research"})");
  site.call("POST /v1/tokens", "ada", R"({"name":"laptop"})");
  auto const page = read<api::Page<api::Event>>(site.call("GET /v1/audit?limit=1", "root"));
  ASSERT_EQ(page.items.size(), 1u);
  EXPECT_EQ(page.items[0].kind, "TokenMade");
  EXPECT_EQ(page.items[0].by, "ada");
  EXPECT_EQ(page.items[0].body.text.find("hash of"), std::string::npos);
  auto const next = read<api::Page<api::Event>>(site.call("GET /v1/audit?limit=1&cursor=" + page.next.value_or(""), "root"));
  EXPECT_EQ(next.items.at(0).kind, "TeamSet");
  EXPECT_EQ(site.call("GET /v1/audit", "oper").status, 403);
}

TEST(System, IsOpenToWhoeverAsks) {
  Site site;
  EXPECT_EQ(site.call("GET /v1/health", "").body, R"({"healthy":true})");
  EXPECT_EQ(site.call("GET /v1/version", "").status, 200);
  EXPECT_EQ(site.call("GET /openapi.json", "").body.substr(0, 24), "{\n  \"openapi\": \"3.1.0\",\n");
  for (char const* page : {"GET /", "GET /docs"}) {
    Answer const answer = site.call(page, "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.starts_with("<!doctype html>"));
    EXPECT_NE(answer.headers.at("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  }
}

TEST(Pool, ShowsWhatIsCutAndWhoHoldsIt) {
  Site site;
  JobId const job = site.submit("ada", "vision", "mig-1g.5gb");
  site.start(job, "a/1:1g.5gb@4");
  auto const pool = read<api::Pool>(site.call("GET /v1/pool", "ada"));
  EXPECT_EQ(pool.sequence, site.front.snapshot()->sequence());
  EXPECT_EQ(pool.job_states.at("running"), 1u);
  EXPECT_EQ(pool.boards.at(0).slices_held, 1u);
  api::Slice const& slice = pool.nodes.at(0).gpus.at(1).slices.at(0);
  EXPECT_EQ(slice.placement, "1g.5gb@4");
  EXPECT_EQ(slice.state, api::SliceState::Held);
  EXPECT_EQ(slice.holder, (AttemptId{job, 1}));
  auto const others = read<api::Pool>(site.call("GET /v1/pool", "bob"));
  EXPECT_EQ(others.nodes.at(0).gpus.at(1).slices.at(0).state, api::SliceState::Held);
  EXPECT_FALSE(others.nodes.at(0).gpus.at(1).slices.at(0).holder) << "of another project";
}

TEST(Nodes, AreDrainedResumedAndSaidToBeLost) {
  Site site;
  auto const drained = read<api::Node>(site.call("POST /v1/nodes/a/drain", "oper", R"({"message":"new memory"})"));
  EXPECT_TRUE(drained.draining);
  EXPECT_EQ(drained.drain_message, "new memory");
  EXPECT_FALSE(read<api::Node>(site.call("POST /v1/nodes/node-1/resume", "oper")).draining);
  EXPECT_EQ(site.call("POST /v1/nodes/a/lost", "oper").status, 409) << "it answers";
  EXPECT_EQ(site.call("POST /v1/nodes/b/drain", "oper").status, 404);
  auto const fixed = read<api::Node>(site.call("PUT /v1/nodes/a/gpus/1/policy", "oper", R"({"policy":"fixed"})"));
  EXPECT_EQ(fixed.gpus.at(1).policy, api::GpuPolicy::Fixed);
  EXPECT_EQ(site.call("PUT /v1/nodes/a/gpus/2/policy", "oper", R"({"policy":"fixed"})").status, 404);
  Answer const wrong = site.call("PUT /v1/nodes/a/gpus/1/policy", "oper", R"({"policy":"frozen"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.body.find("managed, fixed, whole"), wrong.body.npos);
  EXPECT_EQ(site.call("POST /v1/nodes/a/gpus/0/take-back", "oper", R"({"placement":"1g.5gb@9"})").status, 404);
  EXPECT_EQ(site.call("POST /v1/nodes/a/gpus/0/take-back", "oper").status, 200) << "nothing was set aside";
  EXPECT_EQ(read<api::Page<api::Node>>(site.call("GET /v1/nodes?state=unreachable", "ada")).items.size(), 0u);
}

TEST(Templates, AreMadeChangedAndRetiredByAnOperator) {
  Site site;
  Answer const made = site.call("POST /v1/templates", "oper", R"({"name":"small","profile":"1g.5gb","teams":["default"],"price_micro":350000})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(read<api::Template>(made).kind, api::TemplateKind::Slice);
  EXPECT_EQ(read<api::Template>(made).teams, std::vector<std::string>{"default"});
  Answer const seen = site.call("GET /v1/templates/small", "oper");
  std::string const change = R"({"profile":"1g.5gb","longest":3600000000})";
  EXPECT_EQ(site.call("PUT /v1/templates/small", "oper", change).status, 400) << "without an If-Match";
  EXPECT_EQ(site.call("PUT /v1/templates/small", "oper", change, {{"If-Match", "\"old\""}}).status, 412);
  Answer const changed = site.call("PUT /v1/templates/small", "oper", change, {{"If-Match", seen.headers.at("ETag")}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(read<api::Template>(changed).longest, hours(1));
  EXPECT_TRUE(read<api::Template>(changed).teams.empty()) << "the body is all of it";
  EXPECT_EQ(changed.headers.at("ETag"), site.call("GET /v1/templates/small", "oper").headers.at("ETag"));
  EXPECT_EQ(site.call("DELETE /v1/templates/small", "ada").status, 403);
  EXPECT_EQ(site.call("DELETE /v1/templates/small", "oper").status, 200);
  EXPECT_EQ(site.call("GET /v1/templates/small", "oper").status, 404);
  for (auto const& [body, field] : std::map<std::string, std::string>{{R"({"name":"x","profile":"1g.6gb"})", "profile"},
                                                                      {R"({"name":"x","family":"a100","gpus":9})", "gpus"},
                                                                      {R"({"name":"x","profile":"1g.5gb","users":["adda"]})", "users[0]"},
                                                                      {R"({"name":"x","kind":"cpu","gpus":1})", "gpus"},
                                                                      {R"({"name":"X","profile":"1g.5gb"})", "name"},
                                                                      {R"({"name":"x","profil":"1g.5gb"})", "profil"}}) {
    Answer const wrong = site.call("POST /v1/templates", "oper", body);
    EXPECT_EQ(wrong.status, 400) << body;
    EXPECT_NE(wrong.body.find(fmt::format("\"field\":\"{}\"", field)), std::string::npos) << wrong.body;
  }
}

TEST(Templates, AreThoseOfTheHardware) {
  Site site;
  std::string names;
  for (auto const& one : read<api::Page<api::Template>>(site.call("GET /v1/templates", "vera")).items) names += one.name + " ";
  EXPECT_NE(names.find("mig-1g.5gb "), names.npos) << names;
  EXPECT_EQ(read<api::Template>(site.call("GET /v1/templates/mig-1g.5gb", "vera")).profile, "1g.5gb");
  Answer const wrong = site.call("GET /v1/templates/mig-1g.5g", "vera");
  EXPECT_EQ(wrong.status, 404);
  EXPECT_NE(wrong.body.find("mig-1g.5gb"), wrong.body.npos);
}

}  // namespace
}  // namespace nav::http::fixture
