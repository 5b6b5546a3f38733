#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that only a GPU can show, in one call: gpu tests, verification, plugins, the kernel library, sweeps, launch
# configurations side by side, memory and race checks, times held against Nsight Compute's. Needs the programs of
# scripts/gpu_bundle.sh and the driver, nothing else: no compiler, no Qt, no test framework, no network; the kernel library
# is tried from Python where there is one, and as a torch operator where PyTorch is. Goes on after a failure; the summary is
# last and decides the exit status. About seven minutes.
#
#   scripts/gpu_check.sh [--programs DIR] [--out DIR] [--peer FILE.csv] [--repeat N] [--quick] [--device cuda:N]
#
#   --programs  what to run (default build/carry)
#   --out       where sessions, tables and logs go (default out/gpu)
#   --peer      times to compare silu_v2 and triton with: columns experts, max_tokens, hidden, strategy,
#               total_tokens_requested, cold_graph_us_peer_v2 and cold_graph_us_peer_triton
#   --repeat    sweeps of the seed preset (default 3)
#   --quick     fewer cases everywhere: does it work at all
set -uo pipefail

programs=build/carry out=out/gpu peer="" repeat=3 quick="" device=cuda:0
while [[ $# -gt 0 ]]; do
    case $1 in
        --programs) programs=${2:?} && shift 2 ;;
        --out) out=${2:?} && shift 2 ;;
        --peer) peer=${2:?} && shift 2 ;;
        --repeat) repeat=${2:?} && shift 2 ;;
        --device) device=${2:?} && shift 2 ;;
        --quick) quick=1 && shift ;;
        *) echo "gpu_check.sh: unknown argument $1; see the top of the script" >&2 && exit 2 ;;
    esac
done
for program in moescope cuda_gpu_tests cuda_host_tests cuda_tune plugin_gpu_tests cpu_plugin.so cuda_plugin.so \
    faulting_cuda_plugin.so libmoescope_kernels.so quantize.py torch_op.py; do
    if [[ ! -r $programs/$program ]]; then
        echo "gpu_check.sh: $programs/$program is missing: run scripts/gpu_bundle.sh first" >&2
        exit 2
    fi
done
if [[ -n $peer && ! -r $peer ]]; then echo "gpu_check.sh: $peer cannot be read" >&2 && exit 2; fi
mkdir -p "$out" || exit 2
summary=$out/summary.txt
: >"$summary"
failures=0

# step NAME COMMAND...   Runs it with its output in NAME.log, and notes how it went.
step() {
    local name=$1 start=$SECONDS status=0
    shift
    echo "== $name: $*"
    "$@" >"$out/$name.log" 2>&1 || status=$?
    if [[ $status -ne 0 ]]; then
        failures=$((failures + 1))
        echo "-- failed with status $status; the end of its output:"
        tail -n 15 "$out/$name.log"
    fi
    local verdict
    verdict=$([[ $status -eq 0 ]] && echo ok || echo "FAILED ($status)")
    printf '%-26s %-12s %4d s  %s\n' "$name" "$verdict" $((SECONDS - start)) "$(outcome "$out/$name.log")" >>"$summary"
}

# What a log says in one line, as far as it is known how.
outcome() {
    grep -E '^\[  (PASSED|FAILED|SKIPPED)  ?\] [0-9]+ test|ERROR SUMMARY|RACECHECK SUMMARY|^TELEMETRY|^WINDOW|^PROFILER' "$1" | sed -E 's/^=+ //' |
        paste -sd';' | cut -c1-90
}

