#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian and Ubuntu packages that moescope is built from, and how to get those that are missing.
#
# Called: scripts/dependencies.sh [run|test]...   Sourced: gives install_dependencies.
# What is there is left alone: with nothing missing, neither root nor a network is needed.

# Names that Debian 12 and Ubuntu 24.04 both know (as a package, or as one that another provides).
readonly MOESCOPE_RUN_PACKAGES=(
    g++ cmake ninja-build ccache git ca-certificates
    libfmt-dev nlohmann-json3-dev libcli11-dev
    qt6-base-dev libqt6opengl6-dev qt6-charts-dev qt6-svg-dev libqcustomplot-dev
    fonts-dejavu-core
)
# Beyond those: the test framework, a display for the window, and what checks sessions against the schema.
readonly MOESCOPE_TEST_PACKAGES=(libgtest-dev libgmock-dev xvfb xauth python3 python3-jsonschema)

# Prints those of its arguments that are not installed, not even under another package's name.
moescope_missing_packages() {
    local installed
    # shellcheck disable=SC2016  # dpkg-query's own placeholders
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package} ${Provides}\n' |
        awk '$1 == "installed" { gsub(/\([^)]*\)|,/, " "); for (i = 2; i <= NF; i++) print $i }')
    local package
    for package in "$@"; do
        grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
    done
}

# Runs apt-get as root, quietly: its output is shown only when it fails.
moescope_apt_get() {
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        # Without a terminal nobody can type a password.
        if [[ -t 0 ]]; then as_root=(sudo); else as_root=(sudo -n); fi
    fi
    local log status=0
    log=$(mktemp)
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1 || status=$?
    if [[ $status -ne 0 ]]; then tail -n 10 "$log" >&2; fi
    rm -f "$log"
    return "$status"
}

# install_packages NAME...   Installs those of the named packages that are missing.
install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "dependencies.sh: not a Debian or Ubuntu system, so nothing is installed; needed is what those call:" \
             "$*" >&2
        return 0
    fi
    # No process substitution: it needs /proc, which a bare chroot has not.
    local names missing
    names=$(moescope_missing_packages "$@")
    if [[ -z $names ]]; then return 0; fi
    mapfile -t missing <<<"$names"

    if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null; then
        echo "dependencies.sh: packages are missing and this user is neither root nor has sudo; as root, run:" \
             "apt-get install --no-install-recommends ${missing[*]}" >&2
        return 1
    fi
    echo "Installing ${#missing[@]} missing packages: ${missing[*]}"
    if ! moescope_apt_get -o APT::Update::Error-Mode=any update; then
        echo "dependencies.sh: apt-get update failed (above): trying with the package lists that are here" >&2
    fi
    if ! moescope_apt_get install --no-install-recommends "${missing[@]}"; then
        echo "dependencies.sh: apt-get could not install: ${missing[*]} (its messages are above)" >&2
        return 1
    fi
}

# install_dependencies GROUP...   Installs what is missing of the groups `run` and `test`.
install_dependencies() {
    local group wanted=()
    for group in "$@"; do
        case "$group" in
            run) wanted+=("${MOESCOPE_RUN_PACKAGES[@]}") ;;
            test) wanted+=("${MOESCOPE_TEST_PACKAGES[@]}") ;;
            *) echo "dependencies.sh: unknown group '$group': give run, test or both" >&2; return 2 ;;
        esac
    done
    # A Wayland desktop without an X server needs Qt's plugin for it.
    if [[ -n ${WAYLAND_DISPLAY:-} && -z ${DISPLAY:-} ]]; then wanted+=(qt6-wayland); fi
    install_packages "${wanted[@]}"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    if [[ $# -eq 0 ]]; then set -- run test; fi
    install_dependencies "$@"
fi
