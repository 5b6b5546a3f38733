#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the preset `release` and starts the main job: the desktop program where
# there is a display; otherwise (or with --headless first) a sweep on the best device, whose session, table and
# charts are left in out/.
#
#   scripts/run.sh [moescope-gui arguments]                  with a display, e.g. a session file to open
#   scripts/run.sh [--headless] [moescope sweep arguments]   e.g. --preset seed, --device cpu
set -euo pipefail
caller_dir=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/dependencies.sh

readonly charts=(bandwidth speedup facets time)
readonly out=$PWD/out programs=$PWD/build/release/app

# The value of option $1 among the other arguments, given as `--option value` or `--option=value`.
option_value() {
    local name=$1 previous=""
    shift
    for argument in "$@"; do
        if [[ $previous == "$name" ]]; then printf '%s' "$argument"; return; fi
        if [[ $argument == "$name="* ]]; then printf '%s' "${argument#*=}"; return; fi
        previous=$argument
    done
}

# Sweeps to out/ without a display. What the arguments do not say is filled in: preset and files.
run_headless() {
    mkdir -p "$out"
    cd "$caller_dir"  # relative paths in the arguments are the caller's
    local preset spec session csv defaults=()
    preset=$(option_value --preset "$@")
    spec=$(option_value --spec "$@")
    local name=${preset:-quick}
    if [[ -n $spec ]]; then name=$(basename "$spec" .json); fi
    if [[ -z $preset && -z $spec ]]; then defaults+=(--preset quick); fi
    session=$(option_value --out "$@")
    if [[ -z $session ]]; then session=$out/$name.moescope.json; defaults+=(--out "$session"); fi
    # A sweep that was killed goes on where it stopped.
    if [[ -f $session.journal && -z $(option_value --resume "$@") ]]; then defaults+=(--resume "$session"); fi
    csv=$(option_value --csv "$@")
    if [[ -z $csv ]]; then csv=$out/$name.csv; defaults+=(--csv "$csv"); fi

    local status=0
    "$programs/cli/moescope" sweep "${defaults[@]}" "$@" || status=$?
    if [[ $status -gt 1 || ! -f $session ]]; then return "$status"; fi

    local left=("$session" "$csv") chart picture
    for chart in "${charts[@]}"; do
        picture=$out/$name-$chart.png
        if [[ ! -x $programs/gui/moescope-gui ]]; then
            echo "No charts: this build has no Qt."
            break
        elif "$programs/gui/moescope-gui" render "$session" --chart "$chart" --out "$picture"; then
            left+=("$picture")
        else
            echo "run.sh: the chart '$chart' could not be drawn" >&2
            status=1
        fi
    done
    echo
    echo "The sweep ran without a window. It left:"
    printf '  %s\n' "${left[@]}"
    echo "Open the session on a machine with a display: scripts/run.sh $session"
    return "$status"
}

headless=false
if [[ -z ${DISPLAY:-} && -z ${WAYLAND_DISPLAY:-} ]]; then headless=true; fi
if [[ ${1:-} == --headless ]]; then
    headless=true
    shift
fi

install_dependencies run
cmake --preset release
cmake --build --preset release

if $headless; then
    run_headless "$@"
else
    if [[ ! -x $programs/gui/moescope-gui ]]; then
        echo "run.sh: there is a display, but Qt 6 or QCustomPlot was not found, so there is no desktop program;" \
             "scripts/run.sh --headless works without" >&2
        exit 1
    fi
    cd "$caller_dir"
    exec "$programs/gui/moescope-gui" "$@"
fi
