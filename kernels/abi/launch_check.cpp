// SPDX-License-Identifier: Apache-2.0
#include "launch_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace moescope::abi {
namespace {

using Strides = std::array<std::int64_t, 3>;

Outcome failure(moescope_status status, std::string message) {
    return {status, std::move(message)};
}

/// Zeros stand for the default.
Outcome check_strides(const char* tensor, const std::int64_t (&given)[3], const Strides& wanted) {
    const Strides strides{given[0], given[1], given[2]};
    if (strides == Strides{} || strides == wanted) return {};
    return failure(MOESCOPE_UNSUPPORTED,
                   fmt::format("{}_strides are ({}, {}, {}): this kernel takes ({}, {}, {})", tensor,
                               strides[0], strides[1], strides[2], wanted[0], wanted[1], wanted[2]));
}

Outcome check_pointer(const char* name, const void* pointer, std::uint32_t alignment) {
    if (pointer == nullptr)
        return failure(MOESCOPE_INVALID_ARGUMENT, fmt::format("{} is a null pointer", name));
    if (reinterpret_cast<std::uintptr_t>(pointer) % std::max(alignment, 1U) != 0)
        return failure(MOESCOPE_MISALIGNED, fmt::format("{} is not aligned to {} bytes", name, alignment));
    return {};
}

bool has_bit(std::uint32_t mask, std::uint32_t bit) {
    return bit < 32 && (mask >> bit & 1U) != 0;
}

}  // namespace

const char* status_text(moescope_status status) {
    switch (status) {
        case MOESCOPE_OK:
            return "ok";
        case MOESCOPE_INVALID_ARGUMENT:
            return "invalid argument";
        case MOESCOPE_BAD_VERSION:
            return "version of the interface not known";
        case MOESCOPE_UNKNOWN_KERNEL:
            return "unknown kernel";
        case MOESCOPE_UNSUPPORTED:
            return "not supported by this kernel";
        case MOESCOPE_MISALIGNED:
            return "misaligned pointer";
        case MOESCOPE_WORKSPACE:
            return "workspace missing or too small";
        case MOESCOPE_LAUNCH_FAILED:
            return "launch failed";
        case MOESCOPE_INTERNAL_ERROR:
            return "internal error";
        default:
            return "unknown status";
    }
}

Outcome check_header(const moescope_launch_args* arguments) {
    if (arguments == nullptr) return failure(MOESCOPE_INVALID_ARGUMENT, "args is a null pointer");
    if (arguments->struct_size < sizeof(moescope_launch_args))
        return failure(MOESCOPE_BAD_VERSION,
                       fmt::format("struct_size is {}: at least {} are needed", arguments->struct_size,
                                   sizeof(moescope_launch_args)));
    if (arguments->abi_version != MOESCOPE_KERNEL_ABI_VERSION)
        return failure(MOESCOPE_BAD_VERSION,
                       fmt::format("abi_version is {}, this library has {}", arguments->abi_version,
                                   MOESCOPE_KERNEL_ABI_VERSION));
    if (arguments->kernel == nullptr) return failure(MOESCOPE_INVALID_ARGUMENT, "kernel is a null pointer");
    return {};
}

// Enumerations of core and of the interface have the same values.
static_assert(static_cast<std::uint32_t>(InputType::bf16) == MOESCOPE_INPUT_BF16);
static_assert(static_cast<std::uint32_t>(InputType::fp16) == MOESCOPE_INPUT_FP16);

Shape shape_of(const moescope_launch_args& arguments) {
    return {.experts = arguments.experts,
            .max_tokens = arguments.max_tokens,
            .hidden = arguments.hidden,
            .group_size = arguments.group_size,
            .scale_format = static_cast<ScaleFormat>(arguments.scale_format),
            .input_type = static_cast<InputType>(arguments.input_dtype)};
}

