// SPDX-License-Identifier: Apache-2.0
// /api/2.0/mlflow-artifacts: files that runs leave behind, through this server.
#include "base/text.h"
#include "http/handlers.h"
#include "http/mlflow.h"

namespace nav::http {
namespace {

using experiments::RunFiles;

Result<RunFiles*> run_files_of(Api& api) {
  if (api.options.experiments == nullptr || api.options.run_files == nullptr) return fail(ErrorKind::NotFound, "this installation keeps no artifacts");
  return api.options.run_files;
}

/// "RUN/artifacts/models/best.pt": whose it is, and what is left of the path.
struct Place {
  experiments::Run run;
  std::vector<std::string> path;
};
Result<Place> place_of(Api& api, Call& call, std::vector<std::string> const& names) {
  if (names.size() < 2 || names[1] != "artifacts") return fail(ErrorKind::NotFound, "artifacts are at RUN/artifacts/...");
  mlflow::Desk desk(api, call, *api.options.experiments);
  TRY(auto run, desk.run(names[0]));
  Place place{.run = std::move(run), .path = {names.begin() + 2, names.end()}};
  TRY_VOID(experiments::check_path(place.path));
  return place;
}

/// What stands behind /api/2.0/mlflow-artifacts/artifacts.
std::vector<std::string> rest_of(Call const& call) { return {call.request.segments.begin() + 4, call.request.segments.end()}; }

}  // namespace

Result<void> write_run_file(Api& api, CallPtr const& call) {
  TRY(RunFiles * files, run_files_of(api));
  on_worker(api, call, [&api, files](Call& asked) -> Result<void> {
    mlflow::Desk desk(api, asked, *api.options.experiments);
    TRY_VOID(desk.may_change());
    TRY(auto const place, place_of(api, asked, rest_of(asked)));
    TRY_VOID(files->write(place.run.id, place.path, asked.request.body));
    answer_json(asked, "{}");
    return {};
  });
  return {};
}

Result<void> read_run_file(Api& api, CallPtr const& call) {
  TRY(RunFiles * files, run_files_of(api));
  on_worker(api, call, [&api, files](Call& asked) -> Result<void> {
    TRY(auto const place, place_of(api, asked, rest_of(asked)));
    TRY(auto bytes, files->read(place.run.id, place.path));
    // A job wrote it, so no browser is to take it for a page of ours.
    asked.reply.send(Response{.body = std::move(bytes),
                              .content_type = "application/octet-stream",
                              .headers = {{"X-Content-Type-Options", "nosniff"}, {"Content-Disposition", "attachment"}}});
    return {};
  });
  return {};
}

Result<void> list_run_files(Api& api, CallPtr const& call) {
  TRY(RunFiles * files, run_files_of(api));
  on_worker(api, call, [&api, files](Call& asked) -> Result<void> {
    std::string const* path = asked.request.parameter("path");
    std::vector<std::string> names;
    for (auto const name : split(path == nullptr ? std::string_view() : std::string_view(*path), '/'))
      if (!name.empty()) names.emplace_back(name);
    TRY(auto const place, place_of(api, asked, names));
    TRY(auto const found, files->list(place.run.id, place.path));
    std::string out = R"({"files":[)";
    for (auto const& one : found) {
      if (&one != &found.front()) out += ',';
      out += R"({"path":)";
      json::write_string(out, one.name);
      out += one.is_folder ? R"(,"is_dir":true})" : fmt::format(R"(,"is_dir":false,"file_size":{}}})", one.size);
    }
    answer_json(asked, out + "]}");
    return {};
  });
  return {};
}

}  // namespace nav::http
