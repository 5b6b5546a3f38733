// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "moescope/kernel_abi.h"
#include "moescope/workload/shape.h"

namespace moescope::abi {

/// What a check or a launch came to. `message` is empty for MOESCOPE_OK.
struct Outcome {
    moescope_status status = MOESCOPE_OK;
    std::string message;
};

const char* status_text(moescope_status status);

/// Version and size of the arguments, and that they name a kernel: what must hold before anything else is
/// read.
Outcome check_header(const moescope_launch_args* arguments);
/// Shape, formats, strides: whether the kernel can do this problem.
Outcome check_problem(const moescope_launch_args& arguments, const moescope_kernel_info& kernel);
/// Null and misaligned pointers.
Outcome check_pointers(const moescope_launch_args& arguments, const moescope_kernel_info& kernel);
/// Of a kernel that needs one.
Outcome check_workspace(const moescope_launch_args& arguments);

/// Only after check_problem.
Shape shape_of(const moescope_launch_args& arguments);

}  // namespace moescope::abi
