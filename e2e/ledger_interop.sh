#!/usr/bin/env bash
# Our ledger client against the real one, over real ZooKeeper and bookies, in both directions: each
# reads, fences, recovers and deletes what the other wrote; bookies are killed under both.
#
#   e2e/ledger_interop.sh     PORT_BASE (31000), LEDGER_PEER (build/dev/e2e/ledger_peer)
#
# Everything is below build/ledger-interop; it is left there, with all logs, when something fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PORT_BASE=${PORT_BASE:-31000} LAYOUT=chunked BOOKIES=3 CLUSTER=pravega-cluster
peer=${LEDGER_PEER:-$here/../build/dev/e2e/ledger_peer}
dir=$here/../build/ledger-interop
zk=127.0.0.1:$PORT_BASE
root=/pravega/$CLUSTER/bookkeeper/ledgers
checks=0
declare -A bookie_pid=()
[ -x "$peer" ] || { echo "$peer is not built" >&2; exit 2; }

rm -rf "$dir"; mkdir -p "$dir"
stop_all() {
  for pid in $(jobs -p); do kill -9 "$pid" 2>/dev/null || true; done
  "$here/cluster/cluster.sh" kill "$dir" || true
}
trap stop_all EXIT

# The real client's CRC-32 reaches into java.util.zip.
jvm() { E2E_LEVEL=ERROR E2E_ROOT_LEVEL=OFF exec java -Xmx300m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  --add-opens java.base/java.util.zip=ALL-UNNAMED \
  "-Dlogback.configurationFile=$here/cluster/logback.xml" -cp "$("$here/cluster/cluster.sh" classpath)" e2e.LedgerPeer "$@"; }
fail() { echo "FAILED: $*" >&2; echo "see $dir" >&2; exit 1; }
check() { # WHAT EXPECTED ACTUAL
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}
start_bookie() { # PORT
  E2E_LEVEL=ERROR jvm bookie "$dir/bookie-$1" "$zk" "$1" "$root" >"$dir/bookie-$1.log" 2>&1 </dev/null &
  bookie_pid[$1]=$!
  for _ in $(seq 240); do grep -q READY "$dir/bookie-$1.log" && return; sleep 0.25; done
  fail "bookie $1 did not start"
}
kill_bookie() { kill -9 "${bookie_pid[$1]}"; wait "${bookie_pid[$1]}" 2>/dev/null || true; unset "bookie_pid[$1]"; }

# Both sides take: DIGEST PASSWORD ENSEMBLE WRITE ACK COMMAND... and print the answer.
native() {
  local password=$2; [ "$password" != - ] || password=
  timeout 150 "$peer" "$zk" "$root" "$1" "$password" "${@:3}" 2>>"$dir/native.err" || echo "error"
}
java() {
  local line
  echo "$*" >&7
  while read -r -t 90 line <&8; do
    [ "$line" != ok ] || return 0
    case $line in error:*) echo "$line" >>"$dir/java.err"; echo error; return 0 ;; esac
    echo "$line"
  done
  echo "no answer"
}
java_apart() { # in a JVM of its own, for commands that wait
  echo "$*" | jvm client "$zk" "$root" | grep --line-buffered -v '^ok$'
}
other() { if [ "$1" = java ]; then echo native; else echo java; fi; }
apart() { if [ "$1" = java ]; then java_apart "${@:2}"; else "$@"; fi; }
await_line() { # FILE LINE
  for _ in $(seq 600); do grep -qx "$2" "$1" && return; sleep 0.1; done
  fail "no line '$2' in $1"
}

both_ways() { # DIGEST PASSWORD
  local with=("$1" "$2" 3 3 2) writer reader id seed=$((RANDOM % 1000))
  for writer in native java; do
    reader=$(other $writer)
    id=$($writer "${with[@]}" write $seed 60 close)
    check "$1/$2: $reader reads what $writer closed" 59 "$($reader "${with[@]}" read "$id" $seed)"
    check "$1/$2: $reader opens it fencing" 59 "$($reader "${with[@]}" fence "$id" $seed)"
    check "$1/$2: $writer reads it itself" 59 "$($writer "${with[@]}" fence "$id" $seed)"
    check "$1/$2: another password is refused" error "$($reader "$1" other 3 3 2 fence "$id" $seed)"
    check "$1/$2: $reader deletes it" "" "$($reader "${with[@]}" delete "$id")"
    check "$1/$2: it is gone for $writer" error "$($writer "${with[@]}" read "$id" $seed)"

    id=$(apart $writer "${with[@]}" write $seed 70 open)
    $reader "${with[@]}" read "$id" $seed >"$dir/open-read"
    [ "$(cat "$dir/open-read")" -le 69 ] || fail "$1/$2: read beyond what was written"
    check "$1/$2: $reader recovers what $writer left open" 69 "$($reader "${with[@]}" fence "$id" $seed)"
    check "$1/$2: $writer agrees" 69 "$($writer "${with[@]}" fence "$id" $seed)"

    id=$(apart $writer "${with[@]}" write $seed 0 open)
    check "$1/$2: $reader recovers an empty ledger" -1 "$($reader "${with[@]}" fence "$id" $seed)"
    check "$1/$2: $writer agrees" -1 "$($writer "${with[@]}" read "$id" $seed)"
  done
}

