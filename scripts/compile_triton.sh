#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles kernels/triton/silu_mul_quant.py for every preset's shapes and all supported architectures, with the pinned
# Triton in a virtual environment under build/, and writes kernels/triton/generated. Needs python3 with venv and pip,
# and no GPU. Run it after every change of the kernel or its compiler driver; a test fails until then.
#
#   scripts/compile_triton.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly triton_version=3.6.0 venv=build/triton-venv
if [[ ! -x $venv/bin/python ]]; then python3 -m venv "$venv"; fi
if [[ $("$venv/bin/python" -c 'import triton; print(triton.__version__)' 2>/dev/null) != "$triton_version" ]]; then
    "$venv/bin/python" -m pip install --quiet "triton==$triton_version"
fi
# A cache of its own, so that nothing compiled earlier gets in.
cache=$(mktemp -d "${TMPDIR:-/tmp}/compile_triton.XXXXXX")
trap 'rm -rf "$cache"' EXIT
TRITON_CACHE_DIR=$cache PYTHONDONTWRITEBYTECODE=1 \
    "$venv/bin/python" kernels/triton/compile.py all resources/presets kernels/triton/generated
