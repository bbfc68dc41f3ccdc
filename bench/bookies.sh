#!/usr/bin/env bash
# Appends per second through our bookie client and through the real Java client, in turns, to the same
# three bookies. Prints JSON lines: {"client", "bytes", "per_second"}.
#
#   bench/bookies.sh ROUNDS COUNT BYTES...    PORT_BASE (31500), LEDGER_PEER (build/bench/e2e/ledger_peer)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rounds=$1 count=$2
shift 2
export PORT_BASE=${PORT_BASE:-31500} LAYOUT=chunked BOOKIES=3 CLUSTER=pravega-cluster
peer=${LEDGER_PEER:-$here/../build/bench/e2e/ledger_peer}
dir=$here/../build/bench-bookies
cluster=$here/../e2e/cluster
zk=127.0.0.1:$PORT_BASE
root=/pravega/$CLUSTER/bookkeeper/ledgers

rm -rf "$dir"; mkdir -p "$dir"
stop_all() {
  for pid in $(jobs -p); do kill -9 "$pid" 2>/dev/null || true; done
  "$cluster/cluster.sh" kill "$dir" || true
}
trap stop_all EXIT
"$cluster/cluster.sh" build >&2
"$cluster/cluster.sh" tier1-up "$dir" >&2
mkfifo "$dir/to-java" "$dir/from-java"
# With its compiler at full strength, unlike in the tests.
E2E_LEVEL=ERROR E2E_ROOT_LEVEL=OFF java -Xmx1g --add-opens java.base/java.util.zip=ALL-UNNAMED \
  "-Dlogback.configurationFile=$cluster/logback.xml" -cp "$("$cluster/cluster.sh" classpath)" e2e.LedgerPeer \
  client "$zk" "$root" <"$dir/to-java" >"$dir/from-java" 2>"$dir/java.log" &
exec 7>"$dir/to-java" 8<"$dir/from-java"

with=(CRC32C - 3 3 2)
ask_java() { # COUNT BYTES
  local line answer=
  echo "${with[*]} speed $1 $2" >&7
  while read -r -t 300 line <&8; do
    case $line in ok) echo "$answer"; return ;; error:*) echo "$line" >&2; return 1 ;; esac
    answer=$line
  done
  return 1
}
ask_ours() { "$peer" "$zk" "$root" CRC32C "" 3 3 2 speed "$1" "$2"; }

for bytes in "$@"; do
  for _ in 1 2; do ask_java "$count" "$bytes" >/dev/null; done # warm
  ask_ours "$count" "$bytes" >/dev/null
  for _ in $(seq "$rounds"); do
    echo "{\"client\": \"ours\", \"bytes\": $bytes, \"per_second\": $(ask_ours "$count" "$bytes")}"
    echo "{\"client\": \"java\", \"bytes\": $bytes, \"per_second\": $(ask_java "$count" "$bytes")}"
  done
done
