"""The benchmark's client: prints one latency a line, in milliseconds.

watch.py follow URL BUILD FOLLOWERS LINES   how long each line of a log, which begins with the time it was printed, took
                                            to each of so many followers; every one of them must see all the lines
watch.py get URL TIMES                      how long a GET on an open connection takes
"""

import http.client
import json
import re
import selectors
import socket
import sys
import time
from urllib.parse import urlsplit

STAMP = re.compile(rb"(\d{10}\.\d{6}) line (\d+)")
PATIENCE = 120


def connect(url):
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def request(url, build):
    host = urlsplit(url).netloc
    return (
        f"GET /api/v1/builds/{build}/logs HTTP/1.1\r\nHost: {host}\r\n"
        "Accept: text/event-stream\r\nConnection: close\r\n\r\n"
    ).encode()


def receive(connections):
    """All that arrives on each connection until its end, as (time, bytes); nothing is looked at meanwhile."""
    arrivals = {connection: [] for connection in connections}
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                sys.exit(f"nothing came for {PATIENCE} s")
            for key, _ in ready:
                received = key.fileobj.recv(1 << 20)
                if received:
                    arrivals[key.fileobj].append((time.time(), received))
                else:
                    selector.unregister(key.fileobj)
    return arrivals.values()


def lines(arrivals):
    """Each line of a chunked body with the time at which its last byte came."""
    raw = b"".join(received for _, received in arrivals)
    ends, end = [], 0
    for at, received in arrivals:
        end += len(received)
        ends.append((end, at))
    head, _, _ = raw.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b"transfer-encoding: chunked" not in head.lower():
        sys.exit(f"not a stream: {head.decode(errors='replace')}")
    line, position, arrival = b"", len(head) + 4, 0
    while True:
        size_end = raw.index(b"\r\n", position)
        size = int(raw[position:size_end].split(b";")[0], 16)
        if size == 0:
            return
        start = size_end + 2
        parts = raw[start : start + size].split(b"\n")
        for number, part in enumerate(parts):
            line += part
            start += len(part) + 1
            if number < len(parts) - 1:
                while ends[arrival][0] < start:
                    arrival += 1
                yield ends[arrival][1], line
                line = b""
        position = size_end + 2 + size + 2


def follow(url, build, followers, count):
    connections = []
    for _ in range(followers):
        connections.append(connect(url))
        connections[-1].sendall(request(url, build))
    began = time.time()
    for arrivals in receive(connections):
        seen = 0
        for at, line in lines(arrivals):
            stamp = STAMP.search(line)
            if stamp:
                seen += 1
                printed = float(stamp[1])
                if int(stamp[2]) != seen or printed < began:
                    sys.exit(f"line {seen} is out of order, or older than its follower: {line}")
                print(f"{(at - printed) * 1000:.3f}")
        if seen != count:
            sys.exit(f"a follower saw {seen} of {count} lines")


def get(url, times):
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", address.path)
        answer = connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            sys.exit(f"{address.path} answered {answer.status}: {body}")
        json.loads(body)
        print(f"{took * 1000:.3f}")
        time.sleep(0.01)


if sys.argv[1] == "follow":
    follow(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
else:
    get(sys.argv[2], int(sys.argv[3]))
