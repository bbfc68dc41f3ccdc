"""Scenarios of a program that is killed, stopped and taken back; on real ZooKeeper and bookies."""
import contextlib, json, os, random, re, signal, sqlite3, subprocess, time
from pathlib import Path
from harness import PROGRAM, RPC_PORT, tree_state
from scenarios import DONE, LIVE, LOSS, scenario, serve_and_restart, wait_until

INTERRUPTED = 7
KILLS = 6
LOCK = "/pravega/pravega-cluster/pravega-dr-lock"
# The shortest session that the test's ZooKeeper grants: for so long the lock of one that was killed stays.
SHORT = ("--set", "bookkeeper.zk.connect.sessionTimeout.milliseconds=6000")


def contents(bench):
    """Mode and bytes of every file, whatever the run was called; times are not part of it."""
    run = re.compile(r"^\.pravega-dr/[^/]+/")
    return {run.sub(".pravega-dr/RUN/", path): (mode, content)
            for path, (mode, _, content) in tree_state(bench.root).items() if content is not None}


def starting_point(bench):
    """Files with mode, time and bytes, and directories with their modes: their times tell of every rename in them."""
    return {path: (mode, None if content is None else time_ns, content)
            for path, (mode, time_ns, content) in tree_state(bench.root).items()}


def logs(bench):
    """What every container's log holds; the numbers of its ledgers are not part of it."""
    found = []
    for container in range(bench.containers):
        argv = [PROGRAM, "log", "show", "--container", container, "--config", bench.config(), "--format", "json"]
        for line in bench.run(argv, 60, quiet=True)[1].splitlines():
            record = json.loads(line)
            found.append({k: v for k, v in record.items() if k not in ("ledger", "truncation_ledger", "version", "PravegaDrRun")})
    return found


def expect_undone(bench, start, nodes):
    bench.expect_same(({str(bench.root): start}, ""), ({str(bench.root): starting_point(bench)}, ""), "dr undo")
    free(bench)
    # Parents that were made for logs and ledgers stay; they are empty, and servers would make them too.
    left = [line for line in bench.znodes().splitlines() if line not in nodes]
    data = [line for line in left if re.search(r"/L\d{4}\b|pravega-dr|/counter|/segmentstore/containers/\d+/\d+/\d+", line)]
    bench.expect(not data, "dr undo left in ZooKeeper:\n" + "\n".join(data[:20]))


def free(bench):
    wait_until(bench, 60, lambda: LOCK not in bench.znodes())


