// SPDX-License-Identifier: Apache-2.0
// nav artifacts list|fetch|delete|clean
#include <fmt/ranges.h>
#include <memory>

#include "api/flows.h"
#include "api/page.h"
#include "cli/access_text.h"
#include "cli/artifact.h"
#include "cli/commands.h"
#include "cli/question.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct ArtifactOptions {
  std::string project;
  std::vector<std::string> digests;
  std::string digest;
  std::string to;
  Duration older_than = {};
  bool unused = false;
  bool dry_run = false;
  bool yes = false;
  bool json = false;
};

std::string query_for(ArtifactOptions const& asked) { return asked.project.empty() ? "" : "project=" + api::percent_encoded(asked.project); }

/// All there are, or those that nobody needs.
Result<std::vector<api::Artifact>> artifacts_of(Context& nav, ArtifactOptions const& asked) {
  std::vector<api::Artifact> all;
  for (std::optional<std::string> cursor;;) {
    std::string query = "limit=1000" + (asked.project.empty() ? "" : "&" + query_for(asked));
    if (cursor) query += "&cursor=" + api::percent_encoded(*cursor);
    TRY(auto const body, nav.server->call({api::Operation::ListArtifacts, {}, query}));
    TRY(auto page, Server::read<api::Page<api::Artifact>>(body));
    for (auto& one : page.items)
      if (!asked.unused || one.used_by.empty()) all.push_back(std::move(one));
    if (!page.next) return all;
    cursor = page.next;
  }
}

std::string sum_of(std::vector<api::Artifact> const& artifacts) {
  std::uint64_t bytes = 0;
  for (auto const& one : artifacts) bytes += one.size;
  return fmt::format("{}, {}", counted(artifacts.size(), "artifact"), size_text(bytes));
}

Result<int> list(Context& nav, ArtifactOptions const& asked) {
  TRY(auto const all, artifacts_of(nav, asked));
  if (asked.json) return nav.print(json_line(json_write(api::Page<api::Artifact>{all, {}}))), 0;
  Table table({{"ARTIFACT"}, {"SIZE", Fit::Keep, Align::Right}, {"STORED"}, {"NEEDED BY", Fit::Shrink}});
  for (auto const& one : all)
    table.add({Cell(one.digest, Paint::Strong), size_text(one.size), clock_text(one.stored),
               one.used_by.empty() ? Cell("nobody", Paint::Dim) : Cell(fmt::format("{}", fmt::join(one.used_by, ", ")))});
  nav.print(table.text(nav.terminal));
  nav.print_error(sum_of(all) + "\n");
  return 0;
}

Result<int> fetch_one(Context& nav, ArtifactOptions const& asked) {
  std::string const to = asked.to.empty() ? asked.digest.substr(asked.digest.find(':') + 1) : asked.to;
  TRY_VOID(fetch_artifact(nav, asked.digest, asked.project, to));
  nav.print(to + "\n");
  return 0;
}

Result<void> delete_one(Context& nav, ArtifactOptions const& asked, std::string const& digest) {
  TRY_VOID(nav.server->call({api::Operation::DeleteArtifact, {digest}, query_for(asked)}));
  nav.print(fmt::format("{} is deleted\n", digest));
  return {};
}

Result<int> clean(Context& nav, ArtifactOptions const& asked) {
  TRY(auto unused, artifacts_of(nav, asked));
  Time const until = nav.now() - asked.older_than;
  std::erase_if(unused, [&](auto const& one) { return one.stored > until; });
  if (unused.empty()) return nav.print_error("Nothing is there that nobody needs.\n"), 0;
  if (asked.dry_run) {
    for (auto const& one : unused) nav.print(fmt::format("{} {}\n", one.digest, size_text(one.size)));
    return nav.print_error(fmt::format("{} would be deleted.\n", sum_of(unused))), 0;
  }
  if (!asked.yes) {
    TRY(bool const sure, ask_yes_or_no(nav, fmt::format("Delete {} that nobody needs?", sum_of(unused)), Answer::No, "--yes answers beforehand"));
    if (!sure) return nav.print_error("Nothing was changed.\n"), 1;
  }
  for (auto const& one : unused) TRY_VOID(delete_one(nav, asked, one.digest));
  return 0;
}

}  // namespace

Command artifacts_command() {
  auto asked = std::make_shared<ArtifactOptions>();
  Command command("artifacts", "Files of a project by their content: list, fetch and delete them");
  command.about(
      "Code that is sent along, inputs and outputs of flows. What a job, a kept run, a flow or a schedule needs stays; the controller deletes the rest thirty "
      "days "
      "after it came (nav controller --keep-artifacts).");
  auto const with_project = [asked](Command verb, Result<int> (*run)(Context&, ArtifactOptions const&)) {
    verb.option("--project P", "whose (your only one, or default)", into(asked->project), Names::Project);
    verb.runs([asked, run](Context& nav) { return run(nav, *asked); });
    return verb;
  };
  Command list_all("list", "List them, and who needs them");
  list_all.option("--unused", "only those that nobody needs", into_switch(asked->unused));
  list_all.option("--json", "print the API's answer", into_switch(asked->json));
  command.add(with_project(std::move(list_all), list));
  Command fetch_verb("fetch", "Fetch one into a file");
  fetch_verb.argument("ARTIFACT", "its digest, sha256:...", into(asked->digest));
  fetch_verb.option("--to FILE", "where to put it (a file named by its digits)", into(asked->to), Names::File);
  command.add(with_project(std::move(fetch_verb), fetch_one));
  Command delete_verb("delete", "Delete some that nobody needs");
  delete_verb.argument("ARTIFACT...", "their digests, sha256:...", into(asked->digests));
  command.add(with_project(std::move(delete_verb), [](Context& nav, ArtifactOptions const& it) -> Result<int> {
    for (auto const& digest : it.digests) TRY_VOID(delete_one(nav, it, digest));
    return 0;
  }));
  Command clean_verb("clean", "Delete all that nobody needs");
  clean_verb.option("--older-than DURATION", "only what was stored so long ago, as 7d", into(asked->older_than));
  clean_verb.option("--dry-run", "say what would be deleted, and delete nothing", into_switch(asked->dry_run));
  clean_verb.option("-y, --yes", "do not ask", into_switch(asked->yes));
  clean_verb.example("What is older than a week, before a large upload", "nav artifacts clean --older-than 7d");
  command.add(with_project(std::move(clean_verb), [](Context& nav, ArtifactOptions const& it) {
    ArtifactOptions unused = it;
    unused.unused = true;
    return clean(nav, unused);
  }));
  return command;
}

}  // namespace nav::cli
