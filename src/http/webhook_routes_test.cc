// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/page.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

class FakeWebhooks final : public Webhooks {
 public:
  std::map<WebhookId, WebhookProgress> known;
  std::string secret(WebhookId id) const override { return "whsec_of " + to_text(id); }
  WebhookProgress progress(WebhookId id) const override { return known.contains(id) ? known.at(id) : WebhookProgress{}; }
  api::TestedWebhook test(Webhook const& webhook) override { return {.delivered = false, .error = "nobody is at " + webhook.url, .notice = {}}; }
};

struct Told {
  FakeWebhooks webhooks;
  Site site;
  Told()
      : site([this] {
          ApiOptions options;
          options.webhooks = &webhooks;
          return options;
        }()) {}
};

TEST(Webhooks, AreMadeListedTestedAndDeletedByAdmins) {
  Told told;
  Answer const made = told.site.call("POST /v1/webhooks", "root", R"({"url":"https://example.org/x?key=1","kinds":["set_aside","node_silent"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_NE(made.body.find(R"("secret":"whsec_of webhook-1")"), made.body.npos);
  EXPECT_NE(made.body.find(R"("kinds":["node_silent","set_aside"])"), made.body.npos) << made.body;

  told.webhooks.known[WebhookId{1}] = {.waiting = 2, .delivered = 5, .given_up = 1, .last_success = Time{7}, .failing_since = Time{8}, .last_error = "no"};
  Answer const list = told.site.call("GET /v1/webhooks", "root");
  EXPECT_EQ(list.body.find("whsec"), list.body.npos) << "a secret is shown once";
  for (char const* part : {R"("waiting":2)", R"("delivered":5)", R"("given_up":1)", R"("last_success":7)", R"("failing_since":8)", R"("last_error":"no")"})
    EXPECT_NE(list.body.find(part), list.body.npos) << part << " is not in " << list.body;

  EXPECT_NE(told.site.call("POST /v1/webhooks/webhook-1/test", "root").body.find("nobody is at https://example.org/x?key=1"), std::string::npos);
  EXPECT_EQ(told.site.call("DELETE /v1/webhooks/webhook-1", "root").status, 200);
  EXPECT_EQ(told.site.call("DELETE /v1/webhooks/webhook-1", "root").status, 404);
  EXPECT_EQ(told.site.call("POST /v1/webhooks/webhook-1/test", "root").status, 404);
  EXPECT_EQ(told.site.call("GET /v1/webhooks", "root").body, R"({"items":[]})");
  for (char const* user : {"oper", "ada", "vera"}) {
    EXPECT_EQ(told.site.call("GET /v1/webhooks", user).status, 403) << user;
    EXPECT_EQ(told.site.call("POST /v1/webhooks", user, R"({"url":"https://example.org"})").status, 403) << user;
  }
}

TEST(Webhooks, WrongOnesAreRefusedByTheField) {
  Told told;
  for (auto const& [body, field] : {std::pair{R"({"url":"ftp://example.org"})", "url"},
                                    {R"({"url":"https://a:b@example.org"})", "url"},
                                    {R"({})", "url"},
                                    {R"({"url":"https://example.org","kinds":["rain"]})", "kinds[0]"}}) {
    Answer const refused = told.site.call("POST /v1/webhooks", "root", body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_NE(refused.body.find(fmt::format("\"field\":\"{}\"", field)), refused.body.npos) << refused.body;
  }
}

TEST(Webhooks, NeitherTheJournalNorTheAuditTrailHasTheirSecrets) {
  Told told;
  std::string const body = R"({"url":"https://example.org/secret-path"})";
  Answer const made = told.site.call("POST /v1/webhooks", "root", body, {{"Idempotency-Key", "k"}});
  EXPECT_EQ(told.site.call("POST /v1/webhooks", "root", body, {{"Idempotency-Key", "k"}}).body, made.body) << "who asks again gets the same";
  for (Frame const& frame : told.site.front.frames) EXPECT_EQ(frame.body.find("whsec"), frame.body.npos);
  Answer const audit = told.site.call("GET /v1/audit?limit=1", "root");
  EXPECT_NE(audit.body.find("https://example.org"), audit.body.npos);
  EXPECT_EQ(audit.body.find("secret-path"), audit.body.npos) << audit.body;
}

}  // namespace
}  // namespace nav::http::fixture
