#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds what scripts/gpu_check.sh runs (the command line program, the gpu tests, the tuning tool, the example plugins,
# the kernel library and its Python examples) and copies it, stripped and with the libraries it needs beyond glibc, to
# build/carry (and build/carry.txz): a folder for a GPU machine that has neither compiler nor libraries. That machine
# needs glibc as new as this one's and the NVIDIA driver.
#
#   scripts/gpu_bundle.sh [--window] [CUDA architectures]     default 90-real: H100, H200
#
#   --window    the test of the window with a GPU too, with Qt, its offscreen platform and a font, in build/carry/window
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

window=""
if [[ ${1:-} == --window ]]; then window=1 && shift; fi
readonly architectures=${1:-90-real} build=build/headless carry=build/carry max_bytes=$((60 << 20))
readonly programs=(app/cli/moescope tests/kernels/cuda/cuda_gpu_tests tests/kernels/cuda/cuda_host_tests
    tests/kernels/cuda/cuda_tune tests/plugins/plugin_gpu_tests)
# Loaded by those at run time, with their targets.
readonly plugins=(examples/cpu_plugin.so examples/cuda_plugin.so examples/faulting_cuda_plugin.so)
readonly library_targets=(moescope_example_cpu_plugin moescope_example_cuda_plugin faulting_cuda_plugin moescope_kernels)

# fmt from its headers: its shared library would bring a second C++ runtime along.
cmake --preset headless -DMOESCOPE_CUDA=ON -DBUILD_TESTING=ON -DCMAKE_CUDA_ARCHITECTURES="$architectures" \
    -DCMAKE_CXX_FLAGS=-DFMT_HEADER_ONLY -DCMAKE_EXE_LINKER_FLAGS=-Wl,--as-needed \
    -DCMAKE_SHARED_LINKER_FLAGS=-Wl,--as-needed \
    -DCMAKE_BUILD_RPATH="\$ORIGIN/lib"
cmake --build --preset headless --target "${programs[@]##*/}" "${library_targets[@]}"

rm -rf "$carry"
mkdir -p "$carry"
for program in "${programs[@]}"; do strip -o "$carry/${program##*/}" "$build/$program"; done
for plugin in "${plugins[@]}"; do strip -o "$carry/${plugin##*/}" "$build/$plugin"; done
strip -o "$carry/libmoescope_kernels.so" "$build/kernels/abi/libmoescope_kernels.so"
cp "$build"/tests/kernels/cuda/libfake_nvml*.so examples/python/quantize.py examples/python/torch_op.py "$carry"

# What the machine has anyway belongs to glibc; everything else comes along.
readonly glibc='^(linux-vdso|ld-linux-x86-64|libc|libm|libdl|librt|libpthread)\.so'
bring_libraries() {
    local program=$1 folder=$2 name path
    ldd "$program" | awk '/=>/ { print $1, $3 }' | while read -r name path; do
        if [[ $name =~ $glibc ]]; then continue; fi
        if [[ ! -f $path ]]; then echo "gpu_bundle.sh: $program needs $name, which is not here" >&2; exit 1; fi
        [[ $path -ef $folder/$name ]] || cp -L "$path" "$folder/$name"
    done
}
for program in "$carry"/*; do
    [[ -f $program && $program != *.py ]] || continue
    bring_libraries "$program" "$carry/lib"
done

if [[ -n $window ]]; then
    cmake --preset dev -DMOESCOPE_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES="${architectures%-*}"
    cmake --build --preset dev --target window_gpu_tests
    mkdir -p "$carry/window/lib" "$carry/window/platforms"
    strip -o "$carry/window/window_gpu_tests" build/dev/tests/ui/window_gpu_tests
    offscreen=$(qtpaths6 --plugin-dir 2>/dev/null || qmake6 -query QT_INSTALL_PLUGINS)/platforms/libqoffscreen.so
    cp "$offscreen" "$carry/window/platforms"
    for program in "$carry/window/window_gpu_tests" "$offscreen"; do bring_libraries "$program" "$carry/window/lib"; done
    cp "$(fc-match -f '%{file}' sans)" "$carry/window/sans.ttf"
fi

tar -C build -cJf "$carry.txz" carry
bytes=$(stat -c %s "$carry.txz")
if ((bytes > max_bytes)); then
    echo "gpu_bundle.sh: $carry.txz has $bytes bytes, more than $max_bytes: build fewer architectures" >&2
    exit 1
fi
# The newest glibc symbol that any of it asks for.
glibc_needed=$({ find "$carry" -type f ! -name '*.py' -exec objdump -T {} + 2>/dev/null || true; } | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
echo
echo "$carry, as one file $carry.txz ($((bytes >> 10)) KB), for $architectures, needs ${glibc_needed:-glibc}:"
(cd "$carry" && find . -type f -printf '  %P  %s bytes\n' | sort)
