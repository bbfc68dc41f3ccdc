"""The scenarios, in the order they run. The first line of each docstring is what it shows."""
import argparse, concurrent.futures, json, os, re, shlex, shutil, signal, subprocess, tempfile, time
from pathlib import Path
import disasters
from harness import CLUSTER, FIXTURES, HERE, PROGRAM, ROOT, RPC_PORT, Failure, tree_state

ALL = {}
DISASTERS = argparse.Namespace(seeds=[1], moments=2, servers="last")  # run.py's options; these are cheap
LAYOUTS = {name: ["chunked"] for name in ("ledgers", "session", "documents")}  # have nothing to do with the layout: run once
DONE, LOSS, NEEDS_ALLOW, LIVE, VERIFY_FAILED, UNREADABLE, UNAVAILABLE = 0, 3, 4, 6, 8, 9, 10
SMALL_CHUNKS = ("-Dwriter.flush.threshold.bytes=20000 -Dwriter.flush.size.bytes.max=20000 "
                "-Dwriter.rollover.size.bytes.max=60000 -Dstorage.metadata.rollover.size.bytes.max=60000 "
                "-Dattributeindex.attributeSegment.rolling.size.bytes=60000")


def scenario(name):
    def keep(function):
        ALL[name] = function
        return function
    return keep


def recover(bench, codes=(DONE,)):
    bench.dr("recover", "--yes", codes=codes)
    bench.dr("verify")


def serve_and_restart(bench, check):
    """Production serves everything and takes writes; after a kill -9 of all processes it still does."""
    bench.cluster("servers-up")
    bench.cluster(check)
    bench.cluster("kill", quiet=True)
    bench.cluster("up")
    bench.cluster(check if check == "survive" else "verify")


def live_rows(bench):
    """What the live cluster says of every segment, taken when nothing writes any more."""
    bench.cluster("kill", "controller", quiet=True)
    bench.cluster("flush")
    return rows(bench.cluster("segments"))


def rows(text):
    lines = text.strip().splitlines()
    if lines[0] != "container,name,sealed,length,start_offset":
        raise Failure(f"unexpected header: {lines[0]}")
    return {line for line in lines[1:] if not line.split(",")[1].startswith("_system/containers/")}


def made_and_flushed(bench):
    """A tree from a cluster of the bench's settings, lost with its Tier-1 after a flush; list-segments equals what was live."""
    bench.cluster("up")
    bench.cluster("write", "11")
    bench.cluster("more", "12")
    live = live_rows(bench)
    bench.cluster("kill", quiet=True)
    bench.cluster("lose-tier1", quiet=True)
    bench.store_opts = ""
    listed = rows(bench.storage("list-segments", "--format", "csv"))
    bench.expect(listed == live, "list-segments differs from the live cluster (< live, > listed):\n" + "\n".join(
        [f"      < {r}" for r in sorted(live - listed)[:20]] + [f"      > {r}" for r in sorted(listed - live)[:20]]))


@scenario("flushed")
def flushed(bench):
    """A flushed tree, four containers, three bookies: all is there, every kind of request works, restart; reruns change nothing."""
    bench.fixture("flushed")
    bench.cluster("tier1-up")
    before = bench.state()
    bench.dr("plan")
    bench.expect_same(before, bench.state(), "dr plan")
    recover(bench)
    recovered = bench.state()
    bench.dr("recover", "--yes")
    bench.dr("verify")
    bench.expect_same(recovered, bench.state(), "a second dr recover")
    with concurrent.futures.ThreadPoolExecutor() as aside:
        asked = aside.submit(as_promised, bench)  # before anything runs: it waits
        bench.cluster("servers-up")
        asked.result()
    bench.expect("waiting for the cluster" in (bench.dir / "run.log").read_text(errors="replace"), "it did not wait")
    bench.cluster("append")
    deleted_since(bench)
    bench.dr("recover", "--yes")  # its workspace knows that all is done
    shutil.rmtree(bench.dir / "workspace")
    bench.dr("recover", "--yes", codes=(LIVE,))
    bench.cluster("verify")
    bench.cluster("kill", quiet=True)
    bench.cluster("up")
    bench.cluster("verify")
    bench.cluster("append")