# Fields of a CSV file by name; quoted fields may hold commas. Functions for the awk programs below.
# shellcheck disable=SC2016  # awk's own $
csv_functions='
function split_csv(line, cells,    n, c, i, quoted) {
    n = 1; cells[1] = ""; quoted = 0
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (c == "\"") quoted = !quoted
        else if (c == "," && !quoted) cells[++n] = ""
        else if (c != "\r") cells[n] = cells[n] c
    }
    return n
}
function read_header(line, column,    cells, n, i) {
    n = split_csv(line, cells)
    for (i = 1; i <= n; i++) column[cells[i]] = i
}
function median(values, n,    i, j, t) {
    for (i = 2; i <= n; i++) for (j = i; j > 1 && values[j] < values[j-1]; j--) { t = values[j]; values[j] = values[j-1]; values[j-1] = t }
    return n % 2 ? values[(n+1)/2] : (values[n/2] + values[n/2+1]) / 2
}'

# shellcheck disable=SC2317  # called through step
# compare_with_peer KERNEL COLUMN PEER SWEEP...   The kernel in the sweeps (medians over them) against that column of
# the peer's times, case by case.
compare_with_peer() {
    local kernel=$1 peer_column=$2
    shift 2
    awk -v kernel="$kernel" -v peer_column="$peer_column" "$csv_functions"'
    FNR == 1 { delete column; read_header($0, column); file++; next }
    { split_csv($0, cell) }
    file == 1 {
        key = cell[column["experts"]] " " cell[column["max_tokens"]] " " cell[column["hidden"]] " " cell[column["strategy"]] " " cell[column["total_tokens_requested"]]
        theirs[key] = cell[column[peer_column]]; order[++cases] = key; next
    }
    cell[column["kernel"]] == kernel && cell[column["cache"]] == "cold" && cell[column["status"]] == "ok" {
        strategy = cell[column["strategy"]]; sub(/:.*/, "", strategy)
        key = cell[column["experts"]] " " cell[column["max_tokens"]] " " cell[column["hidden"]] " " strategy " " cell[column["total_tokens"]]
        if (key in theirs) ours[key, ++runs[key]] = cell[column["median_us"]] + 0
    }
    END {
        printf "%-36s %10s %10s %8s\n", "experts T H strategy tokens", "theirs us", "ours us", "ratio"
        for (i = 1; i <= cases; i++) {
            key = order[i]; if (!runs[key]) { missing++; continue }
            for (r = 1; r <= runs[key]; r++) v[r] = ours[key, r]
            us = median(v, runs[key]); ratio = us / theirs[key]
            printf "%-36s %10.2f %10.2f %8.3f\n", key, theirs[key], us, ratio
            ratios[++n] = ratio; off = ratio > 1 ? ratio : 1 / ratio
            if (off > 1.15) beyond++
            if (off > worst) { worst = off; worst_ratio = ratio; worst_key = key }
        }
        if (!n) { print "no case in common"; exit 1 }
        m = median(ratios, n)
        printf "PEER: %s, %d cases, median ratio %.3f, worst %.3f (%s), %d beyond 15 %%, %d not measured\n", kernel, n, m, worst_ratio, worst_key, beyond, missing
        exit !(m >= 0.95 && m <= 1.05 && beyond == 0 && missing == 0)
    }' "$@"
}

# print_rates SWEEP...   GB/s and efficiency of each kernel over a sweep.
print_rates() {
    awk "$csv_functions"'
    FNR == 1 { delete column; read_header($0, column); next }
    { split_csv($0, cell); k = cell[column["kernel"]] }
    cell[column["status"]] != "ok" { bad[k]++; names[k]; next }
    { names[k]; n[k]++; g = cell[column["gbps"]] + 0; if (g > best[k]) best[k] = g
      e = cell[column["efficiency"]] + 0; if (e > 0) { logs[k] += log(e); m[k]++ } }
    END { for (k in names) printf "RATES: %-10s %4d ok %3d not ok, best %.0f GB/s, efficiency %.3f (geometric mean)\n", k, n[k], bad[k], best[k], m[k] ? exp(logs[k] / m[k]) : 0 }
    ' "$@" | sort
}

