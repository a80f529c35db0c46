// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/flows.h"
#include "cli/context.h"
#include "cli/flow_file.h"
#include "cli/syntax.h"

/// What of a flow is to be run: as a person says it, and as the API is asked for it.
namespace nav::cli {

struct FlowWish {
  std::string what;  ///< a file, or the name of a flow
  std::string project;
  std::map<std::string, std::string> parameters;
  std::uint32_t trials_allowed = api::trials_unasked;
  std::uint32_t version = 0;
  bool no_cache = false;
};

/// --param and --trials-allowed.
void add_parameter_options(Command& command, std::shared_ptr<FlowWish> const& asked);

/// The body of a request to run it.
struct FlowRequest {
  std::string json;              ///< api::StartFlowRun
  std::optional<FlowFile> file;  ///< that it was read from

  /// The error of the API with the place in the file, if there is one.
  Error with_place(Error error) const;
};

/// Holds the file against all that is known. Nothing is sent that is kept.
Result<api::FlowGraph> check_flow_file(Context& nav, FlowWish const& asked, FlowFile const& file);

/// A flow that is a file is checked, and the files beside it are sent.
Result<FlowRequest> flow_request(Context& nav, FlowWish const& asked);

}  // namespace nav::cli
