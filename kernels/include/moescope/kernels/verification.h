// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"

// How outputs are compared with the reference and what is good enough: the same on every device. Outputs are
// filled with kPoisonByte before the launch, so that a valid byte that was not written and one past counts
// that was are both seen. Kernels that claim bf16 must equal the reference bit for bit; what fp32 may differ
// by is in tolerance.h.
namespace moescope {

/// As a code 0xFF is a negative NaN, which no kernel writes (NaN is encoded as 0x7F); as a float it is a NaN
/// and as a packed exponent a NaN too. So a byte that still has it was never written, without exception.
inline constexpr std::uint8_t kPoisonByte = 0xFF;

/// Raw outcome of a comparison, before any judgement. Parts of a tensor are compared apart and merged.
struct Differences {
    std::int64_t codes = 0;             ///< compared
    std::int64_t mismatched_codes = 0;  ///< differ from the reference
    /// Of these, those that rounding does not excuse: beyond the tolerance (fp32), or more than one e4m3 step
    /// off (bf16, where nothing excuses any).
    std::int64_t distant_codes = 0;
    std::int64_t scales = 0;             ///< scale words compared
    std::int64_t mismatched_scales = 0;  ///< differ from the reference
    std::int64_t touched_past_counts = 0;
    double max_scale_error = 0.0;  ///< relative; infinite where a scale is no number; 0 if tolerated as above
    std::string first;             ///< the first one in words, empty when there is none

    // Accuracy, whatever the numerics (struct Verification).
    double value_squares = 0.0;  ///< of silu(gate) * up in double
    double error_squares = 0.0;  ///< of the dequantised output's distance from that
    std::int64_t mismatched_codes_bf16 = 0;
    std::int64_t mismatched_codes_fp32 = 0;
    std::int64_t clipped_values = 0;
    std::int64_t nonfinite_values = 0;

    std::int64_t unjudged_codes = 0;  ///< in groups that is_judged_for_fp32() leaves out

    /// Adds what was found in a later part.
    void merge(const Differences& later);
};

/// e4m3 steps between two codes; both zeros are the same; NaN is far from everything but NaN.
int e4m3_distance(std::uint8_t a, std::uint8_t b);

/// Compares tokens with the reference of `numerics`, one after the other. Owns scratch memory: one per
/// thread.
class TokenComparison {
  public:
    TokenComparison(const Shape& shape, Numerics numerics);

    /// Outputs of one valid token: `row` is 2H of the input, `codes` H bytes, `scales` words `scale_stride`
    /// apart.
    void compare(std::int64_t expert, std::int64_t token, const std::uint16_t* row, const std::uint8_t* codes,
                 const std::uint32_t* scales, std::int64_t scale_stride);
    /// `bytes` that must still be poison; `what` names them in the report ("codes of expert 3, past its 17
    /// tokens").
    void expect_untouched(const void* data, std::int64_t bytes, const std::string& what);

    const Differences& differences() const { return m_differences; }

  private:
    struct Place {
        std::int64_t expert;
        std::int64_t token;
        std::int64_t group;
    };
    /// Bits of the scale that the reference has.
    std::uint32_t compare_group(const Place& place, const std::uint16_t* row, const std::uint8_t* codes,
                                std::uint32_t got_bits);
    void count_codes(const Place& place, const std::uint16_t* gate, const std::uint16_t* up,
                     const std::uint8_t* codes, float scale);
    void count_accuracy(const std::uint16_t* gate, const std::uint16_t* up, const std::uint8_t* codes,
                        float scale);
    void count_conventions(const std::uint16_t* gate, const std::uint16_t* up, const std::uint8_t* codes);

    Shape m_shape;
    Numerics m_numerics;
    std::vector<std::uint8_t> m_expected;
    std::vector<std::uint8_t> m_convention;
    Differences m_differences;
};

/// The verdict on a kernel that claims `numerics`.
Verification judge(Numerics numerics, const Differences& differences);

}  // namespace moescope