def as_promised(bench):
    """The segment stores tell of every planned segment, and agree with the plan."""
    *findings, live = bench.live()
    bench.expect(not findings and live["as_planned"] and live["stores"] == 1, f"not as promised: {live} {findings}")
    planned = len(bench.storage("list-segments", "--format", "csv").splitlines()) - 1
    bench.expect(live["segments"] >= planned and live["tables"] > 0 and live["keys"] > 0, f"{planned} planned: {live}")


def deleted_since(bench):
    """'append' has deleted a stream, truncated, sealed and written others: only the deleted one is a finding."""
    *findings, live = bench.live(codes=(VERIFY_FAILED,))
    bench.expect(findings and all(f["code"] == "live-missing" and "many-7/" in f["segment"] for f in findings)
                 and live["grown"] and live["truncated"], f"unexpected: {live} {findings}")


def shell_fences(path):
    """The commands of a document that are marked to be run: its sh fences, each a list of lines."""
    found = re.findall(r"^ *```sh\n(.*?)^ *```", path.read_text(), re.MULTILINE | re.DOTALL)
    return [[line.strip() for line in fence.splitlines() if line.strip()] for fence in found]


@scenario("documents")
def documents(bench):
    """The commands of README and runbook, as they stand there, with this cluster's paths and addresses."""
    for document in (ROOT / "README.md", ROOT / "docs" / "runbook.md"):
        bench.fixture("flushed")
        bench.cluster("tier1-up")
        config = bench.config()
        here = {"/mnt/tier2": bench.root, "/var/tmp/dr": bench.dir / "workspace", "--config config.properties": f"--config {config}",
                "--out lists": f"--out {bench.dir / 'lists'}",
                "--out report.html": f"--out {bench.dir / 'workspace' / 'report.html'}",
                "tcp://controller:9090": f"tcp://127.0.0.1:{bench.ports + RPC_PORT}"}
        before, after = shell_fences(document)
        bench.expect(len(before) > 3 and after, f"{document.name}: where are its commands?")
        for part in (before, after):
            for line in part:
                run_as_written(bench, line, here)
            if part is before:
                bench.cluster("servers-up")
        bench.cluster("kill", quiet=True)
        bench.cluster("lose-tier1", quiet=True)
        for tree in [bench.root, *bench.dir.glob("workspace*")]:
            shutil.rmtree(tree)


def run_as_written(bench, line, here):
    for word, mine in here.items():
        line = line.replace(word, str(mine))
    argv = shlex.split(line)
    bench.expect(argv[0] == "pravega-dr", f"not a command of the program: {line}")
    yes = ["--yes"] if argv[1:3] == ["dr", "recover"] and "--yes" not in argv else []  # who reads answers 'yes'
    bench.run([PROGRAM, *argv[1:], *yes], 300)


@scenario("one-container")
def one_container(bench):
    """One container, one bookie: list-segments equals the live cluster; recovered, all is there."""
    bench.containers = bench.bookies = 1
    made_and_flushed(bench)
    bench.cluster("tier1-up")
    recover(bench)
    serve_and_restart(bench, "append")


@scenario("eight-containers")
def eight_containers(bench):
    """Eight containers, chunks of 60 kB and several rollovers per segment: list-segments equals the live cluster; all is there."""
    bench.containers, bench.store_opts = 8, SMALL_CHUNKS
    made_and_flushed(bench)
    bench.cluster("tier1-up")
    recover(bench)
    serve_and_restart(bench, "append")


@scenario("waiting-servers")
def waiting_servers(bench):
    """Servers started between reserving and enabling the logs wait, change nothing, then come up by themselves."""
    bench.fixture("flushed")
    bench.cluster("tier1-up")
    hold = bench.dir / "hold"
    hold.touch()
    argv = [str(a) for a in bench.dr_argv("recover", "--yes")]
    with open(bench.dir / "recover.log", "w") as log:
        recovering = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                      env=dict(os.environ, PDR_HOLD_BEFORE_ENABLE=str(hold)))
    try:
        wait_until(bench, 120, lambda: (bench.dir / "hold.reached").exists() or recovering.poll() is not None)
        bench.expect(recovering.poll() is None, "dr recover ended before it enabled anything; see recover.log")
        bench.cluster("store-up")
        controller = subprocess.Popen([CLUSTER, "controller-up", bench.dir], env=bench.env(), stdin=subprocess.DEVNULL)
        store_log = bench.dir / "store.log"
        wait_until(bench, 120, lambda: store_log.read_text(errors="replace").count("(OFFLINE)") >= bench.containers)
        before = tree_state(bench.root)
        time.sleep(5)
        bench.expect(before == tree_state(bench.root), "the waiting segment store changed Tier-2")
        hold.unlink()
        bench.expect(recovering.wait(120) == DONE, "dr recover failed; see recover.log")
        bench.expect(controller.wait(200) == 0, "the controller did not come up")
    finally:
        recovering.kill()
        recovering.wait()
    bench.cluster("append")


