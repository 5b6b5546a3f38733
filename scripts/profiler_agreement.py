#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds moescope's times against those of Nsight Compute, on a GPU machine.

Each case is measured as always, and once more under the profiler, which times whole graphs of launches
(gpu__time_duration.sum with --graph-profiling graph, caches and clocks left alone): kernels then follow one another as in
moescope's own measurement, and no cold instruction cache, idle memory or pause between launches is in the figure. The
profiler adds a fifth of a millisecond to a graph, so those graphs last 60 ms instead of 0.6 (MOESCOPE_REPLAY_US). The
start of single launches, which graphs hide, is shown beside it (--graph-profiling node).

    scripts/profiler_agreement.py [--moescope build/carry/moescope] [--ncu ncu] [--kernels silu_v3,silu_v2] [--device cuda:0]

Ends with 1 where a case differs by more than 3 % and more than 0.6 us, with 2 where nothing could be measured.
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile

# experts, tokens in all; H = 7168, T = 1024, even loads: from 64 to 131,072 tokens.
CASES = [(8, 64), (8, 128), (8, 512), (8, 1024), (8, 2048), (8, 4096), (32, 8192), (32, 16384), (256, 2048), (256, 8192),
         (256, 32768), (256, 131072)]
PERCENT, MICROSECONDS = 3.0, 0.6
GRAPH_US = 60000


def sweep(options, case, kernel, csv_path, profiler=(), environment=None, sampling=()):
    experts, tokens = case
    command = [*profiler, options.moescope, "sweep", "--device", options.device, "--experts", str(experts), "--max-tokens",
               "1024", "--hidden", "7168", "--total-tokens", str(tokens), "--strategy", "even", "--kernels", kernel,
               "--progress", "none", "--csv", csv_path, *sampling]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    with open(csv_path, newline="", encoding="utf-8") as file:
        (row,) = [row for row in csv.DictReader(file) if row["kernel"] == kernel and row["status"] == "ok"]
    return row, done.stdout


def durations_us(output):
    """Name, threads of a block, blocks and microseconds of each workload that the profiler printed as CSV."""
    table = [line for line in output.splitlines() if line.startswith('"')]
    to_us = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}
    for row in csv.DictReader(table):
        if row["Metric Name"] == "gpu__time_duration.sum":
            value = float(row["Metric Value"].replace(",", "")) * to_us[row["Metric Unit"].replace("second", "s")]
            yield row["Kernel Name"], row["Block Size"], row["Grid Size"], value


def profiled(options, case, kernel, folder, whole_graphs):
    mode = "graph" if whole_graphs else "node"
    profiler = [options.ncu, "--csv", "--metrics", "gpu__time_duration.sum", "--graph-profiling", mode, "--cache-control",
                "none" if whole_graphs else "all", "--clock-control", "none"]
    if not whole_graphs:
        profiler += ["--kernel-name", f"regex:{kernel}", "--launch-count", "40"]
    row, output = sweep(options, case, kernel, f"{folder}/profiled.csv", profiler,
                        {"MOESCOPE_REPLAY_US": str(GRAPH_US)} if whole_graphs else None,
                        ["--min-samples", "10", "--max-time", "0.01"])
    found = list(durations_us(output))
    if not whole_graphs:
        return statistics.median(us for name, _, _, us in found if kernel in name)
    launches = int(row["launches_per_sample"])
    # Graphs of the ceilings are in the list too: the empty kernel has one block, stream41 blocks of 512 threads.
    graphs = [us for name, block, grid, us in found
              if name == "graph" and grid != "(1, 1, 1)" and block != "(512, 1, 1)"]
    return statistics.median(graphs) / launches


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moescope", default="build/carry/moescope")
    parser.add_argument("--ncu", default="ncu")
    parser.add_argument("--kernels", default="silu_v3,silu_v2")
    parser.add_argument("--device", default="cuda:0")
    options = parser.parse_args()

    beyond = 0
    print(f"{'kernel':10} {'E x tokens':>14} {'moescope':>10} {'graph':>10} {'differs':>9} {'single':>10}  us")
    with tempfile.TemporaryDirectory() as folder:
        for kernel in options.kernels.split(","):
            for case in CASES:
                try:
                    row, _ = sweep(options, case, kernel, f"{folder}/ours.csv")
                    graph = profiled(options, case, kernel, folder, True)
                    single = profiled(options, case, kernel, folder, False)
                except (OSError, RuntimeError, ValueError, statistics.StatisticsError) as error:
                    print(f"profiler_agreement.py: {kernel}, {case[0]} x {case[1]}: {error}", file=sys.stderr)
                    return 2
                ours = float(row["median_us"])
                off = ours - graph
                agrees = abs(off) <= max(MICROSECONDS, PERCENT / 100 * graph)
                beyond += not agrees
                print(f"{kernel:10} {case[0]:5} x {case[1]:6} {ours:10.2f} {graph:10.2f} {off / graph:+8.1%} {single:10.2f}"
                      f"{'' if agrees else '  BEYOND'}", flush=True)
    print(f"PROFILER: {beyond} of {len(CASES) * len(options.kernels.split(','))} beyond {PERCENT} % and {MICROSECONDS} us")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
