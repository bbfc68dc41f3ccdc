#!/usr/bin/env python3
"""Instructions per use of every codec, counted by callgrind: the same on a busy machine as on a quiet one.

    bench/codec_counts.py PROGRAM [--record]

Compares with bench/codec_counts.json and fails where a codec got more than 5 % dearer; --record writes it anew.
The counts are of one compiler and one machine's instruction set: record before a change, compare after it."""
import json
import pathlib
import re
import subprocess
import sys

BASELINE = pathlib.Path(__file__).with_suffix(".json")
TOLERANCE = 1.05
TIMES = (20, 120)


def counted(program, name, times):
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, name, str(times)],
                         capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def main():
    program = sys.argv[1]
    record = "--record" in sys.argv[2:]
    names = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    counts, dearer = {}, []
    print(f"{'codec':28} {'instructions':>12} {'baseline':>12} {'ratio':>6}")
    for name in names:
        few, many = (counted(program, name, times) for times in TIMES)
        counts[name] = round((many - few) / (TIMES[1] - TIMES[0]))
        before = baseline.get(name)
        ratio = counts[name] / before if before else None
        print(f"{name:28} {counts[name]:12} {before or '-':>12} {f'{ratio:.3f}' if ratio else '-':>6}", flush=True)
        if ratio and ratio > TOLERANCE:
            dearer.append(name)
    if record:
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n")
    elif dearer:
        sys.exit(f"dearer than recorded: {', '.join(dearer)}")


if __name__ == "__main__":
    main()
