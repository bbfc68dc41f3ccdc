#!/usr/bin/env python3
"""Recoveries judged by real clusters: ZooKeeper, bookies, segment store and controller from their released jars.

    e2e/run.py [chunked|rolling] [SCENARIO...]   all scenarios, or those named; of both layouts, two run side by side
    e2e/run.py --list                            what they are
    e2e/run.py disasters --seeds 1-20            more random disasters (docs/disasters.md)

The program under test is build/pravega-dr, or $PRAVEGA_DR. Each scenario has its own directory
build/e2e/<layout>-<scenario>, which is left behind with all logs when it fails. What failed is said once more
at the end; the last line counts.
"""
import argparse, os, pathlib, re, signal, subprocess, sys, threading, time, traceback
from harness import CLUSTER, PROGRAM, Bench, Failure
import scenarios
import safety  # noqa: F401  (adds its scenarios)


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


def side_by_side(jobs, options):
    """Two at a time, each in a process of its own; a line comes out when it is made, with its layout in front."""
    waiting, children, totals, failures, lock = iter(jobs), [], [], [], threading.Lock()

    def work(lane):
        while True:
            with lock:
                job = next(waiting, None)
            if job is None:
                return
            child = subprocess.Popen([sys.executable, __file__, *job, *options], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                     env=dict(os.environ, E2E_LANE=str(lane)))
            children.append(child)
            counted, said = None, []
            for line in child.stdout:
                ends = re.fullmatch(r"(\d+) passed, (\d+) failed\n", line)
                counted = [int(n) for n in ends.groups()] if ends else counted
                if not ends and line.strip():
                    said.append(f"{job[0]:8} {line}")
                    print(said[-1], end="", flush=True)
            totals.append([0, 1] if child.wait() and not (counted and counted[1]) else counted or [0, 1])
            if totals[-1][1]:
                failures.extend(said)

    workers = [threading.Thread(target=work, args=[lane]) for lane in range(2)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        waiting = iter(())
        for child in children:
            child.terminate()
    passed, failed = (sum(t[i] for t in totals) for i in (0, 1))
    print("\nWhat failed:\n" + "".join(failures) if failures else "", end="")
    print(f"\n{passed} passed, {failed} failed")
    return 0 if not failed and passed else 1


def numbers(text):
    """7, or 1-20"""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", help="chunked, rolling, or names of scenarios")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--seeds", type=numbers, default=[1], metavar="A-B", help="disasters: the storms to make (1)")
    parser.add_argument("--moments", type=int, default=2, help="disasters: moments of each storm at which Tier-1 is lost (2)")
    parser.add_argument("--servers", choices=["none", "last", "all"], default="last",
                        help="disasters: which moments of each storm servers are started on (last)")
    parser.add_argument("--again", type=pathlib.Path, nargs="+", default=[], metavar="DIR",
                        help="disasters: judge copies that an earlier run left behind, not new ones; one layout only")
    args = parser.parse_args()
    args.again = [path.resolve() for path in args.again]
    scenarios.DISASTERS = args
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
    jobs = [(layout, name) for name in names for layout in layouts if layout in scenarios.LAYOUTS.get(name, layouts)]
    if len(layouts) > 1:
        return side_by_side(jobs, [f"--seeds={args.seeds[0]}-{args.seeds[-1]}", f"--moments={args.moments}",
                                   f"--servers={args.servers}"])
    results = [one(layout, name, scenarios.ALL[name]) for layout, name in jobs]
    print(f"\n{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
