#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Draws docs/figures anew from the recorded sessions: each chart, and the window in both themes with every chart
# and every panel in front. No display needed.
#
#   scripts/figures.sh [moescope-gui] [folder]     default build/release/app/gui/moescope-gui, docs/figures
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly gui=${1:-build/release/app/gui/moescope-gui} out=${2:-docs/figures}
readonly session=resources/sessions/h100-seed.moescope.json all=resources/sessions/h100-seed-all.moescope.json
if [[ ! -x $gui ]]; then echo "figures.sh: $gui is missing: run scripts/run.sh first, or name it" >&2; exit 2; fi
# The window as a new user sees it, not as this user left it.
XDG_CONFIG_HOME=$(mktemp -d)
export XDG_CONFIG_HOME
trap 'rm -rf "$XDG_CONFIG_HOME"' EXIT

# window NAME OPTION...: one picture a theme, NAME.png and NAME-dark.png
window() {
    local name=$1
    shift
    "$gui" --screenshot "$out/$name.png" --theme light --size 1280x800 "$@"
    "$gui" --screenshot "$out/$name-dark.png" --theme dark --size 1280x800 "$@"
}

mkdir -p "$out"
readonly charts=(bandwidth bandwidth-bars speedup facets facets-speedup time heatmap imbalance samples)
for chart in "${charts[@]}"; do
    "$gui" render "$session" --chart "$chart" --theme light --out "$out/h100-seed-$chart.png"
    "$gui" render "$session" --chart "$chart" --theme dark --out "$out/h100-seed-$chart-dark.png"
done
# Seven kernels, cold and hot.
"$gui" render "$all" --chart bandwidth-bars --cache both --theme light --out "$out/h100-seed-all-bandwidth-bars.png"
"$gui" render "$all" --chart bandwidth --cache both --theme dark --size 1280x800 --out "$out/h100-seed-all-bandwidth-dark.png"

window window "$session"
for chart in "${charts[@]:1}"; do window "window-$chart" --chart "$chart" "$session"; done
window window-sessions --panel sessions "$session" "$all"
for panel in pivot telemetry plan; do window "window-$panel" --panel "$panel" "$all"; done
# The comparison: one kernel of the session against another.
against=(--compare "$session" --kernel-map silu_v2=silu_v3)
for chart in forest bandwidth; do
    "$gui" render "$session" "${against[@]}" --chart "compare-$chart" --theme light --out "$out/h100-seed-compare-$chart.png"
done
compare=(--compare --kernel-map silu_v2=silu_v3)
window window-compare "${compare[@]}" "$session" "$session"
for chart in bandwidth time; do
    window "window-compare-$chart" "${compare[@]}" --chart "compare-$chart" "$session" "$session"
done
