#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the style: formatting of all C++ and CUDA files by .clang-format, then (unless --format-only) the
# C++ sources of the engine, kernels and programs by .clang-tidy. Changes nothing; --fix formats in place.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/dependencies.sh

mode=all
case "${1:-}" in
    "") ;;
    --fix) mode=fix ;;
    --format-only) mode=format ;;
    *) echo "check_style.sh: unknown option '$1': give --fix, --format-only or nothing" >&2; exit 2 ;;
esac

install_packages git clang-format
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' '*.cu' '*.cuh')
if [[ $mode == fix ]]; then
    clang-format -i "${files[@]}"
    exit
fi
clang-format --dry-run -Werror "${files[@]}"
echo "Format: ${#files[@]} files are as .clang-format says."
if [[ $mode == format ]]; then exit; fi

install_packages clang-tidy
install_dependencies run test
cmake --preset dev >/dev/null
# Generated sources (moc output) exist only after a build, and other sources include them.
cmake --build --preset dev
mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- 'core/*.cpp' 'kernels/*.cpp' 'app/*.cpp')
printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/dev --quiet \
        --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument
echo "Lint: ${#sources[@]} sources are as .clang-tidy says."
