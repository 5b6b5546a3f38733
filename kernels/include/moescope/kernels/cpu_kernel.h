// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "moescope/workload/shape.h"

// The vector kernel of the CPU, its speed limit and the references as kernels, without the measuring around
// them. bf16 numerics, bit for bit those of reference.h, whatever the instruction set.
namespace moescope {

class ThreadPool;

/// Instruction sets that the vector kernel is written for, and ways of using them.
enum class CpuIsa {
    scalar,        ///< plain C++
    avx2,          ///< AVX2 and FMA
    avx2gather,    ///< the same, with silu from a table by gather instructions
    avx512,        ///< AVX-512 F, BW, VL, DQ
    avx512gather,  ///< the same, with silu from a table
    avx512bf16,    ///< those, BF16 and VBMI
};
std::string_view to_string(CpuIsa isa);
/// Whether this processor (and this build) can run it.
bool cpu_supports(CpuIsa isa);
/// The best one supported, or what MOESCOPE_CPU_ISA asks for by name. Of avx2 and avx512, asked for or not,
/// and the same with gathers the faster one: processors differ by a factor of five in gathering, so that is
/// measured at the first call (in about a millisecond). Throws Error where the name is unknown or not
/// supported here.
CpuIsa choose_cpu_isa();

/// The tensors of one launch, in the masked layout of struct Shape. No alignment is needed beyond that of the
/// types; codes aligned to 64 bytes are written with streaming stores.
struct MaskedTensors {
    Shape shape;
    const std::int32_t* counts = nullptr;  ///< E
    const std::uint16_t* input = nullptr;  ///< of shape.input_type
    std::uint8_t* codes = nullptr;
    std::uint32_t* scales = nullptr;
};

/// The operation, all threads of the pool, balanced over the valid tokens whatever their spread.
void run_cpu_quantize(ThreadPool& pool, CpuIsa isa, const MaskedTensors& tensors);
/// Reads the same input and writes the same codes as the operation, four bytes for one, and computes nothing.
void run_cpu_stream(ThreadPool& pool, CpuIsa isa, const MaskedTensors& tensors);
/// The scalar reference of either convention, tokens spread over the threads.
void run_cpu_reference(ThreadPool& pool, Numerics numerics, const MaskedTensors& tensors);

}  // namespace moescope
