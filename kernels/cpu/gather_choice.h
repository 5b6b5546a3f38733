// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/kernels/cpu_kernel.h"

namespace moescope {

/// Whether silu from a table by gather instructions is the faster way on this processor, which must support
/// both: by a tenth at least, as the table takes room in the first cache. Measured at the first call for each
/// `computed`, on one thread, in about a millisecond. Any thread.
bool gathers_are_faster(CpuIsa computed, CpuIsa gathering);

}  // namespace moescope
