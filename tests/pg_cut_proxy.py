"""A proxy between a client of Postgres and its server that cuts at a request.

usage: pg_cut_proxy.py LISTEN SERVER HOW N [COUNT_FILE]

Counts what the client asks over all its connections: each query, each sync of
the extended protocol, each end of a COPY. At the Nth:
  before       the connection is cut, the request never reaches the server
  after        the server does it, the answer never reaches the client
  dead-before, dead-after   the same, and nothing is let through ever again
The number of requests seen is kept in COUNT_FILE. LISTEN and SERVER are unix
sockets; the protocol is that of PostgreSQL's documentation, "Message Formats".
"""
import os
import socket
import struct
import sys
import threading

listen, server, how, cut_at = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
count_file = sys.argv[5] if len(sys.argv) > 5 else None
seen, dead = 0, False
lock = threading.Lock()


class Cut(Exception):
    pass


def need(sock, n):
    data = b''
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise Cut()
        data += more
    return data


def message(sock):
    """A message with its type, its length and its body."""
    head = need(sock, 5)
    return head + need(sock, struct.unpack('!I', head[1:])[0] - 4)


def answers(upstream):
    """What the server says until it is the client's turn."""
    out = b''
    while out[-6:-1] != b'Z\0\0\0\5':
        one = message(upstream)
        out += one
        if one[:1] == b'G':
            break
    return out


def count():
    """The number of this request, noted."""
    global seen
    with lock:
        seen += 1
        if count_file:
            with open(count_file, 'w') as f:
                f.write('%d\n' % seen)
        return seen


def serve(client):
    global dead
    upstream = socket.socket(socket.AF_UNIX)
    try:
        upstream.connect(server)
        head = need(client, 4)
        upstream.sendall(head + need(client, struct.unpack('!I', head)[0] - 4))
        client.sendall(answers(upstream))
        while True:
            request = message(client)
            if request[:1] not in b'QSc':
                upstream.sendall(request)
                continue
            number = count()
            if dead or (number == cut_at and how.endswith('before')):
                raise Cut()
            upstream.sendall(request)
            answer = answers(upstream)
            if number == cut_at:
                raise Cut()
            client.sendall(answer)
    except (Cut, OSError):
        dead |= how.startswith('dead') and seen >= cut_at
    finally:
        upstream.close()
        client.close()


listener = socket.socket(socket.AF_UNIX)
listener.bind(listen + '.new')
listener.listen(16)
os.rename(listen + '.new', listen)  # whoever sees it can connect
while True:
    connection, _ = listener.accept()
    if dead:
        connection.close()
    else:
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
