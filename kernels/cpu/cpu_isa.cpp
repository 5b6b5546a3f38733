// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "moescope/error.h"
#include "moescope/kernels/cpu_kernel.h"

namespace moescope {
namespace {

constexpr const char* kVariable = "MOESCOPE_CPU_ISA";
constexpr std::array kBestFirst{CpuIsa::avx512bf16, CpuIsa::avx512, CpuIsa::avx2, CpuIsa::scalar};

}  // namespace

std::string_view to_string(CpuIsa isa) {
    switch (isa) {
        case CpuIsa::avx512bf16:
            return "avx512bf16";
        case CpuIsa::avx512:
            return "avx512";
        case CpuIsa::avx2:
            return "avx2";
        case CpuIsa::scalar:
            break;
    }
    return "scalar";
}

bool cpu_supports(CpuIsa isa) {
    if (isa == CpuIsa::scalar) return true;
#if MOESCOPE_X86
    const bool avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    if (isa == CpuIsa::avx2) return avx2;
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    return avx512 && (isa == CpuIsa::avx512 ||
                      (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vbmi")));
#else
    return false;
#endif
}

CpuIsa choose_cpu_isa() {
    const char* asked = std::getenv(kVariable);
    const std::string_view text = asked == nullptr ? "" : asked;
    for (const CpuIsa isa : kBestFirst) {
        if (text.empty() && cpu_supports(isa)) return isa;
        if (text != to_string(isa)) continue;
        if (cpu_supports(isa)) return isa;
        throw Error(
            fmt::format("{}={}: this processor cannot run it: unset it, or use one that it can "
                        "(scalar always works)",
                        kVariable, text));
    }
    throw Error(fmt::format("{}={}: not an instruction set: use scalar, avx2, avx512 or avx512bf16",
                            kVariable, text));
}

}  // namespace moescope
