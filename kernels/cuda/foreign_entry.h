// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel_table.h"
#include "moescope/kernels/foreign_kernel.h"

namespace moescope::cuda {

/// A plugin's kernel as one of the table. Its launch throws Error with the plugin's own words when the plugin
/// returns a failure. The workspace it asks for is allocated by the first launch that needs so much, which
/// must not be one that is captured: verify before you sample.
KernelEntry foreign_entry(ForeignKernel kernel);

}  // namespace moescope::cuda
