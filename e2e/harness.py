"""What every scenario needs: a cluster of its own, the program under test, and proof that something did not change."""
import contextlib, hashlib, json, os, random, shutil, signal, socket, stat, subprocess, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PROGRAM = Path(os.environ.get("PRAVEGA_DR", ROOT / "build" / "pravega-dr")).resolve()
FIXTURES = ROOT / "testdata" / "fixtures"
CLUSTER = HERE / "cluster" / "cluster.sh"
PORTS = 26
RPC_PORT = 23  # of the controller, as in cluster.sh


class Failure(Exception):
    """The scenario's expectation was not met."""


def free_ports(layout):
    """The first of 26 consecutive ports that nobody listens on, below the range the kernel hands out.
    What runs side by side chooses from ranges of its own."""
    if "PORT_BASE" in os.environ:
        return int(os.environ["PORT_BASE"])
    while True:
        low = 20000 + 6000 * int(os.environ.get("E2E_LANE", layout == "rolling"))
        base = random.randrange(low, low + 5900, PORTS)
        try:
            for port in range(base, base + PORTS):
                with socket.socket() as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue


def kill_session(leader):
    """Ends a process that was started in a session of its own, and all that it has started."""
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(leader.pid, signal.SIGKILL)


class Bench:
    """One scenario's directory, cluster and settings. Every command's output goes to <dir>/run.log."""

    def __init__(self, layout, name):
        self.layout, self.containers, self.bookies, self.store_opts = layout, 4, 3, ""
        self.controller_opts = ""
        self.dir = ROOT / "build" / "e2e" / f"{layout}-{name}"
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        self.root = self.dir / "tier2"
        self.root.mkdir()
        self.ports = free_ports(layout)
        self.log = open(self.dir / "run.log", "w")

    # ---- the cluster

    def env(self):
        return dict(os.environ, LAYOUT=self.layout, CONTAINERS=str(self.containers), BOOKIES=str(self.bookies),
                    PORT_BASE=str(self.ports), STORE_OPTS=self.store_opts,
                    CONTROLLER_OPTS=self.controller_opts)

    def run(self, argv, timeout, quiet=False, check=True, env=None):
        """Runs to the end; returns the exit code and standard output, which a quiet command keeps out of the log."""
        argv = [str(a) for a in argv]
        start = time.monotonic()
        self.log.write(f"\n$ {' '.join(argv)}\n")
        self.log.flush()
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True, errors="replace",
                              env=env or self.env(), start_new_session=True) as child:
            try:
                out, code = child.communicate(timeout=timeout)[0], child.returncode
            except BaseException as stopped:  # what it has started must not go on in the next cluster
                kill_session(child)
                self.log.write(child.communicate()[0])
                if isinstance(stopped, subprocess.TimeoutExpired):
                    raise Failure(f"no end after {timeout} s: {' '.join(argv)}\n{self.tail('')}") from None
                raise
        self.log.write("" if quiet else out)
        self.log.write(f"(exit code {code})\n")
        self.log.flush()
        if not quiet:
            what = " ".join(a for a in argv if not a.startswith("/"))
            print(f"    {time.monotonic() - start:6.1f} s  {what}  -> {code}", flush=True)
        if check and code != 0:
            raise Failure(f"exit code {code}: {' '.join(argv)}\n{self.tail(out)}")
        return code, out

    def tail(self, stdout, lines=25):
        self.log.flush()
        text = (self.dir / "run.log").read_text(errors="replace").splitlines()
        bad = [l for l in stdout.splitlines() if l.startswith(("FAIL", "MISMATCH"))]
        return "\n".join("      | " + l for l in (bad or text[-lines:]))

    def cluster(self, command, *args, timeout=400, quiet=False):
        return self.run([CLUSTER, command, self.dir, *args], timeout, quiet=quiet)[1]

    def znodes(self):
        return self.cluster("znodes", timeout=60, quiet=True)

    def fixture(self, how):
        """A checked-in tree and the manifest of what was written to it."""
        source = FIXTURES / f"{self.layout}-{how}"
        self.run(["tar", "-C", self.dir, "--zstd", "-xf", source / "tier2.tar.zst"], 60, quiet=True)
        self.run(["zstd", "-qdf", source / "manifest.json.zst", "-o", self.dir / "manifest.json"], 60, quiet=True)

    def close(self):
        self.run([CLUSTER, "kill", self.dir], 60, quiet=True, check=False)
        self.log.close()

    def forget(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- the program

    def config(self):
        path = self.dir / "config.properties"
        path.write_text(self.cluster("config", timeout=10, quiet=True))
        return path

    def dr_argv(self, command, *more, root=None, workspace="workspace"):
        argv = [PROGRAM, "dr", command, root or self.root, "--config", self.config()]
        if command == "recover":
            argv += ["--quiet-window", "2"]  # whoever made this tree is known to be stopped
        return argv + ["--workspace", self.dir / workspace, *more]

    def dr(self, command, *more, codes=(0,), root=None, workspace="workspace", timeout=300, env=None):
        argv = self.dr_argv(command, *more, root=root, workspace=workspace)
        code, out = self.run(argv, timeout, check=False, env=env)
        if code not in codes:
            raise Failure(f"dr {command}: exit code {code}, expected {codes}\n{self.tail('')}")
        return out

    def live(self, codes=(0,), workspace="workspace"):
        """dr verify --live as JSON lines: the running cluster against the plan in the workspace"""
        argv = [PROGRAM, "dr", "verify", "--live", "--controller", f"tcp://127.0.0.1:{self.ports + RPC_PORT}",
                "--workspace", self.dir / workspace, "--format", "json", "--wait", "300"]
        code, out = self.run(argv, 400, check=False)
        if code not in codes:
            raise Failure(f"dr verify --live: exit code {code}, expected {codes}\n{self.tail('')}")
        return [json.loads(line) for line in out.splitlines()]

    def storage(self, command, *more, codes=(0,)):
        code, out = self.run([PROGRAM, "storage", command, self.root, *more], 300, check=False)
        if code not in codes:
            raise Failure(f"storage {command}: exit code {code}, expected {codes}\n{self.tail('')}")
        return out

    # ---- expectations

    def expect(self, holds, message):
        if not holds:
            raise Failure(message)

    def state(self, *trees):
        """All that must not change: every file of the trees, and ZooKeeper when it runs."""
        files = {str(t): tree_state(t) for t in (trees or (self.root,))}
        return files, self.znodes() if (self.dir / "tier1.pid").exists() else ""

    def expect_same(self, before, after, what):
        for tree in before[0]:
            a, b = before[0][tree], after[0][tree]
            for name in sorted(set(a) | set(b)):
                self.expect(a.get(name) == b.get(name), f"{what}: {tree}/{name} was changed")
        if before[1] != after[1]:
            changed = sorted(set(before[1].splitlines()) ^ set(after[1].splitlines()))
            raise Failure(f"{what}: ZooKeeper was changed:\n" + "\n".join("      | " + c[:200] for c in changed[:20]))


def tree_state(root):
    """path -> what a change would show in; modification times included, access times not"""
    found, root = {}, Path(root)
    if not root.is_dir():
        return {".": hashlib.sha256(root.read_bytes()).hexdigest() if root.exists() else None}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            content = None
            if stat.S_ISREG(info.st_mode):
                with open(path, "rb") as f:
                    content = hashlib.sha256(f.read()).hexdigest()
            found[os.path.relpath(path, root)] = (info.st_mode, info.st_mtime_ns, content)
    return found
