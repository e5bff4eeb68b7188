#!/usr/bin/env bash
# A real, temporary PostgreSQL on 127.0.0.1, for tests.
#
#   postgres.sh start DIR [PID]   makes a cluster under DIR and starts it on a free port; prints the port.
#                                 With PID, the server stops and DIR goes away once that process has ended.
#   postgres.sh stop DIR          stops it (fast: sessions are ended) and removes DIR
#   postgres.sh crash DIR         kills it as a power cut would, and keeps DIR
#   postgres.sh restart DIR       starts a crashed server again, on the port it had
#
# Roles: `nocturne` is the superuser and needs no password; every other role does (scram-sha-256).
# Nothing is flushed to the disk: what was committed survives the server, not the machine. POSTGRES_SETTINGS="-c NAME=VALUE…"
# changes that, or any other setting.
set -euo pipefail

fail() { echo "postgres.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || fail "usage: postgres.sh start|stop|crash|restart DIR [PID]"
action=$1
dir=$2
watched=${3:-}

bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || fail "there is no PostgreSQL server here; install it with: apt-get install postgresql"

# PostgreSQL refuses to run as root, so root runs it as the user that its Debian package creates.
as_server_user() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/ "$@"; else "$@"; fi
}

# The server must not keep descriptors of our caller, who may be waiting for the last one to be closed.
close_inherited() {
    local descriptor
    for descriptor in /proc/self/fd/*; do
        descriptor=${descriptor##*/}
        if [ "$descriptor" -gt 2 ] && [ "$descriptor" -ne 255 ]; then eval "exec $descriptor>&-"; fi
    done
}

launch() ( # PORT
    close_inherited
    as_server_user "$bin/pg_ctl" start -D "$dir/data" -w -t 60 -s -l "$dir/data/server.log" \
        -o "-p $1 -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c full_page_writes=off \
            -c shared_buffers=16MB -c max_connections=400 -c log_min_messages=fatal \
            ${POSTGRES_SETTINGS:-}" \
        </dev/null >/dev/null 2>&1
)

# Whether a process runs; a zombie does not.
runs() { [ -r "/proc/$1/stat" ] && ! grep -qs ') Z ' "/proc/$1/stat"; }

pid() { head -n 1 "$dir/data/postmaster.pid" 2>/dev/null; }

stop() {
    local server
    server=$(pid) || true
    if [ -n "$server" ]; then
        kill -INT "$server" 2>/dev/null || true
        for _ in $(seq 100); do runs "$server" || break; sleep 0.05; done
    fi
    rm -rf "$dir"
}

case $action in
start)
    mkdir -p "$dir"
    [ ! -e "$dir/data" ] || fail "$dir holds a cluster already"
    if [ "$(id -u)" = 0 ]; then chmod 755 "$dir"; install -d -o postgres -g postgres -m 700 "$dir/data"; fi
    as_server_user "$bin/initdb" -D "$dir/data" -U nocturne --auth=trust --encoding=UTF8 --locale=C --no-sync \
        >/dev/null
    printf '%s\n' 'host all nocturne 127.0.0.1/32 trust' 'host all all 127.0.0.1/32 scram-sha-256' \
        | as_server_user tee "$dir/data/pg_hba.conf" >/dev/null
    for _ in $(seq 20); do
        port=$((20000 + RANDOM % 12000))
        if launch "$port"; then
            echo "$port" >"$dir/port"
            if [ -n "$watched" ]; then
                (
                    close_inherited
                    while runs "$watched"; do sleep 0.5; done
                    stop
                ) </dev/null >/dev/null 2>&1 &
            fi
            echo "$port"
            exit 0
        fi
    done
    fail "the server does not start: $(tail -n 3 "$dir/data/server.log")"
    ;;
stop) stop ;;
crash)
    # The server's children notice that their parent is gone and end by themselves.
    server=$(pid)
    kill -QUIT "$server"
    while runs "$server"; do sleep 0.05; done
    ;;
restart) launch "$(cat "$dir/port")" ;;
*) fail "unknown action $action" ;;
esac
