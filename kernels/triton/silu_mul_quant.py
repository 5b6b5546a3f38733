# SPDX-License-Identifier: Apache-2.0
"""SiLU x Mul + FP8 group quantization on the masked layout, as a Triton kernel.

The field's baseline, built as serving engines build it and on purpose no better: one program of one warp for
each (expert, group), which loops over that expert's valid tokens with the loads pipelined `STAGES` deep. Sizes
that the model fixes are compile-time constants, strides are arguments. All arithmetic is fp32, with Triton's
own exp and division.

Only what Triton itself needs is imported here: the file also compiles on machines without a GPU.
"""

import triton
import triton.language as tl


@triton.jit
def silu_mul_quant(
    y_ptr,  # bf16 (E, T, 2H): gate, then up
    q_ptr,  # e4m3 (E, T, H)
    s_ptr,  # fp32 (E, T, H / G)
    counts_ptr,  # int32 (E,): valid tokens
    # Strides in elements.
    y_stride_expert,
    y_stride_token,
    y_stride_column,
    q_stride_expert,
    q_stride_token,
    q_stride_column,
    s_stride_expert,
    s_stride_token,
    s_stride_group,
    counts_stride,
    HIDDEN: tl.constexpr,  # H
    GROUP: tl.constexpr,  # G, a power of two
    UE8M0: tl.constexpr,  # scales are powers of two
    STAGES: tl.constexpr,
):
    groups = HIDDEN // GROUP
    program = tl.program_id(0)
    expert = (program // groups).to(tl.int64)
    group = (program % groups).to(tl.int64)
    tokens = tl.load(counts_ptr + expert * counts_stride).to(tl.int64)

    lane = tl.arange(0, GROUP).to(tl.int64)
    inside = lane < GROUP
    column = group * GROUP + lane
    gate_ptrs = y_ptr + expert * y_stride_expert + column * y_stride_column
    up_ptrs = gate_ptrs + HIDDEN * y_stride_column
    q_ptrs = q_ptr + expert * q_stride_expert + column * q_stride_column
    s_first = s_ptr + expert * s_stride_expert + group * s_stride_group

    for token in tl.range(0, tokens, num_stages=STAGES):
        gate = tl.load(gate_ptrs + token * y_stride_token, mask=inside, other=0.0).to(tl.float32)
        up = tl.load(up_ptrs + token * y_stride_token, mask=inside, other=0.0).to(tl.float32)
        value = gate * (1.0 / (1.0 + tl.exp(-gate))) * up
        scale = tl.maximum(tl.max(tl.abs(value)), 1e-10) / 448.0
        if UE8M0:
            # 2^ceil(log2(scale)), exactly: up to the next power of two unless it is one.
            bits = scale.to(tl.int32, bitcast=True)
            scale = ((bits + 0x007FFFFF) & 0x7F800000).to(tl.float32, bitcast=True)
        code = tl.clamp(value / scale, -448.0, 448.0).to(q_ptr.dtype.element_ty)
        tl.store(q_ptrs + token * q_stride_token, code, mask=inside)
        tl.store(s_first + token * s_stride_token, scale)
