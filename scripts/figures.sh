#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Draws docs/figures anew from the recorded session: each chart, and the window in both themes. No display needed.
#
#   scripts/figures.sh [moescope-gui]     default build/release/app/gui/moescope-gui
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly gui=${1:-build/release/app/gui/moescope-gui} session=resources/sessions/h100-seed.moescope.json out=docs/figures
if [[ ! -x $gui ]]; then echo "figures.sh: $gui is missing: run scripts/run.sh first, or name it" >&2; exit 2; fi
# The window as a new user sees it, not as this user left it.
XDG_CONFIG_HOME=$(mktemp -d)
export XDG_CONFIG_HOME
trap 'rm -rf "$XDG_CONFIG_HOME"' EXIT

mkdir -p "$out"
for chart in bandwidth bandwidth-bars speedup facets time heatmap imbalance samples; do
    "$gui" render "$session" --chart "$chart" --theme light --out "$out/h100-seed-$chart.png"
done
# The comparison: one kernel of the session against another.
against=(--compare "$session" --kernel-map silu_v2=silu_v3)
for chart in forest bandwidth; do
    "$gui" render "$session" "${against[@]}" --chart "compare-$chart" --theme light --out "$out/h100-seed-compare-$chart.png"
done
for theme in light dark; do
    suffix=$([[ $theme == dark ]] && echo -dark || true)
    "$gui" --screenshot "$out/window-compare$suffix.png" --theme "$theme" --size 1280x800 --compare --kernel-map silu_v2=silu_v3 "$session" "$session"
done
"$gui" --screenshot "$out/window.png" --theme light --size 1280x800 "$session"
"$gui" --screenshot "$out/window-dark.png" --theme dark --size 1280x800 "$session"
for chart in heatmap samples; do
    "$gui" --screenshot "$out/window-$chart.png" --theme light --chart "$chart" --size 1280x800 "$session"
    "$gui" --screenshot "$out/window-$chart-dark.png" --theme dark --chart "$chart" --size 1280x800 "$session"
done
