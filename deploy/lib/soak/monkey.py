"""What goes wrong: faults dealt from a shuffled deck, one after another, each mended before the next but one."""

import os
import signal
import time
from dataclasses import dataclass

from ledger import say
from processes import await_until, sandboxed, supervisors

# The longest that a service may need to be ready again, and to end.
READY = 240
STOP = 90
# After an outage of the database it may be this long until nobody is told of it any more.
AFTERMATH = 12


@dataclass
class Fault:
    """One of them, when it was done, and to whom."""

    kind: str
    service: str
    began: float


class Monkey:
    """Draws from one random generator, and as often for each fault: a seed gives the same ones in the same order."""

    def __init__(self, rng, services, postgres, registry, ledger, lease):
        self.rng = rng
        self.services = services
        self.postgres = postgres
        self.registry = registry
        self.ledger = ledger
        self.lease = lease
        self.faults = []
        self.ready_after = []
        self.answers_after = []
        self.deck = []
        self.long_outages = 0

    def run(self, until):
        """Goes on until a moment of the monotonic clock; everything is mended when this returns."""
        while time.monotonic() < until:
            if not self.deck:
                self.deck = [fault for fault, copies in self._faults() for _ in range(copies)]
                self.rng.shuffle(self.deck)
            fault = self.deck.pop()
            service = self.rng.choice(self.services)
            seconds = self.rng.random()
            fault(service, seconds)
            time.sleep(self.rng.uniform(0.5, 4))

    def _faults(self):
        return [
            (self.kill_service, 2),
            (self.kill_buildah, 2),
            (self.kill_supervisor, 2),
            (self.freeze_service, 1),
            (self.pause_service, 1),
            (self.rolling_restart, 1),
            (self.kill_database, 1),
            (self.kill_backend, 1),
            (self.stop_database, 1),
            (self.freeze_database, 1),
            (self.freeze_listeners, 1),
            (self.terminate_backends, 1),
            (self.read_only, 1),
            (self.kill_registry, 1),
            (self.freeze_registry, 1),
        ]

    def _note(self, kind, service=None):
        fault = Fault(kind, service.name if service else "", time.time())
        self.faults.append(fault)
        say(f"fault {len(self.faults)}: {kind}" + (f" of replica {service.name}" if service else ""))

    def kill_service(self, service, share):
        self._note("kill -9", service)
        service.kill()
        time.sleep(share * (self.lease + 4))
        self._start(service)

    def freeze_service(self, service, share):
        self._note("SIGSTOP beyond the lease", service)
        service.signal(signal.SIGSTOP)
        time.sleep(self.lease + 1 + share * 4)
        service.signal(signal.SIGCONT)

    def pause_service(self, service, share):
        self._note("SIGSTOP within the lease", service)
        service.signal(signal.SIGSTOP)
        time.sleep(1 + share * self.lease / 2)
        service.signal(signal.SIGCONT)

    def rolling_restart(self, first, share):
        for service in sorted(self.services, key=lambda other: other is not first):
            self._note("SIGTERM", service)
            began = time.monotonic()
            if not service.stop(STOP):
                self.ledger.violate(f"replica {service.name} did not end within {STOP} s of a SIGTERM")
            say(f"replica {service.name} ended after {time.monotonic() - began:.1f} s")
            self._start(service)

    def _start(self, service):
        began = time.monotonic()
        service.start()
        service.await_ready(READY)
        self.ready_after.append(time.monotonic() - began)

    def kill_buildah(self, service, share):
        self._kill_one("kill -9 of buildah", lambda data: sandboxed(data, "buildah "), share)

    def kill_supervisor(self, service, share):
        self._kill_one("kill -9 of a supervisor", supervisors, share)

    def _kill_one(self, kind, find, share):
        """Of the processes of one kind that run now, or soon; none may run while nobody builds."""
        found = []

        def look():
            found[:] = [(pid, service) for service in self.services for pid in find(service.data)]
            return found

        if await_until(look, 5, 0.05):
            pid, service = found[int(share * len(found))]
            self._note(kind, service)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def kill_database(self, service, share):
        self._away("kill -9 of PostgreSQL", self.postgres.kill, self.postgres.start, share * 5)

    def kill_backend(self, service, share):
        self._away("kill -9 of a backend", self.postgres.kill_backend, self.postgres.start, 0)

    def stop_database(self, service, share):
        seconds = 5
        if self.long_outages < len(self.faults) // 40:
            self.long_outages += 1
            seconds = 60
        self._away(f"PostgreSQL away for {seconds} s", self.postgres.stop, self.postgres.start, seconds)

    def freeze_database(self, service, share):
        stop, go = (lambda number=number: self.postgres.signal(number) for number in (signal.SIGSTOP, signal.SIGCONT))
        self._away("SIGSTOP of PostgreSQL", stop, go, 2 + share * 8)

    def freeze_listeners(self, service, share):
        """Connections that look alive and bring no notification any more: nobody may be told of it."""
        self._note("SIGSTOP of the backends that LISTEN")
        frozen = self.postgres.freeze_listeners()
        time.sleep(5 + share * 15)
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)

    def terminate_backends(self, service, share):
        self._away("every backend terminated", self.postgres.terminate_backends, self.postgres.start, 0)

    def read_only(self, service, share):
        begin, end = (lambda on=on: self.postgres.read_only(on) for on in (True, False))
        self._away("PostgreSQL read-only", begin, end, 2 + share * 5)

    def _away(self, kind, harm, mend, seconds):
        self._note(kind)
        window = self.ledger.open_window(AFTERMATH)
        harm()
        time.sleep(seconds)
        mend()
        self.ledger.close_window(window)
        self._await_answers()

    def _await_answers(self):
        """How long it takes until both replicas answer again."""
        began = time.monotonic()
        if not await_until(lambda: all(service.ready() for service in self.services), READY):
            self.ledger.violate(f"the replicas were not ready within {READY} s of the database's return")
        self.answers_after.append(time.monotonic() - began)

    def kill_registry(self, service, share):
        self._note("kill -9 of the registry")
        self.registry.kill()
        time.sleep(share * 6)
        self.registry.start()

    def freeze_registry(self, service, share):
        self._note("SIGSTOP of the registry")
        self.registry.signal(signal.SIGSTOP)
        time.sleep(1 + share * 7)
        self.registry.signal(signal.SIGCONT)