def wait_until(bench, seconds, holds):
    deadline = time.monotonic() + seconds
    while not holds():
        bench.expect(time.monotonic() < deadline, f"nothing happened in {seconds} s")
        time.sleep(0.1)


@scenario("killed")
def killed(bench):
    """Killed with seconds of writes only in Tier-1: no garbage, nothing lost that lies in Tier-2, all requests work; restart, again."""
    bench.fixture("killed")
    bench.cluster("tier1-up")
    recover(bench, codes=(DONE, LOSS))
    serve_and_restart(bench, "survive")


@scenario("torn")
def torn(bench):
    """Killed between flushes of 20 kB, tails inside events and entries: as 'killed'."""
    bench.fixture("torn")
    bench.cluster("tier1-up")
    recover(bench, codes=(DONE, LOSS))
    serve_and_restart(bench, "survive")


CONTROLLER_PERIODS = ("-Dcontroller.retention.frequency.minutes=1 -Dcontroller.watermarking.frequency.seconds=2 "
                      "-Dcontroller.transaction.lease.count.max=20000")


@scenario("control")
def control(bench):
    """Workflows, transactions, retention that only ZooKeeper drove: finished within 30 s of the start; restart, again; undo."""
    bench.fixture("control")
    bench.controller_opts = CONTROLLER_PERIODS
    bench.cluster("tier1-up")
    cut_off(bench)
    before = tree_state(bench.root)
    plan = recover_what_was_cut(bench)
    reset_to(bench, plan)
    nodes = controller_nodes(bench)
    bench.expect(len(nodes) >= 22, f"{len(nodes)} nodes for the controller")
    as_a_live_controller_wrote(bench)
    bench.dr("undo")
    bench.expect(not controller_nodes(bench), "dr undo left nodes for the controller")
    left = {path: state for path, state in tree_state(bench.root).items() if not path.startswith(".pravega-dr")}
    bench.expect({p: s[2] for p, s in left.items()} == {p: s[2] for p, s in before.items()}, "dr undo changed a file")
    recover_what_was_cut(bench)
    bench.cluster("servers-up")
    steps = bench.cluster("control-check")
    slowest(bench, steps)
    nodes_of_a_live_controller(bench)
    bench.cluster("kill", quiet=True)
    bench.cluster("up")
    slowest(bench, bench.cluster("control-check"))


def cut_off(bench):
    """The end of a stream whose reader group has read it is lost: the group stands beyond what is left."""
    data = [p for p in (bench.root / "ctl" / "cut-off").iterdir() if "$attributes" not in p.name and "$header" not in p.name]
    bench.expect(len(data) == 1, f"the chunks of ctl/cut-off: {data}")
    os.truncate(data[0], data[0].stat().st_size - 100)


def recover_what_was_cut(bench):
    plan = bench.dr("recover", "--yes", "--allow", "chunk-short", "--format", "json", codes=(LOSS,))
    bench.dr("verify")
    return [json.loads(line) for line in plan.splitlines()]


def reset_to(bench, plan):
    """The stream cut that the plan names for the group goes into the manifest, whence the check takes it."""
    told = [a["message"] for a in plan if a["type"] == "anomaly" and a["code"] == "reader-position-beyond-end"]
    bench.expect(len(told) == 1 and "reset to the stream cut ctl/cut-off: " in told[0], f"the group is not listed: {told}")
    cut = re.findall(r"([^ ,]+):(\d+)", told[0].split("reset to the stream cut ctl/cut-off: ")[1])
    manifest = json.loads((bench.dir / "manifest.json").read_text())
    manifest["reset"] = {segment: int(offset) for segment, offset in cut}
    (bench.dir / "manifest.json").write_text(json.dumps(manifest))


