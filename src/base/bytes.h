// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nav {

/// Puts numbers and texts behind one another in few bytes: a number takes one byte for every seven bits it needs (LEB128), a signed
/// one is folded so that small negatives stay short.
class ByteWriter {
 public:
  void number(std::uint64_t value);
  void signed_number(std::int64_t value);
  void fixed32(std::uint32_t value);  ///< four bytes, lowest first
  void fixed64(std::uint64_t value);  ///< eight bytes, lowest first
  void text(std::string_view value);  ///< its length, then its bytes
  std::string const& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads them back from bytes nobody vouches for. What is not there reads as zero, and `failed` says so from then on: read all, ask once.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint64_t number();
  std::int64_t signed_number();
  std::uint32_t fixed32();
  std::uint64_t fixed64();
  std::string_view text();  ///< valid as long as the bytes are

  bool failed() const { return failed_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  /// All was read, and nothing was missing.
  bool is_done() const { return !failed_ && at_ == end_; }

 private:
  void fail() { failed_ = true, at_ = end_; }

  char const* at_;
  char const* end_;
  bool failed_ = false;
};

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4); `before` is the checksum of what came before.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace nav
