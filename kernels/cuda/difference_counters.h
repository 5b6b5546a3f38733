// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace moescope::cuda {

/// What differs from the reference, added up over a tensor by the device: struct Differences without its
/// words.
struct DifferenceCounters {
    unsigned long long mismatched_codes;
    unsigned long long distant_codes;
    unsigned long long mismatched_scales;
    unsigned long long touched_past_counts;
    unsigned long long first_row;          ///< smallest row (expert * T + token) where a valid token differs
    unsigned long long first_touched_row;  ///< smallest row at or past counts that was written
    unsigned long long mismatched_codes_bf16;
    unsigned long long mismatched_codes_fp32;
    unsigned long long clipped_values;
    unsigned long long nonfinite_values;
    unsigned long long unjudged_codes;
    double value_squares;
    double error_squares;
    unsigned int max_scale_error_bits;  ///< of a float that is not negative
};
inline constexpr unsigned long long kNoRow = ~0ULL;

inline DifferenceCounters cleared_counters() {
    return {.mismatched_codes = 0,
            .distant_codes = 0,
            .mismatched_scales = 0,
            .touched_past_counts = 0,
            .first_row = kNoRow,
            .first_touched_row = kNoRow,
            .mismatched_codes_bf16 = 0,
            .mismatched_codes_fp32 = 0,
            .clipped_values = 0,
            .nonfinite_values = 0,
            .unjudged_codes = 0,
            .value_squares = 0.0,
            .error_squares = 0.0,
            .max_scale_error_bits = 0};
}

}  // namespace moescope::cuda
