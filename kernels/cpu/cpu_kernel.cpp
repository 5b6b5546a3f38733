// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/cpu_kernel.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "block_kernels.h"
#include "moescope/kernels/reference.h"
#include "thread_pool.h"

namespace moescope {
namespace {

using QuantizeFunction = void (*)(const cpu::QuantizeBlock*, int);
using StreamFunction = void (*)(const cpu::StreamBlock&);

QuantizeFunction fp16_quantize_function(CpuIsa isa) {
#if MOESCOPE_X86
    // silu comes from a table, by gather instructions, whatever their speed.
    if (isa == CpuIsa::avx512bf16) return cpu::quantize_fp16_blocks_avx512bf16;
    if (isa == CpuIsa::avx512 || isa == CpuIsa::avx512gather) return cpu::quantize_fp16_blocks_avx512;
    if (isa == CpuIsa::avx2 || isa == CpuIsa::avx2gather) return cpu::quantize_fp16_blocks_avx2;
#endif
    return cpu::quantize_fp16_blocks_scalar;
}

QuantizeFunction quantize_function(CpuIsa isa, InputType input) {
    if (input == InputType::fp16) return fp16_quantize_function(isa);
#if MOESCOPE_X86
    if (isa == CpuIsa::avx512bf16) return cpu::quantize_blocks_avx512bf16;
    if (isa == CpuIsa::avx512gather) return cpu::quantize_blocks_avx512gather;
    if (isa == CpuIsa::avx512) return cpu::quantize_blocks_avx512;
    if (isa == CpuIsa::avx2gather) return cpu::quantize_blocks_avx2gather;
    if (isa == CpuIsa::avx2) return cpu::quantize_blocks_avx2;
#endif
    return cpu::quantize_blocks_scalar;
}

StreamFunction stream_function(CpuIsa isa) {
#if MOESCOPE_X86
    if (isa != CpuIsa::scalar) return cpu::stream_block_avx2;
#endif
    return cpu::stream_block_scalar;
}

/// How far ahead memory is asked for. Measured: on two cores of an Intel Granite Rapids 1,024 to 1,408
/// columns are alike, on a Zen 4, whose first cache is smaller, 512 and a block into the second were best.
struct Prefetch {
    int columns_ahead = 1280;
    bool next_block = false;
};
const Prefetch& prefetch_for_this_processor() {
    static const Prefetch prefetch = [] {
#if MOESCOPE_X86
        if (__builtin_cpu_is("amd")) return Prefetch{.columns_ahead = 512, .next_block = true};
#endif
        return Prefetch{};
    }();
    return prefetch;
}

/// Streaming stores are seen by other threads only after this.
void publish_streaming_stores() {
#if MOESCOPE_X86
    __builtin_ia32_sfence();
#endif
}

/// How tokens are cut into blocks: into as few as can be, of one length where that is possible, since the
/// third pass of a block goes with the first of the next one.
class BlockGrid {
  public:
    explicit BlockGrid(const Shape& shape)
        : m_groups_per_word(shape.scale_format == ScaleFormat::ue8m0_packed ? 4 : 1),
          m_group_size(shape.group_size) {
        constexpr std::int64_t kStep = 128;  // columns that the vector kernels take at a time
        // A scale word belongs to one block.
        const std::int64_t unit = std::max(kStep, m_group_size * m_groups_per_word);
        m_per_token = (shape.hidden + cpu::kBlockColumns - 1) / cpu::kBlockColumns;
        m_columns = (shape.hidden + m_per_token * unit - 1) / (m_per_token * unit) * unit;
        m_per_token = (shape.hidden + m_columns - 1) / m_columns;
    }
    std::int64_t per_token() const { return m_per_token; }
    std::int64_t columns() const { return m_columns; }
    /// Scale words of a whole block.
    std::int64_t words() const { return m_columns / m_group_size / m_groups_per_word; }

  private:
    std::int64_t m_groups_per_word;
    std::int64_t m_group_size;
    std::int64_t m_per_token = 0;
    std::int64_t m_columns = 0;
};

/// Goes through a contiguous part of all blocks of all valid tokens, numbered expert by expert, token by
/// token.
class BlockCursor {
  public:
    BlockCursor(const MaskedTensors& tensors, const BlockGrid& grid, std::int64_t first_block)
        : m_tensors(tensors), m_grid(grid) {
        std::int64_t token = first_block / grid.per_token();
        while (token >= tensors.counts[m_expert]) token -= tensors.counts[m_expert++];
        m_token = token;
        m_block = first_block % grid.per_token();
    }

