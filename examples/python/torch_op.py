#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""moescope's kernels as a torch operator: torch.ops.moescope.silu_mul_quantize, for eager mode, torch.compile and CUDA
graphs (PyTorch 2.4 or newer).

    python3 torch_op.py path/to/libmoescope_kernels.so [KERNEL]     tries it on this machine's GPU, default silu_v3
"""

import os
import sys

import torch

from quantize import Kernels, scale_words

_kernels = None


def load(path):
    global _kernels
    _kernels = Kernels(path)


def _empty_outputs(y, group_size, scale_format):
    experts, max_tokens, twice_hidden = y.shape
    hidden = twice_hidden // 2
    codes = torch.empty((experts, max_tokens, hidden), dtype=torch.float8_e4m3fn, device=y.device)
    words = scale_words(hidden, group_size, scale_format)
    dtype = torch.int32 if scale_format == "ue8m0-packed" else torch.float32
    # Column-major per expert: (E, T, W) with strides (T*W, 1, T).
    scales = torch.empty((experts, words, max_tokens), dtype=dtype, device=y.device).transpose(1, 2)
    return codes, scales


@torch.library.custom_op("moescope::silu_mul_quantize", mutates_args=(), device_types="cuda")
def silu_mul_quantize(y: torch.Tensor, counts: torch.Tensor, group_size: int, scale_format: str,
                      kernel: str) -> tuple[torch.Tensor, torch.Tensor]:
    """y (E, T, 2H) bf16 or fp16, counts (E) int32, both on one GPU -> codes (E, T, H), scales (E, T, W)."""
    input_type = {torch.bfloat16: "bf16", torch.float16: "fp16"}.get(y.dtype)
    if input_type is None or counts.dtype != torch.int32 or not (y.is_contiguous() and counts.is_contiguous()):
        raise ValueError("silu_mul_quantize: y must be contiguous bfloat16 or float16, counts contiguous int32")
    codes, scales = _empty_outputs(y, group_size, scale_format)
    workspaces = []

    def make_workspace(size):
        # Torch's allocator keeps it apart from others on this stream until the launch is done.
        workspaces.append(torch.empty(size, dtype=torch.uint8, device=y.device))
        return workspaces[-1].data_ptr()

    with torch.cuda.device(y.device):
        _kernels.launch(kernel, y.data_ptr(), codes.data_ptr(), scales.data_ptr(), counts.data_ptr(), y.shape[0],
                        y.shape[1], y.shape[2] // 2, group_size, scale_format,
                        stream=torch.cuda.current_stream().cuda_stream, make_workspace=make_workspace,
                        input_type=input_type)
    return codes, scales


@silu_mul_quantize.register_fake
def _(y, counts, group_size, scale_format, kernel):
    return _empty_outputs(y, group_size, scale_format)


def main():
    load(os.path.abspath(sys.argv[1]))
    kernel = sys.argv[2] if len(sys.argv) > 2 else "silu_v3"
    y = torch.randn(32, 256, 4096, dtype=torch.bfloat16, device="cuda")
    counts = torch.randint(0, 257, (32,), dtype=torch.int32, device="cuda")
    codes, scales = torch.ops.moescope.silu_mul_quantize(y, counts, 128, "fp32", kernel)
    gate, up = y.float().chunk(2, dim=-1)
    expected = torch.nn.functional.silu(gate) * up
    got = codes.float() * scales.repeat_interleave(128, dim=-1)
    valid = torch.arange(256, device="cuda")[None, :] < counts[:, None]
    error = ((got - expected)[valid].norm() / expected[valid].norm()).item()
    print(f"{kernel}: relative error of the dequantised output {error:.4f}")
    assert error < 0.05
    compiled = torch.compile(lambda a, n: torch.ops.moescope.silu_mul_quantize(a, n, 128, "fp32", kernel))
    same = compiled(y, counts)[0].view(torch.uint8)[valid] == codes.view(torch.uint8)[valid]
    assert bool(same.all())
    print("the same under torch.compile")


if __name__ == "__main__":
    main()
