// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "api/reference.h"
#include "api/routes.h"
#include "api/schema.h"

namespace nav::api {
namespace {

std::string const committed = NAV_SOURCE_DIR "/api/openapi.json";

TEST(Document, IsTheOneInTheRepository) {
  std::string const now = openapi_document("0.1.0");
  if (std::getenv("UPDATE") != nullptr) std::ofstream(committed) << now;
  std::ostringstream there;
  there << std::ifstream(committed).rdbuf();
  EXPECT_TRUE(there.str() == now) << "api/openapi.json is not what the source says: UPDATE=1 build/dev/api_test rewrites it";
}

TEST(Document, IsJsonWhereEveryReferenceLeadsSomewhere) {
  std::string const text = openapi_document("0.1.0");
  auto const document = json::Document::parse(text);
  ASSERT_TRUE(document) << document.error().message;
  constexpr std::string_view mark = "#/components/schemas/";
  for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
    std::string const name = text.substr(at + mark.size(), text.find('"', at) - at - mark.size());
    EXPECT_NE(text.find("\"" + name + "\": {"), text.npos) << name;
  }
}

/// A request refuses what an answer ignores, so no struct can be both.
TEST(Document, KeepsRequestsAndAnswersApart) {
  Schemas requests, answers;
  for (Route const& route : routes()) {
    if (route.request != nullptr) route.request->schema(requests, Use::Request);
    if (route.answer != nullptr) route.answer->schema(answers, Use::Answer);
  }
  for (auto const& [name, schema] : requests.named) {
    if (answers.named.contains(name)) { EXPECT_EQ(answers.named[name], schema) << name; }
  }
}

TEST(Document, HasExamplesThatAreJson) {
  for (Route const& route : routes())
    for (Type const* type : {route.request, route.answer})
      if (type != nullptr) { EXPECT_TRUE(json::Document::parse(type->example())) << route.path << ": " << type->example(); }
}

TEST(Reference, SpeaksOfEveryRouteAndLoadsNothing) {
  std::string const page = reference_page("0.1.0");
  for (Route const& route : routes()) EXPECT_NE(page.find(std::string("id=\"") + enum_text(route.operation) + "\""), page.npos) << route.path;
  EXPECT_EQ(page.find("<script"), page.npos);
  for (char const* elsewhere : {"=\"http", "='http", "url(", "@import"}) EXPECT_EQ(page.find(elsewhere), page.npos) << "addresses are in examples alone";
}

TEST(Indented, PutsEachFieldOnALine) {
  EXPECT_EQ(indented(R"({"a":[1,{"b":"x:,{"}],"c":{},"d":"\""})"),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x:,{\"\n    }\n  ],\n  \"c\": {},\n  \"d\": \"\\\"\"\n}\n");
}

}  // namespace
}  // namespace nav::api
