// SPDX-License-Identifier: Apache-2.0
#include "agent/messages.h"

#include "base/text.h"

namespace nav {

std::string to_text(Output const& output) {
  struct {
    std::string operator()(Discover const&) const { return "discover"; }
    std::string operator()(LookAtGpu const& o) const { return fmt::format("look {}", o.gpu); }
    std::string operator()(LookAtJobs const&) const { return "look at jobs"; }
    std::string operator()(StartJob const& o) const { return to_text(Action(StartAttempt{o.launch.attempt, o.launch.instance_uuid})); }
    std::string operator()(Sync const& o) const {
      return fmt::format("{}{}", o.channel == Channel::Report ? "report" : "listen", o.request.status ? " status" : "");
    }
    std::string operator()(SaveRecord const&) const { return "save"; }
    std::string operator()(RenewLease const& o) const { return fmt::format("renew {} {}", to_text(o.attempt), to_text(o.lease)); }
    std::string operator()(Warn const& o) const { return fmt::format("warn {}", o.message); }
    std::string operator()(FetchLaunch const& o) const { return to_text(Action(o)); }
    std::string operator()(SetMode const& o) const { return to_text(Action(o)); }
    std::string operator()(CreateInstance const& o) const { return to_text(Action(o)); }
    std::string operator()(DestroyInstance const& o) const { return to_text(Action(o)); }
    std::string operator()(StopAttempt const& o) const { return to_text(Action(o)); }
    std::string operator()(ForgetAttempt const& o) const { return to_text(Action(o)); }
  } text;
  return std::visit(text, output);
}

}  // namespace nav
