# SPDX-License-Identifier: Apache-2.0
"""Compiles silu_mul_quant.py ahead of time, with Triton's own compiler and no GPU.

    compile.py all PRESETS_DIR OUT_DIR
        Every hidden size of the presets, group sizes 64, 128 and 256, both scale formats, all architectures:
        OUT_DIR/manifest.json and OUT_DIR/kernels.tar.xz. scripts/compile_triton.sh calls it.
    compile.py one ARCH HIDDEN GROUP FORMAT narrow|wide OUT_DIR
        One variant: OUT_DIR/NAME.cubin and, last, OUT_DIR/NAME.json. moescope calls it for what was not
        compiled ahead.

A variant is specialised as Triton's JIT would: strides equal to 1 are constants, pointers and strides that
are divisible by 16 are marked so, integers have 32 bits where they fit ("wide": the expert strides do not).
Whether the two strides of the scales that depend on T are divisible by 16 changes nothing in the machine
code (`all` checks that), so that one variant serves every T.
"""

import glob
import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile

# Line tables only make the binaries larger; the code is the same.
os.environ.setdefault("TRITON_DISABLE_LINE_INFO", "1")

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from silu_mul_quant import silu_mul_quant

ARCHITECTURES = (89, 90, 100, 120)
GROUP_SIZES = (64, 128, 256)
SCALE_FORMATS = ("fp32", "fp32-ue8m0")
NUM_WARPS = 1
NUM_STAGES = 4

POINTERS = {"y_ptr": "*bf16", "q_ptr": "*fp8e4nv", "s_ptr": "*fp32", "counts_ptr": "*i32"}
ONES = ("y_stride_column", "q_stride_column", "s_stride_token", "counts_stride")
# H is a multiple of 64, whatever T is.
DIVISIBLE = ("y_stride_expert", "y_stride_token", "q_stride_expert", "q_stride_token")
DEPEND_ON_T = ("s_stride_expert", "s_stride_group")
WIDE = ("y_stride_expert", "q_stride_expert")
# What Triton adds behind the kernel's own parameters; both stay null as long as their sizes are 0.
SCRATCH = ("global_scratch", "profile_scratch")

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = ("silu_mul_quant.py", "compile.py")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def source_hashes():
    hashes = {}
    for name in SOURCES:
        with open(os.path.join(HERE, name), "rb") as file:
            hashes[name] = sha256(file.read())
    return hashes


def variant_name(arch, hidden, group, scale_format, wide):
    return f"sm{arch}-h{hidden}-g{group}-{scale_format}" + ("-wide" if wide else "")


def signature(hidden, group, scale_format, wide):
    """Types of all arguments, and the values of those that are constants."""
    constants = dict.fromkeys(ONES, 1)
    constants.update(HIDDEN=hidden, GROUP=group, UE8M0=scale_format == "fp32-ue8m0", STAGES=NUM_STAGES)
    types = {}
    for name in silu_mul_quant.arg_names:
        if name in constants:
            types[name] = "constexpr"
        elif name in POINTERS:
            types[name] = POINTERS[name]
        else:
            types[name] = "i64" if wide and name in WIDE else "i32"
    return types, constants


def build(arch, hidden, group, scale_format, wide, t_divisible=True):
    types, constants = signature(hidden, group, scale_format, wide)
    divisible = (*POINTERS, *DIVISIBLE, *(DEPEND_ON_T if t_divisible else ()))
    names = silu_mul_quant.arg_names
    attributes = {(names.index(name),): [["tt.divisibility", 16]] for name in divisible}
    return triton.compile(
        ASTSource(silu_mul_quant, types, constants, attributes),
        target=GPUTarget("cuda", arch, 32),
        options={"num_warps": NUM_WARPS, "num_stages": NUM_STAGES},
    )


def parameters(kernel, hidden, group, scale_format, wide):
    """The launch parameters in order, checked against those that the PTX declares."""
    types, _ = signature(hidden, group, scale_format, wide)
    result = []
    for name, kind in types.items():
        if kind != "constexpr":
            result.append({"name": name, "type": "pointer" if kind.startswith("*") else kind})
    result += [{"name": name, "type": "pointer"} for name in SCRATCH]
    entry = kernel.asm["ptx"].split(".entry", 1)[1].split(")", 1)[0]
    declared = [line.split()[1] for line in entry.splitlines() if line.strip().startswith(".param")]
    expected = [".u32" if p["type"] == "i32" else ".u64" for p in result]
    if declared != expected:
        raise SystemExit(f"compile.py: the PTX declares {declared}, expected {expected}")
    if kernel.metadata.global_scratch_size or kernel.metadata.profile_scratch_size:
        raise SystemExit("compile.py: the kernel wants scratch memory, which moescope does not give")
    return result


