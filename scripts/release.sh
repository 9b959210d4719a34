#!/usr/bin/env bash
# Builds the gateway and the agent as they are released (`make release`): twice, so that the compiler knows which code is
# hot (profile-guided optimisation), and lays out what came of it by what is called after what (BOLT; ADR 0029).
#
#   scripts/release.sh                      trains, then builds with what was learnt
#   scripts/release.sh --profiles FOLDER    builds with profiles of earlier: on the same sources the same programs
#
# Leaves target/profiled/tidegate and target/profiled/tidegate-edge, each with its .profdata and .fdata beside it, to be
# kept with the release. An hour on two cores, of which the trainings are seven minutes; the agent is trained as root only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
programs=(tidegate tidegate-edge)
root=$PWD/target/profiled
# Where the instrumented programs write. Part of the compiler's flags, so always the same, and a place that the agent's
# relay gets to, which is nobody and has no environment.
raw=/tmp/tidegate-training
# Says where code refers to other code, so that it can still be moved.
movable=-Clink-arg=-Wl,--emit-relocs
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

# tool NAME: one of LLVM's tools, of this compiler's LLVM: llvm-profdata reads what its programs write.
tool() {
    local one
    for one in "$(rustc --print sysroot)/lib/rustlib/$host/bin/$1" "$1-$llvm" "$1"; do
        if "$one" --version 2>/dev/null | grep -q "LLVM version $llvm\."; then echo "$one"; return; fi
    done
    return 1
}

# wanted NAME PACKAGE: the same, installed where it is not there and may be.
wanted() {
    if ! tool "$1" >/dev/null && (( EUID == 0 )) && command -v apt-get >/dev/null; then
        apt-get update -qq >&2
        apt-get install -y -qq --no-install-recommends "$2" >&2 || true
    fi
    tool "$1"
}

# make_ready BINARIES: puts these programs into the training's folder, and makes a place where they write.
make_ready() {
    mkdir -p "$root/training"
    ln -sf "$1/"tidegate{,-edge} "${CARGO_TARGET_DIR:-$PWD/target}/trial/"tidegate-{bench,bare,standin} "$root/training/"
    mkdir -m 700 "$raw" || fail "remove $raw, or wait until the release that writes there is built"
    trap 'rm -rf "$raw"' EXIT
    if (( EUID == 0 )); then chown nobody "$raw"; fi
}

# load PART: the gateway's or the agent's training. What nobody writes root adds to, and the other way round.
load() { (umask 0; python3 scripts/training.py "$1" "$root/training"); }

train() {
    local merge program agent gateway
    merge="$(wanted llvm-profdata "llvm-$llvm") merge --sparse -o" ||
        fail "no llvm-profdata of LLVM $llvm: rustup component add llvm-tools, or the package llvm-$llvm"
    # Programs without the long link of a release will do to make load, and what is counted is the same by whatever link.
    cargo build --profile trial -p tidegate-loadtest
    for program in "${programs[@]}"; do
        build "$root/instrumented" "$program" "-Cprofile-generate=$raw -Clto=thin"
    done
    make_ready "$root/instrumented/$host/release"
    # A program has one file, named by its signature, to which all its processes add. What there is after the gateway's
    # part is the gateway's.
    load gateway
    gateway=("$raw"/*.profraw)
    (( ${#gateway[@]} == 1 )) || fail "not one profile, but: ${gateway[*]}"
    load agent
    agent=$(find "$raw" -name '*.profraw' ! -path "${gateway[0]}")
    $merge "$root/tidegate.profdata" "${gateway[0]}"
    # What an earlier release left is of other programs.
    rm -f "$root/tidegate-edge.profdata" "$root"/*.fdata
    [[ -z $agent ]] || $merge "$root/tidegate-edge.profdata" "$agent"
    rm -rf "$raw"
}

# Counts what is called after what in the programs as they are optimised.
follow() {
    local program merge bolt=$1
    merge=$(tool merge-fdata) || fail "llvm-bolt is there, and merge-fdata of the same package is not"
    for program in "${programs[@]}"; do
        "$bolt" "$root/optimised/$program" -instrument -instrumentation-file="$raw/$program" \
            -instrumentation-file-append-pid -o "$root/followed/$program" >"$root/followed/$program.log"
    done
    make_ready "$root/followed"
    load gateway
    load agent
    for program in "${programs[@]}"; do
        # Each process has a file of its own.
        if compgen -G "$raw/$program.*" >/dev/null; then
            "$merge" "$raw/$program".*.fdata -o "$root/$program.fdata"
        fi
    done
    rm -rf "$raw"
}

# lay_out BOLT PROGRAM: puts code that is called together side by side, and what is seldom called elsewhere.
lay_out() {
    local program=$2
    "$1" "$root/optimised/$program" -data="$root/$program.fdata" -reorder-blocks=ext-tsp -reorder-functions=cdsort \
        -split-functions -split-all-cold -split-eh -use-gnu-stack --no-huge-pages -o "$root/$program" >"$root/optimised/$program.log"
}

mkdir -p "$root/optimised" "$root/followed"
if [[ -z $profiles ]]; then
    train
elif [[ $profiles != "$root" ]]; then
    rm -f "$root"/*.{prof,f}data
    # There is none for what was not trained, and no .fdata where there was no llvm-bolt.
    find "$profiles" -maxdepth 1 \( -name '*.profdata' -o -name '*.fdata' \) -exec cp -t "$root/" {} +
fi
for program in "${programs[@]}"; do
    profile=$root/$program.profdata
    if [[ ! -s $profile ]]; then
        say "WITHOUT A PROFILE, since it was not trained: $program"
        build "$root/optimised" "$program" "$movable"
    else
        # Cargo sees that a profile is another one by its name alone.
        sum=$(sha256sum "$profile" | cut -c -12)
        cp "$profile" "$root/optimised/$program-$sum.profdata"
        build "$root/optimised" "$program" "-Cprofile-use=$root/optimised/$program-$sum.profdata $movable"
    fi
    cp -f "$root/optimised/$host/release/$program" "$root/optimised/$program"
done
if bolt=$(wanted llvm-bolt "bolt-$llvm") && [[ -z $profiles ]]; then
    say "following calls"
    follow "$bolt"
fi
for program in "${programs[@]}"; do
    if [[ -n $bolt && -s $root/$program.fdata ]]; then
        say "laying out $program"
        lay_out "$bolt" "$program"
    else
        say "NOT LAID OUT, for want of llvm-bolt-$llvm (package bolt-$llvm) or of its training: $program"
        cp -f "$root/optimised/$program" "$root/"
    fi
done
say "done: $root/tidegate and $root/tidegate-edge"
