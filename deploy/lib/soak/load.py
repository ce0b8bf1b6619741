"""The load: clients that hand in builds of many kinds, wait for their ends, and look at what became of them."""

import io
import json
import random
import socket
import tarfile
import threading
import time
import urllib.parse
from pathlib import Path

from client import Client, Unanswered
from ledger import Entry, say

PATIENCE = 240
# A build that fails for these may succeed when tried again; the client does so.
PASSING = {"push-failed", "pull-failed", "login-failed", "fetch-failed", "worker-crashed"}
WEIGHTS = {
    "cached": 5, "talking": 4, "contended": 3, "based": 2, "dockerfile": 2, "several": 2, "fetched": 2, "failing": 2,
    "cancelled": 2, "keyed": 3, "deleted": 1, "vanishing": 2,
}  # fmt: skip


class Sources:
    """What is built, as archives: the same bytes each time, so that layers are found again."""

    def __init__(self, busybox):
        self.busybox = Path(busybox).read_bytes()
        self.small = self.archive('RUN ["/bin/busybox", "sh", "-c", "echo line 1; echo line 2"]\n')
        self.talking = self.archive(
            "ARG RUN\n"
            'RUN ["/bin/busybox", "sh", "-c", "i=0; while [ $i -lt 40 ]; do i=$((i + 1)); echo line $i of $RUN;'
            ' /bin/busybox sleep 0.08; done"]\n'
        )
        self.failing = self.archive('RUN ["/bin/busybox", "sh", "-c", "echo line 1; exit 7"]\n')
        self.endless = self.archive(
            'ARG RUN\nRUN ["/bin/busybox", "sh", "-c", "echo line 1; /bin/busybox sleep 150"]\n'
        )

    def archive(self, steps):
        dockerfile = ("FROM scratch\nCOPY busybox /bin/busybox\n" + steps).encode()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, mode, content in (("Dockerfile", 0o644, dockerfile), ("busybox", 0o755, self.busybox)):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(content), mode
                tar.addfile(entry, io.BytesIO(content))
        return packed.getvalue()


class Load:
    """A number of clients, each on a thread, each with one build at a time."""

    def __init__(self, services, ledger, sources, base, site, seed, clients):
        self.services = services
        self.base = base
        self.ledger = ledger
        self.sources = sources
        self.site = site
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(number, random.Random(f"{seed}/{number}")), daemon=True)
            for number in range(clients)
        ]

    def prepare(self):
        """Builds the base image of later builds."""
        worker = Worker(self, "prepare", random.Random(0))
        worker.build("base", ["base:1"], worker.tar(self.sources.small), lines=2)

    def start(self):
        for thread in self.threads:
            thread.start()

    def finish(self, seconds):
        """Lets every client end what it has begun; whether all did."""
        self.stopping.set()
        deadline = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self.threads)

    def _run(self, number, rng):
        worker = Worker(self, number, rng)
        while not self.stopping.is_set():
            kind = rng.choices(list(WEIGHTS), WEIGHTS.values())[0]
            try:
                getattr(worker, kind)()
            except Unanswered:
                pass  # it is in the ledger
            except Exception as e:  # a client that dies in silence would be a build nobody looks at
                self.ledger.violate(f"client {number} broke at '{kind}': {type(e).__name__}: {e}")
            time.sleep(rng.uniform(0, 0.3))


