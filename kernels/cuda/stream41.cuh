// SPDX-License-Identifier: Apache-2.0
#pragma once

// The speed limit of the operation: reads four bytes for each one it writes, over exactly the valid rows, and
// computes nothing. One thread reads 32 neighbouring bytes of each half of a row (all of a thread's loads are
// started before the first is used) and writes the 16 bytes of their exclusive or, so every byte read has to
// arrive. A grid as large as the work, no block lives longer than one batch of loads: on Hopper that beats
// every persistent grid tried; and 16 neighbouring bytes of each quarter, 8-byte stores or four coalesced
// kilobytes a warp were 1 to 4 % slower.
//
// With scales it writes, beside that, a word wherever the operation has a scale. Those are few bytes, which
// is all that the limit counts, but they lie column-major: an expert's few tokens have sectors of their own.

#include "device_ops.cuh"
#include "divisor.h"
#include "moescope/workload/shape.h"

namespace moescope::cuda {

struct StreamProblem {
    const std::uint16_t* input = nullptr;
    std::uint8_t* codes = nullptr;
    const std::int64_t* rows = nullptr;  ///< row of each valid token; null: rows 0, 1, 2...
    std::int64_t tokens = 0;
    std::int64_t hidden = 0;  ///< multiple of 16
};

/// Of the operation that the stream is the limit of. E x T < 2^31.
struct StreamScales {
    std::uint32_t* words = nullptr;
    Divisor max_tokens;
    std::int64_t words_per_token = 0;
    int unit_bits = 0;  ///< 2^unit_bits units of 16 columns share a word

    /// Not for T = 0.
    static StreamScales of(const Shape& shape, std::uint32_t* words) {
        StreamScales scales{.words = words,
                            .max_tokens = Divisor(static_cast<std::uint32_t>(shape.max_tokens)),
                            .words_per_token = shape.scale_words()};
        const std::int64_t groups = shape.scale_format == ScaleFormat::ue8m0_packed ? 4 : 1;
        while (std::int64_t{16} << scales.unit_bits < groups * shape.group_size) ++scales.unit_bits;
        return scales;
    }
    /// The first unit of a word writes it. No division: in small launches it would be waited for.
    MOESCOPE_DEVICE void store(std::int64_t row, std::int64_t unit, std::uint32_t value) const {
        const std::int64_t word = unit >> unit_bits;
        if (word << unit_bits != unit) return;
        const std::uint32_t expert = max_tokens.quotient(static_cast<std::uint32_t>(row));
        const std::int64_t first_row = static_cast<std::int64_t>(expert) * max_tokens.value();
        words[first_row * words_per_token + word * max_tokens.value() + row - first_row] = value;
    }
};
/// For stream41 itself.
struct NoStreamScales {
    MOESCOPE_DEVICE void store(std::int64_t, std::int64_t, std::uint32_t) const {}
};

/// Index is std::uint32_t where the count of 16-byte outputs fits, for cheap division.
template <int kThreads, int kUnits, class Index, class Scales = NoStreamScales>
MOESCOPE_KERNEL(kThreads, 1)
stream41_kernel(const StreamProblem problem, const Scales scales = {}) {
    using namespace device;
    const auto units_per_row = static_cast<Index>(problem.hidden / 16);
    const Index units = static_cast<Index>(problem.tokens) * units_per_row;
    const Index first = static_cast<Index>(block_index()) * (kThreads * kUnits) + thread_index();

    Bytes16 loaded[kUnits][4];
    std::int64_t rows[kUnits];
    Index columns[kUnits];
    MOESCOPE_UNROLL
    for (int u = 0; u < kUnits; ++u) {
        const Index unit = first + static_cast<Index>(u * kThreads);
        if (unit >= units) continue;
        const Index token = unit / units_per_row;
        const Index column = unit - token * units_per_row;
        const std::int64_t row =
            problem.rows == nullptr ? static_cast<std::int64_t>(token) : problem.rows[token];
        const auto* gate =
            reinterpret_cast<const Bytes16*>(problem.input + row * 2 * problem.hidden) + 2 * column;
        const auto* up = gate + 2 * static_cast<std::int64_t>(units_per_row);
        loaded[u][0] = load_cached(gate);
        loaded[u][1] = load_cached(gate + 1);
        loaded[u][2] = load_cached(up);
        loaded[u][3] = load_cached(up + 1);
        rows[u] = row;
        columns[u] = column;
    }
    MOESCOPE_UNROLL
    for (int u = 0; u < kUnits; ++u) {
        if (first + static_cast<Index>(u * kThreads) >= units) continue;
        const Bytes16(&l)[4] = loaded[u];
        const Bytes16 mixed{l[0].x ^ l[1].x ^ l[2].x ^ l[3].x, l[0].y ^ l[1].y ^ l[2].y ^ l[3].y,
                            l[0].z ^ l[1].z ^ l[2].z ^ l[3].z, l[0].w ^ l[1].w ^ l[2].w ^ l[3].w};
        store_streaming(reinterpret_cast<Bytes16*>(problem.codes + rows[u] * problem.hidden) + columns[u],
                        mixed);
        scales.store(rows[u], static_cast<std::int64_t>(columns[u]), mixed.x);
    }
}

}  // namespace moescope::cuda
