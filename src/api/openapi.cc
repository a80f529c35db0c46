// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"

#include <map>

#include "api/error_body.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/ensure.h"

namespace nav::api {
namespace {

std::string quoted(std::string_view text) { return json_write(std::string(text)); }

struct PathParameter {
  std::string_view name, text, schema, example;
};
constexpr PathParameter path_parameters[] = {
    {"job", "Number of a job.", R"({"type":"integer","format":"int64","minimum":1})", "42"},
    {"attempt", "Job and number of an attempt.", R"({"type":"string","pattern":"^[1-9][0-9]*\\.[1-9][0-9]*$"})", R"("42.1")"},
    {"node", "Number or name of a node.", R"({"type":"string","minLength":1})", R"("dgx-0")"},
    {"gpu", "Place of a GPU in its node, counted from 0.", R"({"type":"integer","minimum":0})", "0"},
    {"template", "Name of a template.", R"({"type":"string","minLength":1})", R"("mig-1g.5gb")"},
    {"cloud", "Name of a cloud.", R"({"type":"string","minLength":1})", R"("v100-cloud")"},
    {"user", "Number or name of a user.", R"({"type":"string","minLength":1})", R"("ada")"},
    {"team", "Number or name of a team.", R"({"type":"string","minLength":1})", R"("research")"},
    {"project", "Number or name of a project.", R"({"type":"string","minLength":1})", R"("vision")"},
    {"report", "Which report.", R"({"type":"string","enum":["usage","demand","waiting","idle","cost","stranded"]})", R"("usage")"},
    {"flow", "Number or name of a flow.", R"({"type":"string","minLength":1})", R"("digits")"},
    {"flow_run", "Number of a run of a flow.", R"({"type":"string","pattern":"^run-[1-9][0-9]*$"})", R"("run-7")"},
    {"flow_schedule", "Number of a schedule.", R"({"type":"string","pattern":"^schedule-[1-9][0-9]*$"})", R"("schedule-3")"},
    {"digest", "Of a file's content.", R"({"type":"string","pattern":"^sha256:[0-9a-f]{64}$"})",
     R"("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")"},
    {"experiment", "Number or name of an experiment.", R"({"type":"string","minLength":1})", R"("digits")"},
    {"run", "Id of a run.", R"({"type":"string","minLength":1})", R"("00000000000000000000002a00000001")"},
    {"noun", "One of MLflow's nouns.", R"({"type":"string","enum":["experiments","runs","metrics","artifacts","logged-models"]})", R"("runs")"},
    {"method", "What to do.", R"({"type":"string","minLength":1})", R"("search")"},
    {"path", "RUN/artifacts/ and a path; its slashes are not encoded.", R"({"type":"string","minLength":1})",
     R"("0f1e2d3c4b5a69788796a5b4c3d2e1f0/artifacts/model.txt")"},
    {"token", "Number of a token.", R"({"type":"string","pattern":"^token-[1-9][0-9]*$"})", R"("token-3")"},
    {"webhook", "Number of a webhook.", R"({"type":"string","pattern":"^webhook-[1-9][0-9]*$"})", R"("webhook-1")"},
    {"report_schedule", "Name of a schedule of reports.", R"({"type":"string","minLength":1})", R"("usage-weekly")"},
    {"report_file", "Name of a report that was made.", R"({"type":"string","minLength":1})", R"("2026-11-23T06-00-00Z.csv")"},
};

constexpr std::pair<std::string_view, std::string_view> nouns[] = {
    {"jobs", "Work to run: submitted, waiting, running, over."},
    {"flows", "Graphs of jobs: kept as versions, run as a whole."},
    {"artifacts", "Files by their content, which pass between jobs and people."},
    {"pool", "Nodes, their GPUs, and the slices they are cut into."},
    {"templates", "Kinds of compute that jobs can name."},
    {"events", "What happens, as it happens; and who did what."},
    {"metrics", "What is measured and held, over time: charts, reports, and what a Prometheus scrapes."},
    {"access", "Users, teams, projects and tokens."},
    {"webhooks", "Addresses that are told of the pool's health."},
    {"reports", "Reports that are made again and again, into a folder."},
    {"experiments", "What was tried, with which parameters, and what came of it."},
    {"system", "The controller itself."},
    {"agents", "What nodes say to the controller. Not for people."},
};

struct Refusal {
  int status;
  std::string_view name, text;
};
constexpr Refusal refusals[] = {
    {400, "Wrong", "The request is wrong; `field` says where, `hint` what would be right."},
    {401, "Unauthenticated", "No token, or one that opens nothing."},
    {403, "Forbidden", "You may not do this."},
    {404, "NotFound", "There is no such thing, or you may not see it."},
    {409, "Conflict", "It does not go with the state things are in."},
    {412, "Changed", "It was changed meanwhile."},
    {413, "TooLarge", "The body is too large."},
    {415, "MediaType", "The body is of a media type that is not read here."},
    {429, "TooMany", "Too much waits already: come back after Retry-After seconds."},
    {503, "Unavailable", "Not now: come back after Retry-After seconds."},
};

/// Whether a route can answer with this status, by what it is.
bool can_refuse(Route const& route, int status) {
  switch (status) {
    case 400: return true;
    case 404: return !parameters_of(route).empty() || route.operation == Operation::FollowEvents;
    case 409: return route.method != "GET";
    case 412: return route.match == Match::IfMatch;
    case 413:
    case 415: return route.has_body();
    default: return route.permission != Permission::Public;
  }
}

std::string parameter(std::string_view in, std::string_view name, std::string_view text, bool required, std::string_view schema,
                      std::string_view example = {}) {
  return fmt::format(R"({{"name":{},"in":"{}","required":{}{},"schema":{}{}}})", quoted(name), in, required,
                     text.empty() ? "" : fmt::format(",\"description\":{}", quoted(text)), schema,
                     example.empty() ? "" : fmt::format(",\"example\":{}", example));
}

std::string joined(std::vector<std::string> const& parts) { return fmt::format("{}", fmt::join(parts, ",")); }

std::string parameters(Schemas& schemas, Route const& route) {
  std::vector<std::string> out;
  for (std::string_view const name : parameters_of(route)) {
    bool known = false;
    for (auto const& one : path_parameters)
      if (one.name == name) known = true, out.push_back(parameter("path", name, one.text, true, one.schema, one.example));
    ensure(known, "every parameter of a path is explained");
  }
  if (route.query != nullptr)
    route.query->fields(schemas, Use::Query, [&](std::string_view name, std::string const& schema, bool required, Doc const& doc) {
      out.push_back(parameter("query", name, doc.text, required, schema));
    });
  if (route.method == "POST" && route.permission != Permission::Agent)
    out.push_back(parameter("header", "Idempotency-Key",
                            "Asked again with the same key within 24 hours, the request is not done again and gets the first answer.", false,
                            R"({"type":"string","minLength":1,"maxLength":200,"pattern":"^[!-~]+$"})", R"("6f1c0f1e-7d0b-4d53-9a55-0c1f5a8e2b11")"));
  if (route.match == Match::IfMatch)
    out.push_back(parameter("header", "If-Match", "The ETag of what you looked at.", true, R"({"type":"string","minLength":1})",
                            R"("\"0f1e2d3c4b5a69788796a5b4c3d2e1f0\"")"));
  if (route.operation == Operation::FollowEvents)
    out.push_back(parameter("header", "Last-Event-ID", "Go on after this event.", false, R"({"type":"string","pattern":"^[0-9]{0,19}$"})", R"("1206")"));
  return out.empty() ? "" : fmt::format(",\"parameters\":[{}]", joined(out));
}

std::string body(Schemas& schemas, Route const& route) {
  if (!route.has_body()) return "";
  if (route.request == nullptr)  // bytes: a file may have none
    return fmt::format(R"(,"requestBody":{{"required":false,"content":{{"{}":{{"schema":{{"type":"string","format":"binary"}}}}}}}})", route.request_type);
  bool needed = false;  // a struct without fields that are needed may be left out as a whole
  route.request->fields(schemas, Use::Request, [&](std::string_view, std::string const&, bool required, Doc const&) { needed = needed || required; });
  return fmt::format(R"(,"requestBody":{{"required":{},"content":{{"{}":{{"schema":{},"example":{}}}}}}})", needed, route.request_type,
                     route.request->schema(schemas, Use::Request), route.request->example());
}

constexpr std::string_view string_header = R"({"schema":{"type":"string"},"description":)";

std::string headers(Route const& route) {
  std::vector<std::string> out;
  auto const add = [&](std::string_view name, std::string_view text) { out.push_back(fmt::format("\"{}\":{}{}}}", name, string_header, quoted(text))); };
  if (route.operation == Operation::SubmitJobs) add("Location", "The first job.");
  if (route.match == Match::IfMatch || route.operation == Operation::GetUser || route.operation == Operation::GetProject)
    add("ETag", "What it is now: give it as If-Match.");
  if (route.operation == Operation::StartFlowRun || route.operation == Operation::RerunFlow) add("Location", "The run.");
  if (route.operation == Operation::MakeFlowSchedule || route.operation == Operation::MakeReportSchedule) add("Location", "The schedule.");
  if (route.operation == Operation::GetArtifact || route.operation == Operation::FetchInput) {
    add("Nav-Artifact-Next", "The offset to go on at.");
    add("Nav-Artifact-Size", "Of the whole, in bytes.");
  }
  if (route.operation == Operation::ReadLog) {
    add("Nav-Log-Attempt", "Whose log this is.");
    add("Nav-Log-Next", "The offset to go on at.");
    add("Nav-Log-Size", "Bytes so far.");
    add("Nav-Log-Complete", "`true`: nothing will be added.");
  }
  return out.empty() ? "" : fmt::format(",\"headers\":{{{}}}", joined(out));
}

std::string responses(Schemas& schemas, Route const& route) {
  // A stream of events has no schema as a whole: what each of its events is, the text says.
  std::string content = route.answer_type == "text/event-stream" ? "" : R"("schema":{"type":"string"})";
  if (route.answer != nullptr) content = fmt::format(R"("schema":{},"example":{})", route.answer->schema(schemas, Use::Answer), route.answer->example());
  std::string const success = route.status == 201 ? "Made." : "Done.";
  std::vector<std::string> out;
  out.push_back(fmt::format(R"("{}":{{"description":"{}"{},"content":{{"{}":{{{}}}}}}})", route.status, success, headers(route), route.answer_type, content));
  for (Refusal const& one : refusals)
    if (can_refuse(route, one.status)) out.push_back(fmt::format(R"("{}":{{"$ref":"#/components/responses/{}"}})", one.status, one.name));
  out.push_back(R"("default":{"$ref":"#/components/responses/Failed"})");
  return joined(out);
}

std::string security(Route const& route) {
  switch (route.permission) {
    case Permission::Public: return "[]";
    case Permission::Agent: return R"([{"certificate":[]},{"bearer":[]}])";
    default: return R"([{"bearer":[]}])";
  }
}

std::string operation(Schemas& schemas, Route const& route) {
  std::string const text = route.text.empty() ? "" : fmt::format(",\"description\":{}", quoted(route.text));
  return fmt::format(R"("{}":{{"operationId":"{}","tags":["{}"],"summary":{}{},"x-permission":"{}","security":{}{}{},"responses":{{{}}}}})",
                     schema::lower(route.method), enum_text(route.operation), route.noun, quoted(route.summary), text, enum_text(route.permission),
                     security(route), parameters(schemas, route), body(schemas, route), responses(schemas, route));
}

std::string shared_responses() {
  auto const one = [](std::string_view name, std::string_view text, std::string_view header_text) {
    return fmt::format(R"("{}":{{"description":{}{},"content":{{"application/json":{{"schema":{}}}}}}})", name, quoted(text), header_text,
                       schema::reference("ErrorBody"));
  };
  std::vector<std::string> out;
  for (Refusal const& refusal : refusals)
    out.push_back(
        one(refusal.name, refusal.text,
            refusal.status == 429 || refusal.status == 503 ? R"(,"headers":{"Retry-After":{"description":"Seconds.","schema":{"type":"integer"}}})" : ""));
  out.push_back(one("Failed", "Anything else that went wrong.", ""));
  return joined(out);
}

}  // namespace

std::string openapi_document(std::string_view version) {
  Schemas schemas;
  type_of<ErrorBody>()->schema(schemas, Use::Answer);
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> paths;
  for (Route const& route : routes()) {
    std::string path(route.path);
    if (path.ends_with("...}")) path.replace(path.size() - 4, 4, "}");
    auto& operations = paths[path];
    if (operations.empty()) order.push_back(path);
    operations.push_back(operation(schemas, route));
  }
  std::vector<std::string> path_texts, tag_texts, schema_texts;
  for (auto const& path : order) path_texts.push_back(fmt::format("{}:{{{}}}", quoted(path), joined(paths[path])));
  for (auto const& [name, text] : nouns) tag_texts.push_back(fmt::format(R"({{"name":"{}","description":{}}})", name, quoted(text)));
  for (auto const& [name, text] : schemas.named) schema_texts.push_back(fmt::format("\"{}\":{}", name, text));
  constexpr std::string_view about =
      "One pool of all GPUs, cut as finely as MIG allows. Moments are microseconds since 1970 in UTC, lengths of time are microseconds, other units are in the "
      "names. "
      "What is not known or not yet so is left out. Unknown fields are refused in requests; answers may have more fields in later versions. Lists go on at "
      "`next`.";
  return indented(fmt::format(
      R"({{"openapi":"3.1.0","info":{{"title":"OpenNav","version":{},"description":{},)"
      R"("license":{{"name":"Apache-2.0","identifier":"Apache-2.0"}}}},"servers":[{{"url":"/"}}],)"
      R"("tags":[{}],"paths":{{{}}},"components":{{"securitySchemes":{{"bearer":{{"type":"http","scheme":"bearer","description":"A token: nav token make."}},)"
      R"("certificate":{{"type":"mutualTLS","description":"The node's own certificate, on the agents' port."}}}},"responses":{{{}}},"schemas":{{{}}}}}}})",
      quoted(version), quoted(about), joined(tag_texts), joined(path_texts), shared_responses(), joined(schema_texts)));
}

std::string indented(std::string_view json) {
  std::string out;
  int depth = 0;
  bool in_string = false;
  auto const new_line = [&] {
    out += '\n';
    out.append(static_cast<std::size_t>(depth) * 2, ' ');
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    char const c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      else if (c == '"') in_string = false;
      continue;
    }
    switch (c) {
      case '"':
        in_string = true;
        out += c;
        break;
      case '{':
      case '[':
        out += c;
        if (i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']')) {
          out += json[++i];
        } else {
          ++depth;
          new_line();
        }
        break;
      case '}':
      case ']':
        --depth;
        new_line();
        out += c;
        break;
      case ',':
        out += c;
        new_line();
        break;
      case ':': out += ": "; break;
      default: out += c;
    }
  }
  return out + "\n";
}

}  // namespace nav::api
