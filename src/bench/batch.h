// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mig/packing.h"

/// Packing a batch on as few GPUs as possible, everything known beforehand.
namespace nav::bench {

struct BatchResult {
  std::uint64_t optimum = 0;      ///< GPUs; exact where mig::Packer is
  std::uint64_t constructed = 0;  ///< GPUs of a packing that was made, largest first
  std::uint64_t online = 0;       ///< GPUs of what ships if requests come one by one and a GPU is opened when nothing fits
  std::uint64_t first_fit = 0;    ///< the same by first fit
};

/// So many requests of the mix.
mig::Counts draw_batch(mig::Mix const& mix, std::uint64_t requests, std::uint64_t seed, std::vector<std::uint8_t>& sequence);

BatchResult pack_batch(mig::Geometry const& geometry, mig::Mix const& mix, std::uint64_t requests, std::uint64_t seed);

/// GPUs of one board in a pool of several.
struct PoolPart {
  mig::Geometry const* geometry = nullptr;
  std::uint64_t gpus = 0;
};

struct MixedResult {
  double bound = 0;            ///< GPUs of the linear program
  std::uint64_t packed = 0;    ///< GPUs of a packing that was made; 0: none was found
  std::uint64_t patterns = 0;  ///< columns the bound took
};

/// Requests for compute slices and memory, as the profiles of `asked` have them, packed on a pool of several boards: any instance serves that has as
/// many compute slices and as much memory. The bound is the configuration program (Gilmore and Gomory 1961), by column generation; its solution rounded
/// down, and the rest by the worth the program gives each request.
MixedResult pack_mixed(std::vector<PoolPart> const& pool, mig::Board const& asked, mig::Counts const& counts);

}  // namespace nav::bench
