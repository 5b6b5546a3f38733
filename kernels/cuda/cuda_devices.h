// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "moescope/measurement/backend.h"

namespace moescope::cuda {

/// One device as the runtime describes it. Throws Error.
Device describe_device(int ordinal);

}  // namespace moescope::cuda