def slowest(bench, output):
    """Prints the steps that took longest; that none is beyond its limit was checked where they ran."""
    took = sorted(((int(ms), name.strip()) for name, ms in re.findall(r"^(.*?) works \((\d+) ms\)$", output, re.MULTILINE)),
                  reverse=True)
    bench.expect(len(took) > 50, f"{len(took)} steps")
    print("             " + ", ".join(f"{name} {ms / 1000:.1f} s" for ms, name in took[:6]), flush=True)


@scenario("open-transactions")
def open_transactions(bench):
    """--open-transactions abort: what was open is aborted by the controller, its stream takes every operation."""
    bench.fixture("control")
    bench.controller_opts = CONTROLLER_PERIODS
    bench.cluster("tier1-up")
    bench.dr("recover", "--yes", "--open-transactions", "abort", codes=(LOSS,))
    bench.dr("verify")
    bench.cluster("servers-up")
    bench.cluster("control-aborted")


NAMESPACE = "/pravega/pravega-cluster"
# The beginning of a group's data in /eventProcessors, up to the class identifier (docs/formats/recovery-image-rolling.md section 6).
READER_GROUP_DATA = ("aced000573720048696f2e707261766567612e636f6e74726f6c6c65722e73746f72652e636865636b706f696e742e5a4b436865636b706f"
                     "696e7453746f72652452656164657247726f75704461746144bd9bd15b1dee9f")


def nodes_of_a_live_controller(bench):
    """The class identifier that the controller of this release writes is the one in the documents."""
    groups = {path.rsplit("/", 1)[1]: data for path, data in data_of(bench.znodes()).items()
              if re.fullmatch(f"{NAMESPACE}/eventProcessors/[^/]+/[^/]+", path) and data}
    bench.expect({"scaleGroup", "commitStreamReaders", "abortStreamReaders", "kvtStreamReaders"} <= set(groups),
                 f"groups of the controller: {sorted(groups)}")
    for name, data in groups.items():
        bench.expect(data.startswith(READER_GROUP_DATA), f"{name}: another class identifier: {data[:220]}")


def as_a_live_controller_wrote(bench):
    """What the recovery wrote for the controller, against what was in ZooKeeper before it was lost: the same paths and bytes."""
    kept = bench.run(["zstd", "-qdc", FIXTURES / f"{bench.layout}-control" / "znodes.zst"], 60, quiet=True)[1]
    then, now = data_of(kept), data_of(bench.znodes())
    for kind, path, same_data, least in (
            ("retention", r"/buckets/\d+/.+", False, 2), ("watermarks", r"/watermarks/\d+/.+", False, 1),
            ("transactions", r"/hostTxnIndex/[^/]+/.+", True, 4), ("commit order", r"/txnCommitOrderer/.+/entities/pos.+", True, 1)):
        live, mine = (without_process(nodes, path) for nodes in (then, now))
        both = live.keys() & mine.keys()
        bench.expect(len(both) >= least, f"{kind}: {sorted(live)} before, {sorted(mine)} written")
        for node in both if same_data else ():
            bench.expect(live[node] == mine[node], f"{node}: {live[node]} before, {mine[node]} written")
        if kind in ("retention", "watermarks", "commit order"):
            bench.expect(live.keys() <= mine.keys(), f"{kind}: not written: {sorted(live.keys() - mine.keys())}")


def data_of(znodes):
    """path -> data in hex"""
    return {path: data for path, _, data in (line.split(" ", 2) for line in znodes.splitlines() if line.count(" ") == 2)}


def without_process(nodes, pattern):
    return {re.sub(r"(/hostTxnIndex)/[^/]+", r"\1", path): data for path, data in nodes.items()
            if re.fullmatch(NAMESPACE + pattern, path) and "/ownership" not in path}


def controller_nodes(bench):
    """Nodes that a recovery writes for the controller, by path; directories that ZooKeeper needs for them do not count."""
    leaf = re.compile(r"/(buckets|watermarks)/\d+/.|/hostTxnIndex/.+/.|/hostRequestIndex/.+/.|/entities/pos|/sealed$")
    paths = [line.split(" ")[0] for line in bench.znodes().splitlines()]
    return [path for path in paths if leaf.search(path)]


