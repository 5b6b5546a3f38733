// SPDX-License-Identifier: Apache-2.0
#pragma once

// silu_v3, this project's kernel. docs/silu-v3.md has the reasons and the measurements; in short:
//   - A step is 256 columns of one token: a warp's lane owns 8 neighbouring ones, so that a group is 4 to 32
//   lanes.
//   - Warps work alone. Each lane copies its own 16 + 16 bytes of a step into its own place of a ring in
//   shared memory
//     (cp.async) and reads them back itself: there is no barrier in the main loop.
//   - All steps of all valid tokens stand in one line. A unit is a run of steps within a token; warp w takes
//   the units
//     w, w + W, w + 2W..., so that the whole device sweeps memory from front to back, and the warps of a
//     block touch neighbouring units. How long a unit is follows the number of steps, which only the device
//     knows.
//   - Where there is no more than one step for each warp, it goes through registers: nothing to overlap with.

#include "masked_problem.h"
#include "moescope/workload/shape.h"
#include "silu_v3_values.cuh"
#include "token_finder.cuh"

namespace moescope::cuda {

/// What is fixed at compile time.
template <int kGroupSize_, ScaleFormat kFormat_, template <bool> class Values_, class Finder_,
          int kWarps_ = 8, int kStages_ = 2, int kBlocksPerSm_ = 3>
struct SiluV3Config {
    static constexpr int kGroupSize = kGroupSize_;
    static constexpr ScaleFormat kFormat = kFormat_;
    using Values = Values_<kFormat_ != ScaleFormat::fp32>;
    using Finder = Finder_;
    static constexpr int kWarps = kWarps_;
    static constexpr int kStages = kStages_;            ///< steps that a warp has under way
    static constexpr int kBlocksPerSm = kBlocksPerSm_;  ///< also the grid, times multiprocessors

    static constexpr int kThreads = 32 * kWarps;
    static constexpr int kStepColumns = 256;
    static constexpr int kLanesPerGroup = kGroupSize / 8;
    static constexpr int kGroupsPerStep = kStepColumns / kGroupSize;
    static constexpr int kStepBytes = kStepColumns * 4;  ///< gate, then up
    static constexpr int kRingBytes = kWarps * kStages * kStepBytes;
    /// Units that a warp should get at least: fewer leave some warps with much more to do than others.
    static constexpr int kUnitsPerWarp = 8;

    static constexpr int shared_bytes(std::int64_t experts) {
        return kRingBytes + Finder::shared_bytes(experts, kWarps);
    }
};

namespace silu_v3 {

/// Where a step's results go; a lane's own.
struct Target {
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;     ///< no step: the warp is done
    static constexpr std::uint32_t kOutside = 0xFFFFFFFEU;  ///< this lane's columns are behind the row's end
    std::uint32_t codes;   ///< row and step, in units of 32 bytes from the lane's first code
    std::uint32_t scales;  ///< word of the step's first group
    int step;
};

/// One step's place among the problem's tensors. Offsets are 32-bit in units that make them fit: 32 codes (a
/// row is a multiple, as H is one of 32) and scale words; E x T x H up to 2^37, four times what a device
/// holds today.
template <class Config>
class Tensors {
  public:
    MOESCOPE_DEVICE Tensors(const MaskedProblem& problem, int lane)
        : m_gate(reinterpret_cast<const unsigned char*>(problem.input) + lane * 16),
          m_up(m_gate + problem.hidden * 2),
          m_codes(problem.codes + lane * 8),
          m_scales(problem.scales),
          m_row_units(static_cast<std::uint32_t>(problem.hidden / 32)),
          m_max_tokens(static_cast<std::uint32_t>(problem.max_tokens)),
          m_scale_words(static_cast<std::uint32_t>(problem.scale_words)),
          m_groups(static_cast<int>(problem.hidden) / Config::kGroupSize),
          m_column(lane * 8),
          m_hidden(static_cast<int>(problem.hidden)) {}

    /// Makes a row current.
    MOESCOPE_DEVICE void go_to(int expert, int row) {
        const std::uint32_t flat =
            static_cast<std::uint32_t>(expert) * m_max_tokens + static_cast<std::uint32_t>(row);
        m_row = flat * m_row_units;
        m_scale_row = static_cast<std::uint32_t>(expert) * (m_scale_words - 1) * m_max_tokens + flat;
    }
    MOESCOPE_DEVICE Target target(int step) const {
        const bool inside = step * Config::kStepColumns + m_column < m_hidden;
        const int word = Config::kFormat == ScaleFormat::ue8m0_packed ? step * Config::kGroupsPerStep / 4
                                                                      : step * Config::kGroupsPerStep;
        return {inside ? m_row + static_cast<std::uint32_t>(step) * (Config::kStepColumns / 32)
                       : Target::kOutside,
                m_scale_row + static_cast<std::uint32_t>(word) * m_max_tokens, step};
    }
    MOESCOPE_DEVICE const Bytes16* gate(int step) const {
        return reinterpret_cast<const Bytes16*>(m_gate + offset(step));
    }
    MOESCOPE_DEVICE const Bytes16* up(int step) const {
        return reinterpret_cast<const Bytes16*>(m_up + offset(step));
    }

