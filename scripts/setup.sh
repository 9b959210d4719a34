#!/usr/bin/env bash
# Installs what building and testing need on Debian: system packages (as root), and under
# target/clients the official SDKs and the command line clients that the tests drive.
# Quick when nothing is missing, safe to run again.
#
#   scripts/setup.sh          everything (`make setup`)
#   scripts/setup.sh build    only what building and running the gateway need
#   scripts/setup.sh sdk      that, and a Python with the `openai` SDK
#
# Ends with 1 and a list when something is missing that it may not install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-all}
clients=target/clients
pins=tests/clients
missing=()      # what people have to install themselves
packages=()     # Debian packages to install
wanted=()       # the same, if they are to be had

say() { printf 'setup: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
need() { have "$1" || packages+=("$2"); }
# want COMMAND PACKAGE: what only lets tests try more, and is not in every distribution.
want() { have "$1" || wanted+=("$2"); }

have cargo || missing+=("a Rust toolchain (cargo); rustup reads rust-toolchain.toml by itself")
need cmake cmake
need g++ g++
need make make
need curl curl
[[ -s /etc/ssl/certs/ca-certificates.crt ]] || packages+=(ca-certificates)
# Node.js comes from a Python package where the machine has none that is new enough.
if [[ $what != build ]] || ! have npm; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3 python3-venv)
fi
if [[ $what == all ]]; then
    scripts/postgres.sh find >/dev/null 2>&1 || packages+=(postgresql)
    need openssl openssl
    need unshare util-linux
    need dbus-daemon dbus-daemon
    have ip || [[ -x /usr/sbin/ip ]] || packages+=(iproute2)
    # Clients that Edge governs (about 330 MB to download, 1.1 GB on disk).
    want wget wget
    want git git
    want certutil libnss3-tools
    want java default-jdk-headless
    want chromium chromium
    want firefox-esr firefox-esr
fi

if (( ${#wanted[@]} && EUID == 0 )) && have apt-get; then
    compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || apt-get update -qq >&2
    for package in "${wanted[@]}"; do
        if apt-cache show "$package" >/dev/null 2>&1; then packages+=("$package"); fi
    done
fi

if (( ${#packages[@]} )); then
    if (( EUID == 0 )) && have apt-get; then
        say "installing ${packages[*]}"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq >&2
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
    else
        missing+=("packages, which take root and apt-get: ${packages[*]}")
    fi
fi

if have cargo && [[ $what == all ]]; then
    cargo fmt --version >/dev/null 2>&1 || missing+=("rustfmt (rustup component add rustfmt)")
    cargo clippy --version >/dev/null 2>&1 || missing+=("clippy (rustup component add clippy)")
fi

if (( ${#missing[@]} )); then
    say "missing:"
    printf '  - %s\n' "${missing[@]}" >&2
    exit 1
fi
[[ $what == build ]] && exit 0

# The Python with the SDKs. A venv does not survive a move, so its place is part of the mark.
mark() { { pwd; python3 -V; cat "$@"; } | sha256sum | cut -d' ' -f1; }
venv() {
    "$clients/venv/bin/python" -c '' 2>/dev/null && grep -qF "$PWD/$clients/venv" "$clients/venv/bin/pip" && return
    rm -rf "$clients/venv"
    python3 -m venv "$clients/venv"
}
pip() { "$clients/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2; }
done_before() { [[ -f $clients/$1.done && $(<"$clients/$1.done") == "$2" ]]; }

mkdir -p "$clients"
if [[ $what == sdk ]]; then
    now=$(mark "$pins/requirements.txt")
    if done_before python "$now" || done_before sdk "$now"; then exit 0; fi
    say "installing the openai SDK for Python"
    venv
    pip --constraint "$pins/requirements.txt" openai
    echo "$now" > "$clients/sdk.done"
    exit 0
fi

now=$(mark "$pins/requirements.txt")
if ! done_before python "$now"; then
    say "installing the Python SDKs and Node.js"
    venv
    pip --requirement "$pins/requirements.txt"
    echo "$now" > "$clients/python.done"
fi

# The JS SDKs, Claude Code, Codex, Gemini CLI, OpenCode and MCP servers, with the Node.js of the venv. Nothing here needs
# its install scripts, and those of optional parts would compile.
now=$(mark "$pins/package.json" "$pins/package-lock.json" "$pins/requirements.txt")
if ! done_before node "$now"; then
    say "installing the JS SDKs and coding agents (about 1.1 GB on disk)"
    mkdir -p "$clients/node"
    cp "$pins/package.json" "$pins/package-lock.json" "$clients/node/"
    (
        PATH=$PWD/$clients/venv/bin:$PATH
        cd "$clients/node"
        npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    )
    echo "$now" > "$clients/node.done"
fi

# The identity provider that the console's tests sign in through.
now=$(mark tests/console/package.json tests/console/package-lock.json tests/console/idp.mjs)
if ! done_before idp "$now"; then
    say "installing an identity provider for the tests"
    mkdir -p "$clients/idp"
    cp tests/console/package.json tests/console/package-lock.json tests/console/idp.mjs "$clients/idp/"
    (
        PATH=$PWD/$clients/venv/bin:$PATH
        cd "$clients/idp"
        npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    )
    echo "$now" > "$clients/idp.done"
fi
