// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/front.h"
#include "controller/views.h"
#include "http/caller.h"
#include "http/door_head.h"
#include "http/message.h"
#include "http/tunnels.h"
#include "http/workers.h"

/// The way into ports of jobs: who may go in, and what those are told who may not or cannot yet.
namespace nav::http {

struct DoorOptions {
  std::function<Time()> clock;
  TokenReading tokens;
  std::function<std::string()> make_token;
  std::function<std::string(std::string_view bytes)> sign;  ///< with the installation's own secret, so that cookies need not be kept here
  Duration code_life = minutes(1), cookie_life = hours(12);
  std::size_t most_visits = 2048;  ///< at once
  std::size_t most_visits_a_user = 256;
  Duration tunnel = seconds(15);                                   ///< for an agent to bring a way
  Duration first_byte = minutes(10);                               ///< from the end of a request to the beginning of its answer
  Duration stall = minutes(2);                                     ///< without a byte of a request that has begun
  std::chrono::milliseconds look_again = std::chrono::seconds(1);  ///< how often it is looked whether somebody inside may still be there
};

/// Somebody who may go in, while they are inside.
struct Entry {
  AttemptId attempt;
  NodeId node;
  UserId user;
  std::string user_name;
  TokenId token;  ///< by which, or by whose link; none: it was an attempt's own
  AttemptId as;   ///< whose token it was, if a job came
  bool by_cookie = false;
  std::shared_ptr<void> place;  ///< one of those there are at once
};

class Door {
 public:
  /// What is lent outlives it; it outlives its server.
  Door(Front& front, Views const& views, Tunnels& tunnels, DoorOptions options);

  /// Where it is, once that is known: "http", the port, and the name in links. "*.localhost" gives every job a host of its own, "job-42.localhost".
  void opened(std::string scheme, std::uint16_t port, std::string name, std::vector<std::string> names);

  struct Link {
    std::string url;
    Time expires;
  };
  /// An address that lets a browser in, once. The caller may see the job. Forbidden, Conflict (the job is over), Unavailable.
  Result<Link> make_link(Snapshot const& snapshot, Caller const& caller, JobId job);
  /// "http://localhost:8442", as people are told.
  std::string address() const;

  /// Whether the visitor may go in: an Entry, or what they are answered. `then` is called once, on any thread, perhaps at once.
  using Decision = std::variant<Entry, Response>;
  void decide(DoorRequest const& request, DoorTarget const& target, std::string const& address, bool encrypted, std::function<void(Decision)> then);
  /// Whether they may still be inside.
  bool may_stay(Entry const& entry) const;
  /// Why there is no way to the attempt, although its job runs.
  Response no_way(Entry const& entry, DoorRequest const& request) const;
  /// An error as the visitor reads it: a page for a browser, JSON for others.
  Response told(DoorRequest const& request, int status, Error const& error, std::optional<int> come_back_s = {}) const;

  Tunnels& tunnels() { return tunnels_; }
  DoorOptions const& options() const { return options_; }

 private:
  struct Known {
    Caller caller;
    bool by_cookie = false;
  };
  struct Code {
    JobId job;
    TokenId token;
    Time expires;
  };
  struct Where {
    std::string scheme = "http";
    std::uint16_t port = 0;
    std::string name;
    std::vector<std::string> names;
  };

  Where where() const;
  std::string host_for(Where const& where, JobId job) const;
  std::string cookie_name(Snapshot const& snapshot, JobId job) const;
  std::string cookie_for(JobId job, TokenId token, Time expires) const;
  std::optional<TokenId> token_in(std::string_view cookie, JobId job) const;
  std::optional<Response> check_host(DoorRequest const& request, JobId job) const;
  Response redeem(Snapshot const& snapshot, DoorRequest const& request, DoorTarget const& target, bool encrypted);
  Result<Known> who(Snapshot const& snapshot, DoorRequest const& request, JobId job, std::string const& address) const;
  Result<Caller> holder_of(Snapshot const& snapshot, TokenId token) const;
  std::shared_ptr<void> place_for(UserId user);
  void tell_of_waiting(std::shared_ptr<Snapshot const> snapshot, DoorRequest const& request, JobId job, Caller caller, std::function<void(Decision)> then);
  void tell_of_end(std::shared_ptr<Snapshot const> snapshot, DoorRequest const& request, JobId job, Caller caller, std::function<void(Decision)> then);

  Front& front_;
  Views const& views_;
  Tunnels& tunnels_;
  DoorOptions const options_;
  mutable std::mutex mutex_;
  Where where_;
  std::map<std::string, Code> codes_;  ///< by the hash of the code
  struct Visits;
  std::shared_ptr<Visits> visits_;  ///< shared with the places given out
  Workers workers_;
};

/// Whether they may use the ports of this project's jobs: its members, and administrators. What a notebook runs it runs as its project, so nobody else
/// comes in, operators of the machines neither.
bool may_enter(Access const& access, Caller const& caller, ProjectId project);
/// The same for a job that is not over: a workspace is for its owner, and administrators. A job's own token opens none.
bool may_enter(Snapshot const& snapshot, Caller const& caller, Job const& job);

}  // namespace nav::http
