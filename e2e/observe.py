"""What a recovered Tier-2 holds, read with nothing but the chunk lists: events, table values, bytes."""
import json, os, struct, subprocess
from pathlib import Path
from harness import PROGRAM

MAKE_DIR, CREATE, RENAME, SET_MODE, REMOVE = 1, 2, 3, 4, 5
SEGMENT = r"dr/([^/]+)/(\d+)\.#epoch\.(\d+)"


def apply_overlay(root, overlay):
    """Makes a copy of Tier-2 what the rehearsal's overlay says of it (src/tier2/overlay_disk.h)."""
    for log in sorted(overlay.glob("log.*"), key=lambda p: int(p.suffix[1:])):
        data, at = log.read_bytes(), 0

        def string():
            nonlocal at
            size = struct.unpack_from(">I", data, at)[0]
            at += 4 + size
            return data[at - size:at].decode()

        while at < len(data):
            op, at = data[at], at + 1
            path, other = root / string(), string()
            mode, at = struct.unpack_from(">I", data, at)[0], at + 4
            if op == MAKE_DIR:
                path.mkdir()
            elif op == CREATE:
                path.write_bytes((overlay / other).read_bytes())
                path.chmod(mode)
            elif op == RENAME:
                path.rename(root / other)
            elif op == SET_MODE:
                path.chmod(mode)
            elif op == REMOVE:
                path.rmdir() if path.is_dir() else path.unlink()


def ask(*argv):
    done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


def segments(root):
    """name -> what list-segments says of it"""
    return {row["name"]: row for row in ask(PROGRAM, "storage", "list-segments", root, "--format", "json")
            if row["type"] == "segment"}


class Segment:
    """The bytes of one segment; `start` is the offset of the first."""

    def __init__(self, root, name, length=None):
        facts = ask(PROGRAM, "storage", "show", root, name, "--format", "json")
        chunks = [f for f in facts if f["type"] == "chunk"]
        self.start = chunks[0]["start_offset"] if chunks else 0
        data = b"".join((Path(root) / c["path"]).read_bytes()[:c["length"]] for c in chunks)
        self.end = self.start + len(data) if length is None else length
        self.data = data[:self.end - self.start]

    def at(self, offset, size):
        return self.data[offset - self.start:offset - self.start + size]


def events(segment, start):
    """The payloads from `start` on, and what is left behind the last whole one."""
    found, at = [], start
    while at + 8 <= segment.end:
        kind, size = struct.unpack(">ii", segment.at(at, 8))
        if kind != 0 or size < 0 or at + 8 + size > segment.end:
            break
        found.append(segment.at(at + 8, size))
        at += 8 + size
    return found, segment.end - at


def index_entries(index, key_length):
    """key -> offset, of an attribute index (docs/formats/attribute-index.md)"""
    def walk(offset, size):
        page = index.at(offset, size)
        flags, count = page[1], struct.unpack(">i", page[6:10])[0]
        width = key_length + (18 if flags & 1 else 8)
        for i in range(count):
            entry = page[10 + i * width:10 + (i + 1) * width]
            if flags & 1:
                yield from walk(*struct.unpack(">qh", entry[key_length:key_length + 10]))
            else:
                yield entry[:key_length], struct.unpack(">q", entry[key_length:])[0]

    return dict(walk(*struct.unpack(">qi", index.at(index.end - 12, 12)))) if index.end > 12 else {}


def table_values(root, name):
    """key -> value of a key-value table's segment whose keys and values are longs; the index knows what was removed"""
    data = Segment(root, name)
    values = {}
    for key, offset in index_entries(Segment(root, name + "$attributes.index"), 8).items():
        _, key_size, value_size, _ = struct.unpack(">biiq", data.at(offset, 17))
        if data.at(offset + 17, key_size) != key:
            raise ValueError(f"{name}: the index has key {key.hex()} at {offset}, where another entry is")
        values[struct.unpack(">q", key)[0]] = struct.unpack(">q", data.at(offset + 17 + key_size, value_size))[0]
    return values
