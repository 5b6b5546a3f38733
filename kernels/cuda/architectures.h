// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace moescope::cuda {

/// Whether a build for `architectures` (CMake's list: `80-real;90;120-virtual`, a letter after the number
/// allowed) has code for a device of this compute capability: machine code of the same generation and not
/// newer, or PTX that the driver can compile for it. `native`, `all` and `all-major` are taken at their word.
bool has_code_for(std::string_view architectures, int major, int minor);
/// The list as this build was configured.
std::string_view built_architectures();

}  // namespace moescope::cuda