    /// Only where there is another block.
    void advance() {
        if (++m_block < m_grid.per_token()) return;
        m_block = 0;
        if (++m_token < m_tensors.counts[m_expert]) return;
        m_token = 0;
        while (m_tensors.counts[++m_expert] == 0) {
        }
    }

    bool in_last_token() const { return m_token + 1 == m_tensors.counts[m_expert]; }
    std::int64_t block() const { return m_block; }
    std::int64_t first_column() const { return m_block * m_grid.columns(); }
    std::int64_t first_word() const { return m_block * m_grid.words(); }
    const std::uint16_t* gate() const {
        return m_tensors.input + row() * 2 * m_tensors.shape.hidden + first_column();
    }
    std::uint8_t* codes() const { return m_tensors.codes + row() * m_tensors.shape.hidden + first_column(); }
    /// Word 0 of the token.
    std::uint32_t* scales() const {
        return m_tensors.scales + m_expert * m_tensors.shape.max_tokens * m_tensors.shape.scale_words() +
               m_token;
    }

  private:
    std::int64_t row() const { return m_expert * m_tensors.shape.max_tokens + m_token; }

    const MaskedTensors& m_tensors;
    const BlockGrid& m_grid;
    std::int64_t m_expert = 0;
    std::int64_t m_token = 0;
    std::int64_t m_block = 0;
};

/// What all blocks of a launch have in common.
cpu::QuantizeBlock common_block(const Shape& shape) {
    cpu::QuantizeBlock block;
    block.group_size = static_cast<int>(shape.group_size);
    block.ue8m0 = shape.scale_format != ScaleFormat::fp32;
    block.packed = shape.scale_format == ScaleFormat::ue8m0_packed;
    block.columns_ahead = prefetch_for_this_processor().columns_ahead;
    block.prefetch_next_block = prefetch_for_this_processor().next_block;
    block.silu = shape.input_type == InputType::fp16 ? &cpu::fp16_silu_table() : &cpu::silu_table();
    block.steps = &cpu::code_steps();
    return block;
}

std::int64_t total_tokens(const MaskedTensors& tensors) {
    std::int64_t total = 0;
    for (std::int64_t e = 0; e < tensors.shape.experts; ++e) total += tensors.counts[e];
    return total;
}

/// The rows in which a thread collects scales.
class ScaleCollector {
  public:
    ScaleCollector(const Shape& shape, const BlockGrid& grid)
        : m_stride(shape.max_tokens),
          m_words(static_cast<std::size_t>((shape.scale_words() + 1) * kTokens)),
          m_begin(static_cast<std::size_t>(grid.per_token()), kEmpty) {
        void* rows = m_words.data();
        std::size_t space = m_words.size() * sizeof(std::uint32_t);
        m_rows = static_cast<std::uint32_t*>(std::align(64, space - 64, rows, space));
    }

    /// Where the scales go of the block at the cursor. Returns whether its rows are full with it, and sets
    /// `full` then: at the end of a line, or if this is the `last` token to come with such a block.
    bool place(const BlockCursor& at, int words, bool last, cpu::QuantizeBlock& block, cpu::ScaleRows& full) {
        const auto word = reinterpret_cast<std::uintptr_t>(at.scales()) / sizeof(std::uint32_t);
        const int position = static_cast<int>(word % kTokens);  // in the line of the token's first word
        std::uint32_t* const first = m_rows + at.first_word() * kTokens;
        block.scales = first + position;
        int& begin = m_begin[static_cast<std::size_t>(at.block())];
        if (begin == kEmpty) begin = position;
        if (!last && position + 1 < kTokens) return false;
        full = {.from = first + begin,
                .to = at.scales() + at.first_word() * m_stride - (position - begin),
                .stride = m_stride,
                .words = words,
                .tokens = position - begin + 1};
        begin = kEmpty;
        return true;
    }

  private:
    static constexpr int kTokens = cpu::ScaleRows::kTokens;
    static constexpr int kEmpty = -1;

