"""Random disasters: a storm of writes on a real cluster, and what is left of Tier-2 at random moments (docs/disasters.md)."""
import json, os, random, shutil, signal, subprocess, time
from harness import CLUSTER, PROGRAM, Failure, kill_session
from judge import Judge, Recovered, Statement
from observe import apply_overlay, ask
from storm_log import Written, text

DONE, LOSS = 0, 3


def settings(layout, seed):
    """Containers, and the segment store's options: flushes by size and by time, chunks, rollovers."""
    choose = random.Random(f"{layout} {seed}")
    size = choose.choice([20_000, 100_000, 1_000_000, 4 << 20, 4 << 20])
    most = choose.choice([size, 4 << 20])
    wait = choose.randrange(2_000, 20_000)
    chunk = choose.choice([3 * size, 7 * size, 16 << 20])
    index = choose.choice([30_000, 60_000, 32 << 20])
    containers = choose.choice([1, 2, 4, 4, 6])
    options = (f"-Dwriter.flush.threshold.bytes={size} -Dwriter.flush.size.bytes.max={most} "
               f"-Dwriter.flush.threshold.milliseconds={wait} -Dwriter.rollover.size.bytes.max={chunk} "
               f"-Dstorage.metadata.rollover.size.bytes.max={max(60_000, chunk // 4)} "
               f"-Dattributeindex.attributeSegment.rolling.size.bytes={index}")
    told = f"{containers} containers, flushes of {size} (at most {most}) bytes or {wait} ms, chunks of {chunk}, index chunks of {index}"
    return choose, containers, options, told, wait


class Disaster:
    """A copy of Tier-2 as a kill -9 would have left it, and the log up to that moment."""

    def __init__(self, bench, name, wait_ms):
        self.bench, self.name, self.wait_ms = bench, name, wait_ms
        self.dir = bench.dir / name
        self.root = self.dir / "tier2"
        self.log = self.dir / "storm.log"

    def take(self):
        """Only the segment store writes to Tier-2: while it stands still, nothing there changes and nothing is acknowledged."""
        self.dir.mkdir()
        store = int((self.bench.dir / "store.pid").read_text())
        os.kill(store, signal.SIGSTOP)
        try:
            subprocess.run(["cp", "-a", self.bench.root, self.root], check=True)
            shutil.copy(self.bench.dir / "storm.log", self.log)
        finally:
            os.kill(store, signal.SIGCONT)

    def judge(self):
        """Rehearses the recovery of a copy, and holds what it brings back and what it states lost against the log."""
        bench, work = self.bench, self.dir / "rehearsal"
        flush = ["--set", f"writer.flush.threshold.milliseconds={self.wait_ms}"]
        code, out = bench.run([PROGRAM, "dr", "recover", self.root, *flush, "--workspace", work, "--format", "json"], 300,
                              quiet=True, check=False)
        if code not in (DONE, LOSS):
            raise Failure(f"{self.name}: dr recover ended with {code}\n{bench.tail('')}")
        copy = self.dir / "recovered"
        subprocess.run(["cp", "-a", self.root, copy], check=True)
        apply_overlay(copy, work / "rehearsal" / "overlay")
        lines = [json.loads(line) for line in out.splitlines()]
        written, statement = Written(self.log), Statement(lines)
        recovered = Recovered(copy, statement, written)
        judge = Judge(written, statement, recovered)
        problems = judge.run()
        reported = [l for l in ask(PROGRAM, "dr", "report", "--workspace", work / "rehearsal", "--format", "json")
                    if l["type"] == "loss"]
        same = [stated.items() <= l.items() for l, stated in zip(reported, statement.losses)]  # the report adds fields
        if len(reported) != len(statement.losses) or not all(same):
            problems.append("dr report does not state the losses that dr recover stated")
        if judge.oldest_ms is not None and code != LOSS:
            problems.append(f"writes are lost, and the exit code is {code}")
        shutil.rmtree(copy)
        self.manifest(written, statement, recovered)
        self.told(judge, statement, code)
        if problems:
            raise Failure(f"{self.name}: {len(problems)} problems:\n" + "\n".join("      | " + p for p in problems[:30]))

    def told(self, judge, statement, code):
        sent = sum(len(s.events) for s in judge.written.streams.values())
        back = "-" if judge.oldest_ms is None else f"{(judge.written.last_ms - judge.oldest_ms) / 1000:.1f} s"
        print(f"             {self.name}: {sent} events sent; acknowledged and lost: {judge.lost_events} events, "
              f"{judge.lost_keys} keys, {judge.lost_bytes} bytes, the oldest {back} before; "
              f"stated: {len(statement.losses)} items -> {code}", flush=True)

    def manifest(self, written, statement, recovered):
        """For the driver's 'survive': what may be read, and how much of it must be."""
        manifest, to_create = {}, statement.to_create_again()
        for name, stream in written.streams.items():
            if stream.deleting or name == "bytes":
                continue
            sent = [text(name, n, e.size) for n, e in stream.events.items() if stream.may_hold(n)]
            manifest[name] = {"events": sent, "must": len(recovered.numbers(name)), "sealed": stream.sealing}
            if f"dr/{name}" in to_create:  # served once it is created again, as dr recover says
                manifest[name] |= {"recreate": stream.segments, "reseal": stream.sealing or name in recovered.sealed}
            if f"dr/{name}" in statement.to_restart_writers():
                manifest[name]["restart"] = True
        history = {k: [v for v, _ in h if v is not None] for k, h in written.history.items()}
        newest = {k: h[-1][0] for k, h in written.history.items() if h[-1][0] is not None}
        right = sum(1 for k, v in newest.items() if recovered.table.get(k) == v)
        manifest["table"] = {"entries": newest, "history": history, "must": right}
        (self.dir / "manifest.json").write_text(json.dumps(manifest))


