// SPDX-License-Identifier: Apache-2.0
#pragma once

// The Triton kernel (kernels/triton) on a device: which compiled form fits, loading and launching it.

#include <cuda_runtime_api.h>

#include <optional>
#include <string>
#include <string_view>

#include "masked_problem.h"
#include "moescope/workload/shape.h"

namespace moescope::cuda {

/// Why this shape cannot run on a device of this compute capability (`9.0`; empty: unknown, then nothing is
/// said of it), with the remedy, or nothing. May start a Python, once in the life of the process.
std::optional<std::string> triton_unsupported(std::string_view compute_capability, const Shape& shape);

/// Finds, compiles if need be, and loads what the shape needs, for the current context. Launching does this
/// by itself, but not while a stream is captured. Throws Error.
void prepare_triton(const Shape& shape);
/// One launch; can be captured after prepare_triton(). Throws Error where it has to prepare and cannot.
cudaError_t launch_triton(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream);

/// Keeps what is loaded; with the last of these it is unloaded. Whoever has graphs or launches under way
/// holds one. Must end on the thread, and in the context, that used the kernels.
class TritonModulesUser {
  public:
    TritonModulesUser();
    TritonModulesUser(const TritonModulesUser&) = delete;  // counted; one each
    TritonModulesUser& operator=(const TritonModulesUser&) = delete;
    ~TritonModulesUser();
};

}  // namespace moescope::cuda