    std::int64_t m_stride;
    std::vector<std::uint32_t> m_words;
    std::uint32_t* m_rows = nullptr;  ///< in m_words, aligned to a line
    std::vector<int> m_begin;         ///< position of the first token in the rows of each block of a token
};

void quantize_part(const MaskedTensors& tensors, const BlockGrid& grid, QuantizeFunction quantize,
                   Range part) {
    if (part.begin >= part.end) return;
    constexpr int kBatch = 64;  // long enough for the kernels to work on several at once, short for the cache
    const Shape& shape = tensors.shape;
    std::array<cpu::QuantizeBlock, kBatch> blocks;
    blocks.fill(common_block(shape));
    std::array<cpu::ScaleRows, kBatch> rows;
    ScaleCollector scales(shape, grid);
    BlockCursor cursor(tensors, grid, part.begin);
    for (std::int64_t done = part.begin; done < part.end;) {
        int count = 0;
        for (; count < kBatch && done < part.end; ++count) {
            cpu::QuantizeBlock& block = blocks[count];
            block.columns = static_cast<int>(std::min(grid.columns(), shape.hidden - cursor.first_column()));
            block.gate = cursor.gate();
            block.up = block.gate + shape.hidden;
            block.codes = cursor.codes();
            const std::int64_t words = std::min(grid.words(), shape.scale_words() - cursor.first_word());
            const bool last = cursor.in_last_token() || done + grid.per_token() >= part.end;
            const bool full = scales.place(cursor, static_cast<int>(words), last, block, rows[count]);
            block.full_rows = full ? &rows[count] : nullptr;
            if (++done < part.end) cursor.advance();
            block.next_gate = cursor.gate();
            block.next_up = block.next_gate + shape.hidden;
        }
        quantize(blocks.data(), count);
    }
    publish_streaming_stores();
}

}  // namespace

void run_cpu_quantize(ThreadPool& pool, CpuIsa isa, const MaskedTensors& tensors) {
    const QuantizeFunction quantize = quantize_function(isa, tensors.shape.input_type);
    const BlockGrid grid(tensors.shape);
    pool.run([&](int worker) {
        const std::int64_t blocks = total_tokens(tensors) * grid.per_token();
        quantize_part(tensors, grid, quantize, part_of(blocks, worker, pool.size()));
    });
}

void run_cpu_stream(ThreadPool& pool, CpuIsa isa, const MaskedTensors& tensors) {
    const StreamFunction stream = stream_function(isa);
    const Shape& shape = tensors.shape;
    pool.run([&](int worker) {
        // The valid rows of an expert are contiguous: one stream for each expert that this worker meets.
        const Range part = part_of(total_tokens(tensors), worker, pool.size());
        std::int64_t first = 0;  // token number of the expert's first
        for (std::int64_t e = 0; e < shape.experts && first < part.end; first += tensors.counts[e++]) {
            const std::int64_t begin = std::max(part.begin, first);
            const std::int64_t end = std::min(part.end, first + tensors.counts[e]);
            if (begin >= end) continue;
            const std::int64_t row = e * shape.max_tokens + begin - first;
            stream({reinterpret_cast<const std::uint8_t*>(tensors.input + row * 2 * shape.hidden),
                    tensors.codes + row * shape.hidden, (end - begin) * shape.hidden});
        }
        publish_streaming_stores();
    });
}

void run_cpu_reference(ThreadPool& pool, Numerics numerics, const MaskedTensors& tensors) {
    const Shape& shape = tensors.shape;
    pool.run([&](int worker) {
        const Range part = part_of(total_tokens(tensors), worker, pool.size());
        std::int64_t first = 0;
        for (std::int64_t e = 0; e < shape.experts && first < part.end; first += tensors.counts[e++]) {
            const std::int64_t end = std::min(part.end, first + tensors.counts[e]);
            for (std::int64_t i = std::max(part.begin, first); i < end; ++i) {
                const std::int64_t row = e * shape.max_tokens + i - first;
                reference::quantize_token(
                    shape, numerics, tensors.input + row * 2 * shape.hidden,
                    tensors.codes + row * shape.hidden,
                    tensors.scales + e * shape.max_tokens * shape.scale_words() + i - first,
                    shape.max_tokens);
            }
        }
    });
}

}  // namespace moescope
