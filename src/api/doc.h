// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace nav::api {

/// What the API document says of one field. Every struct of the API explains its fields in its own `docs`, which is the one place
/// where they are explained; the entry without a name speaks of the struct. A field without an explanation does not compile.
///
/// Everywhere in the API: moments are microseconds since 1970 in UTC, lengths of time are microseconds, whatever else has a unit
/// says so in its name (memory_mib, cpu_milli). What is not known or not yet so is left out, never zero.
struct Doc {
  std::string_view field;
  std::string_view text;
  std::string_view example = {};  ///< as JSON; if empty, one is made from the type
  std::string_view limits = {};   ///< JSON Schema keywords beside what the type says: "\"maximum\":1000"
};

}  // namespace nav::api
