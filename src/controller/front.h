// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/sealed.h"
#include "controller/ports.h"
#include "core/access.h"
#include "core/command.h"
#include "flow/flow_command.h"
#include "plan/plan.h"

/// The door to the controller: what the HTTP routes use, whichever threads stand behind it.
namespace nav {

/// Everything at one moment, for readers. Immutable and cheap to hold.
struct Snapshot {
  Pool pool;
  Cow<Access> access;  ///< read as a pointer: snapshot->access->users
  Cow<Flows> flows;
  std::string installation;
  Time at;  ///< when it was taken
  std::uint64_t sequence() const { return sequence_; }
  std::uint64_t sequence_ = 0;  ///< of the last event in it, of any stream; all of it is durable
};

struct Command : std::variant<PoolCommand, AccessCommand, FlowCommand> {
  NAV_SEALED(Command)
};

/// One wish, with who wishes. With a key it is granted once: a second asking within 24 h gets the first answer.
struct Ask {
  Command command;
  UserId by;
  std::string idempotency_key;  ///< empty: none. Unique per user.
  Digest request;               ///< of the whole request: the same key with another request is refused (Conflict, field "Idempotency-Key")
  std::optional<Blob> blob;     ///< kept together with the events
  /// The answer's body, made from the events, to be kept under the key.
  std::function<std::string(std::vector<Frame> const&)> answer;
};

/// What became of it: durable when this is told.
struct Accepted {
  std::vector<Frame> frames;                 ///< its events; none: nothing had to change
  std::string answer;                        ///< what Ask::answer made, now or the first time
  bool repeated = false;                     ///< the key had been used: `answer` is the first one, `frames` is empty
  std::shared_ptr<Snapshot const> snapshot;  ///< with its events in it
};

class Front {
 public:
  virtual ~Front() = default;

  /// `done` is called once, from the controller's thread: be short there. TooMany when the queue is full.
  virtual void ask(Ask ask, std::function<void(Result<Accepted>)> done) = 0;

  /// The newest state all of which is durable.
  virtual std::shared_ptr<Snapshot const> snapshot() const = 0;

  /// An agent's sync; answered when there is news for it or after some seconds. The caller has made sure that it speaks for its node.
  virtual void sync(SyncRequest request, std::function<void(Result<SyncAnswer>)> done) = 0;

  /// Why a waiting job waits, by the planner's own index (`try` comes with the scheduler). Runs on the controller's thread.
  virtual void why(JobId job, std::function<void(Result<Reason>)> done) = 0;

  /// A job's request, by the digest in its record. Any thread.
  virtual Result<std::string> blob(Digest digest) const = 0;

  /// The secret for an attempt, derived from the installation's own: nothing is stored. Valid while the attempt lives.
  virtual std::string attempt_token(AttemptId attempt) const = 0;
  /// The attempt a token was derived for, if it is genuine (whether it still lives is asked of a snapshot).
  virtual std::optional<AttemptId> attempt_of_token(std::string const& token) const = 0;

  /// Frames after `sequence` as they become durable, in order, without a gap, from the caller's `more`. False from `more` ends it.
  /// The past is read from the journal first. `more` is called from one thread at a time and must not block.
  class Subscription {
   public:
    virtual ~Subscription() = default;  ///< no call comes after
  };
  virtual std::unique_ptr<Subscription> subscribe(std::uint64_t sequence, std::function<bool(std::vector<Frame> const&)> more) = 0;
};

}  // namespace nav
