// SPDX-License-Identifier: Apache-2.0
#include "main/web_folder.h"

#include <filesystem>
#include <map>

#include "main/data_folder.h"

namespace nav {
namespace {

std::string content_type_of(std::filesystem::path const& path) {
  static std::map<std::string, std::string> const types{{".html", "text/html; charset=utf-8"},
                                                        {".js", "text/javascript; charset=utf-8"},
                                                        {".css", "text/css; charset=utf-8"},
                                                        {".woff2", "font/woff2"},
                                                        {".svg", "image/svg+xml"},
                                                        {".json", "application/json"},
                                                        {".txt", "text/plain; charset=utf-8"}};
  auto const found = types.find(path.extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

}  // namespace

std::string web_folder() {
  std::error_code error;
  auto const program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : (program.parent_path() / "web").string();
}

http::WebAssets read_web(std::string const& folder) {
  namespace fs = std::filesystem;
  http::WebAssets web;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::follow_directory_symlink, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file()) continue;
    fs::path const path = it->path();
    if (path.extension() == ".br" || path.extension() == ".gz") continue;
    auto plain = read_file(path.string());
    if (!plain) continue;
    http::WebAsset asset{.content_type = content_type_of(path), .plain = std::move(*plain), .gzip = {}, .brotli = {}};
    if (auto packed = read_file(path.string() + ".gz")) asset.gzip = std::move(*packed);
    if (auto packed = read_file(path.string() + ".br")) asset.brotli = std::move(*packed);
    web[fs::path(path).lexically_relative(folder).generic_string()] = std::move(asset);
  }
  if (!web.contains("index.html")) web.clear();
  return web;
}

}  // namespace nav
