#!/usr/bin/env bash
# Builds the gateway and the agent as they are released (`make release`): twice, so that the compiler knows which
# code is hot (profile-guided optimisation, ADR 0029).
#
#   scripts/release.sh                      trains, then builds with what was learnt
#   scripts/release.sh --profiles FOLDER    builds with profiles of earlier: on the same sources the same programs
#
# Leaves target/profiled/tidegate and target/profiled/tidegate-edge, each with its .profdata beside it, to be kept with
# the release. An hour on two cores, of which the training is four minutes; the agent is trained as root only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
programs=(tidegate tidegate-edge)
root=$PWD/target/profiled
# Where the instrumented programs write. Part of the compiler's flags, so always the same, and a place that the agent's
# relay gets to, which is nobody and has no environment.
raw=/tmp/tidegate-training
profiles=
fail() { printf 'release: %s\n' "$*" >&2; exit 1; }
say() { printf 'release: %s, after %d min\n' "$*" $((SECONDS / 60)) >&2; }
case ${1:-} in
    '') ;;
    --profiles) [[ $# == 2 && -d $2 ]] || fail "--profiles takes the folder that an earlier run left them in"; profiles=$(realpath "$2") ;;
    *) fail "unknown: $1; see the head of scripts/release.sh" ;;
esac

scripts/setup.sh build
scripts/console.sh build
host=$(rustc -vV | sed -n 's/^host: //p')
llvm=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')

# build FOLDER PROGRAM FLAGS: one program by itself, so that none has features that only the other needs. With the target
# named, the flags do not reach build scripts and macros.
build() {
    say "building $2 ($(basename "$1"))"
    CARGO_TARGET_DIR=$1 RUSTFLAGS="${RUSTFLAGS:-} $3" cargo build --release --target "$host" -p "$2"
}

# The llvm-profdata that reads what this compiler's programs write.
profdata() {
    local one
    for one in "$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata" "llvm-profdata-$llvm" llvm-profdata; do
        if "$one" --version 2>/dev/null | grep -q "LLVM version $llvm\\."; then echo "$one"; return; fi
    done
    return 1
}

train() {
    local merge program agent gateway
    if ! profdata >/dev/null && (( EUID == 0 )) && command -v apt-get >/dev/null; then
        apt-get update -qq >&2
        apt-get install -y -qq --no-install-recommends "llvm-$llvm" >&2 || true
    fi
    merge="$(profdata) merge --sparse -o" ||
        fail "no llvm-profdata of LLVM $llvm: rustup component add llvm-tools, or the package llvm-$llvm"
    # Programs without the long link of a release will do to make load, and what is counted is the same by whatever link.
    cargo build --profile trial -p tidegate-loadtest
    for program in "${programs[@]}"; do
        build "$root/instrumented" "$program" "-Cprofile-generate=$raw -Clto=thin"
    done
    mkdir -p "$root/training"
    ln -sf "$root/instrumented/$host/release/"tidegate{,-edge} "${CARGO_TARGET_DIR:-$PWD/target}/trial/"tidegate-{bench,bare,standin} \
        "$root/training/"

    mkdir -m 700 "$raw" || fail "remove $raw, or wait until the release that writes there is built"
    trap 'rm -rf "$raw"' EXIT
    if (( EUID == 0 )); then chown nobody "$raw"; fi
    # A program has one file, named by its signature, to which all its processes add, root's and nobody's. What there is
    # after the gateway's part is the gateway's.
    (umask 0; python3 scripts/training.py gateway "$root/training")
    gateway=("$raw"/*.profraw)
    (( ${#gateway[@]} == 1 )) || fail "not one profile, but: ${gateway[*]}"
    (umask 0; python3 scripts/training.py agent "$root/training")
    agent=$(find "$raw" -name '*.profraw' ! -path "${gateway[0]}")
    $merge "$root/tidegate.profdata" "${gateway[0]}"
    rm -f "$root/tidegate-edge.profdata"
    [[ -z $agent ]] || $merge "$root/tidegate-edge.profdata" "$agent"
}

mkdir -p "$root/optimised"
if [[ -z $profiles ]]; then
    train
elif [[ $profiles != "$root" ]]; then
    rm -f "$root"/*.profdata
    cp "$profiles"/*.profdata "$root/"
fi
for program in "${programs[@]}"; do
    profile=$root/$program.profdata
    if [[ ! -s $profile ]]; then
        say "WITHOUT A PROFILE, since it was not trained: $program"
        build "$root/optimised" "$program" ""
    else
        # Cargo sees that a profile is another one by its name alone.
        sum=$(sha256sum "$profile" | cut -c -12)
        cp "$profile" "$root/optimised/$program-$sum.profdata"
        build "$root/optimised" "$program" "-Cprofile-use=$root/optimised/$program-$sum.profdata"
    fi
    cp -f "$root/optimised/$host/release/$program" "$root/"
done
say "done: $root/tidegate and $root/tidegate-edge"
