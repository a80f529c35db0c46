// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pool.h"

/// What a template's terms come to: where it may be taken, by whom, and whether any hardware could ever give it.
namespace nav {

/// May this template be taken on this node, by its name, site and labels?
bool admits(Template const& t, Node const& node);

/// Who asks: a user, for a project, which belongs to these teams.
struct Asker {
  UserId user;
  ProjectId project;
  std::vector<TeamId> teams;
};
bool is_for(Template const& t, Asker const& who);

/// Whether jobs of this class are taken on the template's terms as they are now, for what they offer on this rung. Conflict says which term
/// is in the way.
Result<void> check_open(Template const& t, RequestClass const& request, std::size_t rung);

/// The cloud that boots machines for this template; none: it is had on nodes that are there.
Cloud const* cloud_of(Pool const& pool, Template const& t);

/// Where a job comes to a stop in its list, from this rung on: the first rung that is waited on or that a cloud gives, else the last. What lies
/// before needs no stop, for all rungs up to the current one are open.
std::uint32_t next_stop(Pool const& pool, RequestClass const& request, std::size_t from);

/// The template with a job's share of processors and memory filled in from the hardware where the wish leaves them zero.
Template with_usual_share(Pool const& pool, Template wish);

/// Whether the fields make sense together; says nothing of the hardware.
Result<void> check_form(Template const& t);

/// InvalidArgument with the field when no node of the pool, even an empty one, could give it; the hint says what could be had.
Result<void> check_offer(Pool const& pool, Template const& t);

}  // namespace nav
