// SPDX-License-Identifier: Apache-2.0
#include "cli/name_source.h"

#include "api/access.h"
#include "api/jobs.h"
#include "api/nodes.h"
#include "api/page.h"
#include "api/templates.h"

namespace nav::cli {

namespace {

constexpr Duration patience = milliseconds(800);

/// What completion needs of a thing: its name, which of all things only jobs have besides a number.
struct Named {
  std::string name;
  std::string state;
  bool simulated = false;
};
BOOST_DESCRIBE_STRUCT(Named, (), (name, state, simulated))

struct NumberedJob {
  JobId id;
  std::string name;
  std::string state;
};
BOOST_DESCRIBE_STRUCT(NumberedJob, (), (id, name, state))

struct NumberedToken {
  TokenId id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(NumberedToken, (), (id, name))

template <class T>
std::vector<T> items(Server& server, std::string const& path) {
  auto client = server.new_client(patience);
  if (!client) return {};
  auto answer = (*client)->call({.path = path});
  if (!answer) return {};
  auto page = json_read<api::Page<T>>(answer->body, Unknown::Ignore);
  return page ? std::move(page->items) : std::vector<T>{};
}

std::vector<Candidate> named(Server& server, std::string const& path) {
  std::vector<Candidate> out;
  for (auto const& one : items<Named>(server, path)) out.push_back({one.name, one.state});
  return out;
}

}  // namespace

NameSource names_of(Server& server, LocalCommands const& local) {
  return [&server, &local](Names kind) -> std::vector<Candidate> {
    std::vector<Candidate> out;
    switch (kind) {
      case Names::Template: return named(server, "/v1/templates?limit=1000");
      case Names::Node: return named(server, "/v1/nodes?limit=1000");
      case Names::Project: return named(server, "/v1/projects?limit=1000");
      case Names::Team: return named(server, "/v1/teams?limit=1000");
      case Names::User: return named(server, "/v1/users?limit=1000");
      case Names::SimulatedNode:
        for (auto const& node : items<Named>(server, "/v1/nodes?limit=1000"))
          if (node.simulated) out.push_back({node.name, node.state});
        return out;
      case Names::Job:
        for (auto const& job : items<NumberedJob>(server, "/v1/jobs?limit=100")) out.push_back({to_text(job.id), job.state + " " + job.name});
        return out;
      case Names::Token:
        for (auto const& token : items<NumberedToken>(server, "/v1/tokens?limit=1000")) out.push_back({to_text(token.id), token.name});
        return out;
      case Names::Machine:
        for (auto const& machine : local.machines) out.push_back({machine.name, machine.description});
        return out;
      case Names::None:
      case Names::File:
      case Names::Folder:
      case Names::Word: return out;
    }
    return out;
  };
}

}  // namespace nav::cli
