// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// What a GPU can be cut into, as its driver reports it. Nothing here knows a model by name: a board nobody has heard of works if
/// its driver answers.
namespace nav::mig {

/// Which media engines (video, JPEG, optical flow) an instance of a profile holds. NVIDIA marks it by a suffix of the name.
enum class Media {
  Plain,       ///< its share
  Extensions,  ///< "+me": also the engines a GPU has only one set of, so at most one such instance a GPU
  All,         ///< "+me.all": every media engine, so beside it only instances without any
  Without,     ///< "-me"
};
BOOST_DESCRIBE_ENUM(Media, Plain, Extensions, All, Without)

/// One kind of MIG instance a board offers.
struct Profile {
  std::string name;                  ///< "1g.5gb"
  std::uint32_t id = 0;              ///< the driver's profile id, which creating an instance takes (not NVML's enumerator)
  std::uint32_t compute_slices = 0;  ///< the "3" in 3g.20gb
  std::uint32_t memory_slices = 0;   ///< width of a placement: 3g.20gb takes four of an A100's eight
  std::uint64_t memory_mib = 0;
  std::uint32_t multiprocessors = 0;
  std::uint32_t max_instances = 0;
  std::vector<std::uint32_t> starts;  ///< memory slices an instance may begin at, ascending
  Media media = Media::Plain;
  bool graphics = false;  ///< "+gfx"
  std::uint32_t copy_engines = 0;
  std::uint32_t decoders = 0;
  std::uint32_t encoders = 0;
  std::uint32_t jpeg = 0;
  std::uint32_t ofa = 0;

  bool operator==(Profile const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Profile, (),
                      (name, id, compute_slices, memory_slices, memory_mib, multiprocessors, max_instances, starts, media, graphics, copy_engines, decoders,
                       encoders, jpeg, ofa))

/// A kind of GPU. One without profiles is only ever given whole (V100).
struct Board {
  std::string model;  ///< the driver's product name, "NVIDIA A100-SXM4-40GB"
  std::uint64_t memory_mib = 0;
  std::uint32_t memory_slices = 0;
  std::uint32_t compute_slices = 0;
  std::vector<Profile> profiles;

  bool operator==(Board const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Board, (), (model, memory_mib, memory_slices, compute_slices, profiles))

/// Refuses what no driver should say: a name or id twice, a start beyond the slices, more than 16 slices or 32 profiles. The
/// error's field is the path inside the board ("profiles[2].starts[1]").
Result<void> check(Board const& board);

/// The profile of that name, or an error that lists the profiles there are.
Result<std::uint8_t> find_profile(Board const& board, std::string_view name);

/// The name NVIDIA's tools give a profile, for drivers whose profile answer has none: g is the compute slices, and GB is the
/// eighths of memory the instance takes, rounded up, of the GPU's whole GiB: round(ceil(8 * mem / total) / 8 * ceil(total GiB)).
/// This is the rule of go-nvlib, which Kubernetes resource names follow too.
std::string name_of(Profile const& profile, std::uint64_t board_memory_mib);

/// The two things a profile's name tells by its suffix: "1g.24gb+me.all" -> All, "1g.24gb+gfx" -> graphics.
Media media_of(std::string_view profile_name);
bool has_graphics(std::string_view profile_name);

}  // namespace nav::mig
