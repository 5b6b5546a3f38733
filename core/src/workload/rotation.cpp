// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/rotation.h"

#include <algorithm>

namespace moescope {
namespace {

constexpr std::int64_t kReuseTarget = 4;  // x cache between two uses of a slot
constexpr std::int64_t kRowMultiple =
    8;  // scale words that fill a sector of 32 bytes, as tensors begin with one
constexpr std::int64_t kAlignment = 256;  // bytes between sets, as an allocation of their own would have

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}
std::int64_t align(std::int64_t bytes) {
    return ceil_div(bytes, kAlignment) * kAlignment;
}

}  // namespace

void BufferSizes::include(const BufferSizes& other) {
    input_bytes = std::max(input_bytes, other.input_bytes);
    code_bytes = std::max(code_bytes, other.code_bytes);
    scale_bytes = std::max(scale_bytes, other.scale_bytes);
    scratch_bytes = std::max(scratch_bytes, other.scratch_bytes);
}

Rotation plan_rotation(const Shape& shape, std::int64_t max_count, std::int64_t touched_bytes,
                       std::int64_t cache_bytes, std::int64_t max_bytes) {
    Rotation rotation;
    const std::int64_t input = align(shape.input_bytes());
    const std::int64_t codes = align(shape.code_bytes());
    const std::int64_t scales = align(shape.scale_bytes());
    rotation.input_stride = input / 2;
    rotation.code_stride = codes;
    rotation.scale_stride = scales / 4;
    if (cache_bytes <= 0 || touched_bytes <= 0 || max_count <= 0) return rotation;

    const std::int64_t wanted = ceil_div(kReuseTarget * cache_bytes, touched_bytes);
    rotation.window_rows = ceil_div(max_count, kRowMultiple) * kRowMultiple;
    const std::int64_t fitting = (shape.max_tokens - max_count) / rotation.window_rows + 1;
    rotation.windows = std::clamp(wanted, std::int64_t{1}, fitting);
    const std::int64_t affordable = std::max(std::int64_t{1}, max_bytes / (input + codes + scales));
    rotation.sets = std::clamp(ceil_div(wanted, rotation.windows), std::int64_t{1}, affordable);
    rotation.reuse_over_cache = static_cast<double>(rotation.slot_count()) *
                                static_cast<double>(touched_bytes) / static_cast<double>(cache_bytes);
    return rotation;
}

BufferSizes buffer_sizes(const Shape& shape, const Rotation& rotation) {
    // The last set needs no padding behind it, but all T rows of the last expert must be there in every
    // window: a kernel may read rows that hold no token, as tiles and early reads do. It may not write them.
    const std::int64_t before = rotation.sets - 1;
    const std::int64_t row_bytes = shape.input_bytes() / std::max<std::int64_t>(1, shape.rows());
    const std::int64_t shifted = (rotation.windows - 1) * rotation.window_rows * row_bytes;
    return {.input_bytes = before * rotation.input_stride * 2 + shape.input_bytes() + shifted,
            .code_bytes = before * rotation.code_stride + shape.code_bytes(),
            .scale_bytes = before * rotation.scale_stride * 4 + shape.scale_bytes(),
            .scratch_bytes = 0};
}

}  // namespace moescope
