// SPDX-License-Identifier: Apache-2.0
#include "core/code_files.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace nav {

bool is_digest(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  if (!text.starts_with(prefix) || text.size() != prefix.size() + 64) return false;
  return std::all_of(text.begin() + prefix.size(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

namespace {

constexpr std::size_t longest_path = 1'000, longest_name = 255;

/// What is wrong with the path; empty if nothing is.
std::string_view trouble_of(std::string_view path) {
  if (path.empty()) return "it is empty";
  if (path.size() > longest_path) return "it is too long";
  if (path.find('\0') != path.npos) return "it holds a NUL character";
  for (auto const name : split(path, '/')) {
    if (name.empty()) return path.front() == '/' ? "it begins at the root" : "a name in it is empty";
    if (name == "." || name == "..") return "it leads elsewhere";
    if (name.size() > longest_name) return "a name in it is too long";
  }
  return {};
}

}  // namespace

Result<void> check(std::vector<CodeFile> const& code) {
  if (code.size() > most_code_files)
    return fail_field("code", fmt::format("at most {} files; what many jobs read is better kept on the nodes", most_code_files), "{} files are sent along",
                      code.size());
  enum class Kind { File, Folder };
  std::map<std::string_view, Kind> known;
  for (std::size_t i = 0; i < code.size(); ++i) {
    std::string_view const path = code[i].path;
    auto const refuse = [&](std::string_view why) {
      return fail_field(fmt::format("code[{}].path", i), "a path below the folder, as src/train.py", "\"{}\" is no path of a file that is sent along: {}",
                        shortened(path, 100), why);
    };
    if (auto const trouble = trouble_of(path); !trouble.empty()) return refuse(trouble);
    if (!is_digest(code[i].digest))
      return fail_field(fmt::format("code[{}].digest", i), "sha256: and 64 digits from 0 to f", "\"{}\" is no digest", shortened(code[i].digest, 80));
    if (!known.emplace(path, Kind::File).second) return refuse(known[path] == Kind::File ? "it stands there twice" : "others have a folder there");
    for (auto at = path.find('/'); at != path.npos; at = path.find('/', at + 1))
      if (known.emplace(path.substr(0, at), Kind::Folder).first->second == Kind::File) return refuse("another file stands where its folder would be");
  }
  return {};
}

}  // namespace nav
