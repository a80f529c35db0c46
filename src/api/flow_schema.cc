// SPDX-License-Identifier: Apache-2.0
#include "api/flow_schema.h"

#include "api/flow_definition.h"
#include "api/openapi.h"
#include "api/schema.h"

namespace nav::api {

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

}  // namespace

std::string flow_schema() {
  Schemas schemas;
  type_of<FlowDefinition>()->schema(schemas, Use::Request);
  std::string definitions;
  for (auto const& [name, schema] : schemas.named) definitions += fmt::format("{}{}:{}", definitions.empty() ? "" : ",", json_write(name), schema);
  replace_all(definitions, "#/components/schemas/", "#/$defs/");
  // In YAML a number or a truth is as good as a text, and one value as good as a list of one.
  replace_all(definitions, R"({"type":"string","enum")", R"({"type": "string","enum")");
  replace_all(definitions, R"({"type":"string")", R"({"type":["string","number","boolean"])");
  replace_all(definitions, R"({"type":"array","items":{"type":["string","number","boolean"]})",
              R"({"type":["array","string","number","boolean"],"items":{"type":["string","number","boolean"]})");
  return indented(
      fmt::format(R"({{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"A flow of OpenNav","$ref":"#/$defs/FlowDefinition","$defs":{{{}}}}})",
                  definitions));
}

}  // namespace nav::api
