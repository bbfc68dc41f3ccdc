#!/usr/bin/env python3
"""Recoveries judged by real clusters: ZooKeeper, bookies, segment store and controller from their released jars.

    e2e/run.py [chunked|rolling] [SCENARIO...]   all scenarios of both layouts, or those named
    e2e/run.py --list                            what they are

The program under test is build/pravega-dr, or $PRAVEGA_DR. Each scenario has its own directory
build/e2e/<layout>-<scenario>, which is left behind with all logs when it fails. The last line counts.
"""
import argparse, os, signal, subprocess, sys, time, traceback
from harness import CLUSTER, PROGRAM, Bench, Failure
import scenarios


def one(layout, name, function):
    print(f"\n--- {layout} {name}: {function.__doc__.splitlines()[0]}", flush=True)
    start, bench = time.monotonic(), Bench(layout, name)
    try:
        function(bench)
    except Failure as failure:
        problem = str(failure)
    except Exception:  # a broken scenario is a failed one; the others still run
        problem = traceback.format_exc()
    else:
        problem = None
    finally:
        bench.close()
    took = time.monotonic() - start
    if problem is None:
        bench.forget()
        print(f"    PASS {layout} {name} ({took:.0f} s)", flush=True)
        return True
    print(f"    FAIL {layout} {name} ({took:.0f} s): {problem}\n    everything is in {bench.dir}", flush=True)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", help="chunked, rolling, or names of scenarios")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    args = parser.parse_args()
    if args.list:
        for name, function in scenarios.ALL.items():
            print(f"{name:16} {function.__doc__.splitlines()[0]}")
        return 0
    layouts = [w for w in args.what if w in ("chunked", "rolling")] or ["chunked", "rolling"]
    names = [w for w in args.what if w not in ("chunked", "rolling")] or list(scenarios.ALL)
    unknown = [n for n in names if n not in scenarios.ALL]
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; --list names them")
    for caught in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(caught, lambda number, frame: sys.exit(128 + number))
    if not PROGRAM.exists():
        parser.error(f"{PROGRAM} is missing; './dev build' makes it")
    for layout in layouts:
        subprocess.run([CLUSTER, "build"], check=True, stdin=subprocess.DEVNULL, env=dict(os.environ, LAYOUT=layout))
    results = [one(layout, name, scenarios.ALL[name]) for layout in layouts for name in names]
    print(f"\n{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
