// SPDX-License-Identifier: Apache-2.0
#include "adapters/notices.h"

#include <algorithm>

namespace nav {

namespace {

using api::Notice;
using Kind = api::NoticeKind;

/// `{"NodeLost":{...}}`: most frames are none of these, and need not be read.
bool may_be_news(std::string_view body) {
  static constexpr std::string_view kinds[] = {NodeUnreachable::type, NodeConfirmed::type, NodeLost::type, SetAside::type, TakenBack::type, JobEnded::type};
  auto const end = body.find('"', 2);
  return end != body.npos && std::find(std::begin(kinds), std::end(kinds), body.substr(2, end - 2)) != std::end(kinds);
}

struct Describing {
  Pool const& names;
  std::set<NodeId>& silent;
  Notice& notice;

  std::string name_of(NodeId id) {
    Node const* node = names.node(id);
    notice.node = node ? node->name : to_text(id);
    return *notice.node;
  }
  std::string place_of(NodeId node, std::uint32_t gpu, std::string const& placement) {
    notice.gpu = gpu;
    if (!placement.empty()) notice.placement = placement;
    return fmt::format("{}GPU {} of {}", placement.empty() ? "" : placement + " on ", gpu, name_of(node));
  }
  bool is(Kind kind, std::string text) {
    notice.kind = kind;
    notice.text = std::move(text);
    return true;
  }

  bool operator()(NodeUnreachable const& e) { return silent.insert(e.node).second && is(Kind::NodeSilent, name_of(e.node) + " does not answer"); }
  bool operator()(NodeConfirmed const& e) { return silent.erase(e.node) > 0 && is(Kind::NodeBack, name_of(e.node) + " answers again"); }
  bool operator()(NodeLost const& e) {
    silent.erase(e.node);
    return is(Kind::NodeLost, name_of(e.node) + " was declared lost");
  }
  bool operator()(SetAside const& e) {
    notice.reason = e.reason;
    if (e.by) notice.job = e.by.job;
    return is(Kind::SetAside, fmt::format("{} is set aside: {}", place_of(e.node, e.gpu, e.placement), e.reason));
  }
  bool operator()(TakenBack const& e) { return is(Kind::TakenBack, place_of(e.node, e.gpu, e.placement) + " is in use again"); }
  bool operator()(JobEnded const& e) {
    if (e.end != JobEnd::Lost) return false;
    notice.job = e.job;
    if (!e.message.empty()) notice.reason = e.message;
    return is(Kind::JobLost, fmt::format("job {} is lost{}{}", to_text(e.job), e.message.empty() ? "" : ": ", e.message));
  }
  template <class Other>
  bool operator()(Other const&) {
    return false;
  }
};

}  // namespace

std::optional<Notice> NoticeReader::read(Frame const& frame, Pool const& names) {
  if (frame.stream != "pool" || !may_be_news(frame.body)) return std::nullopt;
  auto const event = json_read<PoolEvent>(frame.body, Unknown::Ignore);
  if (!event) return std::nullopt;
  Notice notice;
  notice.id = fmt::format("{}-{}", installation_, frame.stamp.sequence);
  notice.at = frame.stamp.at;
  notice.installation = installation_;
  Describing describing{names, silent_, notice};
  if (!std::visit([&](auto const& e) { return describing(e); }, *event)) return std::nullopt;
  return notice;
}

Notice unwritten_notice(std::string const& installation, Kind kind, Time at, std::string text) {
  Notice notice;
  notice.id = fmt::format("{}-{}-{}", installation, enum_text(kind), at.us);
  notice.kind = kind;
  notice.at = at;
  notice.installation = installation;
  notice.text = std::move(text);
  return notice;
}

}  // namespace nav
