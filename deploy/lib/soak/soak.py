"""Two replicas under load while everything around them is killed, frozen and stopped at random; then a verdict.

soak.py --app DIR --java PROGRAM --busybox FILE --directory DIR [--seconds N] [--seed N] [--clients N]

Exits with 0 only if every accepted build ended once, as it had to, and nothing is left behind.
"""

import argparse
import http.server
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from database import AUDIT, NAME, Postgres
from ledger import Ledger, say
from load import Load, Sources
from monkey import Monkey
from processes import NAMESPACE, Registry, Service, await_until, attempts_alive
from report import table
from verdict import Verdict

LEASE = 10
SLOTS = 2
STOP = 60
DRAIN = 300


class Soak:
    """Everything of one run, below one directory."""

    def __init__(self, options):
        self.options = options
        self.directory = options.directory
        self.ledger = Ledger()
        self.postgres = Postgres(self._make("postgres"), options.app / "lib/main")
        self.registry = Registry(self.directory / "registry")
        self.content = Sources(options.busybox)
        self.site = Site(self.content.small)
        key = self.directory / "key"
        key.write_text("c29hayBzb2FrIHNvYWsgc29hayBzb2FrIHNvYWsgc28=")
        key.chmod(0o600)
        settings = {
            "SLIPWAY_WORKER_SLOTS": str(SLOTS),
            "SLIPWAY_RETENTION_INTERVAL": "PT5S",
            "SLIPWAY_SOURCE_DIRECTORY": str(self.directory / "sources"),
            "SLIPWAY_DATABASE_URL": f"postgresql://127.0.0.1:{self.postgres.port}/{NAME}",
            "SLIPWAY_DATABASE_USER": NAME,
            "SLIPWAY_DATABASE_PASSWORD_FILE": str(self.postgres.password),
            "SLIPWAY_SECRET_KEY_FILE": str(key),
            "SLIPWAY_REGISTRY_DEFAULT_HOST": self.registry.host,
            "SLIPWAY_REGISTRY_NAMESPACE": NAMESPACE,
            "SLIPWAY_REGISTRY_AUTH_FILE": str(self.registry.directory / "auth.json"),
            "SLIPWAY_REGISTRY_INSECURE": self.registry.host,
            "SLIPWAY_FETCH_ALLOW_HOSTS": self.site.host,
        }
        command = [options.java, "-XX:-UsePerfData", "-jar", str(options.app / "quarkus-run.jar")]
        self.services = [Service(name, command, self.directory, settings) for name in ("one", "two")]
        self.overlap = Overlap(self.directory, self.ledger)

    def _make(self, name):
        path = self.directory / name
        path.mkdir(mode=0o700, parents=True)
        return path

    def run(self):
        try:
            self._start()
            base = f"{self.registry.host}/{NAMESPACE}/base:1"
            load = Load(
                self.services, self.ledger, self.content, base, self.site.url, self.options.seed, self.options.clients
            )
            load.prepare()
            monkey = Monkey(
                random.Random(self.options.seed), self.services, self.postgres, self.registry, self.ledger, LEASE
            )
            load.start()
            self.overlap.start()
            monkey.run(time.monotonic() + self.options.seconds)
            say("no more faults; the clients end what they have begun")
            if not load.finish(DRAIN):
                self.ledger.violate(f"some clients had not ended {DRAIN} s after the last fault")
            return self._judge(monkey)
        finally:
            self._end()

    def _start(self):
        self.postgres.start()
        self.postgres.create()
        self.registry.start()
        for service in self.services:
            service.start()
            service.await_ready()
        self.postgres.query(AUDIT)

    def _judge(self, monkey):
        verdict = Verdict(self.ledger, self.postgres, self.registry, self.services, monkey.faults)
        await_until(self._idle, DRAIN, 1)
        verdict.of_database()
        verdict.of_registry()
        verdict.of_files(self.directory / "sources", self._restart)
        self.overlap.stop()
        self._stop()
        verdict.of_machine(self.directory)
        for service in self.services:
            for line in service.errors():
                self.ledger.violate(f"replica {service.name} logged: {line}")
        print(table(self.options, self.ledger, monkey, verdict))
        for violation in self.ledger.violations:
            print(f"VIOLATION {violation}")
        return not self.ledger.violations

    def _stop(self):
        for service in self.services:
            if not service.stop(STOP):
                self.ledger.violate(f"replica {service.name} did not end within {STOP} s of a SIGTERM")

    def _restart(self):
        self._stop()
        for service in self.services:
            service.start()
            service.await_ready()

    def _idle(self):
        """Builds that nobody waits for end too."""
        return self.postgres.query("select count(*) from build where status in ('QUEUED', 'RUNNING')") == [["0"]]

    def _end(self):
        self.overlap.stop()
        for service in self.services:
            if service.alive():
                service.kill()
        self.registry.stop()
        if self.postgres.process is not None and self.postgres.process.poll() is None:
            self.postgres.stop()


class Site:
    """Where sources are fetched from."""

    def __init__(self, content):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/source.tar"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Overlap:
    """Looks whether two attempts of one build have processes at the same time."""

    def __init__(self, directory, ledger):
        self.directory = directory
        self.ledger = ledger
        self.ended = threading.Event()

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self):
        self.ended.set()

    def _run(self):
        while not self.ended.wait(0.7):
            alive = attempts_alive(self.directory)
            builds = [build for build, _ in alive]
            for build in {build for build in builds if builds.count(build) > 1}:
                # one look is no moment: what it saw first may have ended before it saw the other
                again = [attempt for attempt in attempts_alive(self.directory).keys() & alive if attempt[0] == build]
                if len(again) > 1:
                    self.ledger.violate(f"attempts {sorted(again)} of one build run at the same time")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--app", type=Path, required=True)
    parser.add_argument("--java", required=True)
    parser.add_argument("--busybox", required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--clients", type=int, default=6)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    say(f"seed {options.seed}, {options.seconds} s of faults, {options.clients} clients")
    return 0 if Soak(options).run() else 1


if __name__ == "__main__":
    sys.exit(main())
