// SPDX-License-Identifier: Apache-2.0
#include "api/reference.h"

#include "api/routes.h"
#include "api/schema.h"
#include "base/html.h"

namespace nav::api {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6675; --line: #dfe4ea; --paper: #fff; --soft: #f5f7f9; --mark: #3f7a12 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --dim: #97a3b3; --line: #2c3542; --paper: #12171f; --soft: #1a212b; --mark: #8fd14f }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 5rem }
h1 { font-size: 1.7rem; margin: 0 0 .5rem }
h2 { margin: 3rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem }
h3 { font-size: 1rem; margin: 2rem 0 .25rem }
a, .method { color: var(--mark) }
.method { font-weight: 600 }
.dim { color: var(--dim) }
p { margin: .4rem 0; max-width: 48rem }
code, pre { font: 14px/1.5 ui-monospace, monospace }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow: auto; margin: .4rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .93rem; margin: .4rem 0 }
td, th { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line) }
th { color: var(--dim); font-weight: 500 }
nav > ul { columns: 2 18rem; padding-left: 1.1rem }
details { margin: .3rem 0 }
summary { cursor: pointer; color: var(--dim) }
)";

/// `words` of a text as code; everything else as it is.
std::string prose(std::string_view text) {
  std::string out;
  bool in_code = false;
  for (char const c : text) {
    if (c != '`') {
      out += html_escaped({&c, 1});
      continue;
    }
    out += in_code ? "</code>" : "<code>";
    in_code = !in_code;
  }
  return out;
}

/// What a schema says its values are, in a word or two.
std::string type_words(std::string const& schema) {
  auto const document = json::Document::parse(schema);
  if (!document) return "";
  std::string type, items;
  for (auto const& [key, value] : document->root().members()) {
    if (key == "$ref") {
      auto const name = value.as_string();
      return std::string(name.substr(name.rfind('/') + 1));
    }
    if (key == "type" && value.kind() == json::Node::Kind::String) type = value.as_string();
    if (key == "anyOf") return type_words(value.elements()[0].text());
    if (key == "items") items = type_words(value.text());
  }
  return items.empty() ? type : fmt::format("list of {}", items);
}

std::string table(Type const& type, Use use) {
  Schemas schemas;
  std::string rows;
  type.fields(schemas, use, [&](std::string_view name, std::string const& schema, bool required, Doc const& doc) {
    bool const must = use != Use::Answer && required;
    rows += fmt::format("<tr><td><code>{}</code></td><td class=dim>{}{}</td><td>{}</td></tr>", name, html_escaped(type_words(schema)), must ? ", needed" : "",
                        prose(doc.text));
  });
  return rows.empty() ? "" : fmt::format("<table><tr><th>Field</th><th>Type</th><th>What it is</th></tr>{}</table>", rows);
}

std::string section(Route const& route) {
  std::string out = fmt::format("<h3 id=\"{}\">{}</h3><pre><span class=method>{}</span> {}</pre>", enum_text(route.operation), html_escaped(route.summary),
                                route.method, html_escaped(route.path));
  if (!route.text.empty()) out += fmt::format("<p>{}</p>", prose(route.text));
  out += fmt::format("<p class=dim>Open to: {}{}. Success: {}.</p>", enum_text(route.permission),
                     route.job_tokens == JobTokens::Taken ? ", and a job within its project" : "", route.status);
  if (route.query != nullptr) out += fmt::format("<p>Query</p>{}", table(*route.query, Use::Query));
  if (route.request != nullptr)
    out += fmt::format("<p>Request</p>{}<details><summary>Example</summary><pre>{}</pre></details>", table(*route.request, Use::Request),
                       html_escaped(route.request->example()));
  if (route.answer != nullptr)
    out += fmt::format("<p>Answer</p>{}<details><summary>Example</summary><pre>{}</pre></details>", table(*route.answer, Use::Answer),
                       html_escaped(route.answer->example()));
  return out;
}

std::string page(std::string_view title, std::string_view content) {
  return fmt::format(
      "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{}</style></head>"
      "<body><main>{}</main></body></html>\n",
      html_escaped(title), style, content);
}

}  // namespace

std::string reference_page(std::string_view version) {
  std::string contents, sections;
  std::string_view noun;
  for (Route const& route : routes()) {
    if (route.noun != noun) {
      noun = route.noun;
      contents += fmt::format("{}<li><strong>{}</strong><ul>", contents.empty() ? "" : "</ul></li>", noun);
      sections += fmt::format("<h2>{}</h2>", noun);
    }
    contents += fmt::format("<li><a href=\"#{}\">{}</a></li>", enum_text(route.operation), html_escaped(route.summary));
    sections += section(route);
  }
  return page(
      "OpenNav API",
      fmt::format(
          "<h1>OpenNav API {}</h1>"
          "<p>Give your token as <code>Authorization: Bearer nav_...</code>. Bodies are JSON. Moments are microseconds since 1970 in UTC, lengths of time are "
          "microseconds; other units are in the "
          "names. What is not known or not yet so is left out. Unknown fields are refused in requests; answers may have more of them in later versions.</p>"
          "<p>Every POST takes an <code>Idempotency-Key</code>: asked again with the same key within 24 hours it is not done again, and gets the first answer. "
          "Lists go on at <code>next</code>, "
          "given as <code>cursor</code>. An error is <code>{{\"error\": {{\"kind\", \"message\", \"hint\", \"field\"}}}}</code>; 429 and 503 say when to come "
          "back. "
          "The same for machines: <a href=\"/openapi.json\">openapi.json</a>.</p><nav><ul>{}</ul></li></ul></nav>{}",
          html_escaped(version), contents, sections));
}

std::string landing_page(std::string_view version) {
  return page("OpenNav", fmt::format("<h1>OpenNav</h1><p>The controller of this pool is running, version {}.</p>"
                                     "<p>Its pages for browsers were not built: <code>tools/web.sh</code> builds them.</p>"
                                     "<p><a href=\"/docs\">The API, for reading</a>, and <a href=\"/openapi.json\">for machines</a>.</p>"
                                     "<p>From a terminal: <code>nav pool</code> shows what there is, <code>nav run --on mig-1g.5gb -- COMMAND</code> runs "
                                     "something on it, <code>nav why 42</code> says why job 42 waits.</p>",
                                     html_escaped(version)));
}

}  // namespace nav::api
