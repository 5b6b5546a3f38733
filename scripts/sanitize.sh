#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and tests under the sanitizers: address, undefined behaviour and leaks over everything, then data
# races over the engine alone (ThreadSanitizer reports false races inside Qt, which is not built with it).
#
# scripts/sanitize.sh [asan|tsan]...   Default: both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/dependencies.sh

if [[ $# -eq 0 ]]; then set -- asan tsan; fi
install_dependencies run test
for sanitizer in "$@"; do
    prefix=()
    case "$sanitizer" in
        asan) export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 ;;
        tsan)
            export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
            # Some kernels randomise addresses further than this sanitizer's shadow memory can follow.
            if setarch "$(uname -m)" -R true 2>/dev/null; then prefix=(setarch "$(uname -m)" -R); fi
            ;;
        *) echo "sanitize.sh: unknown sanitizer '$sanitizer': give asan, tsan or both" >&2; exit 2 ;;
    esac
    cmake --preset "dev-$sanitizer"
    cmake --build --preset "dev-$sanitizer"
    "${prefix[@]}" ctest --preset "dev-$sanitizer" --parallel "$(nproc)"
done