    MOESCOPE_DEVICE void store_codes(const Target& target, Bytes8 codes) const {
        if (target.codes < Target::kOutside) {
            *reinterpret_cast<Bytes8*>(m_codes + static_cast<std::uint64_t>(target.codes) * 32) = codes;
        }
    }
    /// All lanes; `scale` is that of the lane's group.
    MOESCOPE_DEVICE void store_scale(const Target& target, float scale, int lane) const {
        if constexpr (Config::kFormat == ScaleFormat::ue8m0_packed) {
            store_packed(target, scale, lane);
        } else if (target.codes < Target::kOutside && lane % Config::kLanesPerGroup == 0) {
            const auto group = static_cast<std::uint32_t>(lane / Config::kLanesPerGroup);
            m_scales[static_cast<std::uint64_t>(target.scales) +
                     static_cast<std::uint64_t>(group) * m_max_tokens] = numerics::float_bits(scale);
        }
    }

  private:
    /// Bytes: a row of input is 4H, so 128 for each unit of 32 columns, gate and up; a step 512 of one of
    /// them.
    MOESCOPE_DEVICE std::uint64_t offset(int step) const {
        return static_cast<std::uint64_t>(m_row + static_cast<std::uint32_t>(step) * 4) * 128;
    }

    /// As many exponents as a step has groups: whole words (G = 32, 64), half of one (128) or a byte (256).
    MOESCOPE_DEVICE void store_packed(const Target& target, float scale, int lane) const {
        constexpr int kBytes = Config::kGroupsPerStep < 4 ? Config::kGroupsPerStep : 4;
        const int group = lane / Config::kLanesPerGroup;
        std::uint32_t word =
            target.codes < Target::kOutside ? numerics::ue8m0_byte(scale) << (8 * (group % kBytes)) : 0U;
        MOESCOPE_UNROLL
        for (int mask = Config::kLanesPerGroup; mask < kBytes * Config::kLanesPerGroup; mask *= 2)
            word |= shuffle_xor(word, mask);
        if (lane % (kBytes * Config::kLanesPerGroup) != 0 || target.codes >= Target::kOutside) return;
        std::uint32_t* const to = m_scales + static_cast<std::uint64_t>(target.scales) +
                                  static_cast<std::uint64_t>(group / 4) * m_max_tokens;
        if constexpr (kBytes == 4) {
            *to = word;
        } else {
            // The last step of a row also clears what is left of its word.
            const int first = target.step * kBytes;
            const int end = first + kBytes < m_groups ? first + kBytes : (m_groups + 3) / 4 * 4;
            auto* const bytes = reinterpret_cast<std::uint8_t*>(to);
            if (kBytes == 2 && end - first == 2) {
                *reinterpret_cast<std::uint16_t*>(bytes + first % 4) = static_cast<std::uint16_t>(word);
            } else {
                for (int group_of_row = first; group_of_row < end; ++group_of_row, word >>= 8)
                    bytes[group_of_row % 4] = static_cast<std::uint8_t>(word);
            }
        }
    }

    const unsigned char* m_gate;  ///< the lane's columns of row 0, step 0
    const unsigned char* m_up;
    std::uint8_t* m_codes;
    std::uint32_t* m_scales;
    std::uint32_t m_row_units;
    std::uint32_t m_max_tokens;
    std::uint32_t m_scale_words;
    int m_groups;
    int m_column;
    int m_hidden;
    std::uint32_t m_row = 0;        ///< of the current row, in units of 32 columns
    std::uint32_t m_scale_row = 0;  ///< its word of group 0
};

template <class Config>
MOESCOPE_DEVICE void finish(const Tensors<Config>& tensors, const Target& target,
                            const typename Config::Values& values, int lane) {
    auto largest = values.magnitude();
    MOESCOPE_UNROLL
    for (int mask = 1; mask < Config::kLanesPerGroup; mask *= 2)
        largest = Config::Values::larger(largest, shuffle_xor(largest, mask));
    const float scale = Config::Values::scale(largest);
    tensors.store_codes(target, values.codes(scale));
    tensors.store_scale(target, scale, lane);
}

/// The units of one warp, step by step.
template <class Config>
class Walk {
  public:
    MOESCOPE_DEVICE Walk(int steps_per_row, int tokens, int warps) : m_steps_per_row(steps_per_row) {
        const std::int64_t steps = static_cast<std::int64_t>(tokens) * steps_per_row;
        const std::int64_t share = steps / (static_cast<std::int64_t>(warps) * Config::kUnitsPerWarp);
        const int length = share < 1 ? 1 : share > steps_per_row ? steps_per_row : static_cast<int>(share);
        m_units_per_row = (steps_per_row + length - 1) / length;
        m_length = (steps_per_row + m_units_per_row - 1) / m_units_per_row;
        m_tokens_on = warps / m_units_per_row;
        m_units_on = warps - m_tokens_on * m_units_per_row;
        m_tokens = tokens;
    }
    /// False when there is no such unit.
    MOESCOPE_DEVICE bool start(int unit) {
        token = unit / m_units_per_row;
        m_unit = unit - token * m_units_per_row;
        open();
        return !is_over();
    }
    /// To the next step of the unit; false where there is none.
    MOESCOPE_DEVICE bool next_step() { return ++step < m_end; }
    /// To the first step of the warp's next unit, in this token or a later one; false where there is none.
    MOESCOPE_DEVICE bool next_unit() {
        token += m_tokens_on;
        m_unit += m_units_on;
        if (m_unit >= m_units_per_row) {
            m_unit -= m_units_per_row;
            ++token;
        }
        open();
        return !is_over();
    }
    MOESCOPE_DEVICE bool is_over() const { return token >= m_tokens; }

