// SPDX-License-Identifier: Apache-2.0
#include "cli/local_syntax.h"

#include <filesystem>

#include "base/text.h"
#include "cli/settings.h"

namespace nav::cli {

Take into_address(std::string& value) {
  return [&value](std::string_view text) -> Result<void> {
    auto const colon = text.rfind(':');
    std::uint64_t port = 0;
    bool const has_host = colon != std::string_view::npos && colon > 0;
    bool const plain = has_host && (text.front() == '[' ? text[colon - 1] == ']' : text.find(':') == colon);
    if (!plain || !read_number(text.substr(colon + 1), port) || port > 65535)
      return wrong(fmt::format("\"{}\" is not an address to listen at", shortened(text, 60)), "write HOST:PORT, as 127.0.0.1:8440 or [::1]:8440");
    value = text;
    return {};
  };
}

void add_door_options(Command& command, DoorListen& door) {
  command.option("--door HOST:PORT", "where ports of jobs are reached (loopback, the first free port after the API's)", into_address(door.listen));
  command.option("--door-name NAME", "the door's name in links (*.localhost on loopback); *.NAME gives every job a host of its own",
                 [&door](std::string_view text) -> Result<void> {
                   std::string_view const plain = text.starts_with("*.") ? text.substr(2) : text;
                   bool good = !plain.empty() && plain.size() <= 200 && plain.front() != '.' && plain.front() != '-';
                   for (char c : plain) good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
                   if (!good)
                     return wrong(fmt::format("\"{}\" is no name of a host", shortened(text, 60)), "write it as door.example.org or *.door.example.org");
                   door.name = text;
                   return {};
                 });
}

void add_artifact_options(Command& command, std::string& bucket, Duration& keep_unused) {
  command.option("--artifacts s3://BUCKET/PREFIX", "keep artifacts in a bucket; its keys come as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", into(bucket));
  command.option("--keep-artifacts DURATION", "delete those that nobody needs so long after they came (30d; 0s: never)",
                 [&keep_unused](std::string_view text) -> Result<void> {
                   TRY(Duration const wanted, parse_duration(text));
                   if (wanted.us != 0 && wanted < hours(1)) return wrong(fmt::format("{} is too short", text), "an hour at least, as 7d, or 0s for ever");
                   keep_unused = wanted;
                   return {};
                 });
}

Take into_path(std::string& value) {
  return [&value](std::string_view text) -> Result<void> {
    if (text.empty()) return wrong("a path cannot be empty", "");
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
      return wrong(fmt::format("\"{}\" is not a number of machines", shortened(text.substr(colon + 1), 40)), "write 1 to 100, as in dgx-a100:3");
    wanted.count = static_cast<std::uint32_t>(count);
    if (check) TRY_VOID(check(wanted.board));
    nodes.push_back(std::move(wanted));
    return {};
  };
}

Take into_simulated_cloud(std::vector<SimulatedCloudOptions>& clouds) {
  return [&clouds](std::string_view text) -> Result<void> {
    static constexpr char form[] = "write v100:4,boot=5s,idle=1m,price=2.50";
    auto const parts = split(text, ',');
    auto const colon = parts[0].find(':');
    SimulatedCloudOptions cloud;
    cloud.machine = parts[0].substr(0, colon);
    std::uint64_t most = 1;
    if (colon != std::string_view::npos && (!read_number(parts[0].substr(colon + 1), most) || most < 1 || most > 100))
      return wrong(fmt::format("\"{}\" is not a number of machines", shortened(parts[0].substr(colon + 1), 40)), "1 to 100, as in v100:4");
    cloud.most = static_cast<std::uint32_t>(most);
    if (auto named = check_name(cloud.machine, ""); !named) return wrong(named.error().message, form);
    for (std::size_t i = 1; i < parts.size(); ++i) {
      auto const equals = parts[i].find('=');
      std::string_view const key = parts[i].substr(0, equals), value = equals == parts[i].npos ? "" : parts[i].substr(equals + 1);
      if (key == "boot") {
        TRY(cloud.boot, parse_duration(value));
      } else if (key == "idle") {
        TRY(cloud.idle, parse_duration(value));
      } else if (key == "price") {
        TRY(cloud.price_micro, parse_money(value));
      } else return wrong(fmt::format("\"{}\" is nothing a cloud has", shortened(key, 40)), form);
    }
    clouds.push_back(std::move(cloud));
    return {};
  };
}

void add_data_option(Command& command, std::string& data, Variables const& variables) {
  data = data_folder(variables);
  command.option("--data DIR", "the folder of the installation (else NAV_DATA, /var/lib/opennav for root, ~/.local/share/opennav)", into_path(data),
                 Names::Folder);
}

}  // namespace nav::cli
