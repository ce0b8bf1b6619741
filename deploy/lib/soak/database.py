"""A PostgreSQL of the soak's own, unpacked from the application's jars, and a client for it that needs no library."""

import io
import lzma
import os
import platform
import signal
import socket
import struct
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

from processes import END_WITH_US, await_until, free_port

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
NAME = "slipway"
CLIENTS = "from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"

# Every change of a build's state, by whomever, as it was committed; and every end of a turn to push a tag.
AUDIT = """
create table soak_audit (
    n bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
    build uuid not null, was text, became text, attempt int, owner text, crashes int, error text);
create function soak_audit() returns trigger language plpgsql as $$
begin
    insert into soak_audit (build, was, became, attempt, owner, crashes, error)
        values (coalesce(new.id, old.id), old.status, new.status, coalesce(new.attempt, old.attempt),
                coalesce(new.lease_owner, old.lease_owner), new.crashes, new.error_code);
    return null;
end $$;
create trigger soak_audit after insert or delete or update of status on build
    for each row execute function soak_audit();
create table soak_turns (
    n bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
    image text not null, queued_at timestamptz not null, number bigint not null);
create function soak_turns() returns trigger language plpgsql as $$
begin
    insert into soak_turns (image, queued_at, number) values (new.image, new.last_queued_at, new.last_number);
    return null;
end $$;
create trigger soak_turns after insert or update on push_turn for each row
    when (new.last_number is not null) execute function soak_turns();
"""


class Postgres:
    """The server. It may be killed, frozen and stopped; `start` mends all of that."""

    def __init__(self, directory, jars):
        self.directory = directory
        self.programs = directory / "programs"
        self.data = directory / "data"
        self.log = directory / "log"
        self.password = directory / "password"
        self.port = free_port()
        self.process = None
        unpack(jars, self.programs)
        self.password.write_text(os.urandom(12).hex())
        self.password.chmod(0o600)
        self._initialise()

    def _initialise(self):
        run = [self.programs / "bin/initdb", f"--pgdata={self.data}", f"--username={NAME}", "--encoding=UTF8"]
        run += [f"--pwfile={self.password}", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
        run += ["--no-sync", "--locale=C"]
        subprocess.run(run, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)

    def start(self):
        """Starts it where it does not run, and returns when it answers."""
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process is None or self.process.poll() is not None:
                self._launch()
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _launch(self):
        run = END_WITH_US + [self.programs / "bin/postgres", "-D", self.data, "-p", self.port, "-k", self.directory]
        run += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100", "-c", "log_min_messages=fatal"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in run], env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _answers(self):
        try:
            with self.connect("postgres") as connection:
                connection.query("select 1")
            return True
        except (OSError, DatabaseError):
            return False

    def connect(self, database=NAME):
        """A connection as the superuser, past the password."""
        return Connection(self.directory / f".s.PGSQL.{self.port}", database)

    def query(self, sql):
        """The rows of a statement, as texts."""
        with self.connect() as connection:
            return connection.query(sql)

    def processes(self):
        """The server's process ids, the first one's first."""
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first] + [int(child) for child in children]

    def kill(self):
        """Ends all of it as a crash of the machine would, but for what the kernel has not written yet."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def kill_backend(self):
        """Kills one process that serves a client: the server then throws everybody out and recovers."""
        for (pid,) in self.query(f"select pid {CLIENTS} limit 1"):
            os.kill(int(pid), signal.SIGKILL)

    def freeze_listeners(self):
        """Stops the processes that serve a client's LISTEN, and tells which; the server goes on."""
        frozen = [int(pid) for (pid,) in self.query(f"select pid {CLIENTS} and query ilike 'listen %'")]
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        return frozen

    def stop(self):
        """Ends it as an administrator does who does not wait for clients."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def signal(self, number):
        """To every process of the server."""
        for pid in self.processes():
            os.kill(pid, number)

    def terminate_backends(self):
        """Cuts off every client."""
        self.query(f"select pg_terminate_backend(pid) {CLIENTS}")

    def read_only(self, on):
        """Every transaction that begins from now on may only read, or may write again."""
        with self.connect("postgres") as connection:
            connection.query(f"alter system set default_transaction_read_only = {'on' if on else 'off'}")
            connection.query("select pg_reload_conf()")

    def create(self):
        """Makes the database."""
        with self.connect("postgres") as connection:
            connection.query(f"create database {NAME}")


class DatabaseError(Exception):
    """What the server refused."""


class Connection:
    """One connection by PostgreSQL's protocol 3.0: simple queries, answered as texts."""

    def __init__(self, path, database):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rb")
        settings = b"".join(word.encode() + b"\0" for word in ("user", NAME, "database", database))
        settings += b"options\0-c default_transaction_read_only=off\0\0"
        self.socket.sendall(struct.pack("!ii", len(settings) + 8, 196608) + settings)
        self._answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def query(self, sql):
        text = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(text) + 4) + text)
        return self._answer()

    def _answer(self):
        rows, error = [], None
        while True:
            head = self.stream.read(5)
            if len(head) < 5:
                raise error or DatabaseError("the connection ended")
            kind, length = struct.unpack("!ci", head)
            body = self.stream.read(length - 4)
            if kind == b"D":
                rows.append(row(body))
            elif kind == b"E":
                fields = dict((field[:1], field[1:].decode(errors="replace")) for field in body.split(b"\0") if field)
                error = DatabaseError(f"{fields.get(b'C')}: {fields.get(b'M')}")
            elif kind == b"Z":
                if error:
                    raise error
                return rows


def row(body):
    """The columns of a row; None for null."""
    (count,), at, columns = struct.unpack("!h", body[:2]), 2, []
    for _ in range(count):
        (length,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        columns.append(None if length < 0 else body[at : at + length].decode())
        at += max(length, 0)
    return columns


def unpack(jars, programs):
    """The server's programs out of the jar that the service itself has them from."""
    machine = {"x86_64": ("amd64", "x86_64"), "aarch64": ("arm64v8", "arm_64")}[platform.machine()]
    (jar,) = jars.glob(f"*embedded-postgres-binaries-linux-{machine[0]}-*.jar")
    with zipfile.ZipFile(jar) as archive:
        packed = archive.read(f"postgres-linux-{machine[1]}.txz")
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(packed))) as tar:
        tar.extractall(programs, filter="data") if hasattr(tarfile, "data_filter") else tar.extractall(programs)
