// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "base/result.h"

/// Flows as people write them: YAML files of the fields the API knows.
namespace nav::cli {

/// A flow file as the API's JSON, with where everything stood.
struct FlowFile {
  std::string path;
  std::string json;
  std::map<std::string, int> lines;                ///< of "components.train.on[0]", from 1
  std::map<std::string, std::string> local_files;  ///< inputs that begin with "./": field -> path from here

  /// The error of the API with the place in the file: what it calls "definition.components.x" stands in line 12.
  Error with_place(Error error) const;
};

/// Reads the file. Errors name file and line.
Result<FlowFile> read_flow_file(std::string const& path);

/// The same of a text; `path` is for errors and for files beside it.
Result<FlowFile> read_flow_text(std::string const& text, std::string const& path);

}  // namespace nav::cli
