/* SPDX-License-Identifier: Apache-2.0 */

/* The kernel of the example under other names, to be part of misbehaving_plugin.cpp. */
#define moescope_launch example_launch
#define moescope_kernel_list example_list
#define moescope_abi_version example_version
#include "../../examples/plugin/cpu_plugin.c"
