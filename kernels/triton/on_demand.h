// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "manifest.h"

// Shapes that were not compiled ahead are compiled on the user's machine, if it has a Python with Triton:
// $MOESCOPE_PYTHON, or python3 in the PATH. Results are kept under $XDG_CACHE_HOME (or ~/.cache)
// moescope/triton, for each version of the kernel's source apart.
namespace moescope::triton {

/// A variant and its machine code.
struct CompiledKernel {
    Variant variant;
    std::string cubin;
};

/// Why variants cannot be compiled here, with the remedy, or nothing when they can. Asks each Python once
/// in the life of the process.
std::optional<std::string> no_compiler_reason();
/// Whether compile_on_demand() would find it in the cache.
bool is_cached(const std::string& name);
/// From the cache, or compiled now (a few seconds). Throws Error with the compiler's last line.
CompiledKernel compile_on_demand(int architecture, const Shape& shape);

}  // namespace moescope::triton