def describe(kernel, arch, hidden, group, scale_format, wide):
    name = variant_name(arch, hidden, group, scale_format, wide)
    return {
        "name": name,
        "arch": arch,
        "hidden": hidden,
        "group_size": group,
        "scale_format": scale_format,
        "wide": wide,
        "entry": kernel.metadata.name,
        "num_warps": kernel.metadata.num_warps,
        "num_stages": kernel.metadata.num_stages,
        "shared_bytes": kernel.metadata.shared,
        "parameters": parameters(kernel, hidden, group, scale_format, wide),
        "files": {
            f"{name}.cubin": sha256(kernel.asm["cubin"]),
            f"{name}.ptx": sha256(kernel.asm["ptx"].encode()),
        },
    }


def write_atomically(path, data):
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)


def compile_one(arch, hidden, group, scale_format, wide, out):
    os.makedirs(out, exist_ok=True)
    kernel = build(arch, hidden, group, scale_format, wide)
    entry = describe(kernel, arch, hidden, group, scale_format, wide)
    entry["triton"] = triton.__version__
    write_atomically(os.path.join(out, entry["name"] + ".cubin"), kernel.asm["cubin"])
    write_atomically(os.path.join(out, entry["name"] + ".json"), json.dumps(entry).encode())


def preset_hidden_sizes(folder):
    sizes = set()
    for path in glob.glob(os.path.join(folder, "*.json")):
        with open(path, encoding="utf-8") as file:
            sizes.update(json.load(file)["selection"]["hidden"])
    return sorted(sizes)


def pack(files):
    """A tar.xz that depends on nothing but its contents."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz", preset=9) as archive:
        for name in sorted(files):
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            archive.addfile(info, io.BytesIO(files[name]))
    return buffer.getvalue()


def compile_all(presets, out):
    variants, files = [], {}
    for arch in ARCHITECTURES:
        for hidden in preset_hidden_sizes(presets):
            for group in GROUP_SIZES:
                for scale_format in SCALE_FORMATS:
                    if hidden % group != 0:
                        continue
                    kernel = build(arch, hidden, group, scale_format, False)
                    other = build(arch, hidden, group, scale_format, False, t_divisible=False)
                    if kernel.asm["cubin"] != other.asm["cubin"]:
                        raise SystemExit("compile.py: the divisibility of T changes the code: add variants")
                    entry = describe(kernel, arch, hidden, group, scale_format, False)
                    variants.append(entry)
                    files[entry["name"] + ".cubin"] = kernel.asm["cubin"]
                    files[entry["name"] + ".ptx"] = kernel.asm["ptx"].encode()
        print(f"sm_{arch}: {sum(v['arch'] == arch for v in variants)} variants", flush=True)
    archive = pack(files)
    manifest = {
        "triton": triton.__version__,
        "sources": source_hashes(),
        "archive": {"kernels.tar.xz": sha256(archive)},
        "architectures": list(ARCHITECTURES),
        "variants": variants,
    }
    os.makedirs(out, exist_ok=True)
    write_atomically(os.path.join(out, "kernels.tar.xz"), archive)
    # A variant a line: 280 of them stay readable, and so do their differences.
    lines = json.dumps({**manifest, "variants": []}, indent=2).replace(
        '"variants": []', '"variants": [\n    ' + ",\n    ".join(map(json.dumps, variants)) + "\n  ]"
    )
    write_atomically(os.path.join(out, "manifest.json"), (lines + "\n").encode())
    print(f"{len(variants)} variants, archive of {len(archive)} bytes, by Triton {triton.__version__}")


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "all":
        compile_all(*arguments[1:])
    elif len(arguments) == 7 and arguments[0] == "one":
        arch, hidden, group = map(int, arguments[1:4])
        compile_one(arch, hidden, group, arguments[4], arguments[5] == "wide", arguments[6])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
