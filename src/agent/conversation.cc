// SPDX-License-Identifier: Apache-2.0
#include "agent/conversation.h"

namespace nav {

namespace {

constexpr Duration first_wait = milliseconds(200), longest_wait = seconds(10);
/// A listen that comes back sooner than this with nothing new was not held: do not turn that into a storm.
constexpr Duration shortest_listen = milliseconds(50), pause_after_short_listen = seconds(1);
/// How often to listen to a controller that has no status of ours.
constexpr Duration between_bare_heartbeats = seconds(5);

}  // namespace

std::string hash_of(NodeStatus const& status) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  for (unsigned char c : json_write(status)) hash = (hash ^ c) * 0x100000001B3ull;
  return fmt::format("{:016x}", hash);
}

std::vector<Sync> Conversation::requests(NodeId node, std::string const& boot, Generation have, NodeStatus const* status, std::string const& hash, Time now) {
  std::vector<Sync> out;
  auto ask = [&](Channel channel, std::string told, std::optional<NodeStatus> body) {
    Line& l = line(channel);
    l.open = true;
    l.asked = now;
    l.hash = told;
    out.push_back({channel, {.protocol = sync_protocol, .node = node, .boot = boot, .have = have, .status_hash = std::move(told), .status = std::move(body)}});
  };
  if (status && hash != known_ && !report_.open && report_.patience.may_try(now)) ask(Channel::Report, hash, *status);
  // Listening says which status the controller is to go by: the one it has. Newer ones come over the other channel. A controller that has none
  // answers at once, so it is asked seldom: for leases, and for what to do on a node whose reports it refuses.
  bool const worth = !known_.empty() || now >= bare_at_;
  if (known_.empty() && worth) bare_at_ = now + between_bare_heartbeats;
  if (worth && !listen_.open && listen_.patience.may_try(now)) ask(Channel::Listen, known_, std::nullopt);
  return out;
}

void Conversation::answered(Synced const& synced, bool good, Time now) {
  Line& l = line(synced.channel);
  l.open = false;
  if (!synced.answer) {
    l.patience.failed(now, synced.answer.error().message, jittered(first_wait, random_), longest_wait);
    return;
  }
  std::string const& told = synced.answer->status_hash;
  // A listen asked before the last report was confirmed may carry what the controller knew before that report.
  if (synced.channel == Channel::Report || l.asked >= known_since_) known_ = told;
  if (synced.channel == Channel::Report) known_since_ = now;
  if (!good || (synced.channel == Channel::Report && told != l.hash)) {
    l.patience.failed(now, "not taken in", jittered(first_wait, random_), longest_wait);
    return;
  }
  l.patience = {};
  // A report sends a held listen home, so one that met a report was not too short.
  bool const met_report = report_.open || report_.asked >= l.asked || known_since_ >= l.asked;
  if (synced.channel == Channel::Listen && !synced.answer->spec && !known_.empty() && !met_report && now - l.asked < shortest_listen)
    l.patience.next = now + pause_after_short_listen;
}

Time Conversation::next_wake(Time now) const {
  Time next = bare_at_ > now ? bare_at_ : Time{std::numeric_limits<std::int64_t>::max()};
  for (Line const* l : {&report_, &listen_})
    if (!l->open && l->patience.next > now) next = std::min(next, l->patience.next);
  return next;
}

}  // namespace nav
