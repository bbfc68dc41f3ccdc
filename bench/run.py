#!/usr/bin/env python3
"""Everything that ./dev bench measures, as a text to read and build/bench/results.json to compare.

    bench/run.py SEGMENTS [--rounds N] [--only PART]... [--cold] [--bookies] [--scratch DIR] [--build DIR]

Parts: list (both layouts, against the floor, at SEGMENTS and a hundredth of them), recover, latency, codecs, counts.
Compared are medians of rounds that take turns, in wall-clock time and in processor time: on a busy machine only the
second means much."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
LAYOUTS = ("rolling", "chunked")
CONTAINERS = 16
RECOVER_AT_MOST = 100_000
LATENCY_SEGMENTS = 2_000
LATENCY_DEPTHS = (1, 8, 32, 128)
LATENCIES_US = (1_000, 5_000)
DROP_CACHES = pathlib.Path("/proc/sys/vm/drop_caches")
RECOVER_DEPTHS = (4, 64, 128)  # four containers at a time, whatever the depth


def run(*command, output=None):
    """The lines of JSON it prints, and what it cost."""
    begin = time.monotonic()
    with open(output or os.devnull, "w") as discard:
        pipe = None if output is not None else subprocess.PIPE
        process = subprocess.Popen([str(c) for c in command], stdout=pipe or discard, text=True)
        text = process.stdout.read() if pipe else ""
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed with {process.returncode}: {' '.join(str(c) for c in command)}")
    cost = {"wall": time.monotonic() - begin, "cpu": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")], cost


def median(costs, what):
    return statistics.median(c[what] for c in costs)


class Bench:
    def __init__(self, options):
        self.options = options
        self.scratch = pathlib.Path(options.scratch)
        self.build = pathlib.Path(options.build)
        self.results = {"segments": options.segments, "machine": machine()}
        self.trees = {}

    def tree(self, layout, segments):
        key = (layout, segments)
        if key not in self.trees:
            path = self.scratch / f"{layout}-{segments}"
            made, cost = run(self.build / "bench/make_tree", layout, path, segments, CONTAINERS)
            print(f"# made {layout}: {made[0]['segments']} segments, {made[0]['files']} files in {cost['wall']:.0f} s", flush=True)
            self.trees[key] = (path, made[0]["segments"], made[0]["files"])
        return self.trees[key]

    def drop(self, layout, segments):
        shutil.rmtree(self.trees.pop((layout, segments))[0])

    def list(self):
        print(f"\n{'list-segments':9} {'segments':>9} {'files':>9} {'floor s':>8} {'ours s':>8} {'ratio':>6} "
              f"{'floor cpu':>9} {'our cpu':>8} {'ratio':>6} {'us/seg cpu':>10} {'peak MiB':>8}")
        for layout in LAYOUTS:
            per_segment = {}
            for segments in sorted({max(self.options.segments // 100, 100), self.options.segments}):
                row = self.list_one(layout, segments)
                per_segment[segments] = row["cpu_us_per_segment"]
                self.results.setdefault("list", []).append(row)
                if segments > RECOVER_AT_MOST:
                    self.drop(layout, segments)
            sizes = sorted(per_segment)
            print(f"growth {layout}: {per_segment[sizes[-1]] / per_segment[sizes[0]]:.2f} x the time per segment", flush=True)

    def list_one(self, layout, segments):
        path, count, files = self.tree(layout, segments)
        threads = os.cpu_count()
        floor, ours = [], []
        for _ in range(self.options.rounds + 1):  # the first one warms the caches
            floor.append(run(self.build / "bench/floor", layout, path, threads)[1])
            ours.append(run(self.build / "pravega-dr", "storage", "list-segments", path, output=os.devnull)[1])
        floor, ours = floor[1:], ours[1:]
        row = {"layout": layout, "segments": count, "files": files, "peak_mib": median(ours, "peak_mib")}
        row.update(self.list_cold(layout, path, threads))
        for what in ("wall", "cpu"):
            row[f"floor_{what}"], row[what] = median(floor, what), median(ours, what)
            row[f"{what}_ratio"] = statistics.median(o[what] / f[what] for o, f in zip(ours, floor))
            row[f"{what}_us_per_segment"] = row[what] / count * 1e6
        print(f"{layout:9} {count:13} {files:9} {row['floor_wall']:8.3f} {row['wall']:8.3f} {row['wall_ratio']:6.2f} "
              f"{row['floor_cpu']:9.3f} {row['cpu']:8.3f} {row['cpu_ratio']:6.2f} {row['cpu_us_per_segment']:10.2f} "
              f"{row['peak_mib']:8.0f}", flush=True)
        return row

    def list_cold(self, layout, path, threads):
        """With nothing in the kernel's caches; the disk of a virtual machine may have some of its own."""
        if not self.options.cold:
            return {}
        cold = {}
        for what, command in (("floor", (self.build / "bench/floor", layout, path, threads)),
                              ("ours", (self.build / "pravega-dr", "storage", "list-segments", path))):
            os.sync()
            DROP_CACHES.write_text("3")
            cold[what] = run(*command, output=os.devnull)[1]["wall"]
        print(f"  cold: floor {cold['floor']:.2f} s, ours {cold['ours']:.2f} s, ratio {cold['ours'] / cold['floor']:.2f}", flush=True)
        return {f"cold_{what}_wall": seconds for what, seconds in cold.items()}

    def recover_once(self, path, *distance):
        work = self.scratch / "recover"
        result = run(self.build / "bench/recover", path, work, *distance)
        shutil.rmtree(work)
        return result

    def recover(self):
        segments = min(self.options.segments, RECOVER_AT_MOST)
        for layout in LAYOUTS:
            path, count, _ = self.tree(layout, segments)
            phases, cost = self.recover_once(path)
            print(f"\nrecover {layout}, {count} segments, {CONTAINERS} containers: {cost['wall']:.2f} s, {cost['cpu']:.2f} s cpu, "
                  f"{cost['peak_mib']:.0f} MiB")
            read = 0.0
            for p in phases:
                print(f"  {p['phase']:28} {p['seconds']:8.2f} s {p['cpu']:8.2f} s cpu, peak so far {p['peak_mib']} MiB")
                if p["phase"] in ("scanning Tier-2", "reading segment headers", "reading storage metadata", "gather"):
                    read += p["cpu"]
            scan = sum(p["cpu"] for p in phases[:2])
            print(f"  whole / its scan (names and segment metadata): {cost['cpu'] / scan:.2f}; / all it reads before planning: "
                  f"{cost['cpu'] / read:.2f} (cpu)", flush=True)
            self.results.setdefault("recover", []).append({"layout": layout, "segments": count, "phases": phases, **cost})

    def latency(self):
        segments = min(self.options.segments, LATENCY_SEGMENTS)
        for layout in LAYOUTS:
            path, count, files = self.tree(layout, segments)
            for delay in LATENCIES_US if segments == LATENCY_SEGMENTS else LATENCIES_US[:1]:
                first = None
                print(f"\nlist-segments {layout}, {count} segments, {files} files, {delay / 1000:.0f} ms per call")
                for depth in LATENCY_DEPTHS:
                    lines, _ = run(self.build / "bench/slow_list", path, depth, delay)
                    seconds, calls = lines[0]["seconds"], lines[1]["calls"]
                    first = first or seconds
                    print(f"  depth {depth:4}: {seconds:8.2f} s, {calls} calls, {first / seconds:6.1f} x", flush=True)
                    self.results.setdefault("latency", []).append(
                        {"layout": layout, "delay_us": delay, "depth": depth, "seconds": seconds, "calls": calls})

            self.recover_far(layout, path, count)

    def recover_far(self, layout, path, count):
        delay = LATENCIES_US[0]
        for depth in RECOVER_DEPTHS:
            lines, cost = self.recover_once(path, depth, delay)
            print(f"  whole recovery, {delay / 1000:.0f} ms per call, depth {depth:4}: {cost['wall']:8.2f} s, {lines[-1]['calls']} calls, of it "
                  + ", ".join(f"{p['phase']} {p['seconds']:.2f}" for p in lines[:-1]), flush=True)
            self.results.setdefault("recover_latency", []).append(
                {"layout": layout, "segments": count, "delay_us": delay, "depth": depth, "phases": lines[:-1], **cost, **lines[-1]})

    def codecs(self):
        print(flush=True)
        out = self.build / "codecs.json"
        subprocess.run([self.build / "bench/codecs", f"--benchmark_out={out}", "--benchmark_min_time=0.05"], check=True,
                       stderr=subprocess.DEVNULL)
        self.results["codecs"] = json.loads(out.read_text())["benchmarks"]

    def counts(self):
        print(flush=True)
        if shutil.which("valgrind") is None:
            print("instruction counts: no valgrind here")
            return
        subprocess.run([HERE / "codec_counts.py", self.build / "bench/codec_counts"], check=True)

    def bookies(self):
        rounds = []
        process = subprocess.run([HERE / "bookies.sh", str(self.options.rounds), "4000", "1000", "100000"], check=True,
                                 stdout=subprocess.PIPE, text=True)
        for line in process.stdout.splitlines():
            if line.startswith("{"):
                rounds.append(json.loads(line))
        for size in sorted({r["bytes"] for r in rounds}):
            for what, unit in (("per_second", "/s"), ("cpu_us", " us of processor time each")):
                ours, java = (statistics.median(r[what] for r in rounds if r["bytes"] == size and r["client"] == c)
                              for c in ("ours", "java"))
                print(f"appends of {size} bytes to 3 bookies: ours {ours:.0f}{unit}, Java client {java:.0f}{unit}, "
                      f"ratio {ours / java:.2f}")
        self.results["bookies"] = rounds


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {"cpu": model, "cores": os.cpu_count(), "kernel": os.uname().release, "load": os.getloadavg()[0]}


def main():
    parts = ("list", "recover", "latency", "codecs", "counts")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("segments", type=int, nargs="?", default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=parts)
    parser.add_argument("--cold", action="store_true", help="lists with empty caches too; empties those of the whole machine, as root")
    parser.add_argument("--bookies", action="store_true", help="also start ZooKeeper and three bookies and append to them")
    parser.add_argument("--scratch", default="/tmp/pravega-dr-bench", help="needs 15 GB for a million segments")
    parser.add_argument("--build", default=HERE.parent / "build/bench", help="where the programs were built")
    options = parser.parse_args()
    shutil.rmtree(options.scratch, ignore_errors=True)
    pathlib.Path(options.scratch).mkdir(parents=True)
    bench = Bench(options)
    print(f"# {json.dumps(bench.results['machine'])}")
    try:
        for part in parts:
            if not options.only or part in options.only:
                getattr(bench, part)()
        if options.bookies:
            bench.bookies()
    finally:
        shutil.rmtree(options.scratch, ignore_errors=True)
    (bench.build / "results.json").write_text(json.dumps(bench.results, indent=1))


if __name__ == "__main__":
    main()
