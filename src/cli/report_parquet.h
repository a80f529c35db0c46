// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace nav::cli {

/// Writes a report, as the API answered it, to a Parquet file: a text column for each thing it is grouped by, a column of doubles for each
/// number, null for what is not known, and no row for the total. Units and times stand in the columns' and the table's metadata. Apache
/// Arrow writes it, through Python: InvalidArgument where that is not there or the file cannot be written.
Result<void> write_parquet(std::string const& report, std::string const& file);

}  // namespace nav::cli