fence_a_live_writer() { # WRITER
  local with=(CRC32C - 3 3 2) id out="$dir/hold-$1" go="$dir/hold-$1.go"
  (apart "$1" "${with[@]}" hold 4 25 "$go" >"$out") &
  local pid=$!
  await_line "$out" held
  id=$(head -1 "$out")
  check "$(other "$1") fences a live $1 writer" 24 "$($(other "$1") "${with[@]}" fence "$id" 4)"
  touch "$go"; wait $pid
  check "the $1 writer notices" fenced "$(tail -1 "$out")"
  check "and nothing was added" 24 "$("$1" "${with[@]}" read "$id" 4)"
}

# A dead bookie stays registered until its session expires. A ledger created before that may begin with
# it, and change its ensemble once more than what is tested here.
await_four_bookies() {
  for _ in $(seq 120); do
    [ "$(native CRC32C - 5 3 2 check)" != error ] || return 0
    sleep 0.25
  done
  fail "a dead bookie stays registered"
}

kill_mid_write() { # WRITER VICTIM SPARE
  local with=(CRC32C pw 4 3 2) id out="$dir/pause-$1" go="$dir/pause-$1.go"
  await_four_bookies
  (apart "$1" "${with[@]}" pause 8 400 "$go" >"$out") &
  local pid=$!
  await_line "$out" half
  id=$(head -1 "$out")
  start_bookie "$3"
  kill_bookie "$2"
  touch "$go"; wait $pid
  check "$1 survives the death of a bookie" closed "$(tail -1 "$out")"
  check "$1 changes the ensemble once" 2 "$(java "${with[@]}" ensembles "$id")"
  check "$1 reads it back" 399 "$("$1" "${with[@]}" read "$id" 8)"
  check "$(other "$1") reads it" 399 "$($(other "$1") "${with[@]}" fence "$id" 8)"
}

kill_before_recovery() { # WRITER VICTIM SPARE
  local with=(CRC32C - 4 3 2) id
  await_four_bookies
  id=$(apart "$1" "${with[@]}" write 6 200 open)
  start_bookie "$3"
  kill_bookie "$2"
  check "$(other "$1") recovers a ledger of $1 without one of its bookies" 199 \
    "$($(other "$1") "${with[@]}" fence "$id" 6)"
  check "$1 agrees" 199 "$("$1" "${with[@]}" read "$id" 6)"
}

"$here/cluster/cluster.sh" build
"$here/cluster/cluster.sh" tier1-up "$dir"
mkfifo "$dir/to-java" "$dir/from-java"
jvm client "$zk" "$root" <"$dir/to-java" >"$dir/from-java" 2>"$dir/java.log" &
exec 7>"$dir/to-java" 8<"$dir/from-java"

check "the metadata store" "" "$(native CRC32C - 3 3 2 nodes /interop)"
check "enough bookies" "" "$(native CRC32C - 3 3 2 check)"
check "not enough bookies" error "$(native CRC32C - 4 3 2 check)"
for digest in CRC32 MAC CRC32C DUMMY; do
  for password in - pw; do
    both_ways $digest $password
    echo "$digest, password $password: ok"
  done
done
for writer in native java; do fence_a_live_writer $writer; done
echo "fencing a live writer: ok"
start_bookie $((PORT_BASE + 4))
kill_mid_write native $((PORT_BASE + 4)) $((PORT_BASE + 5))
kill_mid_write java $((PORT_BASE + 5)) $((PORT_BASE + 6))
echo "a bookie killed under a writer: ok"
kill_before_recovery native $((PORT_BASE + 6)) $((PORT_BASE + 7))
kill_before_recovery java $((PORT_BASE + 7)) $((PORT_BASE + 8))
echo "a bookie killed before recovery: ok"
stop_all
trap - EXIT
rm -rf "$dir"
echo "ledger interop: $checks checks passed"
