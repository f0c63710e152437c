"""A proxy between a Redis client and its server that cuts at a command.

usage: cut_proxy.py LISTEN SERVER HOW N [COUNT_FILE]

Counts the client's commands over all its connections. At the Nth:
  before       the connection is cut, the command never reaches the server
  after        the server does it, the answer never reaches the client
  dead-before, dead-after   the same, and nothing is let through ever again
Otherwise everything passes, one command and its answer at a time. The number
of commands seen is kept in COUNT_FILE. Standard output is closed as soon as one
can connect.
"""
import os
import socket
import sys

listen, server, how, cut_at = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
count_file = sys.argv[5] if len(sys.argv) > 5 else None
seen = 0


class Closed(Exception):
    pass


class Stream:
    def __init__(self, sock):
        self.sock, self.data = sock, b''

    def need(self, n):
        while len(self.data) < n:
            more = self.sock.recv(65536)
            if not more:
                raise Closed()
            self.data += more

    def line(self, at):
        while True:
            end = self.data.find(b'\r\n', at)
            if end >= 0:
                return end + 2
            self.need(len(self.data) + 1)

    def value(self, at=0):
        """Where the RESP value that begins at byte at ends."""
        end = self.line(at)
        kind, head = self.data[at:at + 1], self.data[at + 1:end - 2]
        if kind == b'$':
            if int(head) >= 0:
                end += int(head) + 2
                self.need(end)
        elif kind == b'*':
            for _ in range(max(int(head), 0)):
                end = self.value(end)
        return end

    def take(self):
        end = self.value()
        out, self.data = self.data[:end], self.data[end:]
        return out


def serve(client):
    """One connection; False when it was cut."""
    global seen
    upstream = socket.socket(socket.AF_UNIX)
    upstream.connect(server)
    commands, answers = Stream(client), Stream(upstream)
    try:
        while True:
            command = commands.take()
            seen += 1
            if count_file:
                with open(count_file, 'w') as f:
                    f.write('%d\n' % seen)
            if seen == cut_at and how.endswith('before'):
                return False
            upstream.sendall(command)
            answer = answers.take()
            if seen == cut_at and how.endswith('after'):
                return False
            client.sendall(answer)
    except (Closed, OSError):
        return True
    finally:
        upstream.close()
        client.close()


listener = socket.socket(socket.AF_UNIX)
listener.bind(listen + '.new')
listener.listen(16)
os.rename(listen + '.new', listen)  # whoever sees it can connect
os.close(1)
while True:
    connection, _ = listener.accept()
    if not serve(connection) and how.startswith('dead'):
        break
os.unlink(listen)
