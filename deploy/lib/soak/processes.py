"""The services and the registry of a soak: started, killed, frozen, stopped; and what /proc shows of them."""

import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

# Should we be killed outright, the kernel ends what we started.
END_WITH_US = ["setpriv", "--pdeathsig", "TERM", "--"]
NAMESPACE = "soak"
USER = "soak"
MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
ATTEMPT = re.compile(r"/work/([0-9a-f]{8}-[0-9a-f-]{27})-([0-9]+)[/ ]")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def await_until(condition, seconds, pause=0.1):
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


class Registry:
    """Debian's docker-registry with a password, on loopback."""

    def __init__(self, directory):
        self.directory = directory
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.process = None
        password = base64.b64encode(os.urandom(15), b"xy").decode()
        hashed = subprocess.run(
            ["htpasswd", "-niB", USER], input=password + "\n", text=True, capture_output=True, check=True
        ).stdout
        self.authorization = base64.b64encode(f"{USER}:{password}".encode()).decode()
        directory.mkdir(mode=0o700)
        (directory / "htpasswd").write_text(hashed)
        (directory / "auth.json").write_text(json.dumps({"auths": {self.host: {"auth": self.authorization}}}))
        (directory / "config.yml").write_text(
            "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
            f"storage: {{filesystem: {{rootdirectory: '{directory}/images'}}, delete: {{enabled: true}}}}\n"
            f"http: {{addr: '{self.host}'}}\n"
            f"auth: {{htpasswd: {{realm: soak, path: '{directory}/htpasswd'}}}}\n"
        )

    def start(self):
        if self.process is not None and self.process.poll() is None:
            return
        run = END_WITH_US + ["docker-registry", "serve", str(self.directory / "config.yml")]
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(run, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not await_until(self._listens, 30):
            raise RuntimeError("the registry does not start")

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def manifest(self, repository, reference):
        """The bytes of a manifest; None where there is none."""
        try:
            return self._get(f"/v2/{repository}/manifests/{reference}", "GET")
        except urllib.error.HTTPError as e:
            if e.code == 404:
                return None
            raise

    def holds(self, repository, digest):
        """Whether a manifest and all it names are here."""
        manifest = self.manifest(repository, digest)
        if manifest is None or "sha256:" + hashlib.sha256(manifest).hexdigest() != digest:
            return False
        document = json.loads(manifest)
        try:
            for blob in [document["config"]] + document["layers"]:
                self._get(f"/v2/{repository}/blobs/{blob['digest']}", "HEAD")
            return True
        except urllib.error.HTTPError:
            return False

    def _get(self, path, method):
        request = urllib.request.Request(f"http://{self.host}{path}", method=method)
        request.add_header("Authorization", f"Basic {self.authorization}")
        request.add_header("Accept", MANIFESTS)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()


class Service:
    """One replica, as a process with a data directory and a log of its own."""

    def __init__(self, name, command, directory, settings):
        self.name = name
        self.data = directory / name
        self.log = directory / f"{name}.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        (self.data / "tmp").mkdir(mode=0o700, parents=True)
        self.command = END_WITH_US + [command[0], f"-Djava.io.tmpdir={self.data}/tmp"] + command[1:]
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": os.environ["HOME"],
            "LC_ALL": "C.UTF-8",
            "SLIPWAY_DATA": str(self.data),
            "SLIPWAY_HTTP_PORT": str(self.port),
        } | settings

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=self.data, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def ready(self):
        try:
            with urllib.request.urlopen(self.url + "/q/health/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def await_ready(self, seconds=240):
        if not await_until(lambda: self.ready() or not self.alive(), seconds, 0.2) or not self.alive():
            raise RuntimeError(f"replica {self.name} does not become ready; see {self.log}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds):
        """Whether it ended by itself in time."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            self.kill()
            return False

    def node(self):
        """The name under which it holds builds, whatever the start."""
        return (self.data / "node").read_text().strip()

    def errors(self):
        """What it logged as ERROR, but for what the libraries say when connections break, and after their own end."""
        known = ("Result is already complete", "[Error Occurred After Shutdown]")
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if " ERROR " in line and not any(words in line for words in known)]


def running():
    """Every process as (id, command line, mounts); the last two are empty where they are not ours to read."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            yield int(entry.name), read(entry / "cmdline").replace("\0", " "), read(entry / "mountinfo")


def read(path):
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


def attempts_alive(directory):
    """The attempts that have processes in sandboxes, as (build, attempt) with a process id each."""
    found = {}
    for pid, _, mounts in running():
        if str(directory) in mounts:
            for attempt in ATTEMPT.findall(mounts):
                found[attempt] = pid
    return found


def of_directory(directory):
    """The processes that work in a directory, name it or have a part of it mounted."""
    for pid, command, mounts in running():
        try:
            works = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            works = ""
        if f"{directory}/" in command or f"{directory}/" in mounts or f"{works}/".startswith(f"{directory}/"):
            yield pid, command, f"{directory}/" in mounts


def sandboxed(directory, word):
    """The processes of open sandboxes below a directory that have a word at the beginning of their command lines."""
    return [pid for pid, command, mounts in running() if f"{directory}/" in mounts and command.startswith(word)]


def supervisors(directory):
    """The supervisors of open sandboxes below a directory."""
    return [pid for pid, command, _ in running() if " slipway-supervisor " in command and f"{directory}/" in command
            and command.startswith("/bin/bash")]
