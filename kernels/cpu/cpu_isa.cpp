// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#if MOESCOPE_X86
#include <cpuid.h>
#endif

#include <array>
#include <cstdlib>
#include <vector>

#include "gather_choice.h"
#include "moescope/error.h"
#include "moescope/kernels/cpu_kernel.h"

namespace moescope {
namespace {

constexpr const char* kVariable = "MOESCOPE_CPU_ISA";
constexpr std::array kBestFirst{CpuIsa::avx512bf16, CpuIsa::avx512,     CpuIsa::avx512gather,
                                CpuIsa::avx2,       CpuIsa::avx2gather, CpuIsa::scalar};

#if MOESCOPE_X86
/// What the processor itself tells of a feature that not every compiler has a name for.
bool has_avx512bf16() {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 5 & 1) != 0;
}
#endif

/// `isa` or the same with gathers.
CpuIsa faster(CpuIsa isa) {
    if (isa == CpuIsa::avx512 && gathers_are_faster(CpuIsa::avx512, CpuIsa::avx512gather))
        return CpuIsa::avx512gather;
    if (isa == CpuIsa::avx2 && gathers_are_faster(CpuIsa::avx2, CpuIsa::avx2gather))
        return CpuIsa::avx2gather;
    return isa;
}

}  // namespace

std::string_view to_string(CpuIsa isa) {
    switch (isa) {
        case CpuIsa::avx512bf16:
            return "avx512bf16";
        case CpuIsa::avx512gather:
            return "avx512gather";
        case CpuIsa::avx512:
            return "avx512";
        case CpuIsa::avx2gather:
            return "avx2gather";
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
    static const bool bf16 = has_avx512bf16();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == CpuIsa::avx2 || isa == CpuIsa::avx2gather) return avx2;
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    return avx512 && (isa != CpuIsa::avx512bf16 || (bf16 && __builtin_cpu_supports("avx512vbmi")));
#else
    return false;
#endif
}

CpuIsa choose_cpu_isa() {
    const char* asked = std::getenv(kVariable);
    const std::string_view text = asked == nullptr ? "" : asked;
    for (const CpuIsa isa : kBestFirst) {
        if (text.empty() && cpu_supports(isa)) return faster(isa);
        if (text != to_string(isa)) continue;
        if (cpu_supports(isa)) return faster(isa);
        throw Error(
            fmt::format("{}={}: this processor cannot run it: unset it, or use one that it can "
                        "(scalar always works)",
                        kVariable, text));
    }
    std::vector<std::string_view> names;
    for (const CpuIsa isa : kBestFirst) names.push_back(to_string(isa));
    throw Error(
        fmt::format("{}={}: not an instruction set: use {}", kVariable, text, fmt::join(names, ", ")));
}

}  // namespace moescope
