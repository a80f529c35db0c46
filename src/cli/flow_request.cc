// SPDX-License-Identifier: Apache-2.0
#include "cli/flow_request.h"

#include <fcntl.h>
#include <filesystem>

#include "cli/artifact.h"

namespace nav::cli {

namespace {

bool is_file(std::string const& what) { return what.ends_with(".yaml") || what.ends_with(".yml") || what.find('/') != what.npos; }

/// The input of this field, which names a file, names an artifact instead. Words of commands that read the same stay.
void put_digest(std::string& json, std::string const& field, std::string const& name, std::string const& digest) {
  std::string const key = json_write(field.substr(field.find(".inputs.") + 8)) + ':', before = key + json_write(name), after = key + json_write(digest);
  for (auto at = json.find(before); at != json.npos; at = json.find(before, at + after.size())) json.replace(at, before.size(), after);
}

/// Files beside the flow become artifacts, and its inputs name those.
Result<void> send_local_files(Context& nav, FlowFile& file, std::string const& project) {
  if (file.local_files.empty()) return {};
  TRY(auto http, nav.server->new_client());
  for (auto const& [field, name] : file.local_files) {
    std::string const path = (std::filesystem::path(file.path).parent_path() / name).string();
    OpenFile const open{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::error_code error;
    auto const size = std::filesystem::file_size(path, error);
    if (open.fd < 0 || error)
      return Unexpected(file.with_place(
          {ErrorKind::InvalidArgument, fmt::format("the file {} cannot be read", path), "a path beside the flow's file, as ./train.py", field}));
    TRY(auto const stored, store_file(nav, *http, open, size, project));
    put_digest(file.json, field, name, stored.digest);
  }
  return {};
}

}  // namespace

void add_parameter_options(Command& command, std::shared_ptr<FlowWish> const& asked) {
  command.option("--param K=V", "a value for one of the flow's parameters; may be given again", into(asked->parameters));
  command.option("--trials-allowed N", "let a sweep have so many trials (1000)", into(asked->trials_allowed));
}

Error FlowRequest::with_place(Error error) const { return file ? file->with_place(std::move(error)) : error; }

Result<api::FlowGraph> check_flow_file(Context& nav, FlowWish const& asked, FlowFile const& file) {
  // A file that is sent when the flow runs stands for some artifact while it is only checked.
  std::string json = file.json;
  for (auto const& [field, name] : file.local_files) {
    std::string const path = (std::filesystem::path(file.path).parent_path() / name).string();
    if (!std::filesystem::is_regular_file(path))
      return Unexpected(
          file.with_place({ErrorKind::InvalidArgument, fmt::format("there is no file {}", path), "a path beside the flow's file, as ./train.py", field}));
    put_digest(json, field, name, "sha256:" + std::string(64, '0'));
  }
  auto const body = nav.server->call(
      {api::Operation::CheckFlow,
       {},
       {},
       fmt::format(R"({{"definition":{},"parameters":{},"trials_allowed":{}}})", json, json_write(asked.parameters), asked.trials_allowed)});
  if (!body) return Unexpected(file.with_place(body.error()));
  return Server::read<api::FlowGraph>(*body);
}

Result<FlowRequest> flow_request(Context& nav, FlowWish const& asked) {
  std::string const rest = fmt::format(R"("project":{},"parameters":{},"trials_allowed":{},"cache":{})", json_write(asked.project),
                                       json_write(asked.parameters), asked.trials_allowed, !asked.no_cache);
  if (!is_file(asked.what)) return FlowRequest{fmt::format(R"({{"flow":{},"version":{},{}}})", json_write(asked.what), asked.version, rest), {}};
  TRY(auto file, read_flow_file(asked.what));
  TRY_VOID(check_flow_file(nav, asked, file));  // before anything is sent
  TRY_VOID(send_local_files(nav, file, asked.project));
  std::string json = fmt::format(R"({{"definition":{},{}}})", file.json, rest);
  return FlowRequest{std::move(json), std::move(file)};
}

}  // namespace nav::cli
