"""What the clients were told: the builds that were accepted, what is to become of them, and what no client may see."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Entry:
    """A build that a client got a 202 for."""

    id: str
    kind: str
    images: list
    expected: set
    lines: int = 0
    tag_is_ours: bool = True
    retries: int = 0
    deleted: bool = False
    ended: str = ""
    seen: set = field(default_factory=set)


class Ledger:
    """Shared by all clients."""

    def __init__(self):
        self.lock = threading.Lock()
        self.accepted = {}
        self.counts = Counter()
        self.violations = []
        self.windows = []

    def accept(self, entry):
        with self.lock:
            self.accepted[entry.id] = entry
            self.counts["accepted"] += 1
        return entry

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def violate(self, what):
        with self.lock:
            self.violations.append(f"{stamp()} {what}")
        say(f"VIOLATION {what}")

    def open_window(self, seconds_after):
        """From now until close, and for some seconds more, the database may be away: 503 is a fair answer."""
        window = [time.time(), float("inf"), seconds_after]
        self.windows.append(window)
        return window

    @staticmethod
    def close_window(window):
        window[1] = time.time()

    def database_away(self, began, ended):
        """Whether the database may have been away at some time between two moments."""
        return any(began <= until + after and ended >= since for since, until, after in self.windows)


def stamp(at=None):
    at = time.time() if at is None else at
    return time.strftime("%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}"


def say(text):
    print(f"{stamp()} {text}", flush=True)
