"""The scenarios, in the order they run. The first line of each docstring is what it shows."""
import os, shutil, subprocess, tempfile, time
from pathlib import Path
from harness import FIXTURES, PROGRAM, Failure

ALL = {}
DONE, LOSS, LIVE, UNREADABLE, UNAVAILABLE, USAGE = 0, 3, 6, 9, 10, 2
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
    bench.cluster("servers-up")
    bench.cluster("append")
    bench.dr("recover", "--yes", codes=(LIVE,))
    bench.cluster("verify")
    bench.cluster("kill", quiet=True)
    bench.cluster("up")
    bench.cluster("verify")
    bench.cluster("append")


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


@scenario("waiting-store")
def waiting_store(bench):
    """A segment store started between reserving and enabling the logs waits, then comes up by itself."""
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
        store_log = bench.dir / "store.log"
        wait_until(bench, 60, lambda: store_log.read_text(errors="replace").count("(OFFLINE)") >= bench.containers)
        before = bench.state()
        time.sleep(5)
        bench.expect_same(before, bench.state(), "the waiting segment store")
        hold.unlink()
        bench.expect(recovering.wait(120) == DONE, "dr recover failed; see recover.log")
    finally:
        recovering.kill()
        recovering.wait()
    bench.cluster("controller-up")
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
        refused(bench, name, code, lambda: bench.dr("recover", "--yes", *more, root=root, codes=(code,), timeout=150),
                bench.root, other_root, bench.dir / "empty", bench.dir / "file")
    bench.expect(not (bench.dir / "missing").exists(), "missing root: it was created")
    unreadable(bench)
    bench.cluster("kill", quiet=True)
    not_enough_bookies(bench)
    used_tier1(bench)


def refused(bench, name, code, attempt, *trees):
    before = bench.state(*trees)
    try:
        attempt()
    except Failure as failure:
        raise Failure(f"{name}: {failure}") from None
    bench.expect_same(before, bench.state(*trees), name)
    shutil.rmtree(bench.dir / "workspace", ignore_errors=True)
    print(f"             {name}: refused with {code}, nothing changed", flush=True)


def unreadable(bench):
    """As nobody, in a place that nobody can reach, with one data file that only its owner may read."""
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        place.chmod(0o777)
        program, tree, config = place / "pravega-dr", place / "tier2", place / "config.properties"
        shutil.copy(PROGRAM, program)
        shutil.copytree(bench.root, tree)
        shutil.copy(bench.config(), config)
        victim = max((p for p in (tree / "dr").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
        victim.chmod(0)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        argv = as_nobody + [program, "dr", "recover", tree, "--config", config, "--workspace", place / "workspace", "--yes"]
        def attempt():
            got, _ = bench.run(argv, 120, check=False)
            bench.expect(got == UNREADABLE, f"exit code {got}, expected {UNREADABLE}\n{bench.tail('')}")
        refused(bench, "a file that may not be read", UNREADABLE, attempt, *([] if os.geteuid() else [tree]))


def not_enough_bookies(bench):
    bench.cluster("lose-tier1", quiet=True)
    bench.bookies = 0
    bench.cluster("tier1-up")
    bench.bookies = 3
    refused(bench, "no bookies", UNAVAILABLE, lambda: bench.dr("recover", "--yes", codes=(UNAVAILABLE,), timeout=150))
    bench.cluster("kill", quiet=True)


def used_tier1(bench):
    """A Tier-1 in which an empty cluster has already booted, from another Tier-2."""
    lost = bench.dir / "lost"
    bench.root.rename(lost)
    bench.root.mkdir()
    bench.cluster("lose-tier1", quiet=True)
    bench.cluster("tier1-up")
    bench.cluster("store-up")
    refused(bench, "a live segment store", LIVE, lambda: bench.dr("recover", "--yes", root=lost, codes=(LIVE,)), lost)
    bench.cluster("kill", "store", quiet=True)
    hosts = "/pravega/pravega-cluster/cluster/hosts"
    wait_until(bench, 60, lambda: len(bench.cluster("znodes", hosts, quiet=True).splitlines()) <= 1)
    refused(bench, "a Tier-1 that is not empty", LIVE,
            lambda: bench.dr("recover", "--yes", root=lost, codes=(LIVE,)), lost)
