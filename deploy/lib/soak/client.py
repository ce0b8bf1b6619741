"""One client of the service: it speaks HTTP to whichever replica answers, and notes what it must not have seen."""

import http.client
import json
import time

from ledger import say


class Unanswered(Exception):
    """The connection was lost, or refused, before an answer had come."""


class Client:
    """Not for two threads at once."""

    def __init__(self, services, ledger, rng):
        self.services = services
        self.ledger = ledger
        self.rng = rng

    def once(self, method, path, body=b"", headers=None, service=None, timeout=25):
        """One request to one replica, on a connection of its own; (status, headers, body)."""
        service = service or self.rng.choice(self.services)
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=timeout)
        began = time.time()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as e:
            raise Unanswered(f"{type(e).__name__}: {e}") from e
        finally:
            connection.close()
        self._judge(answer, content, f"{method} {path} of {service.name}", began)
        return answer.status, answer.headers, content

    def _judge(self, answer, content, what, began):
        if answer.status < 500:
            return
        if answer.status != 503 or "Retry-After" not in answer.headers:
            self.ledger.violate(f"{what} answered {answer.status}: {content[:300]!r}")
        elif self.ledger.database_away(began, time.time()):
            self.ledger.count("503 while the database was away")
        else:
            self.ledger.count("503 although the database was there")
            say(f"{what} answered 503: {content[:300]!r}")

    def insist(self, method, path, body=b"", headers=None, patience=150):
        """The same request again and again, at either replica, until one answers it."""
        deadline = time.monotonic() + patience
        why = None
        while time.monotonic() < deadline:
            try:
                status, found, content = self.once(method, path, body, headers)
                if status < 500:
                    return status, found, content
                why = status
            except Unanswered as e:
                self.ledger.count("unanswered")
                why = e
            time.sleep(self.rng.uniform(0.2, 0.6))
        self.ledger.violate(f"{method} {path}: no answer for {patience} s ({why})")
        raise Unanswered(str(why))

    def build(self, id, wait=0):
        """A build as it is now, or when it ends; None where the service says that there is none."""
        headers = {"Prefer": f"wait={wait}"} if wait else {}
        status, _, content = self.insist("GET", f"/api/v1/builds/{id}", headers=headers)
        return json.loads(content) if status == 200 else None

    def await_end(self, id, deadline):
        """The build when it has ended; None where it is not there, or does not end."""
        build = None
        while time.monotonic() < deadline:
            build = self.build(id, 3)
            if build is None:
                self.ledger.violate(f"build {id} was accepted and is not found")
                return None
            if build["status"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return build
        self.ledger.violate(f"build {id} did not end in time: {build and (build['status'], build['step'])}")
        return None

    def log(self, id):
        """The lines of a build's log."""
        _, _, content = self.insist("GET", f"/api/v1/builds/{id}/logs", headers={"Accept": "application/x-ndjson"})
        return [json.loads(line) for line in content.splitlines()]

    def follow(self, id, deadline):
        """The numbers of all lines of a build's log as events, however often the stream breaks; None without an end."""
        numbers, last = [], ""
        while time.monotonic() < deadline:
            service = self.rng.choice(self.services)
            try:
                for event in self._events(service, id, last):
                    last = event["id"]
                    if event["event"] == "end":
                        return numbers
                    numbers.append(int(last))
                self.ledger.count("streams ended early")
            except (OSError, http.client.HTTPException):
                self.ledger.count("streams broken")
            time.sleep(self.rng.uniform(0.2, 0.6))
        return None

    def _events(self, service, id, last):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=25)
        try:
            headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
            connection.request("GET", f"/api/v1/builds/{id}/logs", headers=headers)
            answer = connection.getresponse()
            if answer.status == 204:
                yield {"event": "end", "id": last}
            if answer.status != 200:
                self._judge(answer, answer.read(), f"the log of {id} at {service.name}", time.time())
                return
            event = {}
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    event[name] = value
                elif "id" in event:
                    yield event
                    event = {}
        finally:
            connection.close()
