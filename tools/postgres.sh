#!/usr/bin/env bash
# A private PostgreSQL of the machine's own binaries, for tests: on 127.0.0.1 and a free port, and gone afterwards.
#
#   tools/postgres.sh start DIR    starts it and prints its address; DIR remembers where it lives
#   tools/postgres.sh stop DIR     stops it and removes its files
#   tools/postgres.sh run COMMAND… runs the command with the address in AVIARY_TEST_POSTGRES, or without one
#                                  (and says so) where the machine has no PostgreSQL
#
# With DURABLE=1 it waits for the disk at each commit, as one that holds real data does: for measuring.
set -euo pipefail

say() { printf 'PostgreSQL: %s\n' "$*" >&2; }

# The folder with initdb and pg_ctl. Debian keeps them out of PATH, one folder per version.
binaries() {
  local folder
  for folder in "$(dirname "$(command -v initdb || echo /none/x)")" \
    "$( (command -v pg_config >/dev/null && pg_config --bindir) || echo /none)" \
    $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort --version-sort --reverse); do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      echo "$folder"
      return
    fi
  done
  return 1
}

# Both programs refuse to run as root.
unprivileged() {
  if [ "$(id -u)" -ne 0 ]; then
    "$@"
  elif command -v setpriv >/dev/null; then
    setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- "$@"
  else
    runuser -u "$owner" -- "$@"
  fi
}

start() {
  local state=$1 bin cluster port attempt
  # The data is thrown away, so nothing waits for the disk.
  local settings='-c fsync=off -c synchronous_commit=off -c full_page_writes=off'
  if [ "${DURABLE:-}" = 1 ]; then settings=''; fi
  bin=$(binaries) || return 3
  owner=$(id -un)
  if [ "$(id -u)" -eq 0 ]; then owner=$(id -un postgres 2>/dev/null || id -un nobody); fi
  # Not in the repository: a user without rights may be unable to enter the folders above it.
  cluster=$(mktemp -d "${TMPDIR:-/tmp}/aviary-postgres.XXXXXX")
  chown "$owner" "$cluster"
  mkdir -p "$state"
  printf '%s\n%s\n%s\n' "$cluster" "$bin" "$owner" >"$state/cluster"
  cd "$cluster"
  unprivileged "$bin/initdb" --pgdata="$cluster/data" --username=aviary --auth=trust --encoding=UTF8 --no-locale \
    --no-sync >"$cluster/initdb.log" 2>&1 || { cat "$cluster/initdb.log" >&2; return 1; }
  for attempt in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    if unprivileged "$bin/pg_ctl" --pgdata="$cluster/data" --log="$cluster/server.log" --wait --silent --options="\
      -c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c max_connections=300 \
      $settings" start >/dev/null 2>&1 </dev/null; then
      echo "postgres://aviary@127.0.0.1:$port/postgres"
      return
    fi
  done
  say "did not start; its last words:"
  tail -n 20 "$cluster/server.log" >&2
  return 1
}

stop() {
  local state=$1 cluster bin
  [ -f "$state/cluster" ] || return 0
  { read -r cluster && read -r bin && read -r owner; } <"$state/cluster"
  (cd / && unprivileged "$bin/pg_ctl" --pgdata="$cluster/data" --mode=immediate --silent stop >/dev/null 2>&1) || true
  rm -rf "$cluster" "$state/cluster"
}

run() {
  local url code
  state=$(mktemp -d) # not local: the trap runs when this function is over
  trap 'stop "$state"; rm -rf "$state"' EXIT
  if url=$(start "$state"); then
    say "version $("$(sed -n 2p "$state/cluster")/postgres" --version | grep -o '[0-9.]*' | head -n 1) at $url"
    export AVIARY_TEST_POSTGRES=$url
  else
    code=$?
    [ "$code" -eq 3 ] || return "$code"
    say "none on this machine (no initdb and pg_ctl): the store's tests run on SQLite alone."
  fi
  "$@"
}

case "${1:-}" in
  start) start "${2:?expected the folder that remembers the cluster}" ;;
  stop) stop "${2:?expected the folder that remembers the cluster}" ;;
  run) shift && run "$@" ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
