#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shapes that nobody picked, and how the kernels did on them.

  scripts/random_shapes.py draw [--count 100] [--seed 1] [--memory-gb 60] --out SPEC.json
  scripts/random_shapes.py report SESSION.json [--kernel silu_v3]

`draw` writes a spec for `moescope sweep --spec SPEC.json`: E 1 to 512, H 128 to 16384, T up to 8192, G of 32 to 256,
Gini 0 to 0.9 and from one token up to 4 GB of input, all logarithmically uniform (Gini uniformly). The same seed gives
the same file everywhere. Where few tokens or full experts leave little choice, the load is zipf:1. `report` prints worst and geometric-mean efficiency of every kernel, and where KERNEL is
not the fastest. Needs nothing but Python.
"""
import argparse
import json
import math
import random
import sys

INPUT_LIMIT = 4 << 30  # bytes that one launch reads


def log_uniform(rng, low, high):
    return min(high, max(low, round(math.exp(rng.uniform(math.log(low), math.log(high))))))


def gini(counts):
    counts = sorted(counts)
    total = sum(counts)
    weighted = sum((i + 1) * c for i, c in enumerate(counts))
    return 2 * weighted / (len(counts) * total) - (len(counts) + 1) / len(counts)


def reachable_gini(experts, max_tokens, total):
    """Of the most even and of the most uneven counts."""
    even = [total // experts + (i < total % experts) for i in range(experts)]
    full = total // max_tokens
    uneven = [max_tokens] * full + [total - full * max_tokens] * (full < experts)
    return gini(even), gini(uneven + [0] * (experts - len(uneven)))


def draw_case(rng, memory):
    while True:
        group = rng.choice([32, 64, 128, 256])
        hidden = max(group, log_uniform(rng, 128, 16384) // group * group)
        experts = log_uniform(rng, 1, 512)
        max_tokens = log_uniform(rng, 1, 8192)
        if experts * max_tokens * hidden * 5 > memory:
            continue
        most = min(experts * max_tokens, INPUT_LIMIT // (4 * hidden))
        total = log_uniform(rng, 1, most)
        low, high = reachable_gini(experts, max_tokens, total)
        low, high = low + 0.02, min(high - 0.02, 0.9)  # the plan wants it within 0.02
        strategy = f"gini:{rng.uniform(low, high):.2f}" if low < high and total >= 64 else "zipf:1"
        return {"experts": experts, "max_tokens": max_tokens, "hidden": hidden, "group_size": group,
                "total_tokens": total, "strategy": strategy, "scale_format": "fp32", "seed": rng.randrange(1 << 31)}


def draw(args):
    rng = random.Random(args.seed)
    spec = {"name": f"random-{args.seed}", "cases": [draw_case(rng, args.memory_gb * 1e9) for _ in range(args.count)]}
    with open(args.out, "w", encoding="utf-8") as file:
        json.dump(spec, file, indent=1)
        file.write("\n")


def case_of(result):
    return tuple(result[f] for f in ("experts", "max_tokens", "hidden", "group_size", "total_tokens", "strategy"))


def report(args):
    with open(args.session, encoding="utf-8") as file:
        session = json.load(file)
    times = {}
    efficiency = {}
    other = {}
    for result in session["results"]:
        if result["status"] != "ok":
            other[result["status"]] = other.get(result["status"], 0) + 1
            continue
        times.setdefault(case_of(result), {})[result["kernel"]] = result["median_us"]
        efficiency.setdefault(result["kernel"], {})[case_of(result)] = result["efficiency"]
    print(f"{session['environment']['device']['name']}: {len(times)} cases measured; not measured: {other or 'none'}")
    for kernel, of_case in sorted(efficiency.items()):
        values = sorted((e, c) for c, e in of_case.items() if e)
        if not values:
            continue
        mean = math.exp(sum(math.log(e) for e, _ in values) / len(values))
        print(f"{kernel:14} {len(values):4} cases, efficiency {mean:.3f} (geometric mean), worst {values[0][0]:.3f} at "
              "E=%d T=%d H=%d G=%d n=%d %s" % values[0][1])
    slower = []
    for case, of_kernel in times.items():
        rivals = {k: t for k, t in of_kernel.items() if k != args.kernel and not k.startswith("stream41") and not k.endswith("_fp32")}
        if args.kernel in of_kernel and rivals:
            best = min(rivals, key=rivals.get)
            if rivals[best] < of_kernel[args.kernel]:
                slower.append((of_kernel[args.kernel] / rivals[best], best, case))
    print(f"{args.kernel} is not the fastest in {len(slower)} of {len(times)} cases")
    for ratio, best, case in sorted(slower, reverse=True):
        print(f"  {ratio:.3f} times {best} at " + "E=%d T=%d H=%d G=%d n=%d %s" % case)


def fail(message):
    print(f"random_shapes.py: {message}", file=sys.stderr)
    sys.exit(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("draw")
    command.add_argument("--count", type=int, default=100)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--memory-gb", type=float, default=60.0)
    command.add_argument("--out", required=True)
    command.set_defaults(run=draw)
    command = commands.add_parser("report")
    command.add_argument("session")
    command.add_argument("--kernel", default="silu_v3")
    command.set_defaults(run=report)
    args = parser.parse_args()
    try:
        args.run(args)
    except OSError as error:
        fail(error)
    except (ValueError, KeyError, TypeError):
        if args.run is draw:
            raise  # nothing was read: a fault of this script
        fail(f"{args.session}: not a moescope session; give a file that moescope sweep has written")


if __name__ == "__main__":
    main()
