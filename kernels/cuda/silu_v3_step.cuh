// SPDX-License-Identifier: Apache-2.0
#pragma once

// One step of a warp of silu_v3: kRows rows of as many columns. A lane owns 8 kParts neighbouring columns of
// one row. With two parts it reads 32 bytes of gate and 32 of up, and writes 16 codes at once.

#include "divisor.h"
#include "masked_problem.h"
#include "moescope/workload/shape.h"
#include "silu_v3_values.cuh"

namespace moescope::cuda::silu_v3 {

/// Columns of a warp's step, over all of its rows.
constexpr int warp_columns(int parts) {
    return 32 * 8 * parts;
}

/// Where a lane's columns of a step lie.
struct Target {
    std::uint32_t row;     ///< expert * T + row, over all experts
    std::uint32_t scales;  ///< word of the row's first group
    int step;              ///< column / columns of a step
    bool inside;           ///< whether these are columns of a token
};

/// The problem's tensors as a lane sees them, in steps of kRows rows. 32-bit where it can be: E x T below
/// 2^31, and 32 columns as a unit so that E x T x H may be up to 2^37, four times what a device holds today.
template <class Config, int kRows, int kParts>
class Tensors {
  public:
    static constexpr int kLaneColumns = 8 * kParts;
    static constexpr int kColumns = warp_columns(kParts) / kRows;
    static constexpr int kRowLanes = 32 / kRows;
    static constexpr int kGroupLanes = Config::kGroupSize / kLaneColumns;
    static_assert(kColumns % Config::kGroupSize == 0);

    MOESCOPE_DEVICE Tensors(const MaskedProblem& problem, int lane)
        : m_input(reinterpret_cast<const unsigned char*>(problem.input)),
          m_codes(problem.codes),
          m_scales(problem.scales),
          m_hidden(static_cast<std::uint32_t>(problem.hidden)),
          m_max_tokens(static_cast<std::uint32_t>(problem.max_tokens)),
          m_scale_words(static_cast<std::uint32_t>(problem.scale_words)),
          m_column(lane % kRowLanes * kLaneColumns) {}

    /// The lane's part of a step, if `valid` row of the expert.
    MOESCOPE_DEVICE Target target(int expert, int row, int step, bool valid) const {
        const std::uint32_t first = static_cast<std::uint32_t>(expert) * m_max_tokens;
        const std::uint32_t flat = first + static_cast<std::uint32_t>(row);
        return {flat, first * (m_scale_words - 1) + flat, step, valid && is_inside(step)};
    }
    /// Another step of the same rows.
    MOESCOPE_DEVICE bool is_inside(int step) const {
        return static_cast<std::uint32_t>(step * kColumns + m_column) < m_hidden;
    }

    /// Zeros where the lane has no columns. `delay` is 0.
    MOESCOPE_DEVICE LaneColumns<kParts> load(const Target& target, std::uint32_t delay) const {
        LaneColumns<kParts> c{};
        // A row of input has 4H bytes: 128 for each 32 columns, gate and up; a step has 2 of each column.
        // Not under the condition, where the compiler would ask for what it takes of the launch one thing
        // after the other, and each is waited for.
        const unsigned char* const gate =
            m_input + static_cast<std::uint64_t>(units(target.row) + step_units(target.step)) * 128 +
            m_column * 2 + delay;
        const unsigned char* const up = gate + m_hidden * 2;
        if (target.inside) {
            MOESCOPE_UNROLL
            for (int part = 0; part < kParts; ++part) c.part[part].gate = load_16(gate + 16 * part);
            MOESCOPE_UNROLL
            for (int part = 0; part < kParts; ++part) c.part[part].up = load_16(up + 16 * part);
        }
        return c;
    }
    /// The row's first word, of all warps that work on that row the same.
    MOESCOPE_DEVICE const std::uint32_t* first_word(std::uint32_t row) const {
        return reinterpret_cast<const std::uint32_t*>(m_input + static_cast<std::uint64_t>(units(row)) * 128);
    }