class Worker:
    """One client and its kinds of builds."""

    def __init__(self, load, number, rng):
        self.load = load
        self.ledger = load.ledger
        self.sources = load.sources
        self.number = number
        self.rng = rng
        self.client = Client(load.services, load.ledger, rng)
        self.made = 0

    def cached(self):
        self.build("cached", [f"app-{self.rng.randrange(4)}:{self.number}"], self.tar(self.sources.small), lines=2)

    def several(self):
        name = f"several-{self.number}"
        self.build("several", [f"{name}:1", f"{name}:2", f"{name}-too"], self.tar(self.sources.small), lines=2)

    def contended(self):
        label = f"by={self.number}-{self._next()}"
        self.build("contended", ["contended"], self.tar(self.sources.small, label=label), lines=2)

    def talking(self):
        run = f"{self.number}-{self._next()}"
        request = self.tar(self.sources.talking, build_arg=f"RUN={run}")
        self.build("talking", [f"talking-{self.number}"], request, lines=40, follow=True)

    def dockerfile(self):
        text = f"FROM scratch\nLABEL n={self._next()}\n"
        self.build("dockerfile", [f"dockerfile-{self.number}"], self.document(dockerfile=text))

    def based(self):
        text = f"FROM {self.load.base}\nLABEL n={self._next()}\nRUN [\"/bin/busybox\", \"echo\", \"line 1\"]\n"
        self.build("based", [f"based-{self.number}"], self.document(dockerfile=text), lines=1)

    def fetched(self):
        self.build("fetched", [f"fetched-{self.number}"], self.document(tarUrl=self.load.site), lines=2)

    def failing(self):
        request = self.tar(self.sources.failing)
        self.build("failing", [f"failing-{self.number}"], request, expected={"FAILED"}, tag_is_ours=False)

    def keyed(self):
        """Sent again, with the same key, until somebody answers; and once more after that."""
        key = {"Idempotency-Key": f"key-{self.number}-{self._next()}"}
        request = self.tar(self.sources.small, headers=key)
        entry = self.build("keyed", [f"keyed-{self.number}"], request, lines=2, again=True)
        if entry:
            _, _, content = self.client.insist(*self._post(entry.images, request))
            if json.loads(content).get("id") != entry.id:
                self.ledger.violate(f"the key of build {entry.id} made another: {content[:200]!r}")

    def cancelled(self):
        request = self.tar(self.sources.endless, build_arg=f"RUN={self._next()}")
        images = [f"cancelled-{self.number}"]
        entry = self.submit("cancelled", images, request, expected={"CANCELLED"}, tag_is_ours=False)
        if entry:
            time.sleep(self.rng.uniform(0, 3))
            self.client.insist("POST", f"/api/v1/builds/{entry.id}/cancel")
            self._await_end(entry)

    def deleted(self):
        request = self.tar(self.sources.small)
        entry = self.build("deleted", [f"deleted-{self.number}"], request, lines=2, tag_is_ours=False)
        if entry:
            self.client.insist("DELETE", f"/api/v1/builds/{entry.id}")
            entry.deleted = True

    def vanishing(self):
        """Goes away in the middle of its body, or right behind it, or while it follows a log."""
        method, path, body, headers = self._post([f"vanishing-{self.number}"], self.tar(self.sources.small))
        service = self.rng.choice(self.load.services)
        size = self.rng.choice([0, len(body) // 2, len(body)])
        head = f"{method} {path} HTTP/1.1\r\nHost: soak\r\nContent-Length: {len(body)}\r\n"
        head += f"Content-Type: {headers['Content-Type']}\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", service.port), 10) as connection:
                connection.sendall(head.encode() + body[:size])
                time.sleep(self.rng.uniform(0, 0.3))
        except OSError:
            pass
        self.ledger.count("vanished")

    def build(self, kind, images, request, follow=False, again=False, **expectation):
        """Hands in a build and looks at its end; its entry, or None where nobody knows whether it was accepted."""
        entry = self.submit(kind, images, request, again=again, **expectation)
        if entry:
            numbers = self.client.follow(entry.id, time.monotonic() + PATIENCE) if follow else None
            self._await_end(entry, numbers)
        return entry

    def submit(self, kind, images, request, again=False, expected=frozenset({"SUCCEEDED"}), **more):
        """Hands in a build; one that may be sent twice is sent until it is answered."""
        post = self._post(images, request)
        while True:
            try:
                status, found, content = self.client.insist(*post) if again else self.client.once(*post)
            except Unanswered as e:
                refused = "ConnectionRefused" in str(e)
                self.ledger.count("refused connections" if refused else "unanswered submissions")
                if not refused:
                    return None
                status = 0
            if status in (200, 202):
                build = json.loads(content)
                return self.ledger.accept(Entry(build["id"], kind, images, set(expected), **more))
            if status and status < 500:
                self.ledger.violate(f"a build '{kind}' was refused: {status} {content[:300]!r}")
                return None
            time.sleep(self.rng.uniform(0.2, 0.6))

    def tar(self, body, headers=None, **options):
        return "application/x-tar", body, options, headers or {}

    def document(self, **fields):
        return "application/json", None, fields, {}

    def _post(self, images, request):
        kind, body, fields, headers = request
        if body is None:
            path, body = "/api/v1/builds", json.dumps({"images": images} | fields).encode()
        else:
            query = [("image", image) for image in images] + list(fields.items())
            path = "/api/v1/builds?" + urllib.parse.urlencode(query)
        return "POST", path, body, headers | {"Content-Type": kind}

    def _await_end(self, entry, numbers=None):
        """What failed for a reason that passes is tried again, as a patient user would."""
        deadline = time.monotonic() + PATIENCE
        while build := self.client.await_end(entry.id, deadline):
            code = build["error"]["type"].rpartition("/")[2] if build["error"] else ""
            if build["status"] != "FAILED" or code not in PASSING or "FAILED" in entry.expected:
                break
            self.ledger.count(f"tried again after {code}")
            time.sleep(self.rng.uniform(1, 3))
            self.client.insist("POST", f"/api/v1/builds/{entry.id}/retry")
            entry.retries += 1
            numbers = None
        if not build:
            return
        entry.ended = build["status"]
        if entry.ended not in entry.expected:
            self.ledger.violate(f"build {entry.id} ({entry.kind}) is {entry.ended}: {json.dumps(build['error'])}")
        elif entry.ended == "SUCCEEDED":
            self._check(entry, build, numbers)

    def _check(self, entry, build, numbers):
        """The log is whole, in order, and what a follower saw."""
        lines = self.client.log(entry.id)
        order = [line["n"] for line in lines]
        if order != sorted(set(order)):
            self.ledger.violate(f"the log of build {entry.id} is out of order: {order}")
        if numbers is not None and numbers != order[: len(numbers)]:
            self.ledger.violate(f"a follower of build {entry.id} saw {numbers} of {order}")
        printed = [line for line in lines if line["step"] == "BUILD" and line["text"].startswith("line ")]
        # An attempt that loses its lease writes no more, so its log may end anywhere, while the layer that it made is in
        # the cache: the attempt after it prints nothing.
        last = [int(line["text"].split()[1]) for line in printed if line["attempt"] == build["attempt"]]
        if last and last != list(range(1, entry.lines + 1)):
            self.ledger.violate(f"build {entry.id} ({entry.kind}) printed {last}, not 1 to {entry.lines}")

    def _next(self):
        self.made += 1
        return self.made
