// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jobs.h"
#include "http/call.h"

namespace nav::http {

/// What a submission comes to as a wish of the caller's: the project found, the request written down, everything checked that the pool does
/// not check. Errors name the field.
Result<Wish> submission(Api const& api, Call const& call, api::SubmitJobs const& wanted);

/// The project a request is for: the one named, or the one that can be meant. Field "project".
Result<Project const*> project_for(Call const& call, std::string const& name);

/// What can be said of a submission without looking at the pool: that it is as the API document says.
Result<void> check_form(api::SubmitJobs const& wanted);

/// Asks for each entry of a batch on its own and answers once all have their answer.
Result<void> ask_batch(Api& api, CallPtr const& call, api::SubmitBatch const& batch);

}  // namespace nav::http