    /// All lanes: quantizes and stores.
    MOESCOPE_DEVICE void finish(const Target& target, const LaneColumns<kParts>& columns, int lane) const {
        using Values = typename Config::Values;
        constexpr RareLanes kRare = kParts == 1 ? RareLanes::asked_last : RareLanes::asked_first;
        Values values[kParts];
        MOESCOPE_UNROLL
        for (int part = 0; part < kParts; ++part)
            values[part] = Values::template of<kRare>(columns.part[part]);
        auto largest = values[0].magnitude();
        if constexpr (kParts == 2) largest = Values::larger(largest, values[1].magnitude());
        const float scale = Values::template scale<kGroupLanes>(largest, lane);
        const Bytes8 first = values[0].codes(scale);
        const std::uint64_t offset = static_cast<std::uint64_t>(units(target.row)) * 32 +
                                     static_cast<std::uint32_t>(target.step * kColumns + m_column);
        if constexpr (kParts == 2) {
            const Bytes8 second = values[1].codes(scale);
            if (target.inside)
                *reinterpret_cast<Bytes16*>(m_codes + offset) = Bytes16{first.x, first.y, second.x, second.y};
        } else {
            if (target.inside) *reinterpret_cast<Bytes8*>(m_codes + offset) = first;
        }
        if constexpr (Config::kFormat == ScaleFormat::ue8m0_packed) {
            store_packed(target, scale, lane);
        } else if (target.inside && lane % kGroupLanes == 0) {
            m_scales[scale_offset(target, (target.step * kColumns + m_column) / Config::kGroupSize)] =
                numerics::float_bits(scale);
        }
    }

  private:
    MOESCOPE_DEVICE static Bytes16 load_16(const unsigned char* address) {
        return load_cached(reinterpret_cast<const Bytes16*>(address));
    }
    /// 32 columns each; H is a multiple of 32.
    MOESCOPE_DEVICE std::uint32_t units(std::uint32_t row) const { return row * (m_hidden / 32); }
    /// A step's columns have 2 bytes each in the gate half: kColumns * 2 / 128 units of 128 bytes.
    MOESCOPE_DEVICE static std::uint32_t step_units(int step) {
        return static_cast<std::uint32_t>(step) * (kColumns * 2 / 128);
    }
    MOESCOPE_DEVICE std::uint64_t scale_offset(const Target& target, int word) const {
        return static_cast<std::uint64_t>(target.scales) +
               static_cast<std::uint64_t>(static_cast<std::uint32_t>(word)) * m_max_tokens;
    }

    /// Four exponents a word; groups of 256 columns make half words.
    MOESCOPE_DEVICE void store_packed(const Target& target, float scale, int lane) const {
        constexpr int kGroups = kColumns / Config::kGroupSize;
        constexpr int kBytes = kGroups < 4 ? kGroups : 4;
        static_assert(kBytes >= 2, "steps of packed formats have two groups of a row or more");
        const int group = lane % kRowLanes / kGroupLanes;  // of the step
        std::uint32_t word = target.inside ? numerics::ue8m0_byte(scale) << (8 * (group % kBytes)) : 0U;
        MOESCOPE_UNROLL
        for (int mask = kGroupLanes; mask < kBytes * kGroupLanes; mask *= 2) word |= shuffle_xor(word, mask);
        if (lane % (kBytes * kGroupLanes) != 0 || !target.inside) return;
        const int first = target.step * kGroups + group;  // of the row
        std::uint32_t* const to = m_scales + scale_offset(target, first / 4);
        if (kBytes == 4 ||
            (first % 4 == 0 && static_cast<std::uint32_t>(first) + 2 >= m_hidden / Config::kGroupSize)) {
            *to = word;  // the last word of a row: what no group has is zero
        } else {
            reinterpret_cast<std::uint16_t*>(to)[first % 4 / 2] = static_cast<std::uint16_t>(word);
        }
    }

    const unsigned char* m_input;
    std::uint8_t* m_codes;
    std::uint32_t* m_scales;
    std::uint32_t m_hidden;
    std::uint32_t m_max_tokens;
    std::uint32_t m_scale_words;
    int m_column;  ///< the lane's first column of a step
};

}  // namespace moescope::cuda::silu_v3
