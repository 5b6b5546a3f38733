#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds moescope's times against those of Nsight Compute, on a GPU machine.

Each case is measured as always, and twice more under the profiler (gpu__time_duration.sum, clocks left alone):

  graph   whole graphs of launches (--graph-profiling graph, caches left alone) over their number: kernels follow one another
          as in moescope's own measurement. The profiler adds a tenth of a millisecond to a graph, so those graphs last 60 ms
          instead of 0.6 (MOESCOPE_REPLAY_US); and a node of them takes it 1.2 to 2.5 us when it does nothing, where a launch
          takes 0.8 us otherwise, so that launches of a few microseconds cannot be timed in this way.
  single  launches alone (--graph-profiling node, caches flushed), less an empty kernel in the same mode, plus moescope's own
          launch floor: what a launch takes beyond nothing. Longer ones gain in this mode, as their outputs are
          still in the cache when the profiler's time ends.

Launches shorter than 6 us by moescope's own time are judged by `single`, all others by `graph`. Both are printed.

    scripts/profiler_agreement.py [--moescope build/carry/moescope] [--ncu ncu] [--kernels silu_v3,silu_v2] [--device cuda:0]

Ends with 1 where a case differs by more than 3 % and more than 0.6 us, with 2 where nothing could be measured.
"""

import argparse
import csv
import json
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
SHORT_US = 6.0


def sweep(options, case, kernel, csv_path, profiler=(), environment=None, sampling=()):
    experts, tokens = case
    command = [*profiler, options.moescope, "sweep", "--device", options.device, "--experts", str(experts), "--max-tokens",
               "1024", "--hidden", "7168", "--total-tokens", str(tokens), "--strategy", "even", "--kernels", kernel,
               "--progress", "none", "--csv", csv_path, "--out", csv_path + ".json", *sampling]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    with open(csv_path, newline="", encoding="utf-8") as file:
        (row,) = [row for row in csv.DictReader(file) if row["kernel"] == kernel and row["status"] == "ok"]
    with open(csv_path + ".json", encoding="utf-8") as file:
        floor = json.load(file)["peaks"]["launch_floor_us"]
    return row, floor, done.stdout


def durations_us(output):
    """Name, threads of a block, blocks and microseconds of each workload that the profiler printed as CSV."""
    table = [line for line in output.splitlines() if line.startswith('"')]
    to_us = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}
    for row in csv.DictReader(table):
        if row["Metric Name"] == "gpu__time_duration.sum":
            value = float(row["Metric Value"].replace(",", "")) * to_us[row["Metric Unit"].replace("second", "s")]
            yield row["Kernel Name"], row["Block Size"], row["Grid Size"], value


def profiler(options, mode, caches, *more):
    return [options.ncu, "--csv", "--metrics", "gpu__time_duration.sum", "--graph-profiling", mode, "--cache-control", caches,
            "--clock-control", "none", *more]


def in_graphs(options, case, kernel, folder):
    """One launch of a whole graph."""
    row, _, output = sweep(options, case, kernel, f"{folder}/graphs.csv", profiler(options, "graph", "none"),
                           {"MOESCOPE_REPLAY_US": str(GRAPH_US)}, ["--min-samples", "10", "--max-time", "0.01"])
    # Graphs of the ceilings are in the list too: the empty kernel has one block, stream41 blocks of 512 threads.
    graphs = [us for name, block, grid, us in durations_us(output)
              if name == "graph" and grid != "(1, 1, 1)" and block != "(512, 1, 1)"]
    return statistics.median(graphs) / int(row["launches_per_sample"])


def alone(options, case, measured_kernel, profiled_kernel, folder):
    """A launch of `profiled_kernel` by itself, in a sweep of `measured_kernel`."""
    only = profiler(options, "node", "all", "--kernel-name", f"regex:{profiled_kernel}", "--launch-count", "40")
    _, _, output = sweep(options, case, measured_kernel, f"{folder}/single.csv", only, None,
                         ["--min-samples", "10", "--max-time", "0.01"])
    return statistics.median(us for name, _, _, us in durations_us(output) if profiled_kernel in name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moescope", default="build/carry/moescope")
    parser.add_argument("--ncu", default="ncu")
    parser.add_argument("--kernels", default="silu_v3,silu_v2")
    parser.add_argument("--device", default="cuda:0")
    options = parser.parse_args()

    beyond = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            empty = alone(options, CASES[0], options.kernels.split(",")[0], "empty_kernel", folder)
            print(f"the profiler's empty kernel: {empty:.2f} us")
            print(f"{'kernel':10} {'E x tokens':>14} {'moescope':>10} {'graph':>10} {'single':>10} {'judged by':>10} {'differs':>9}  us")
            for kernel in options.kernels.split(","):
                for case in CASES:
                    row, floor, _ = sweep(options, case, kernel, f"{folder}/ours.csv")
                    ours = float(row["median_us"])
                    graph = in_graphs(options, case, kernel, folder)
                    single = alone(options, case, kernel, kernel, folder) - empty + floor
                    judge, theirs = ("single", single) if ours < SHORT_US else ("graph", graph)
                    agrees = abs(ours - theirs) <= max(MICROSECONDS, PERCENT / 100 * theirs)
                    beyond += not agrees
                    print(f"{kernel:10} {case[0]:5} x {case[1]:6} {ours:10.2f} {graph:10.2f} {single:10.2f} {judge:>10} "
                          f"{ours - theirs:+9.2f}{'' if agrees else '  BEYOND'}", flush=True)
        except (OSError, RuntimeError, ValueError, KeyError, statistics.StatisticsError) as error:
            print(f"profiler_agreement.py: {error}", file=sys.stderr)
            return 2
    print(f"PROFILER: {beyond} of {len(CASES) * len(options.kernels.split(','))} beyond {PERCENT} % and {MICROSECONDS} us")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