@scenario("disasters")
def random_disasters(bench):
    """Tier-1 lost at random moments of a storm of writes: what comes back and what is stated lost, held against the log of both."""
    problems = []
    for source in DISASTERS.again:
        judge_disasters(bench, [disasters.kept(bench, source)], problems)
    for seed in [] if DISASTERS.again else DISASTERS.seeds:
        try:
            shutil.rmtree(bench.root)
            bench.root.mkdir()
            (bench.dir / "storm.log").unlink(missing_ok=True)
            taken = disasters.storm(bench, seed, DISASTERS.moments)
        except Failure as failure:
            problems.append(f"seed {seed}: {failure}")
            taken = []
        judge_disasters(bench, taken, problems)
        bench.cluster("lose-tier1", quiet=True)
    bench.expect(not problems, "\n".join(problems))


def judge_disasters(bench, taken, problems):
    """Each by itself; the directories of those that fail stay."""
    bench.cluster("kill", quiet=True)
    for disaster in taken:
        try:
            disaster.judge()
            if DISASTERS.servers == "all" or DISASTERS.servers == "last" and disaster is taken[-1]:
                disasters.on_a_cluster(bench, disaster)
            shutil.rmtree(disaster.dir)
        except Failure as failure:
            problems.append(f"{disaster.name}: {failure}")
            bench.cluster("kill", quiet=True)


@scenario("shared")
def shared(bench):
    """Hosts share a recovery; one is killed -9 while it holds a container, then the leader; one sleeps through it: the state one host alone ends in."""
    bench.fixture("torn")
    alone = bench.dir / "alone"
    shutil.copytree(bench.root, alone)
    bench.cluster("tier1-up")
    bench.dr("recover", "--yes", *ALONE, root=alone, workspace="workspace-alone", codes=(DONE, LOSS))
    first = Sharer(bench, "first")
    wait_until(bench, 120, lambda: first.ended() or (bench.root / ".pravega-dr" / "shared-run").exists())
    held = first.stop_when(lambda now: now["containers"])
    shown = bench.run([PROGRAM, "dr", "status", "--workspace", first.workspace], 60)[1]
    bench.expect(f"holds container {held[0]}" in shown, f"dr status does not tell who holds container {held[0]}:\n{shown}")
    print(f"             killed while it holds container {held}, having ended with {first.kill()}", flush=True)
    sleeper = Sharer(bench, "sleeper")
    sleeper.stop_when(lambda now: True)
    hosts = [Sharer(bench, name) for name in ("second", "third")]  # in the middle of it
    wait_until(bench, 120, lambda: any(h.hold_reached() or h.ended() for h in hosts))
    leader, = [h for h in hosts if h.hold_reached()]
    last, = [h for h in hosts if h is not leader]
    print(f"             leader killed, having ended with {leader.kill()}", flush=True)
    last.hold.unlink()
    report = last.end(60)
    bench.expect(report in (DONE, LOSS), f"the host that was left ended with {report}; see host-{last.name}.log")
    print(f"             who slept through it ends with {sleeper.wake()}", flush=True)
    for name in ("first", "second", "third", "sleeper"):
        bench.expect(Sharer(bench, name).end(60) in (DONE, LOSS), f"all is done, but not for host {name}")
    expect_as_alone(bench, alone)
    bench.dr("verify", workspace=last.workspace.name)
    bench.cluster("servers-up")
    findings = bench.live(codes=(DONE, LOSS), workspace=last.workspace.name)[:-1]
    bench.expect(not findings, f"the running cluster is not as planned: {findings}")
    bench.cluster("survive")


ALONE = ["--set", "pravegaservice.clusterName=alone"]  # a cluster of its own on the same ZooKeeper and bookies


