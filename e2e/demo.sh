#!/usr/bin/env bash
# ./dev demo [chunked|rolling]: the main job on a real Tier-2 tree, with a directory as Tier-1.
# The tree was written by a real Pravega cluster of four containers, flushed, and then lost its Tier-1.
set -euo pipefail
cd "$(dirname "$0")/.."
layout=${1:-chunked}
fixture=testdata/fixtures/$layout-flushed
[ -d "$fixture" ] || { echo "demo: chunked or rolling, not '$layout'" >&2; exit 2; }
work=build/demo/$layout
rm -rf "$work"
mkdir -p "$work"
tar -C "$work" --zstd -xf "$fixture/tier2.tar.zst"
tree=$work/tier2

headline() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { # LINES COMMAND... : run it, show the first lines of what it printed
  local lines=$1 code=0; shift
  printf '\033[2m$ %s\033[0m\n' "$*"
  "$@" >"$work/out" || code=$?
  head -n "$lines" "$work/out"
  [ "$(wc -l <"$work/out")" -le "$lines" ] || echo "... ($(wc -l <"$work/out") lines in all)"
  [ "$code" = 0 ] || { echo "demo: exit code $code" >&2; exit "$code"; }
}

echo "A Pravega cluster lost BookKeeper and ZooKeeper. What is left is its Tier-2, in $tree:"
echo "$(find "$tree" -type f | wc -l) files, $(du -sh "$tree" | cut -f1), $layout layout."
headline "1. Which segments are in there?"
show 12 build/pravega-dr storage list-segments "$tree"
headline "2. What would a recovery do? (Nothing is written.)"
show 40 build/pravega-dr dr plan "$tree" --workspace "$work/workspace"
headline "3. Recover: build the containers' metadata, fill a new Tier-1, enable it last. (Here Tier-1 is a directory, so it is a rehearsal.)"
show 40 build/pravega-dr dr recover "$tree" --tier1 "embedded:$work/tier1" --workspace "$work/workspace" --yes
headline "4. Verify: boot every container from the new Tier-1 as production would, and compare it with Tier-2."
show 40 build/pravega-dr dr verify "$tree" --tier1 "embedded:$work/tier1" --workspace "$work/workspace"
headline "5. Report: one file for those who wait; open it in a browser."
show 5 build/pravega-dr dr report --rehearse --workspace "$work/workspace" --out "$work/report.html"
headline "Done: recovered and verified. Everything is in $work; './dev test' does this with real clusters."