# shellcheck disable=SC2317  # called through step
# has_telemetry SWEEP   Whether its cells tell clocks although they were measured in a worker process.
has_telemetry() {
    awk "$csv_functions"'
    FNR == 1 { read_header($0, column); next }
    { split_csv($0, cell) }
    cell[column["status"]] == "ok" { ok++; if (cell[column["telemetry.sm_clock_mhz.median"]] + 0 > 0) told++ }
    END { printf "TELEMETRY: %d of %d cells\n", told, ok; exit !(ok > 0 && told == ok) }' "$@"
}

moescope=$programs/moescope
nvidia-smi >"$out/nvidia-smi.txt" 2>&1 || true
step devices "$moescope" devices
step tests-host "$programs/cuda_host_tests"
step tests-gpu "$programs/cuda_gpu_tests"
# Tests that were all skipped prove nothing here.
if grep -q 'no CUDA device here' "$out/tests-gpu.log"; then
    echo "gpu_check.sh: no usable GPU; the tests were skipped" | tee -a "$summary"
    exit 1
fi

selection=(--preset seed)
if [[ -n $quick ]]; then selection+=(--tokens-per-expert "8,128"); fi
step verify-seed "$moescope" verify "${selection[@]}" --device "$device" --progress plain
step verify-formats "$moescope" verify --kernels silu_v2,triton,silu_v3,silu_v3_fp32,unfused --experts 1,7,32 --max-tokens 300 \
    --hidden 256,512,2048,4096,7168 \
    --group-size 32,64,128,256 --tokens-per-expert 40 --strategy even,uniform \
    --scale-format fp32,fp32-ue8m0,ue8m0-packed --device "$device" --progress plain

step verify-fp16 "$moescope" verify --input-type fp16 --kernels silu_v2,triton,silu_v3,silu_v3_fp32,unfused,stream41 \
    --experts 1,40 --max-tokens 700 --hidden 512,2048,7168 --group-size 32,64,128,256 --tokens-per-expert 300 \
    --strategy even,uniform --scale-format fp32,fp32-ue8m0,ue8m0-packed --device "$device" --progress plain

# Special values need enough groups for all of their variations, and no large tensors.
step verify-adversarial "$moescope" verify --kernels silu_v2,triton,silu_v3,silu_v3_fp32,unfused --input adversarial \
    --experts 1,40 --max-tokens 1300 --hidden 512,2048,7168 --group-size 32,64,128,256 --tokens-per-expert 700 \
    --strategy even --scale-format fp32,fp32-ue8m0,ue8m0-packed --device "$device" --progress plain

step tests-plugins "$programs/plugin_gpu_tests"
step plugin-verify "$moescope" verify --preset quick --device "$device" --plugin "$programs/cuda_plugin.so" \
    --plugin "$programs/cpu_plugin.so" --input normal --progress plain
step plugin-sweep "$moescope" sweep --preset quick --device "$device" --plugin "$programs/cuda_plugin.so" \
    --kernels silu_v2,silu_v3,example_cuda --out "$out/plugin.moescope.json" --csv "$out/plugin.csv" --progress plain
step plugin-telemetry has_telemetry "$out/plugin.csv"

# The window, where gpu_bundle.sh --window has brought it.
if [[ -x $programs/window/window_gpu_tests ]]; then
    mkdir -p "$out/pictures"
    fonts=$out/fonts.conf
    echo "<?xml version='1.0'?><fontconfig><dir>$(cd "$programs/window" && pwd)</dir><cachedir>$out/font-cache</cachedir></fontconfig>" >"$fonts"
    step tests-window env LD_LIBRARY_PATH="$programs/window/lib" QT_PLUGIN_PATH="$programs/window" QT_QPA_PLATFORM=offscreen \
        FONTCONFIG_FILE="$fonts" MOESCOPE_PICTURES="$out/pictures" "$programs/window/window_gpu_tests"
else
    printf '%-26s %s\n' "tests-window" "not run: gpu_bundle.sh was called without --window" >>"$summary"
