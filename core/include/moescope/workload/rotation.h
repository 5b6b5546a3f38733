// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "moescope/workload/shape.h"

namespace moescope {

/// How consecutive launches are kept from finding each other's data in the last-level cache.
///
/// The masked layout touches only the first rows of each expert, so each launch shifts every base pointer by
/// whole windows of window_rows rows; when the windows of one set of buffers do not add up to enough bytes,
/// it also moves on to the next set. Every other window comes first, then those in between: what a kernel
/// reads ahead behind its rows is not what one of the next launches reads. Pointers of a slot are
///   input  + set(slot) * input_stride  + first_row(slot) * 2H   (elements)
///   codes  + set(slot) * code_stride   + first_row(slot) * H
///   scales + set(slot) * scale_stride  + first_row(slot)        (words)
struct Rotation {
    std::int64_t window_rows =
        0;  ///< rows between two windows; a multiple of 4, so that scales stay 16-byte aligned
    std::int64_t windows = 1;
    std::int64_t sets = 1;
    /// Distance of two sets in elements (input bf16, codes bytes, scales words), 256-byte aligned.
    std::int64_t input_stride = 0;
    std::int64_t code_stride = 0;
    std::int64_t scale_stride = 0;

    /// Bytes touched before a slot comes round again, as a multiple of the cache; 0 without a cache size.
    double reuse_over_cache = 0.0;

    std::int64_t slot_count() const { return windows * sets; }
    /// Of a slot; they come round again after slot_count().
    std::int64_t set(std::int64_t slot) const { return slot / windows % sets; }
    std::int64_t first_row(std::int64_t slot) const {
        const std::int64_t turn = slot % windows;
        const std::int64_t even = (windows + 1) / 2;
        return (turn < even ? 2 * turn : 2 * (turn - even) + 1) * window_rows;
    }
    bool operator==(const Rotation&) const = default;
};

/// Bytes to reserve for each tensor.
struct BufferSizes {
    std::int64_t input_bytes = 0;
    std::int64_t code_bytes = 0;
    std::int64_t scale_bytes = 0;
    std::int64_t scratch_bytes = 0;  ///< of the kernels that need some (KernelTraits); shared by all launches
    std::int64_t total() const { return input_bytes + code_bytes + scale_bytes + scratch_bytes; }
    /// Grows to hold `other` too.
    void include(const BufferSizes& other);
};

/// Rotation whose touched bytes reach 4 x cache_bytes before a slot is used again. `max_count` is the largest
/// count of any expert, `touched_bytes` what one launch moves. cache_bytes = 0 gives one slot. Sets are added
/// only while all of them stay within `max_bytes` (at least one set there is always): few tokens spread over
/// a huge allocation may then fall short of 4 x, which reuse_over_cache tells.
Rotation plan_rotation(const Shape& shape, std::int64_t max_count, std::int64_t touched_bytes,
                       std::int64_t cache_bytes, std::int64_t max_bytes);
/// Without scratch, which depends on the kernels.
BufferSizes buffer_sizes(const Shape& shape, const Rotation& rotation);

}  // namespace moescope
