// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace nav::api {

/// The JSON Schema of a flow's YAML file, for editors. api/flow.schema.json in the repository is this; a test holds them together.
std::string flow_schema();

}  // namespace nav::api
