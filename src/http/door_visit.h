// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/connection.h"
#include "http/door.h"

/// To be included by connection_pipe.cc and door_visit.cc alone, since Asio comes with it.
namespace nav::http {

/// One request of a visitor on its way to a job's service and back. Bytes go on as they come, both ways at once, and no faster than they are taken.
/// step() does all that can be done at the moment and says until when nothing will have to be done by itself.
class DoorVisit {
 public:
  explicit DoorVisit(Connection& connection);
  ~DoorVisit();

  std::chrono::steady_clock::time_point step();
  bool is_over() const { return stage_ == Stage::Over; }
  /// After it is over: whether the connection may carry another request.
  bool may_go_on() const { return may_go_on_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Deadline = Clock::time_point;
  enum class Stage {
    Head,      ///< the request's head comes
    Deciding,  ///< whether they may go in
    Tunnel,    ///< a way to the node is waited for
    Passing,   ///< request and answer are under way
    Raw,       ///< after an upgrade: bytes
    Farewell,  ///< what we answer ourselves is being written
    Over,
  };
  struct Parsers;
  struct Asked;

  void read_head();
  void take_head();
  void decided();
  void find_way(bool fresh);
  void await_tunnel();
  void begin();
  void pass();
  void pass_request();
  bool pass_answer();
  bool read_greeting();
  bool take_answer_head();
  void pass_raw();
  void end_of_answer();
  void answer(Response response);
  void refuse(int status, Error const& error);
  void break_off();
  void over(bool may_go_on);
  bool try_again();
  void until(Deadline deadline) { deadline_ = std::min(deadline_, deadline); }

  Connection& connection_;
  Door& door_;
  Stage stage_ = Stage::Head;
  Deadline deadline_, stage_began_, moved_;  ///< moved: when a byte of the request last came
  Deadline looked_;                          ///< when it was last looked whether they may stay
  bool may_go_on_ = false;

  std::unique_ptr<Parsers> parsers_;
  DoorRequest request_;
  DoorTarget target_;
  bool speaks_chunks_ = true;  ///< HTTP/1.1
  bool keep_alive_ = false, has_body_ = false, wants_upgrade_ = false;
  std::shared_ptr<Asked> asked_;
  Entry entry_;

  std::unique_ptr<Tunnels::Wish> wish_;
  std::shared_ptr<Pipe> pipe_;
  bool is_fresh_ = true, greeted_ = false, answer_began_ = false, answer_chunked_ = false;
  std::string to_service_, from_service_;
};

}  // namespace nav::http