Outcome check_problem(const moescope_launch_args& arguments, const moescope_kernel_info& kernel) {
    if (arguments.scale_format > MOESCOPE_SCALE_UE8M0_PACKED)
        return failure(MOESCOPE_INVALID_ARGUMENT,
                       fmt::format("scale_format is {}: there is 0, 1 and 2", arguments.scale_format));
    if ((arguments.flags & ~MOESCOPE_LAUNCH_PROGRAMMATIC) != 0)
        return failure(MOESCOPE_INVALID_ARGUMENT,
                       fmt::format("flags is {:#x}: there is MOESCOPE_LAUNCH_PROGRAMMATIC ({:#x})",
                                   arguments.flags, MOESCOPE_LAUNCH_PROGRAMMATIC));
    if (arguments.input_dtype > MOESCOPE_INPUT_FP16)
        return failure(
            MOESCOPE_INVALID_ARGUMENT,
            fmt::format("input_dtype is {}: there is 0 (bf16) and 1 (fp16)", arguments.input_dtype));
    const Shape shape = shape_of(arguments);
    if (const auto problem = shape_problem(shape))
        return failure(MOESCOPE_INVALID_ARGUMENT, problem->text(setting_key));
    const auto* const end = kernel.group_sizes + kernel.group_size_count;
    if (std::find(kernel.group_sizes, end, shape.group_size) == end)
        return failure(MOESCOPE_UNSUPPORTED,
                       fmt::format("{} does not do group size {}", kernel.id, shape.group_size));
    if (!has_bit(kernel.scale_formats, arguments.scale_format))
        return failure(MOESCOPE_UNSUPPORTED, fmt::format("{} does not write scale format {}", kernel.id,
                                                         to_string(shape.scale_format)));
    if (!has_bit(kernel.input_dtypes, arguments.input_dtype))
        return failure(MOESCOPE_UNSUPPORTED,
                       fmt::format("{} does not read {} input", kernel.id, to_string(shape.input_type)));
    if (arguments.numerics != MOESCOPE_NUMERICS_ANY && arguments.numerics != kernel.numerics)
        return failure(MOESCOPE_UNSUPPORTED, fmt::format("numerics is {}, {} has {}", arguments.numerics,
                                                         kernel.id, kernel.numerics));
    if (shape.hidden % kernel.hidden_multiple_of != 0)
        return failure(MOESCOPE_UNSUPPORTED, fmt::format("{} needs a hidden size that is a multiple of {}",
                                                         kernel.id, kernel.hidden_multiple_of));
    if (kernel.max_experts > 0 && shape.experts > kernel.max_experts)
        return failure(MOESCOPE_UNSUPPORTED,
                       fmt::format("{} does {} experts at most", kernel.id, kernel.max_experts));
    const std::int64_t rows = shape.max_tokens;
    const std::int64_t columns = shape.hidden;
    Outcome outcome = check_strides("input", arguments.input_strides, {rows * 2 * columns, 2 * columns, 1});
    if (outcome.status == MOESCOPE_OK)
        outcome = check_strides("codes", arguments.codes_strides, {rows * columns, columns, 1});
    if (outcome.status == MOESCOPE_OK)
        outcome = check_strides("scale", arguments.scale_strides, {rows * shape.scale_words(), 1, rows});
    return outcome;
}

Outcome check_pointers(const moescope_launch_args& arguments, const moescope_kernel_info& kernel) {
    Outcome outcome = check_pointer("input", arguments.input, kernel.alignment);
    if (outcome.status == MOESCOPE_OK) outcome = check_pointer("codes", arguments.codes, kernel.alignment);
    if (outcome.status == MOESCOPE_OK) outcome = check_pointer("scales", arguments.scales, 4);
    if (outcome.status == MOESCOPE_OK) outcome = check_pointer("counts", arguments.counts, 4);
    return outcome;
}

Outcome check_workspace(const moescope_launch_args& arguments) {
    constexpr std::uint32_t kAlignment = 256;  // kernel_abi.h
    return check_pointer("workspace", arguments.workspace, kAlignment);
}

}  // namespace moescope::abi