class Sharer:
    """One host of a shared recovery: a process with a workspace of its own, which waits before it enables the logs."""

    def __init__(self, bench, name):
        self.bench, self.name, self.workspace = bench, name, bench.dir / f"workspace-{name}"
        self.hold = bench.dir / f"hold-{name}"
        self.hold.touch()
        self.begin()

    def begin(self):
        more = ["--yes", "--share", "--allow", "foreign-ledgers"]  # those of the host that was alone
        argv = [str(a) for a in self.bench.dr_argv("recover", *more, workspace=self.workspace.name)]
        with open(self.bench.dir / f"host-{self.name}.log", "a") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=dict(os.environ, PDR_HOLD_BEFORE_ENABLE=str(self.hold)))

    def ended(self):
        return self.process.poll() is not None

    def hold_reached(self):
        return self.hold.with_name(self.hold.name + ".reached").exists()

    def stop_when(self, holds):
        """Stops the process at a moment at which ZooKeeper says of it what is to hold; returns the containers it has then."""
        deadline = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
            self.process.send_signal(signal.SIGSTOP)
            now = self.seen()
            if now is not None and holds(now):
                return now["containers"]
            self.process.send_signal(signal.SIGCONT)
        raise Failure(f"host {self.name} was never seen as it was to be stopped; see host-{self.name}.log")

    def seen(self):
        """This host as dr status tells it; nothing before it takes part."""
        code, out = self.bench.run([PROGRAM, "dr", "status", "--workspace", self.workspace, "--format", "json"], 60, quiet=True, check=False)
        hosts = json.loads(out).get("shared", {}).get("hosts", []) if code == 0 else []
        return next((host for host in hosts if f"-{self.process.pid}-" in host["host"]), None)

    def kill(self):
        code = self.process.poll()
        self.process.kill()
        self.process.wait()
        return "nothing" if code is None else code

    def end(self, seconds):
        self.hold.unlink(missing_ok=True)
        return self.process.wait(seconds)

    def wake(self):
        self.hold.unlink()
        self.process.send_signal(signal.SIGCONT)
        return self.process.wait(60)


def expect_as_alone(bench, alone):
    """Tier-2 byte for byte, Tier-1 but for the ids of runs and ledgers."""
    def files(root):
        return {path: (mode, content) for path, (mode, _, content) in tree_state(root).items()
                if content is not None and not path.startswith(".pravega-dr/")}
    bench.expect(files(bench.root) == files(alone), "the files in Tier-2 are not those that one host alone leaves")

    def log(container, *more):
        argv = [PROGRAM, "log", "show", "--container", container, "--config", bench.config(), "--format", "json", *more]
        return without_ledgers(bench.run(argv, 60, quiet=True)[1])
    for c in range(bench.containers):
        mine, one_host = log(c), log(c, *ALONE)
        other = [pair for pair in zip(mine, one_host) if pair[0] != pair[1]]
        bench.expect(mine == one_host, f"the log of container {c} is not the one that one host alone writes: {other[:3]}")
    left = [line for line in bench.cluster("znodes", "/pravega/pravega-cluster", quiet=True).splitlines() if "pravega-dr-share" in line]
    bench.expect(not left, f"left in ZooKeeper: {left}")


def without_ledgers(text):
    """What log show tells, but for ids of ledgers and the names of cluster and run."""
    return [{key: value for key, value in json.loads(line).items() if "ledger" not in key and key not in ("path", "PravegaDrRun")}
            for line in text.splitlines()]


@scenario("wrong-input")
def wrong_input(bench):
    """Roots, settings and servers that are not what they should be: the exit code of the contract, and nothing changed."""
    bench.fixture("flushed")
    bench.cluster("tier1-up")
    other = "rolling" if bench.layout == "chunked" else "chunked"
    other_root = bench.dir / "other"
    other_root.mkdir()
    bench.run(["tar", "-C", other_root, "--zstd", "-xf", FIXTURES / f"{other}-flushed" / "tier2.tar.zst"], 60, quiet=True)
    (bench.dir / "empty").mkdir()
    (bench.dir / "file").write_text("not a directory")
    problems = []
    nowhere = ["--set", "pravegaservice.zk.connect.uri=127.0.0.1:1", "--set", "bookkeeper.zk.connect.uri=127.0.0.1:1"]
    cases = [
        ("missing root", UNREADABLE, bench.dir / "missing", []),
        ("empty root", UNREADABLE, bench.dir / "empty", []),
        ("file as root", UNREADABLE, bench.dir / "file", []),
        ("root of the other layout", LIVE, other_root / "tier2", []),
        ("other layout configured", LIVE, bench.root,
         ["--set", f"pravegaservice.storage.layout={other.upper()}_STORAGE"]),
        ("wrong container count", LIVE, bench.root, ["--set", "pravegaservice.container.count=8"]),
        ("ZooKeeper unreachable", UNAVAILABLE, bench.root, nowhere),
    ]
    for name, code, root, more in cases:
        refused(bench, problems, name, code,
                lambda: bench.dr("recover", "--yes", *more, root=root, codes=(code,), timeout=150),
                bench.root, other_root, bench.dir / "empty", bench.dir / "file")
    bench.expect(not (bench.dir / "missing").exists(), "missing root: it was created")
    unreadable(bench, problems)
    bench.cluster("kill", quiet=True)
    not_enough_bookies(bench, problems)
    used_tier1(bench, problems)
    bench.expect(not problems, "\n".join(["not refused as they should be:"] + problems))