def storm(bench, seed, count):
    """The disasters of one seed: its settings, and `count` moments while everything is written at once."""
    choose, bench.containers, bench.store_opts, told, wait = settings(bench.layout, seed)
    print(f"             seed {seed}: {told}", flush=True)
    bench.cluster("up")
    disasters = []
    with open(bench.dir / "storm.out", "w") as out:
        writing = subprocess.Popen([CLUSTER, "storm", bench.dir, str(seed)], env=bench.env(), stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=out, start_new_session=True)
        try:
            log = bench.dir / "storm.log"
            deadline = time.monotonic() + 120
            while not (log.exists() and "send plain" in log.read_text()):
                if time.monotonic() > deadline or writing.poll() is not None:
                    raise Failure("the storm did not begin; see storm.out")
                time.sleep(0.2)
            time.sleep(wait / 1000)  # some of the controller's tables are in Tier-2 then
            for number in range(1, count + 1):
                time.sleep(choose.uniform(1, 14))
                disaster = Disaster(bench, f"{seed}.{number}", wait)
                disaster.take()
                disasters.append(disaster)
            if writing.poll() is not None:
                raise Failure("the storm ended by itself; see storm.out")
        finally:
            kill_session(writing)
            writing.wait()
    bench.cluster("kill", quiet=True)
    bench.store_opts = ""
    for ended in Written(log).stopped:
        raise Failure(f"the storm did not go on to the end: {ended}")
    return disasters


def kept(bench, source):
    """A disaster of an earlier run, whose directory is named SEED.MOMENT."""
    _, bench.containers, _, told, wait = settings(bench.layout, int(source.name.split(".")[0]))
    print(f"             {source.name} again: {told}", flush=True)
    disaster = Disaster(bench, source.name, wait)
    disaster.dir.mkdir()
    shutil.copy(source / "storm.log", disaster.log)
    subprocess.run(["cp", "-a", source / "tier2", disaster.root], check=True)
    return disaster


def on_a_cluster(bench, disaster):
    """The same disaster recovered for real: servers start on it, serve at least what was found, and take writes."""
    bench.cluster("lose-tier1", quiet=True)
    shutil.rmtree(bench.root)
    shutil.rmtree(bench.dir / "workspace", ignore_errors=True)
    subprocess.run(["cp", "-a", disaster.root, bench.root], check=True)
    shutil.copy(disaster.dir / "manifest.json", bench.dir / "manifest.json")
    bench.cluster("tier1-up")
    bench.dr("recover", "--yes", codes=(DONE, LOSS))
    bench.dr("verify")
    bench.cluster("servers-up")
    bench.cluster("survive")
    bench.cluster("kill", quiet=True)
