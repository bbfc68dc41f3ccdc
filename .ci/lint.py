#!/usr/bin/env python3
"""clang-tidy over the sources of the program: lint.py TIDY BUILD JOBS [FILE...]

Most of its time goes into headers. So without FILEs, six files of a room are looked at as one, which takes a third; a
room's files can share a unit because sanitized and release builds compile them so (cmake/PdrPrecompile.cmake). The text
of a unit is the files one after the other, for the analyzer walks through the functions of the main file only; what is
said of a unit's line is said of the file's. FILEs are looked at one by one.
"""
import concurrent.futures, json, pathlib, re, subprocess, sys

TOGETHER = 6  # as in cmake/PdrPrecompile.cmake
# The analyzer's deep mode takes four times as long as all the rest, its largest functions a third of that.
OPTIONS = ["--quiet", "--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Xclang", "--extra-arg=-analyzer-config",
           "--extra-arg=-Xclang", "--extra-arg=mode=shallow,max-nodes=20000"]


def sources(commands):
    """(NAME, COMMAND with {} for the file, FILES) of each unit: of one room, and compiled alike."""
    found = sorted(p for p in pathlib.Path("src").rglob("*.cc") if not p.name.endswith("_test.cc") and "testing" not in p.parts)
    alike = {}
    for path in found:
        command = re.sub(r" -o \S+", "", commands[path.resolve()]).replace(str(path.resolve()), "{}")
        alike.setdefault((path.parts[1], command), []).append(path)
    for (_, command), files in alike.items():
        for i in range(0, len(files), TOGETHER):
            yield str(files[i].with_suffix("")).replace("/", "_"), command, files[i:i + TOGETHER]


class Unit:
    def __init__(self, path, files):
        self.path, self.starts, text = path, [], ""
        for file in files:
            self.starts.append((text.count("\n"), file))
            text += file.read_text() + "\n"
        path.write_text(text)

    def original(self, line):
        start, file = [s for s in self.starts if s[0] < line][-1]
        return f"{file}:{line - start}"

    def translate(self, output):
        return re.sub(rf"{re.escape(str(self.path))}:(\d+)", lambda m: self.original(int(m[1])), output)


def main():
    tidy, build, jobs, *files = sys.argv[1:]
    build = pathlib.Path(build).resolve()
    if files:
        looks = [([tidy, "-p", str(build), *OPTIONS, file], str) for file in files]
    else:
        commands = {pathlib.Path(c["file"]): c["command"] for c in json.loads((build / "compile_commands.json").read_text())}
        units = build / "units"
        units.mkdir(exist_ok=True)
        looks, database = [], []
        for name, command, members in sources(commands):
            unit = Unit(units / f"{name}.cc", members)
            database.append({"directory": str(build), "file": str(unit.path), "command": command.format(unit.path)})
            looks.append(([tidy, "-p", str(units), *OPTIONS, str(unit.path)], unit.translate))
        (units / "compile_commands.json").write_text(json.dumps(database))

    def look(argv, translate):
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(translate(done.stdout), end="", flush=True)
        return done.returncode == 0

    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as pool:
        good = list(pool.map(lambda one: look(*one), looks))
    print(f"{len(good)} units, {good.count(False)} with findings")
    return 0 if all(good) else 1


sys.exit(main())
