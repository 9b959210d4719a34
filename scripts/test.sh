#!/usr/bin/env bash
# Everything that has to hold before a change goes in (`make test`, the same as CI).
#
# Every step runs, whatever came of the ones before it, but for those that need what failed. Says
# at the end what passed, what failed, what was skipped and why.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}
export TIDEGATE_PG_STATE="target/postgres/state.$$"
target=${CARGO_TARGET_DIR:-target}
logs=target/test-logs
mkdir -p "$logs"
passed=() failed=() skipped=()

finish() {
    trap - EXIT INT TERM
    scripts/postgres.sh stop
    exit "$1"
}
trap 'finish 1' EXIT INT TERM

# step NAME COMMAND…: runs it, shows its output, remembers how it went.
step() {
    local name=$1 started=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    if "$@"; then
        passed+=("$name ($((SECONDS - started)) s)")
    else
        failed+=("$name")
        printf '=== FAILED: %s\n' "$name"
        return 1
    fi
}

skip() { skipped+=("$1: $2"); printf '\n=== SKIPPED: %s: %s\n' "$1" "$2"; }

# Scripts close with `N passed, N failed`; their closing lines are shown again at the end.
closing=()
client_tests() {
    local name=$1 log=$logs/$1.log code
    shift
    "$@" 2>&1 | tee "$log"
    code=${PIPESTATUS[0]}
    local line
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    closing+=("$name: ${line:-no closing line}")
    while read -r line; do skipped+=("$name: ${line#SKIPPED: }"); done < <(grep '^SKIPPED: ' "$log")
    return "$code"
}

# What is built, installed and written takes this many GB, and half as much again where Cargo builds incrementally.
room=20
has_room() {
    local free there
    mkdir -p "$target"
    free=$(df --output=avail --block-size=1G "$target" | tail -n 1)
    there=$(du --summarize --block-size=1G "$target/debug" target/clients 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }')
    (( free + there >= room )) && return
    printf 'test: %d GB are free where %s lies and %d in use by earlier runs, and the tests take %d: make room' \
        "$free" "$target" "$there" "$room"
    printf ' (`cargo clean` ends what earlier builds left), or set CARGO_TARGET_DIR to a folder on a larger disk\n'
    return 1
}

step "room on the disk" has_room || finish 1
step "setup" scripts/setup.sh || { printf '\nnothing else can run without it\n'; finish 1; }
# First: the gateway is built with it.
if step "console" scripts/console.sh build; then
    step "console: types, lints, API client" scripts/console.sh check
    step "console: components" scripts/console.sh test
fi
step "format" cargo fmt --all --check
step "kernel programs are up to date" scripts/ebpf.sh check
step "lints" cargo clippy --workspace --all-targets --quiet -- -D warnings

if url=$(scripts/postgres.sh start); then
    export TIDEGATE_TEST_POSTGRES=$url
else
    skip "the store's tests on PostgreSQL" "no server could be started"
    failed+=("PostgreSQL")
fi
step "tests" cargo test --workspace --no-fail-fast --quiet

if step "binaries" cargo build --quiet --workspace --bins; then
    export TIDEGATE_BIN_DIR=$target/debug
    step "SCIM" client_tests scim python3 tests/console/scim.py
    step "the admin API, fuzzed" client_tests api-fuzz python3 tests/console/fuzz_api.py
    step "the admin API on PostgreSQL, fuzzed" client_tests api-fuzz-postgres python3 tests/console/fuzz_api.py --postgres
    step "official SDKs" client_tests sdks python3 tests/clients/run.py
    step "official SDKs and a provider that takes only what it knows" client_tests profiles python3 tests/clients/profiles.py
    step "Claude Code and Codex" client_tests clients python3 tests/lab/run.py
    step "what the gateway of a release is trained with" python3 scripts/training.py gateway "$TIDEGATE_BIN_DIR" --brief
    step "what the agent of a release is trained with" python3 scripts/training.py agent "$TIDEGATE_BIN_DIR"
    step "hostile clients" client_tests hostile python3 tests/hostile/run.py
    step "the Edge agent" client_tests edge python3 tests/lab/edge.py
    step "the agent's units under systemd" client_tests edge-units python3 tests/lab/edge_units.py
    step "clients that Edge governs" client_tests edge-clients python3 tests/lab/edge_clients.py
    step "the fleet" client_tests fleet python3 tests/lab/fleet.py
    step "the fleet: who gets round a denial" client_tests fleet-evasion python3 tests/lab/fleet_evasion.py
    step "what enforces in clients" cargo build --quiet -p tidegate-enforce --example enforce_pass &&
        step "the fleet: the clients' own policies" client_tests fleet-levers python3 tests/lab/fleet_levers.py
    step "the fleet: broken policies" client_tests fleet-broken python3 tests/lab/fleet_broken.py
    step "clients behind guardrails" client_tests guardrails python3 tests/lab/guardrails.py
    step "guardrails: an outside judge" client_tests leak python3 tests/guardrails/leak.py
    step "the console" client_tests console python3 tests/lab/console.py
    step "the console on PostgreSQL" client_tests console-postgres python3 tests/lab/console.py --postgres
else
    skip "SCIM, the admin API fuzzed, official SDKs, Claude Code, Codex, hostile clients, the Edge agent, its clients, the fleet" "there are no binaries to run them against"
fi

printf '\n=== summary, %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
for line in "${passed[@]}"; do printf 'passed   %s\n' "$line"; done
for line in "${failed[@]}"; do printf 'FAILED   %s\n' "$line"; done
for line in "${skipped[@]}"; do printf 'SKIPPED  %s\n' "$line"; done
for line in "${closing[@]}"; do printf '%s\n' "$line"; done
(( ${#failed[@]} )) && finish 1
printf 'all steps passed\n'
finish 0
