// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "moescope/workload/shape.h"

namespace moescope {

/// How consecutive launches are kept from finding each other's data in the last-level cache.
///
/// The masked layout touches only the first rows of each expert, so launch i shifts every base pointer by
/// (i % windows) * window_rows rows; when the windows of one set of buffers do not add up to enough bytes,
/// it also moves on to set (i / windows) % sets. Pointers of slot (set, window) are
///   input  + set * input_stride  + window * window_rows * 2H   (elements)
///   codes  + set * code_stride   + window * window_rows * H
///   scales + set * scale_stride  + window * window_rows        (words)
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
