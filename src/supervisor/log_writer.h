// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "supervisor/files.h"

namespace nav::supervisor {

/// How a log lies on the disk, bounded however much the job writes. Every byte has an offset, its place in all that the job ever wrote:
///   `log`       the head: bytes [0, size of the file), never changed once written
///   `log.tail`  made when the head is full (half the limit): a header of 64 bytes, then a ring in which the byte at offset o lies
///               at 64 + o % capacity. The header says which offsets the ring holds.
/// What lies between the two is left out. read_log() in log.h is the reader.
struct TailHeader {
  static constexpr std::uint64_t expected_magic = 0x314C49415456414Eull;  // "NAVTAIL1" on a little-endian machine
  static constexpr std::int64_t ring_starts_at = 64;

  std::uint64_t magic = expected_magic;
  std::int64_t capacity = 0;
  std::int64_t begin = 0;  ///< raised before bytes are overwritten, so a reader that asks again afterwards knows what it really got
  std::int64_t end = 0;    ///< raised after bytes are written
};

class LogWriter {
 public:
  LogWriter(std::string folder, std::uint64_t limit_bytes);

  /// Never fails and never waits for room: what cannot be stored is left out, the job runs on, and trouble() says so.
  void write(std::string_view bytes);

  std::int64_t total() const { return total_; }
  /// Why bytes were left out beyond what the limit asks for; empty when none were.
  std::string const& trouble() const { return trouble_; }

 private:
  bool write_head(std::string_view& bytes);
  void write_tail(std::string_view bytes);
  bool open_tail();
  bool write_ring(std::string_view bytes, std::int64_t offset);
  void failed(char const* file);

  std::string folder_;
  std::int64_t head_limit_, capacity_;
  std::int64_t total_ = 0, kept_from_ = 0;  // the ring holds [kept_from_, total_)
  Fd head_, tail_;
  bool head_open_ = true;
  std::string trouble_;
};

}  // namespace nav::supervisor