fi

python=$(command -v python3)
if [[ -n $python ]]; then
    step library-cpu "$python" "$programs/quantize.py" "$programs/libmoescope_kernels.so"
    if "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
        step library-torch "$python" "$programs/quantize.py" "$programs/libmoescope_kernels.so" --gpu
        step library-operator "$python" "$programs/torch_op.py" "$programs/libmoescope_kernels.so"
    else
        printf '%-26s %s\n' "library-torch, -operator" "not run: no PyTorch with CUDA here" >>"$summary"
    fi
else
    printf '%-26s %s\n' "library-cpu, -torch" "not run: no python3 here" >>"$summary"
fi

sweeps=()
for ((i = 1; i <= repeat; i++)); do
    step "sweep-seed-$i" "$moescope" sweep "${selection[@]}" --kernels silu_v2,silu_v3,triton,stream41 --device "$device" \
        --out "$out/seed-$i.moescope.json" --csv "$out/seed-$i.csv" --progress plain
    sweeps+=("$out/seed-$i.csv")
done
step sweep-pdl "$moescope" sweep "${selection[@]}" --kernels silu_v3,stream41 --launch pdl --device "$device" \
    --out "$out/pdl.moescope.json" --csv "$out/pdl.csv" --progress plain
step sweep-hot "$moescope" sweep --experts 8,256 --max-tokens 1024 --hidden 2048 --group-size 128 \
    --tokens-per-expert 8,64,512 --strategy even --kernels silu_v2,stream41 --cache both --device "$device" \
    --out "$out/hot.moescope.json" --csv "$out/hot.csv" --progress plain

tune=("$programs/cuda_tune")
if [[ -n $quick ]]; then tune+=(--quick); fi
if [[ -n $peer ]]; then
    tune+=(--peer "$peer")
    step peer compare_with_peer silu_v2 cold_graph_us_peer_v2 "$peer" "${sweeps[@]}"
    step peer-triton compare_with_peer triton cold_graph_us_peer_triton "$peer" "${sweeps[@]}"
fi
step tune "${tune[@]}"

sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)
if [[ -n $sanitizer ]]; then
    for tool in memcheck racecheck; do
        step "$tool" timeout 240 "$sanitizer" --tool "$tool" --error-exitcode 9 "$programs/cuda_gpu_tests" \
            --gtest_filter='CudaBackendTest.SmallShapes:OtherKernelsOnGpu.SmallShapes:DeviceComparison.SeesCorruptionAndSaysWhere:AdversarialOnGpu.NormalInputComesBack:Fp16OnGpu.SmallShapes'
    done
else
    printf '%-26s %s\n' "memcheck, racecheck" "not run: no compute-sanitizer here" >>"$summary"
fi

# Minutes long: every case three times under the profiler.
profiler=$(command -v ncu || ls /usr/local/cuda/bin/ncu 2>/dev/null)
if [[ -n $quick ]]; then
    printf '%-26s %s\n' "profiler" "not run: --quick" >>"$summary"
elif [[ -n $profiler && -n $python ]]; then
    step profiler timeout 400 "$python" "$(dirname "${BASH_SOURCE[0]}")/profiler_agreement.py" --moescope "$moescope" \
        --ncu "$profiler" --device "$device"
else
    printf '%-26s %s\n' "profiler" "not run: no ncu or no python3 here" >>"$summary"
fi

{
    echo
    if [[ ${#sweeps[@]} -gt 0 ]]; then print_rates "${sweeps[@]}"; fi
    if [[ -n $peer ]]; then grep -h '^PEER' "$out/peer.log" "$out/peer-triton.log"; fi
    # From the headline on, without the tables before it.
    sed -n '/^silu_v2 against/,$p' "$out/tune.log" 2>/dev/null
} >>"$summary"
echo
echo "== summary ($out/summary.txt)"
cat "$summary"
exit $((failures > 0))
