// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/event.h"

/// What the controller needs of the world. One body of each is in adapters/, one in sim/; both pass the same contract test.
namespace nav {

/// One event as it stands in the journal.
struct Frame {
  Stamp stamp;
  std::string stream;  ///< "pool", "access" or "answers"
  std::string body;    ///< the event as JSON: {"JobPlaced":{...}}

  bool operator==(Frame const& other) const {
    return stamp.sequence == other.stamp.sequence && stamp.epoch == other.stamp.epoch && stamp.at == other.stamp.at && stamp.by == other.stamp.by &&
           stream == other.stream && body == other.body;
  }
};

/// An immutable blob beside the events: job requests.
struct Blob {
  Digest digest;
  std::string body;
};

/// A serialised state of all streams after the event `sequence`.
struct Checkpoint {
  std::uint64_t sequence = 0;
  std::string body;
};

/// The truth. Used by the one writer, except `blob` and `read`, which any thread may call.
class Journal {
 public:
  virtual ~Journal() = default;
  /// The newest checkpoint whose checksum holds, if any.
  virtual Result<std::optional<Checkpoint>> checkpoint() = 0;
  /// Calls visit with every frame after `sequence`, in order, at most `limit` of them (0: all); a false answer ends it.
  virtual Result<void> read(std::uint64_t sequence, std::size_t limit, std::function<bool(Frame const&)> const& visit) = 0;
  /// All of it is durable when it returns, or nothing of it is there. StorageFull when the disk is; Unavailable when another controller has taken
  /// the journal over (a higher epoch is in it): this one must stop.
  virtual Result<void> append(std::vector<Frame> const& frames, std::vector<Blob> const& blobs) = 0;
  /// NotFound if there is none.
  virtual Result<std::string> blob(Digest digest) = 0;
  /// Kept beside the one before; older ones go. Frames stay. May run long, so it is called off the writer's thread.
  virtual Result<void> save(Checkpoint const& checkpoint) = 0;
  /// The number of the installation, made at first start: 32 hexadecimal digits.
  virtual std::string installation() const = 0;
};

}  // namespace nav