def phase(bench):
    """The last one that is complete; straight from the workspace, because some last only milliseconds."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{bench.dir}/workspace/run.sqlite?mode=ro", uri=True)) as db:
            row = db.execute("SELECT name FROM phase ORDER BY seq DESC LIMIT 1").fetchone()
            return row[0] if row else "empty"
    except sqlite3.Error:
        return "empty"


def kill_until_done(bench, choose, command, typical, codes):
    """kill -9 after a random time, again and again, then once to the end; returns the phases it was killed in."""
    killed = {}
    argv = [str(a) for a in bench.dr_argv(*command)]
    for _ in range(KILLS):
        running = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=bench.log, stderr=bench.log)
        try:
            code = running.wait(choose.uniform(0.02, 0.8 * typical))
            bench.expect(code in codes, f"dr {command[0]}: exit code {code}, expected {codes}")
            return killed
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            now = phase(bench)
            killed[now] = killed.get(now, 0) + 1
            free(bench)  # or the next one would be killed while it waits
    bench.dr(*command, codes=codes)
    return killed


@scenario("interrupted")
def interrupted(bench):
    """kill -9 at random moments ends in the same bytes and logs as an undisturbed run, and undo, killed too, at the start."""
    choose = random.Random(os.environ.get("SEED"))
    bench.fixture("torn")
    start = starting_point(bench)
    bench.cluster("tier1-up")
    nodes = set(bench.znodes().splitlines())
    begin = time.monotonic()
    bench.dr("recover", "--yes", codes=(DONE, LOSS))
    took = time.monotonic() - begin
    want = contents(bench), logs(bench)
    bench.dr("undo")
    expect_undone(bench, start, nodes)

    killed = kill_until_done(bench, choose, ("recover", "--yes", *SHORT), took, (DONE, LOSS))
    print(f"             recover killed: {killed}", flush=True)
    bench.expect(contents(bench) == want[0], "Tier-2 is not what an undisturbed run leaves")
    bench.expect(logs(bench) == want[1], "the logs are not what an undisturbed run leaves")
    killed = kill_until_done(bench, choose, ("undo", *SHORT), took, (DONE,))
    print(f"             undo killed: {killed}", flush=True)
    expect_undone(bench, start, nodes)

    stopped_longer_than_its_session(bench)
    bench.expect(contents(bench) == want[0], "Tier-2 is not what an undisturbed run leaves")
    bench.expect(logs(bench) == want[1], "the logs are not what an undisturbed run leaves")
    bench.dr("verify")
    serve_and_restart(bench, "survive")
    bench.cluster("kill", "store", quiet=True)
    bench.cluster("kill", "controller", quiet=True)
    after = tree_state(bench.root)
    wait_until(bench, 60, lambda: bench.dr("undo", codes=(LIVE,)) is not None and "registered" not in last_words(bench))
    bench.expect("a segment store has used it" in last_words(bench), "dr undo does not say why it refuses")
    bench.expect(after == tree_state(bench.root), "a refused dr undo changed Tier-2")


def last_words(bench):
    bench.log.flush()
    return (bench.dir / "run.log").read_text(errors="replace")[-2000:]


def stopped_longer_than_its_session(bench):
    """SIGSTOP until ZooKeeper has ended the session: awake again, it writes nothing, ends with 7, and is resumed."""
    hold = bench.dir / "hold"
    hold.touch()
    argv = [str(a) for a in bench.dr_argv("recover", "--yes", *SHORT)]
    running = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=bench.log, stderr=bench.log,
                               env=dict(os.environ, PDR_HOLD_BEFORE_ENABLE=str(hold)))
    try:
        wait_until(bench, 120, lambda: (bench.dir / "hold.reached").exists() or running.poll() is not None)
        bench.expect(running.poll() is None, "dr recover ended before it enabled anything")
        running.send_signal(signal.SIGSTOP)
        hold.unlink()
        free(bench)
        before = tree_state(bench.root), bench.znodes()
        running.send_signal(signal.SIGCONT)
        code = running.wait(60)
        bench.expect(code == INTERRUPTED, f"without its lock dr recover ended with {code}, not {INTERRUPTED}")
        bench.expect(before == (tree_state(bench.root), bench.znodes()), "it wrote without its lock")
    finally:
        running.kill()
        running.wait()
    bench.dr("recover", "--yes", codes=(DONE, LOSS))


class Transcript:
    """The session as it runs, as a page of the docs; written to $PDR_TRANSCRIPT when that is set, its report beside it."""

    def __init__(self, bench):
        self.bench, self.text = bench, []

    def say(self, words):
        self.text.append(f"\n{words}\n")

    def run(self, *args, codes=(0,), kill_in=None, lines=25):
        argv = [str(a) for a in (PROGRAM, *args)]
        running = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, errors="replace")
        while kill_in and running.poll() is None:
            if phase(self.bench) in kill_in:
                running.kill()
            time.sleep(0.002)
        out = running.communicate(timeout=300)[0].splitlines()
        code = running.returncode
        ended = f"(exit code {code})" if code >= 0 else f"(killed with signal {-code})"
        shown = out[:lines] + ([f"... ({len(out)} lines in all)"] if len(out) > lines else [])
        self.text.append("\n" + "\n".join("    " + self.plain(l) for l in ["$ " + " ".join(argv), *shown, ended]) + "\n")
        self.bench.log.write(self.text[-1])
        self.bench.expect(code in codes, f"{' '.join(argv)}: exit code {code}\n" + "\n".join(out[-10:]))
        print(f"             {self.plain(' '.join(argv))}  -> {code}", flush=True)
        return "\n".join(out)

    def plain(self, text):
        for long, short in ((str(PROGRAM), "pravega-dr"), (str(self.bench.root), "/mnt/tier2"),
                            (str(self.bench.dir), "/var/tmp/dr"),
                            (f"127.0.0.1:{self.bench.ports + RPC_PORT}", "controller:9090")):
            text = text.replace(long, short)
        return text

    def write(self, title):
        page = f"# {title}\n" + "".join(self.text)
        (self.bench.dir / "session.md").write_text(page)
        if "PDR_TRANSCRIPT" in os.environ:
            to = Path(os.environ["PDR_TRANSCRIPT"])
            to.write_text(page)
            to.with_suffix(".html").write_text(self.plain((self.bench.dir / "report.html").read_text()))


@scenario("session")
def session(bench):
    """A bad day from beginning to end: plan, rehearse, recover killed twice, resume, verify, undo, recover again, start."""
    bench.fixture("killed")
    bench.cluster("tier1-up")
    start = starting_point(bench)
    t, root, config = Transcript(bench), bench.root, ("--config", bench.config())
    workspace = ("--workspace", bench.dir / "workspace")
    t.say("A cluster of four containers has lost its Tier-1 seconds after the last writes. ZooKeeper and three bookies have been\n"
          "set up anew and are empty; segment stores and controllers are down. Tier-2 is mounted at `/mnt/tier2`.\n"
          "This page is written by the test scenario `session` as it runs.\n\n## Plan")
    t.run("dr", "plan", root, *config, *workspace, codes=(LOSS,), lines=40)
    t.say("What is known about one segment, and why it is decided so:")
    t.run("dr", "explain", "dr/single/0.#epoch.0", *workspace)
    t.say("## Rehearse")
    t.run("dr", "recover", root, *config, "--rehearse", "--workspace", bench.dir / "rehearsal", codes=(LOSS,), lines=60)
    bench.expect(starting_point(bench) == start, "a plan or a rehearsal changed Tier-2")
    t.say("## Recover, killed twice\n\nThe process is killed (`kill -9`) while it writes the logs, and again while it moves files.")
    recover = ("dr", "recover", root, *config, *workspace, "--yes")
    t.run(*recover, codes=(-9,), kill_in=("built", "reserved"), lines=4)
    t.run("dr", "status", *workspace)
    t.run(*recover, codes=(-9, LOSS), kill_in=("logged", "swapping", "swapped"), lines=4)
    t.run("dr", "status", *workspace)
    t.say("The same command once more goes on where it was:")
    t.run(*recover, codes=(DONE, LOSS), lines=60)
    t.say("## Verify")
    t.run("dr", "verify", root, *config, *workspace)
    t.say("## Undo\n\nProduction has not been started, so everything can still be taken back.")
    t.run("dr", "undo", *workspace)
    bench.expect_same(({str(root): start}, ""), ({str(root): starting_point(bench)}, ""), "dr undo")
    t.say("## Recover again, and start production")
    t.run(*recover, codes=(LOSS,), lines=60)
    t.run("dr", "verify", root, *config, *workspace)
    t.say("The report, for a terminal and for a browser ([as it looks](progress-and-report.md#the-report)):")
    t.run("dr", "report", *workspace, lines=24)
    t.run("dr", "report", *workspace, "--out", bench.dir / "report.html")
    bench.cluster("servers-up")
    t.say("The segment store and the controller are started. Is the cluster what the plan promised?")
    t.run("dr", "verify", "--live", "--controller", f"tcp://127.0.0.1:{bench.ports + RPC_PORT}", *workspace)
    bench.cluster("survive")
    t.say("A client reads every stream and table to its end, finds no garbage,\n"
          "writes to all of them, and creates new ones. From now on the run cannot be taken back:")
    t.run("dr", "undo", *workspace, codes=(LIVE,))
    t.write("A recovery as it ran")
