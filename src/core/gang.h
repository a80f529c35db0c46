// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/command.h"

/// Gangs: jobs of several members, which are jobs themselves, with logs, a ledger and a seat of their own. Here is what binds them: they are placed
/// in one command, and what ends one of them badly, or stops it, stops all.
namespace nav {

/// Ports for the meeting of a gang's members: below those that systems draw from for outgoing connections, from torchrun's own on.
inline constexpr std::uint32_t first_port = 29'500, ports = 1'000;

/// By which other nodes reach this one: what its agent said, else its hostname.
std::string address_of(Node const& node);

/// How many slices of this profile the GPU gives to whoever has all of it.
std::uint64_t slices_of(Gpu const& gpu, std::string const& profile);

/// All members wait, so they may be placed.
bool is_complete(Pool const& pool, Gang const& gang);

/// How often the hardware of one site that is not lost gives this template, with so much beside it, if nothing else ran; and on how many nodes. Of the
/// site where it is most: a gang's members are on nodes of one site.
struct Room {
  std::uint64_t places = 0;
  std::uint64_t nodes = 0;
  std::uint64_t sites = 0;  ///< that give any
  std::string site;
};
Room room_for(Pool const& pool, RequestClass const& request, Template const& t);

/// What a submission of gangs must be beside what every submission must: InvalidArgument with the field where it is not.
Result<void> check_gang(Pool const& pool, SubmitJobs const& c);

/// What sitting there would be for this waiting job; Conflict if it cannot.
Result<JobPlaced> seated(Pool const& pool, PlaceJob const& c);

/// Parts of decide().
Result<std::vector<PoolEvent>> decide_on(Pool const& pool, PlaceGang const& c, Asked const& asked);
std::vector<PoolEvent> cancel(Pool const& pool, Gang const& gang, StopCause cause, std::string const& message);
/// What `verdict`, an end of this member alone, is for its gang.
GangBroken broken_by(Job const& member, PoolEvent const& verdict);
/// Adds what follows for gangs from what these events say of their members: others told to stop, and, with the last attempt over, the end of all.
void settle_gangs(Pool const& pool, std::vector<PoolEvent>& events);

}  // namespace nav
