#!/usr/bin/env bash
# Appends per second through our bookie client and through the real Java client, in turns, to the same
# three bookies. Prints JSON lines: {"client", "bytes", "per_second", "cpu_us"}; cpu_us is the processor
# time of the client per entry. Ours is that of a whole process, its start included; the Java client's
# is that of a process that has been warmed up.
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
java_pid=$!
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
java_cpu_us() { # of its process, so far
  local stat
  stat=$(sed 's/.*) //' "/proc/$java_pid/stat")
  awk -v hz="$(getconf CLK_TCK)" '{ printf "%d", ($12 + $13) * 1000000 / hz }' <<<"$stat"
}
report() { # CLIENT BYTES PER_SECOND MICROSECONDS
  echo "{\"client\": \"$1\", \"bytes\": $2, \"per_second\": $3, \"cpu_us\": $(($4 / count))}"
}
measure_ours() { # BYTES
  local TIMEFORMAT='%U %S' speed used
  speed=$({ time ask_ours "$count" "$1"; } 2>"$dir/ours.time")
  used=$(awk '{ printf "%d", ($1 + $2) * 1000000 }' "$dir/ours.time")
  report ours "$1" "$speed" "$used"
}
measure_java() { # BYTES
  local before speed
  before=$(java_cpu_us)
  speed=$(ask_java "$count" "$1")
  report java "$1" "$speed" $(($(java_cpu_us) - before))
}

for bytes in "$@"; do
  for _ in 1 2; do ask_java "$count" "$bytes" >/dev/null; done # warm
  ask_ours "$count" "$bytes" >/dev/null
  for _ in $(seq "$rounds"); do
    measure_ours "$bytes"
    measure_java "$bytes"
  done
done
