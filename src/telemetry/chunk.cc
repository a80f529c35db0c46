// SPDX-License-Identifier: Apache-2.0
#include "telemetry/chunk.h"

#include <limits>

#include "base/bytes.h"
#include "base/ensure.h"

namespace nav::telemetry {

namespace {

constexpr std::uint64_t samples_form = 1, buckets_form = 2;
/// More in one chunk is nothing that was written here: bytes must not make a reader take all memory.
constexpr std::uint64_t most_in_chunk = 1'000'000;

/// Differences wrap, as unsigned numbers do: any two int64 have one.
std::int64_t minus(std::int64_t a, std::int64_t b) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)); }
std::int64_t plus(std::int64_t a, std::int64_t b) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b)); }

/// A column of signed numbers in which zeros come in runs: a zero is followed by how many more there are.
class RunWriter {
 public:
  explicit RunWriter(ByteWriter& out) : out_(out) {}
  ~RunWriter() { end_run(); }
  void add(std::int64_t value) {
    if (value == 0) {
      ++zeros_;
      return;
    }
    end_run();
    out_.signed_number(value);
  }

 private:
  void end_run() {
    if (zeros_ == 0) return;
    out_.signed_number(0);
    out_.number(zeros_ - 1);
    zeros_ = 0;
  }
  ByteWriter& out_;
  std::uint64_t zeros_ = 0;
};

class RunReader {
 public:
  explicit RunReader(ByteReader& in) : in_(in) {}
  std::int64_t next() {
    if (zeros_ > 0) return --zeros_, 0;
    std::int64_t const value = in_.signed_number();
    if (value == 0 && !in_.failed()) zeros_ = in_.number();
    return value;
  }
  bool is_even() const { return zeros_ == 0; }

 private:
  ByteReader& in_;
  std::uint64_t zeros_ = 0;
};

Unexpected broken() { return fail(ErrorKind::InvalidArgument, "these bytes are no chunk of samples"); }

}  // namespace

std::string encode(std::vector<Sample> const& samples) {
  ByteWriter out;
  out.number(samples_form);
  out.number(samples.size());
  std::int64_t last = 0, step = 0;
  {
    RunWriter times(out);
    for (auto const& sample : samples) {
      std::int64_t const ms = sample.at.us / 1000;
      times.add(minus(minus(ms, last), step));
      step = minus(ms, last);
      last = ms;
    }
  }
  std::int64_t value = 0;
  {
    RunWriter values(out);
    for (auto const& sample : samples) {
      values.add(minus(sample.value, value));
      value = sample.value;
    }
  }
  return out.take();
}

Result<std::vector<Sample>> decode(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.number() != samples_form) return broken();
  std::uint64_t const count = in.number();
  if (count > most_in_chunk) return broken();
  std::vector<Sample> samples;
  RunReader times(in), values(in);
  std::int64_t last = 0, step = 0, value = 0;
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    step = plus(step, times.next());
    last = plus(last, step);
    if (last > std::numeric_limits<std::int64_t>::max() / 1000 || last < std::numeric_limits<std::int64_t>::min() / 1000) return broken();
    samples.push_back({Time{last * 1000}, 0});
  }
  if (!times.is_even()) return broken();
  for (auto& sample : samples) sample.value = value = plus(value, values.next());
  if (!in.is_done() || samples.size() != count || !values.is_even()) return broken();
  return samples;
}

std::string encode(std::vector<Bucket> const& buckets, Duration width) {
  ensure(width.us > 0, "a bucket has a width");
  ByteWriter out;
  out.number(buckets_form);
  out.number(buckets.size());
  out.number(static_cast<std::uint64_t>(width.us));
  Bucket last;
  std::int64_t number = 0;
  for (auto const& bucket : buckets) {
    std::int64_t const at = bucket.start.us / width.us;
    out.signed_number(minus(at, number));
    out.number(bucket.count);
    out.signed_number(minus(bucket.min, last.min));
    out.signed_number(minus(bucket.max, bucket.min));
    // Where nothing moves the sum follows from the rest.
    out.signed_number(minus(bucket.sum, static_cast<std::int64_t>(static_cast<std::uint64_t>(bucket.min) * bucket.count)));
    number = at;
    last = bucket;
  }
  return out.take();
}

Result<std::vector<Bucket>> decode_buckets(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.number() != buckets_form) return broken();
  std::uint64_t const count = in.number();
  std::uint64_t const width = in.number();
  if (count > most_in_chunk || width == 0 || width > static_cast<std::uint64_t>(days(366).us)) return broken();
  std::vector<Bucket> buckets;
  std::int64_t number = 0, min = 0;
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    number = plus(number, in.signed_number());
    if (number > std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(width) ||
        number < std::numeric_limits<std::int64_t>::min() / static_cast<std::int64_t>(width))
      return broken();
    Bucket bucket{.start = Time{number * static_cast<std::int64_t>(width)}};
    bucket.count = static_cast<std::uint32_t>(in.number());
    bucket.min = min = plus(min, in.signed_number());
    bucket.max = plus(min, in.signed_number());
    bucket.sum = plus(in.signed_number(), static_cast<std::int64_t>(static_cast<std::uint64_t>(min) * bucket.count));
    buckets.push_back(bucket);
  }
  if (!in.is_done() || buckets.size() != count) return broken();
  return buckets;
}

}  // namespace nav::telemetry
