"""A recovered Tier-2 and its loss statement, held against the log of what was written (docs/disasters.md)."""
import re
from observe import SEGMENT, Segment, events, segments, table_values
from storm_log import FRAME, KEYS, text

TRANSACTIONAL = {"transactions", "rolled"}
SCALED = {"scaled", "rolled"}
GONE_EARLIER = 60_000  # a deletion this long before the loss has reached Tier-2, whatever the settings


class Statement:
    """The lines of dr recover --format json."""

    def __init__(self, lines):
        self.losses = [l for l in lines if l["type"] == "loss"]
        self.anomalies = [l for l in lines if l["type"] == "anomaly"]
        windows = [l for l in self.losses if l["what"] == "window"]
        self.from_ms = min((w["from_ms"] for w in windows), default=None)

    def of_stream(self, stream, what):
        return [l for l in self.losses if l["what"] == what and re.match(rf"dr/{re.escape(stream)}/\d", l["subject"])]

    def codes(self, *codes):
        return {a["subject"] for a in self.anomalies if a["code"] in codes}

    def to_create_again(self):
        """Streams that clients find only when they are created again."""
        return self.codes("stream-unrecorded", "creation-unfinished")

    def to_restart_writers(self):
        """Streams whose writers may be told in the first seconds that they are sealed."""
        return {segment.rsplit("/", 1)[0] for segment in self.codes("successors-unknown")}


class Recovered:
    """What a client can reach: of the streams and tables that the controller knows."""

    def __init__(self, root, statement, written):
        self.problems, self.streams, self.bytes, self.table = [], {}, b"", {}
        self.sealed = set()
        unreachable = statement.codes("unknown-to-controller", "epoch-to-come")
        recreated = statement.to_create_again()
        for name, facts in segments(root).items():
            parsed = re.fullmatch(SEGMENT, name)
            if not parsed or name in unreachable and f"dr/{parsed[1]}" not in recreated:
                continue
            stream = parsed[1]
            if stream == "table_kvtable":
                self.table.update(table_values(root, name))
            elif stream == "bytes":
                self.bytes = Segment(root, name, facts["length"]).data
            elif stream in written.streams:
                self._stream(root, name, stream, facts, written)

    def _stream(self, root, name, stream, facts, written):
        self.streams.setdefault(stream, [])
        found, rest = events(Segment(root, name, facts["length"]), facts["start_offset"])
        if facts["sealed"]:
            self.sealed.add(stream)
        if rest:
            self.problems.append(f"{name}: {rest} bytes after the last whole event")
        numbers = []
        for payload in found:
            parsed = re.match(rb"([^/]+)/(\d+)/", payload)
            number = int(parsed[2]) if parsed and parsed[1].decode() == stream else -1
            event = written.streams[stream].events.get(number)
            if event is None or payload != text(stream, number, event.size).encode():
                self.problems.append(f"{name}: an event that nobody wrote: {payload[:40]!r}")
            else:
                numbers.append(number)
        self.streams[stream].append(numbers)

    def numbers(self, stream):
        return {n for one in self.streams.get(stream, []) for n in one}


