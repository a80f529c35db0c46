// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jobs.h"
#include "http/call.h"

namespace nav::http {

/// What a submission comes to as a wish of the caller's: the project found, the request written down, everything checked that the pool does
/// not check. Errors name the field.
Result<Wish> submission(Api const& api, Call const& call, api::SubmitJobs const& wanted);

/// The project named, or, without a name, the one that can be meant: the caller's only one, or `default`. InvalidArgument names those there are.
Result<Project const*> project_for(Call const& call, std::string const& name);

/// Asks for each entry of a batch on its own and answers once all have their answer.
Result<void> ask_batch(Api& api, CallPtr const& call, api::SubmitBatch const& batch);

}  // namespace nav::http
