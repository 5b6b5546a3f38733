#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the preset `dev` (warnings are errors) and runs all tests.
# Arguments go to ctest, e.g. scripts/test.sh -R session. The exit status is ctest's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/dependencies.sh

install_dependencies run test
options=()
# The preset compiles CUDA for one architecture only, to be quick: where there is a GPU, for that one.
if nvidia-smi -L >/dev/null 2>&1; then options+=(-DCMAKE_CUDA_ARCHITECTURES=native); fi
cmake --preset dev "${options[@]}"
cmake --build --preset dev

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
ctest --preset dev --parallel "$(nproc)" "$@" 2>&1 | tee "$log" || status=${PIPESTATUS[0]}

echo
if [[ $status -eq 0 ]]; then echo "All tests that ran have passed."; else echo "Tests FAILED (ctest exit status $status)."; fi
# ctest marks what was left out; the reason is one: no GPU, or no CUDA in this build.
skipped=$(sed -nE 's/^.*Test +#[0-9]+: (.*[^ .]) \.*\*\*\*Skipped.*$/  \1/p' "$log")
if [[ -n $skipped ]]; then
    echo "Skipped, because they need an NVIDIA GPU that is not here ($(wc -l <<<"$skipped")):"
    echo "$skipped"
elif ! grep -q '^CMAKE_CUDA_COMPILER:.*nvcc' build/dev/CMakeCache.txt; then
    echo "This build has no CUDA backend (no nvcc was found), so there are no GPU tests in it."
fi
exit "$status"
