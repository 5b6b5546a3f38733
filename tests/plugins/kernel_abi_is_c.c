/* SPDX-License-Identifier: Apache-2.0 */
#include "moescope/kernel_abi.h"
#include "moescope/kernel_abi.h" /* a second time changes nothing */

/* The layout is a promise: other languages declare these structs by hand (examples/python/quantize.py). */
_Static_assert(sizeof(moescope_launch_args) == 192, "moescope_launch_args");
_Static_assert(sizeof(moescope_kernel_info) == 72, "moescope_kernel_info");
