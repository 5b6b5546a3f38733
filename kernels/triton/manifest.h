// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moescope/workload/shape.h"

namespace moescope::triton {

/// A launch parameter, in the order of the kernel's.
struct Parameter {
    std::string name;
    int bytes = 0;  ///< 4 or 8
};

/// One compiled form of the kernel, and what a launch of it needs.
struct Variant {
    std::string name;  ///< as variant_name() makes it
    std::string entry;
    int threads = 0;            ///< of a block
    unsigned shared_bytes = 0;  ///< dynamic
    std::vector<Parameter> parameters;
};

/// The name that kernels/triton/compile.py gives the variant for `architecture` (90: compute capability 9.0)
/// that does this shape. T decides only whether the strides of an expert need 64 bits.
std::string variant_name(int architecture, const Shape& shape);
/// Whether one expert's rows of input, 2H T, pass what 32 bits hold.
bool is_wide(const Shape& shape);

/// The variant compiled ahead under this name, or nothing.
std::optional<Variant> find_compiled(std::string_view name);
/// Parses what `compile.py one` wrote. Throws Error for anything else.
Variant parse_variant(std::string_view json);

/// Architectures compiled ahead, ascending.
const std::vector<int>& compiled_architectures();
/// SHA-256 of the kernel's source as the manifest has it.
const std::string& source_hash();

}  // namespace moescope::triton
