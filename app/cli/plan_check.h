// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/measurement/plan.h"

namespace moescope {

/// Throws Error with the first reason where all cases of the plan are rejected.
void require_accepted_case(const Plan& plan);

}  // namespace moescope
