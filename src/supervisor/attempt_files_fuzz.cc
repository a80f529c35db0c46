// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "supervisor/spec.h"
#include "supervisor/status.h"

/// The files of an attempt folder may come from another version or a broken disk: whatever is taken must be whole.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace nav::supervisor;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  if (auto const spec = read_spec(text))
    if (auto const again = read_spec(write_spec(*spec)); !again || *again != *spec) std::abort();
  if (auto const status = read_status(text))
    if (auto const again = read_status(write_status(*status)); !again) std::abort();
  if (auto const lease = read_lease(text); lease && lease->deadline_us < 0) std::abort();
  if (auto const stop = read_stop(text); stop && stop->grace.us < 0) std::abort();
  return 0;
}
