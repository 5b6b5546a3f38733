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
    // silu is computed in a pass of its own.
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

/// How far ahead memory is asked for. Measured: two cores of an Intel Granite Rapids are 8 % faster with
/// 1,024 columns and nothing else, a Zen 4, whose first cache is smaller, with 512 and a block into the
/// second.
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

    std::int64_t expert() const { return m_expert; }
    std::int64_t token() const { return m_token; }
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
    block.silu = &cpu::silu_table();
    block.steps = &cpu::code_steps();
    return block;
}

std::int64_t total_tokens(const MaskedTensors& tensors) {
    std::int64_t total = 0;
    for (std::int64_t e = 0; e < tensors.shape.experts; ++e) total += tensors.counts[e];
    return total;
}

/// The tile that a thread collects scales in.
class TileFiller {
  public:
    explicit TileFiller(const Shape& shape)
        : m_words(static_cast<std::size_t>((shape.scale_words() + 1) * cpu::ScaleTile::kTokens)) {
        void* words = m_words.data();
        std::size_t space = m_words.size() * sizeof(std::uint32_t);
        m_begin = static_cast<std::uint32_t*>(std::align(64, space - 64, words, space));
        m_tile = {.words = m_begin, .stride = shape.max_tokens, .words_per_token = shape.scale_words()};
    }

    /// Where the words go of the block at the cursor.
    std::uint32_t* place(const BlockCursor& at, std::int64_t words) {
        if (m_tile.tokens == 0) {
            m_tile.target = at.scales();
            m_tile.first_word = at.first_word();
            m_expert = at.expert();
            m_first = at.token();
            const auto past = reinterpret_cast<std::uintptr_t>(m_tile.target) / sizeof(std::uint32_t);
            m_end =
                m_first + cpu::ScaleTile::kTokens - static_cast<std::int64_t>(past % cpu::ScaleTile::kTokens);
        }
        const std::int64_t token = at.token() - m_first;
        m_tile.tokens = static_cast<int>(token + 1);
        m_tile.end_word = at.first_word() + words;
        return m_begin + at.first_word() * cpu::ScaleTile::kTokens + token;
    }
    /// Whether the block at the cursor belongs to another tile.
    bool ends_before(const BlockCursor& next) const {
        return next.expert() != m_expert || next.token() >= m_end;
    }
    /// What is to be written; the next block starts another.
    cpu::ScaleTile take() {
        const cpu::ScaleTile tile = m_tile;
        m_tile.tokens = 0;
        return tile;
    }

  private:
    std::vector<std::uint32_t> m_words;
    std::uint32_t* m_begin = nullptr;
    cpu::ScaleTile m_tile;
    std::int64_t m_expert = 0;
    std::int64_t m_first = 0;  ///< tokens
    std::int64_t m_end = 0;
};

void quantize_part(const MaskedTensors& tensors, const BlockGrid& grid, QuantizeFunction quantize,
                   Range part) {
    if (part.begin >= part.end) return;
    constexpr int kBatch = 64;  // long enough for the kernels to work on several at once, short for the cache
    const Shape& shape = tensors.shape;
    std::array<cpu::QuantizeBlock, kBatch> blocks;
    blocks.fill(common_block(shape));
    std::array<cpu::ScaleTile, kBatch> tiles;
    TileFiller filler(shape);
    BlockCursor cursor(tensors, grid, part.begin);
    for (std::int64_t done = part.begin; done < part.end;) {
        int count = 0;
        for (; count < kBatch && done < part.end; ++count) {
            cpu::QuantizeBlock& block = blocks[count];
            block.columns = static_cast<int>(std::min(grid.columns(), shape.hidden - cursor.first_column()));
            block.gate = cursor.gate();
            block.up = block.gate + shape.hidden;
            block.codes = cursor.codes();
            block.scales =
                filler.place(cursor, std::min(grid.words(), shape.scale_words() - cursor.first_word()));
            if (++done < part.end) cursor.advance();
            block.next_gate = cursor.gate();
            block.next_up = block.next_gate + shape.hidden;
            block.full_tile = nullptr;
            if (done == part.end || filler.ends_before(cursor)) {
                tiles[count] = filler.take();
                block.full_tile = &tiles[count];
            }
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
