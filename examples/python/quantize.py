#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""moescope's kernels from Python, with ctypes alone.

    python3 quantize.py path/to/libmoescope_kernels.so          lists the kernels, checks `cpu` against known values
    python3 quantize.py path/to/libmoescope_kernels.so --gpu    and every CUDA kernel on torch tensors

As a module: Kernels(path).launch(...) takes addresses; torch_op.py builds a torch operator on it.
"""

import array
import ctypes
import sys

ABI_VERSION = 1
OK = 0
DEVICE_CPU, DEVICE_CUDA = 1, 2
NUMERICS = {0: "any", 1: "fp32", 2: "bf16"}
SCALE_FORMATS = {"fp32": 0, "fp32-ue8m0": 1, "ue8m0-packed": 2}
INPUT_TYPES = {"bf16": 0, "fp16": 1}


class LaunchArgs(ctypes.Structure):
    """moescope_launch_args of kernel_abi.h."""

    _fields_ = [
        ("struct_size", ctypes.c_uint32), ("abi_version", ctypes.c_uint32), ("kernel", ctypes.c_char_p),
        ("input", ctypes.c_void_p), ("codes", ctypes.c_void_p), ("scales", ctypes.c_void_p),
        ("counts", ctypes.c_void_p),
        ("experts", ctypes.c_int64), ("max_tokens", ctypes.c_int64), ("hidden", ctypes.c_int64),
        ("group_size", ctypes.c_int64),
        ("input_strides", ctypes.c_int64 * 3), ("codes_strides", ctypes.c_int64 * 3),
        ("scale_strides", ctypes.c_int64 * 3),
        ("scale_format", ctypes.c_uint32), ("numerics", ctypes.c_uint32), ("input_dtype", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("stream", ctypes.c_void_p), ("workspace", ctypes.c_void_p), ("workspace_bytes", ctypes.c_uint64),
    ]


class KernelInfo(ctypes.Structure):
    """moescope_kernel_info of kernel_abi.h."""

    _fields_ = [
        ("struct_size", ctypes.c_uint32), ("needs_device", ctypes.c_uint32),
        ("id", ctypes.c_char_p), ("description", ctypes.c_char_p),
        ("numerics", ctypes.c_uint32), ("scale_formats", ctypes.c_uint32), ("input_dtypes", ctypes.c_uint32),
        ("group_size_count", ctypes.c_uint32), ("group_sizes", ctypes.POINTER(ctypes.c_int64)),
        ("hidden_multiple_of", ctypes.c_int64), ("max_experts", ctypes.c_int64),
        ("alignment", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
    ]


class Kernels:
    """The library, loaded."""

    def __init__(self, path):
        self._library = ctypes.CDLL(path)
        self._library.moescope_abi_version.restype = ctypes.c_uint32
        version = self._library.moescope_abi_version()
        if version != ABI_VERSION:
            raise RuntimeError(f"{path} has version {version} of the kernel interface, not {ABI_VERSION}")
        self._library.moescope_kernel_list.restype = ctypes.POINTER(ctypes.POINTER(KernelInfo))
        self._library.moescope_launch.argtypes = [ctypes.POINTER(LaunchArgs)]
        self._library.moescope_query_workspace.argtypes = [ctypes.POINTER(LaunchArgs), ctypes.POINTER(ctypes.c_uint64)]
        self._library.moescope_status_string.restype = ctypes.c_char_p
        self._library.moescope_last_error.restype = ctypes.c_char_p

    def list(self):
        infos, result, i = self._library.moescope_kernel_list(), [], 0
        while infos[i]:
            result.append(infos[i].contents)
            i += 1
        return result

    def launch(self, kernel, input, codes, scales, counts, experts, max_tokens, hidden, group_size,
               scale_format="fp32", stream=None, make_workspace=None, input_type="bf16"):
        """Pointers are addresses, on the device that the kernel needs. make_workspace(bytes) returns the address of
        that many bytes there; they must live until the launch is done."""
        args = LaunchArgs(struct_size=ctypes.sizeof(LaunchArgs), abi_version=ABI_VERSION, kernel=kernel.encode(),
                          input=input, codes=codes, scales=scales, counts=counts, experts=experts,
                          max_tokens=max_tokens, hidden=hidden, group_size=group_size,
                          scale_format=SCALE_FORMATS[scale_format], input_dtype=INPUT_TYPES[input_type],
                          stream=stream)
        needed = ctypes.c_uint64(0)
        self._check(self._library.moescope_query_workspace(ctypes.byref(args), ctypes.byref(needed)))
        if needed.value > 0 and make_workspace is not None:
            args.workspace, args.workspace_bytes = make_workspace(needed.value), needed.value
        self._check(self._library.moescope_launch(ctypes.byref(args)))

    def _check(self, status):
        if status != OK:
            text = self._library.moescope_status_string(status).decode()
            raise RuntimeError(f"moescope: {text}: {self._library.moescope_last_error().decode()}")


def scale_words(hidden, group_size, scale_format):
    groups = hidden // group_size
    return (groups + 3) // 4 if scale_format == "ue8m0-packed" else groups


def check_on_the_cpu(kernels, input_type, bits_of_20):
    """Two experts, one token of three valid in the first: known results, and nothing else written."""
    experts, max_tokens, hidden, group = 2, 3, 128, 64
    # silu(20) is 20 in bf16
    values = array.array("H", [bits_of_20] * (experts * max_tokens * 2 * hidden))
    codes = array.array("B", [0xEE] * (experts * max_tokens * hidden))
    scales = array.array("f", [-1.0] * (experts * max_tokens * (hidden // group)))
    counts = array.array("i", [1, 0])
    address = [buffer.buffer_info()[0] for buffer in (values, codes, scales, counts)]
    kernels.launch("cpu", *address, experts, max_tokens, hidden, group, "fp32-ue8m0", input_type=input_type)
    # v = 400, s = 400/448 rounded up to 1, e4m3(400): a tie of 384 (0x7C) and 416 (0x7D), even wins
    assert set(codes[:hidden]) == {0x7C}, set(codes[:hidden])
    assert set(codes[hidden:]) == {0xEE}, "rows past counts were written"
    assert scales[0] == 1.0 and scales[max_tokens] == 1.0, scales  # column-major: group 1 is max_tokens further
    assert list(scales).count(-1.0) == len(scales) - 2
    try:
        kernels.launch("cpu", *address, experts, max_tokens, hidden, 48)
    except RuntimeError as error:
        assert "group_size is 48" in str(error), error
    else:
        raise AssertionError("a group size of 48 was accepted")
    print(f"cpu, {input_type} input: known values, nothing past counts")


def check_on_the_gpu(kernels, input_type):
    """Every CUDA kernel that reads the type against `reference`/`reference_fp32` on the host, on torch's tensors and stream."""
    import torch

    experts, max_tokens, hidden, group = 8, 64, 1024, 128
    torch.manual_seed(1)
    dtype = torch.float16 if input_type == "fp16" else torch.bfloat16
    y = torch.randn(experts, max_tokens, 2 * hidden, dtype=dtype)
    counts = torch.randint(0, max_tokens + 1, (experts,), dtype=torch.int32)
    for info in kernels.list():
        if info.needs_device != DEVICE_CUDA or not info.input_dtypes >> INPUT_TYPES[input_type] & 1:
            continue
        reference = "reference" if NUMERICS[info.numerics] == "bf16" else "reference_fp32"
        outputs = []
        for name, device in ((reference, "cpu"), (info.id.decode(), "cuda")):
            a, n = y.to(device), counts.to(device)
            q = torch.zeros(experts, max_tokens, hidden, dtype=torch.uint8, device=device)
            s = torch.zeros(experts, hidden // group, max_tokens, dtype=torch.float32, device=device)
            stream = torch.cuda.current_stream().cuda_stream if device == "cuda" else None
            workspaces = []

            def make_workspace(size):
                workspaces.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
                return workspaces[-1].data_ptr()

            kernels.launch(name, a.data_ptr(), q.data_ptr(), s.data_ptr(), n.data_ptr(), experts, max_tokens, hidden,
                           group, stream=stream, make_workspace=make_workspace, input_type=input_type)
            outputs.append((q.cpu(), s.cpu()))
        differing = int((outputs[0][0] != outputs[1][0]).sum())
        scale_error = float(((outputs[0][1] - outputs[1][1]).abs() / outputs[0][1].clamp(min=1e-30)).max())
        print(f"{info.id.decode()}, {input_type} input: {differing} of {q.numel()} codes differ from {reference}, "
              f"largest scale error {scale_error:.2g}")
        limit = 0 if NUMERICS[info.numerics] == "bf16" else q.numel() // 1000
        assert differing <= limit and scale_error <= 1e-6, info.id.decode()


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--gpu"]):
        sys.exit(__doc__)
    kernels = Kernels(sys.argv[1])
    for info in kernels.list():
        device = {DEVICE_CPU: "cpu", DEVICE_CUDA: "cuda"}[info.needs_device]
        groups = ",".join(str(info.group_sizes[i]) for i in range(info.group_size_count))
        types = ",".join(name for name, dtype in INPUT_TYPES.items() if info.input_dtypes >> dtype & 1)
        print(f"{info.id.decode():16} {device:5} {NUMERICS[info.numerics]:5} {types:10} G {groups:14} "
              f"{info.description.decode()}")
    check_on_the_cpu(kernels, "bf16", 0x41A0)
    check_on_the_cpu(kernels, "fp16", 0x4D00)
    if "--gpu" in sys.argv:
        for input_type in INPUT_TYPES:
            check_on_the_gpu(kernels, input_type)


if __name__ == "__main__":
    main()