def refused(bench, problems, name, code, attempt, *trees):
    """One bad input; a problem is noted, so that the others are still tried."""
    before = bench.state(*trees)
    try:
        attempt()
        bench.expect_same(before, bench.state(*trees), name)
        print(f"             {name}: refused with {code}, nothing changed", flush=True)
    except Failure as failure:
        problems.append(f"{name}: {failure}")
    shutil.rmtree(bench.dir / "workspace", ignore_errors=True)


def unreadable(bench, problems):
    """As nobody, in a place that nobody can reach, with something that may not be read."""
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        place.chmod(0o777)
        shutil.copy(PROGRAM, place / "pravega-dr")
        shutil.copy(bench.config(), place / "config.properties")
        shutil.copytree(bench.root, place / "tier2")
        if os.geteuid() == 0:  # theirs, so that nothing else is in the way
            for path in (place / "tier2", *(place / "tier2").rglob("*")):
                os.chown(path, 65534, 65534)
        data = max((p for p in (place / "tier2" / "dr").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
        hidden_from_nobody(bench, problems, place, data, NEEDS_ALLOW)
        hidden_from_nobody(bench, problems, place, place / "tier2" / "_system" / "containers", UNREADABLE)


def hidden_from_nobody(bench, problems, place, hidden, code):
    mode = hidden.stat().st_mode
    hidden.chmod(0)
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    argv = as_nobody + [place / "pravega-dr", "dr", "recover", place / "tier2", "--config", place / "config.properties",
                        "--workspace", place / "workspace", "--yes"]

    def attempt():
        got, _ = bench.run(argv, 120, check=False)
        bench.expect(got == code, f"exit code {got}, expected {code}\n{bench.tail('')}")
    refused(bench, problems, f"{hidden.name} may not be read", code, attempt, *([place / "tier2"] if as_nobody else []))
    hidden.chmod(mode)


def not_enough_bookies(bench, problems):
    bench.cluster("lose-tier1", quiet=True)
    bench.bookies = 0
    bench.cluster("tier1-up")
    bench.bookies = 3
    refused(bench, problems, "no bookies", UNAVAILABLE,
            lambda: bench.dr("recover", "--yes", codes=(UNAVAILABLE,), timeout=150))
    bench.cluster("kill", quiet=True)


def used_tier1(bench, problems):
    """A Tier-1 in which a cluster has already booted, over another Tier-2: live, then stopped."""
    shutil.rmtree(bench.root)
    bench.fixture("flushed")
    lost = bench.dir / "lost"
    bench.root.rename(lost)
    bench.root.mkdir()
    bench.cluster("lose-tier1", quiet=True)
    bench.cluster("up")
    try:
        before = tree_state(lost)
        bench.dr("recover", "--yes", root=lost, codes=(LIVE,))
        bench.expect(before == tree_state(lost), "Tier-2 was changed")
    except Failure as failure:
        problems.append(f"a live cluster: {failure}")
    shutil.rmtree(bench.dir / "workspace", ignore_errors=True)
    bench.cluster("kill", quiet=True)
    bench.cluster("tier1-up")
    hosts = "/pravega/pravega-cluster/cluster/hosts"
    wait_until(bench, 60, lambda: len(bench.cluster("znodes", hosts, quiet=True).splitlines()) <= 1)
    refused(bench, problems, "a Tier-1 that is not empty", LIVE,
            lambda: bench.dr("recover", "--yes", root=lost, codes=(LIVE,)), lost)


@scenario("ledgers")
def ledgers(bench):
    """Our ledger client and the real one read, fence, recover and delete each other's ledgers, while bookies die."""
    peer = ROOT / "build" / "release" / "e2e" / "ledger_peer"
    bench.run([HERE / "ledger_interop.sh"], 600, env=dict(bench.env(), LEDGER_PEER=str(peer)))
