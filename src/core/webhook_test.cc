// SPDX-License-Identifier: Apache-2.0
#include "core/webhook.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(WebhookAddress, IsTakenApartIntoWhomAndWhat) {
  for (auto const& [url, origin, path] : {std::tuple{"https://example.org/a/b?c=d", "https://example.org", "/a/b?c=d"},
                                          {"http://127.0.0.1:8080", "http://127.0.0.1:8080", "/"},
                                          {"http://[::1]:8080/x", "http://[::1]:8080", "/x"},
                                          {"https://example.org?a=b", "https://example.org", "/?a=b"}}) {
    auto const address = parse_webhook_address(url);
    ASSERT_TRUE(address) << url << ": " << to_text(address.error());
    EXPECT_EQ(address->origin, origin);
    EXPECT_EQ(address->path, path);
  }
}

TEST(WebhookAddress, IsRefusedByTheFieldWithWhatWouldBeRight) {
  for (char const* url : {"", "example.org", "ftp://example.org", "file:///etc/passwd", "HTTPS", "https://", "https:///x", "https://a b/", "https://a/\r\nX: y",
                          "https://user:word@example.org", "https://example.org#part", "https://example.org:0", "https://example.org:70000",
                          "https://example.org:80:80", "https://[::1", "https://[]/", "https://[::1]x/", "https://ex\xc3\xa4mple.org"}) {
    auto const address = parse_webhook_address(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().field, "url");
    EXPECT_FALSE(address.error().hint.empty()) << url;
  }
  EXPECT_FALSE(parse_webhook_address("https://example.org/" + std::string(2'000, 'a')));
}

TEST(Webhook, WantsAllKindsUntilSomeAreNamed) {
  EXPECT_TRUE((Webhook{}.wants(NoticeKind::SetAside)));
  Webhook const webhook{.id = {1}, .url = "", .kinds = {NoticeKind::NodeSilent}, .made = {}};
  EXPECT_TRUE(webhook.wants(NoticeKind::NodeSilent));
  EXPECT_FALSE(webhook.wants(NoticeKind::SetAside));
}

}  // namespace
}  // namespace nav
