// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

/// Files that were sent along with a job: kept by content beside the artifacts of its project, laid out anew in the folder each attempt starts in.
namespace nav {

/// Whether the text names a file by its content: "sha256:" and 64 hexadecimal digits in lower case.
bool is_digest(std::string_view text);

inline constexpr std::size_t most_code_files = 2'000;

struct CodeFile {
  std::string path;    ///< "src/train.py", below the folder the attempt starts in
  std::string digest;  ///< "sha256:..."
  bool executable = false;

  bool operator==(CodeFile const&) const = default;
};
BOOST_DESCRIBE_STRUCT(CodeFile, (), (path, digest, executable))

/// Refuses what leads out of the folder, what stands there twice, and a file where others have a folder.
Result<void> check(std::vector<CodeFile> const& code);

}  // namespace nav
