// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/cpu_kernel.h"

#include <algorithm>
#include <array>

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
    int columns_ahead = 1024;
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

/// Goes through a contiguous part of all blocks of all valid tokens, numbered expert by expert, token by
/// token.
class BlockCursor {
  public:
    BlockCursor(const MaskedTensors& tensors, std::int64_t first_block)
        : m_counts(tensors.counts), m_blocks_per_token(blocks_per_token(tensors.shape)) {
        std::int64_t token = first_block / m_blocks_per_token;
        while (token >= m_counts[m_expert]) token -= m_counts[m_expert++];
        m_token = token;
        m_block = first_block % m_blocks_per_token;
    }

    static std::int64_t blocks_per_token(const Shape& shape) {
        return (shape.hidden + cpu::kBlockColumns - 1) / cpu::kBlockColumns;
    }

    /// Only where there is another block.
    void advance() {
        if (++m_block < m_blocks_per_token) return;
        m_block = 0;
        if (++m_token < m_counts[m_expert]) return;
        m_token = 0;
        while (m_counts[++m_expert] == 0) {
        }
    }

    std::int64_t expert() const { return m_expert; }
    std::int64_t token() const { return m_token; }
    std::int64_t first_column() const { return m_block * cpu::kBlockColumns; }

  private:
    const std::int32_t* m_counts;
    std::int64_t m_blocks_per_token;
    std::int64_t m_expert = 0;
    std::int64_t m_token = 0;
    std::int64_t m_block = 0;
};

cpu::QuantizeBlock block_at(const MaskedTensors& tensors, const BlockCursor& cursor) {
    const Shape& shape = tensors.shape;
    const std::int64_t row = cursor.expert() * shape.max_tokens + cursor.token();
    const std::int64_t column = cursor.first_column();
    const std::int64_t group = column / shape.group_size;
    const bool packed = shape.scale_format == ScaleFormat::ue8m0_packed;
    const std::int64_t word = packed ? group / 4 : group;
    cpu::QuantizeBlock block;
    block.gate = tensors.input + row * 2 * shape.hidden + column;
    block.up = block.gate + shape.hidden;
    block.codes = tensors.codes + row * shape.hidden + column;
    block.scales = tensors.scales + cursor.expert() * shape.max_tokens * shape.scale_words() +
                   word * shape.max_tokens + cursor.token();
    block.scale_stride = shape.max_tokens;
    block.columns = static_cast<int>(std::min<std::int64_t>(cpu::kBlockColumns, shape.hidden - column));
    block.group_size = static_cast<int>(shape.group_size);
    block.ue8m0 = shape.scale_format != ScaleFormat::fp32;
    block.packed = packed;
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

void quantize_part(const MaskedTensors& tensors, QuantizeFunction quantize, Range part) {
    if (part.begin >= part.end) return;
    constexpr int kBatch =
        64;  // long enough for a kernel that works on several at once, short enough for the cache
    std::array<cpu::QuantizeBlock, kBatch + 1> blocks;
    BlockCursor cursor(tensors, part.begin);
    blocks[0] = block_at(tensors, cursor);
    for (std::int64_t done = part.begin; done < part.end;) {
        int count = 0;
        for (; count < kBatch && done < part.end; ++count, ++done) {
            cpu::QuantizeBlock& next = blocks[count + 1];
            next = blocks[count];
            if (done + 1 < part.end) {
                cursor.advance();
                next = block_at(tensors, cursor);
            }
            blocks[count].next_gate = next.gate;
            blocks[count].next_up = next.up;
        }
        quantize(blocks.data(), count);
        blocks[0] = blocks[count];
    }
    publish_streaming_stores();
}

}  // namespace

void run_cpu_quantize(ThreadPool& pool, CpuIsa isa, const MaskedTensors& tensors) {
    const QuantizeFunction quantize = quantize_function(isa, tensors.shape.input_type);
    pool.run([&](int worker) {
        const std::int64_t blocks = total_tokens(tensors) * BlockCursor::blocks_per_token(tensors.shape);
        quantize_part(tensors, quantize, part_of(blocks, worker, pool.size()));
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
