#!/usr/bin/env bash
# A private PostgreSQL for the tests: own data, own socket, own port, gone after `stop`.
#
#   scripts/postgres.sh start    starts it, prints its URL on the last line of stdout
#   scripts/postgres.sh stop     stops it and removes its data
#   scripts/postgres.sh find     prints the folder of the server's programs
#
# TIDEGATE_PG_STATE names the file that remembers where it runs, so that two can run side by
# side. Data and socket lie in a new temporary folder: a server does not run as root, the user
# `postgres` may not be able to enter this tree, and a socket's path must be short.
# No password on the socket, which only that user can reach; a new random one over TCP.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
state=${TIDEGATE_PG_STATE:-target/postgres/state}

fail() { printf 'postgres: %s\n' "$*" >&2; exit 1; }

find_programs() {
    local dir
    for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V -r) "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
        [[ -x $dir/initdb && -x $dir/postgres && -x $dir/pg_ctl ]] && { echo "$dir"; return; }
    done
    return 1
}

as_server() {
    if (( EUID == 0 )); then (cd / && exec runuser -u postgres -- "$@"); else "$@"; fi
}

stop() {
    [[ -f $state ]] || return 0
    local dir programs
    { read -r dir; read -r programs; } < "$state"
    if [[ -d $dir/data ]]; then
        as_server "$programs/pg_ctl" -D "$dir/data" -m immediate -w -s stop >/dev/null 2>&1 || true
    fi
    [[ $dir == */tgpg.* ]] && rm -rf -- "$dir"
    rm -f -- "$state"
}

start() {
    local programs dir port password try
    programs=$(find_programs) || fail "no server programs found; run make setup"
    if (( EUID == 0 )); then id postgres >/dev/null 2>&1 || fail "no user postgres to run it as"; fi
    stop
    dir=$(mktemp -d -t tgpg.XXXXXX)
    mkdir -p "$(dirname "$state")"
    printf '%s\n%s\n' "$dir" "$programs" > "$state"
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s' "$password" > "$dir/password"
    if (( EUID == 0 )); then chown -R postgres "$dir"; fi
    as_server "$programs/initdb" -D "$dir/data" -U tidegate --pwfile="$dir/password" -E UTF8 --locale=C \
        --auth-local=trust --auth-host=scram-sha-256 --no-sync >/dev/null
    rm -f "$dir/password"
    # A test's data need not outlive a power cut.
    {
        echo "listen_addresses = '127.0.0.1'"
        echo "unix_socket_directories = '$dir'"
        echo "unix_socket_permissions = 0700"
        echo "max_connections = 200"
        echo "fsync = off"
        echo "full_page_writes = off"
        echo "shared_buffers = 64MB"
    } | as_server tee -a "$dir/data/postgresql.conf" >/dev/null
    for try in 1 2 3 4 5; do
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        if as_server "$programs/pg_ctl" -D "$dir/data" -l "$dir/log" -o "-p $port" -w -t 30 -s start >/dev/null 2>&1; then
            as_server "$programs/psql" -q -h "$dir" -p "$port" -U tidegate -d postgres -c 'CREATE DATABASE tidegate' >/dev/null
            echo "postgres://tidegate:$password@127.0.0.1:$port/tidegate"
            return
        fi
    done
    tail -n 20 "$dir/log" >&2 || true
    stop
    fail "did not start"
}

case ${1:-} in
    start) start ;;
    stop) stop ;;
    find) find_programs ;;
    *) fail "usage: postgres.sh start|stop|find" ;;
esac
