// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/local_commands.h"
#include "cli/syntax.h"

/// What the commands that main/ wires have in common.
namespace nav::cli {

/// HOST:PORT, [::1]:PORT
Take into_address(std::string& value);
/// A folder or file, made absolute: the command may work elsewhere.
Take into_path(std::string& value);
/// BOARD[:N]
Take into_simulated(std::vector<SimulatedNodes>& nodes, std::function<Result<void>(std::string_view)> check);
/// MACHINE[:N][,boot=T][,idle=T][,price=P]
Take into_simulated_cloud(std::vector<SimulatedCloudOptions>& clouds);

/// "--door HOST:PORT" and "--door-name NAME".
void add_door_options(Command& command, DoorListen& door);

/// Where artifacts are kept, and for how long those that nobody needs.
void add_artifact_options(Command& command, std::string& bucket, Duration& keep_unused);

/// "--data DIR", filled in with this machine's own folder.
void add_data_option(Command& command, std::string& data, Variables const& variables);

/// Hands the options over; a build without the part says so.
template <class Options>
std::function<Result<int>(Context&)> handed_to(std::function<int(Options const&)> local, std::shared_ptr<Options> asked) {
  return [local = std::move(local), asked = std::move(asked)](Context&) -> Result<int> {
    if (!local) return fail(ErrorKind::Unsupported, "this build of nav has no such part");
    return local(*asked);
  };
}

}  // namespace nav::cli