class Judge:
    def __init__(self, written, statement, recovered):
        self.written, self.statement, self.recovered = written, statement, recovered
        self.problems = list(recovered.problems)
        self.lost_events = self.lost_keys = self.lost_bytes = 0
        self.oldest_ms = None  # of all acknowledged writes that are lost

    def run(self):
        for name, stream in self.written.streams.items():
            self.order(name, stream)
            self.transactions(name, stream)
            self.loss_of_stream(name, stream)
        self.table()
        self.byte_stream()
        self.lost_transactions()
        return self.problems

    def bad(self, problem):
        self.problems.append(problem)

    def lost(self, ms, what):
        """An acknowledged write that is not there must lie in the window of the statement."""
        self.oldest_ms = min(ms, self.oldest_ms or ms)
        start = self.statement.from_ms
        if start is None:
            self.bad(f"{what} is lost, and the statement names no window")
        elif ms < start:
            self.bad(f"{what} was acknowledged {start - ms} ms before the window of the statement, and is lost")

    # ---- streams

    def order(self, name, stream):
        """Nothing twice; the events of one routing key in one segment follow one another without a gap."""
        found = [n for one in self.recovered.streams.get(name, []) for n in one]
        for twice in sorted({n for n in found if found.count(n) > 1} if len(found) != len(set(found)) else set())[:5]:
            self.bad(f"{name}: event {twice} is there twice")
        if name in TRANSACTIONAL:
            return
        for one in self.recovered.streams.get(name, []):
            for key in range(KEYS):
                mine = [n for n in one if n % KEYS == key]
                if mine != list(range(mine[0] if mine else 0, (mine[-1] if mine else 0) + (KEYS if mine else 0), KEYS)):
                    self.bad(f"{name}: the events of key {key} are not as they were written: {mine[:20]}...")
                elif mine and mine[0] >= KEYS and name not in SCALED | {"truncated"}:
                    self.bad(f"{name}: the events of key {key} begin with {mine[0]}")

    def transactions(self, name, stream):
        there = self.recovered.numbers(name)
        for number in there:
            if not stream.may_hold(number):
                self.bad(f"{name}: event {number} of a transaction that nobody committed")

    def loss_of_stream(self, name, stream):
        there = self.recovered.numbers(name)
        missing = [n for n in stream.events if n not in there]
        lost = [n for n in missing if stream.acknowledged_ms(n) is not None]
        self.lost_events += len(lost)
        self.lost_bytes += sum(FRAME + stream.events[n].size for n in lost)
        for number in lost[:3]:
            self.lost(stream.acknowledged_ms(number), f"{name}: event {number}")
        if name in self.recovered.streams and stream.deleted_ms:
            if stream.deleted_ms < self.written.last_ms - GONE_EARLIER:
                self.bad(f"{name}: deleted long before the loss, and came back")
        self.claims(name, stream, missing, lost)

    def claims(self, name, stream, missing, lost):
        """Not more is stated lost than is missing; what is stated exactly is not less than what is lost."""
        for what, unit in (("events", lambda n: 1), ("bytes", lambda n: FRAME + stream.events[n].size)):
            items = self.statement.of_stream(name, what)
            stated = sum(i["amount"] for i in items)
            most = sum(unit(n) for n in missing)
            if stated > most:
                self.bad(f"{name}: {stated} {what} stated lost, {most} are missing")
            least = sum(unit(n) for n in lost)
            if what == "bytes" and items and all(i["exact"] for i in items) and stream.segments == len(items) \
                    and name not in SCALED and stated < least:
                self.bad(f"{name}: exactly {stated} {what} stated lost, {least} are")

    # ---- the rest

    def table(self):
        fresh = 0
        for key, history in self.written.history.items():
            newest_done = max((i for i, (_, ms) in enumerate(history) if ms is not None), default=-1)
            got = self.recovered.table.get(key)
            if got is None:
                matches = [i for i, (value, _) in enumerate(history) if value is None]
                if any(i >= newest_done for i in matches) or newest_done < 0:
                    continue
                first_lost = max(matches, default=-1) + 1
            else:
                matches = [i for i, (value, _) in enumerate(history) if value == got]
                if not matches:
                    self.bad(f"table: key {key} has value {got}, which nobody wrote to it")
                    continue
                if matches[0] >= newest_done:
                    continue
                first_lost = matches[0] + 1
            self.lost_keys += 1
            fresh += 1
            self.lost(history[first_lost][1], f"table: update {first_lost} of key {key}")
        for key in set(self.recovered.table) - set(self.written.history):
            self.bad(f"table: key {key} was never written")
        stated = sum(l["amount"] for l in self.statement.of_stream("table_kvtable", "keys"))
        behind = sum(1 for key, history in self.written.history.items()
                     if (self.recovered.table.get(key)) != history[-1][0])
        if stated > behind:
            self.bad(f"table: {stated} keys stated lost, {behind} are not at their newest value")

    def byte_stream(self):
        got = self.recovered.bytes
        if got != bytes(i % 251 for i in range(len(got))) or len(got) > self.written.bytes_sent:
            self.bad("bytes: the content is not what was written")
        for length, ms in self.written.bytes_acks:
            if length > len(got):
                self.lost_bytes += self.written.bytes_acks[-1][0] - len(got)
                return self.lost(ms, f"bytes: byte {length - 1}")

    def lost_transactions(self):
        for loss in self.statement.losses:
            found = re.search(r"([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})", loss["subject"])
            stream = next((s for s in TRANSACTIONAL if f"dr/{s}" in loss["subject"]), None)  # ids are a stream's own
            if loss["what"] != "transaction" or loss["amount"] == 0 or not found or not stream:
                continue
            name, events = found[1].replace("-", ""), self.written.streams[stream].events
            numbers = {n for n, e in events.items() if (e.transaction or "").replace("-", "") == name}
            if numbers and numbers <= self.recovered.numbers(stream):
                self.bad(f"transaction {found[1]} is stated lost, and is there with all {len(numbers)} events")
