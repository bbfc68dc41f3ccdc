"""What a storm's log says: everything that was sent, and what of it was acknowledged when (see Storm.java)."""
import re
from dataclasses import dataclass, field

KEYS = 16
FRAME = 8  # bytes before each event in its segment


@dataclass
class Event:
    size: int
    transaction: str = None
    acked_ms: int = None


@dataclass
class Stream:
    segments: int = 1
    created_ms: int = None
    events: dict = field(default_factory=dict)        # id -> Event
    transactions: dict = field(default_factory=dict)  # id -> {what happened to it: when}
    truncating_below: int = 0
    deleting: bool = False
    deleted_ms: int = None
    sealing: bool = False

    def end_of(self, event):
        return self.transactions.get(event.transaction, {})

    def acknowledged_ms(self, number):
        """When its writer was told that this event is in the stream for good; None when never, or when it may be gone again."""
        event = self.events[number]
        if self.deleting or number < self.truncating_below:
            return None
        if event.transaction is None:
            return event.acked_ms
        return self.end_of(event).get("committed")

    def may_hold(self, number):
        event = self.events[number]
        return event.transaction is None or "committing" in self.end_of(event)


def text(stream, number, size):
    """The event Storm.event() makes."""
    head, x, block = f"{stream}/{number}/", number + 1, ""
    for _ in range(61):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        block += chr(ord("a") + (x >> 16) % 26)
    size = max(size, len(head))
    return (head + block * ((size - len(head)) // 61 + 1))[:size]


class Written:
    def __init__(self, path):
        self.streams, self.history, self.stopped = {}, {}, []
        self.bytes_sent = self.bytes_acked = self.last_ms = 0
        self.bytes_acks = [(0, 0)]  # length, when
        for line in path.read_text().split("\n")[:-1]:  # what follows the last newline is half a line
            ms, what, *args = line.split(" ")
            self.last_ms = int(ms)
            getattr(self, "_" + re.sub(r"[^a-z]", "", what))(int(ms), *args)

    def _stream(self, name):
        return self.streams.setdefault(name, Stream())

    def _creating(self, ms, stream, segments):
        self._stream(stream).segments = int(segments)

    def _created(self, ms, stream, segments):
        self._stream(stream).created_ms = ms

    def _sealing(self, ms, stream):
        self._stream(stream).sealing = True

    def _sealed(self, ms, stream):
        pass

    def _deleting(self, ms, stream):
        self._stream(stream).deleting = True

    def _deleted(self, ms, stream):
        self._stream(stream).deleted_ms = ms

    def _send(self, ms, stream, number, size, transaction=None):
        self._stream(stream).events[int(number)] = Event(int(size), transaction)

    def _ack(self, ms, stream, number):
        self._stream(stream).events[int(number)].acked_ms = ms

    def _ended(self, what, ms, stream, transaction):
        self._stream(stream).transactions.setdefault(transaction, {})[what] = ms

    def _flushed(self, *args):
        self._ended("flushed", *args)

    def _committing(self, *args):
        self._ended("committing", *args)

    def _committed(self, *args):
        self._ended("committed", *args)

    def _aborting(self, *args):
        self._ended("aborting", *args)

    def _aborted(self, *args):
        self._ended("aborted", *args)

    def _truncating(self, ms, stream, below):
        self._stream(stream).truncating_below = int(below)

    def _truncated(self, ms, stream, below):
        pass

    def _put(self, ms, key, value):
        self.history.setdefault(int(key), []).append([int(value), None])

    def _remove(self, ms, key):
        self.history.setdefault(int(key), []).append([None, None])

    def _done(self, ms, key):
        self.history[int(key)][-1][1] = ms

    def _bytes(self, ms, stream, length):
        self.bytes_sent = int(length)

    def _wrote(self, ms, stream, length):
        self.bytes_acks.append((int(length), ms))

    def _stopped(self, ms, *why):
        self.stopped.append(" ".join(why))
