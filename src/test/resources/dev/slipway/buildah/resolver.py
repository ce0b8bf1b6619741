# A resolver that knows one address, 198.51.100.7, and gives it to every name.
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("10.5.0.1", 53))
print("ready", flush=True)
while True:
    query, client = server.recvfrom(512)
    end = query.index(0, 12) + 5
    question = query[12:end]
    wants_v4 = question[-4:-2] == b"\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + bytes([198, 51, 100, 7])
    header = query[:2] + b"\x81\x80\0\1\0" + bytes([wants_v4]) + b"\0\0\0\0"
    server.sendto(header + question + (answer if wants_v4 else b""), client)
