// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/foreign_kernel.h"

#include <fmt/format.h>

#include <algorithm>

#include "launch_check.h"
#include "moescope/error.h"

namespace moescope {
namespace {

/// One printable line of what a plugin says, whatever it says.
std::string one_line(const char* text) {
    constexpr std::size_t kLongest = 400;
    std::string line(text, std::find(text, text + kLongest, '\0'));
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    return line;
}

void check(const ForeignKernel& kernel, const char* call, moescope_status status) {
    if (status == MOESCOPE_OK) return;
    const char* said = kernel.last_error == nullptr ? nullptr : kernel.last_error();
    const std::string reason = said == nullptr ? std::string() : one_line(said);
    throw Error(fmt::format("plugin {}: kernel {}: {} returned {} ({}){}{}", kernel.plugin, kernel.traits.id,
                            call, status, abi::status_text(status), reason.empty() ? "" : ": ", reason));
}

}  // namespace

moescope_launch_args launch_arguments(const ForeignKernel& kernel, const Shape& shape) {
    moescope_launch_args arguments{};
    arguments.struct_size = sizeof arguments;
    arguments.abi_version = MOESCOPE_KERNEL_ABI_VERSION;
    arguments.kernel = kernel.traits.id.c_str();
    arguments.experts = shape.experts;
    arguments.max_tokens = shape.max_tokens;
    arguments.hidden = shape.hidden;
    arguments.group_size = shape.group_size;
    const auto set = [](std::int64_t(&strides)[3], std::int64_t expert, std::int64_t token,
                        std::int64_t column) {
        strides[0] = expert;
        strides[1] = token;
        strides[2] = column;
    };
    set(arguments.input_strides, shape.max_tokens * 2 * shape.hidden, 2 * shape.hidden, 1);
    set(arguments.codes_strides, shape.max_tokens * shape.hidden, shape.hidden, 1);
    set(arguments.scale_strides, shape.max_tokens * shape.scale_words(), 1, shape.max_tokens);
    arguments.scale_format = static_cast<std::uint32_t>(shape.scale_format);
    arguments.numerics =
        kernel.traits.numerics == Numerics::bf16 ? MOESCOPE_NUMERICS_BF16 : MOESCOPE_NUMERICS_FP32;
    arguments.input_dtype = static_cast<std::uint32_t>(shape.input_type);
    return arguments;
}

std::uint64_t workspace_bytes(const ForeignKernel& kernel, const moescope_launch_args& arguments) {
    std::uint64_t bytes = 0;
    if (kernel.query_workspace != nullptr)
        check(kernel, "moescope_query_workspace", kernel.query_workspace(&arguments, &bytes));
    return bytes;
}

void launch(const ForeignKernel& kernel, const moescope_launch_args& arguments) {
    check(kernel, "moescope_launch", kernel.launch(&arguments));
}

}  // namespace moescope
