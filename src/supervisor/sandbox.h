// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "supervisor/spec.h"

namespace nav::supervisor {

/// What a job may see and be. Both functions change the calling process, which belongs to the attempt.

/// Gives this process, already in a mount and a PID namespace of its own, the view of the job: its own /proc, /tmp and, where the spec
/// says so, /dev; the data folder empty but for the attempt's work folder and token and what is to stay visible, which keep their paths.
/// `folder` is the attempt's, as a path without links. `note` tells of what could not be had and is no reason to stop.
Checked<void> narrow_view(std::string const& folder, Spec const& spec, std::string& note);

/// Becomes the job's command; comes back only to say why it could not, in words for the person who submitted it.
std::string become_command(std::string const& folder, Spec const& spec, int output);

}  // namespace nav::supervisor
