// SPDX-License-Identifier: Apache-2.0
#include "cli/local_syntax.h"

#include <filesystem>

#include "base/text.h"
#include "cli/settings.h"

namespace nav::cli {

namespace {

Unexpected refuse(std::string message, std::string hint) { return Unexpected(Error{ErrorKind::InvalidArgument, std::move(message), std::move(hint), {}}); }

}  // namespace

Take into_address(std::string& value) {
  return [&value](std::string_view text) -> Result<void> {
    auto const colon = text.rfind(':');
    std::uint64_t port = 0;
    bool const has_host = colon != std::string_view::npos && colon > 0;
    bool const plain = has_host && (text.front() == '[' ? text[colon - 1] == ']' : text.find(':') == colon);
    if (!plain || !read_number(text.substr(colon + 1), port) || port > 65535)
      return refuse(fmt::format("\"{}\" is not an address to listen at", shortened(text, 60)), "write HOST:PORT, as 127.0.0.1:8440 or [::1]:8440");
    value = text;
    return {};
  };
}

Take into_path(std::string& value) {
  return [&value](std::string_view text) -> Result<void> {
    if (text.empty()) return refuse("a path cannot be empty", "");
    value = std::filesystem::absolute(text).lexically_normal();
    return {};
  };
}

Take into_simulated(std::vector<SimulatedNodes>& nodes, std::function<Result<void>(std::string_view)> check) {
  return [&nodes, check = std::move(check)](std::string_view text) -> Result<void> {
    auto const colon = text.find(':');
    SimulatedNodes wanted{std::string(text.substr(0, colon)), 1};
    std::uint64_t count = 1;
    if (colon != std::string_view::npos && (!read_number(text.substr(colon + 1), count) || count < 1 || count > 100))
      return refuse(fmt::format("\"{}\" is not a number of machines", shortened(text.substr(colon + 1), 40)), "write 1 to 100, as in dgx-a100:3");
    wanted.count = static_cast<std::uint32_t>(count);
    if (check) TRY_VOID(check(wanted.board));
    nodes.push_back(std::move(wanted));
    return {};
  };
}

void add_data_option(Command& command, std::string& data, Variables const& variables) {
  data = data_folder(variables);
  command.option("--data DIR", "the folder of the installation (else NAV_DATA, /var/lib/opennav for root, ~/.local/share/opennav)", into_path(data),
                 Names::Folder);
}

}  // namespace nav::cli
