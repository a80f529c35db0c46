// SPDX-License-Identifier: Apache-2.0
#include "adapters/frame_group.h"

#include "base/bytes.h"
#include "base/ensure.h"

namespace nav {

namespace {

/// First byte of a group. Another form gets another number; every number ever written stays readable.
constexpr std::uint64_t form = 1;

}  // namespace

std::string encode_frames(std::vector<Frame> const& frames) {
  ByteWriter out;
  out.number(form);
  out.number(frames.size());
  Stamp before;
  std::string_view stream;
  for (Frame const& frame : frames) {
    Stamp const& stamp = frame.stamp;
    if (&frame == &frames.front()) out.number(stamp.sequence);
    else ensure(stamp.sequence == before.sequence + 1, "events of one commit follow one another");
    out.signed_number(static_cast<std::int64_t>(stamp.epoch - before.epoch));
    out.signed_number(stamp.at.us - before.at.us);
    out.number(stamp.by.value);
    out.text(frame.stream == stream ? std::string_view{} : std::string_view(frame.stream));  // empty: as the one before
    out.text(frame.body);
    before = stamp;
    stream = frame.stream;
  }
  out.fixed32(crc32c(out.bytes()));
  return out.take();
}

Result<std::vector<Frame>> decode_frames(std::string_view bytes) {
  if (bytes.size() < 4) return fail(ErrorKind::Internal, "a commit of {} bytes is none", bytes.size());
  std::string_view const content = bytes.substr(0, bytes.size() - 4);
  if (ByteReader(bytes.substr(content.size())).fixed32() != crc32c(content)) return fail(ErrorKind::Internal, "its checksum does not hold");
  ByteReader in(content);
  if (std::uint64_t const found = in.number(); found != form)
    return fail(ErrorKind::Unsupported, "it is written in form {}, and this version knows form {}", found, form);
  std::uint64_t const count = in.number();
  if (count > in.left()) return fail(ErrorKind::Internal, "its length does not hold");
  std::vector<Frame> frames;
  frames.reserve(count);
  Stamp stamp;
  std::string stream;
  for (std::uint64_t i = 0; i < count; ++i) {
    stamp.sequence = i == 0 ? in.number() : stamp.sequence + 1;
    stamp.epoch += static_cast<std::uint64_t>(in.signed_number());
    stamp.at.us = static_cast<std::int64_t>(static_cast<std::uint64_t>(stamp.at.us) + static_cast<std::uint64_t>(in.signed_number()));
    stamp.by = UserId{in.number()};
    if (auto const name = in.text(); !name.empty()) stream = name;
    frames.push_back({stamp, stream, std::string(in.text())});
  }
  if (!in.is_done()) return fail(ErrorKind::Internal, "it does not end where it should");
  return frames;
}

}  // namespace nav