    int token;
    int step;

  private:
    MOESCOPE_DEVICE void open() {
        step = m_unit * m_length;
        m_end = step + m_length < m_steps_per_row ? step + m_length : m_steps_per_row;
    }

    int m_steps_per_row;
    int m_units_per_row;
    int m_length;
    int m_tokens_on;
    int m_units_on;
    int m_tokens;
    int m_unit;
    int m_end;
};

}  // namespace silu_v3

template <class Config>
MOESCOPE_KERNEL(Config::kThreads, Config::kBlocksPerSm)
silu_v3_kernel(const MaskedProblem problem) {
    using namespace silu_v3;
    unsigned char* const shared = dynamic_shared();
    const int warp = static_cast<int>(thread_index() / 32);
    const int lane = static_cast<int>(thread_index() % 32);
    typename Config::Finder finder;
    finder.template load<Config::kWarps>(problem, shared + Config::kRingBytes, warp, lane);

    const int blocks = static_cast<int>(block_count());
    const int block = static_cast<int>(block_index());
    const int warps = blocks * Config::kWarps;
    const int steps_per_row =
        (static_cast<int>(problem.hidden) + Config::kStepColumns - 1) / Config::kStepColumns;
    Tensors<Config> tensors(problem, lane);

    if (finder.tokens() * static_cast<std::int64_t>(steps_per_row) <= warps) {
        // Spread over the blocks first: each multiprocessor gets its part.
        const int item = warp * blocks + block;
        const int token = item / steps_per_row;
        if (token >= finder.tokens()) return;
        finder.start(token, lane);
        tensors.go_to(finder.expert(), token - finder.begin());
        const int step = item - token * steps_per_row;
        const Target target = tensors.target(step);
        Columns columns{};
        if (target.codes != Target::kOutside) {
            columns.gate = load_streaming(tensors.gate(step));
            columns.up = load_streaming(tensors.up(step));
        }
        finish(tensors, target, typename Config::Values(columns), lane);
        return;
    }

    Walk<Config> walk(steps_per_row, finder.tokens(), warps);
    if (!walk.start(block * Config::kWarps + warp)) return;
    finder.start(walk.token, lane);
    tensors.go_to(finder.expert(), walk.token - finder.begin());

    unsigned char* const ring = shared + warp * (Config::kStages * Config::kStepBytes) + lane * 16;
    Target targets[Config::kStages];
    const auto begin_copy = [&](int stage) {
        targets[stage].codes = Target::kNone;
        if (!walk.is_over()) {
            targets[stage] = tensors.target(walk.step);
            if (targets[stage].codes != Target::kOutside) {
                copy_async_16(ring + stage * Config::kStepBytes, tensors.gate(walk.step));
                copy_async_16(ring + stage * Config::kStepBytes + Config::kStepBytes / 2,
                              tensors.up(walk.step));
            }
            if (!walk.next_step() && walk.next_unit()) {
                finder.advance(walk.token, lane);
                tensors.go_to(finder.expert(), walk.token - finder.begin());
            }
        }
        commit_copies();
    };
    MOESCOPE_UNROLL
    for (int stage = 0; stage < Config::kStages; ++stage) begin_copy(stage);
    for (;;) {
        MOESCOPE_UNROLL
        for (int stage = 0; stage < Config::kStages; ++stage) {
            const Target target = targets[stage];
            if (target.codes == Target::kNone) return;
            wait_copies<Config::kStages - 1>();
            const unsigned char* const slot = ring + stage * Config::kStepBytes;
            // Lanes behind the row's end read what is there: their groups are theirs alone and go nowhere.
            const Columns columns{*reinterpret_cast<const Bytes16*>(slot),
                                  *reinterpret_cast<const Bytes16*>(slot + Config::kStepBytes / 2)};
            // The products need all of the slot; only then may the next copy overwrite it.
            const typename Config::Values values(columns);
            begin_copy(stage);
            finish(tensors, target, values, lane);
        }
    }
}

}  // namespace moescope::cuda
