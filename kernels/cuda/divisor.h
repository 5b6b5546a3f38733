// SPDX-License-Identifier: Apache-2.0
#pragma once

// Division by a number that a whole launch shares: the host prepares a multiplication, a thread does that.
// Granlund and Montgomery, "Division by invariant integers using multiplication" (1994), for 32 bits.

#include <cstdint>

#if defined(__CUDACC__)
#define MOESCOPE_DIVISOR_HD __host__ __device__ __forceinline__
#else
#define MOESCOPE_DIVISOR_HD inline
#endif

namespace moescope::cuda {

/// Divides numbers below 2^31.
class Divisor {
  public:
    Divisor() = default;
    /// 1 <= divisor < 2^31.
    explicit Divisor(std::uint32_t divisor) : m_divisor(divisor) {
        while ((std::uint64_t{1} << m_shift) < divisor) ++m_shift;
        m_multiplier = static_cast<std::uint32_t>(
            ((std::uint64_t{1} << 32) * ((std::uint64_t{1} << m_shift) - divisor)) / divisor + 1);
    }
    MOESCOPE_DIVISOR_HD std::uint32_t quotient(std::uint32_t number) const {
        const auto high =
            static_cast<std::uint32_t>((static_cast<std::uint64_t>(number) * m_multiplier) >> 32);
        return (high + number) >> m_shift;
    }
    MOESCOPE_DIVISOR_HD std::uint32_t value() const { return m_divisor; }

  private:
    std::uint32_t m_divisor = 1;
    std::uint32_t m_multiplier = 1;
    std::uint32_t m_shift = 0;
};

}  // namespace moescope::cuda
