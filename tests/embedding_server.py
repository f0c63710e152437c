#!/usr/bin/env python3
"""An embedding API for tests, whose failures can be asked for by name.

    embedding_server.py DIR [--key KEY] [--max-items N]

Listens on a free port of 127.0.0.1, written to DIR/port when it is ready.
Answers POST .../embeddings as OpenAI does, with eight numbers made from the
text, so the same text has the same vector in any batch. Every request becomes
a line of DIR/log: {"path", "headers", "body", "status"}.

DIR/script holds what the next requests get instead, a line each; a line that
starts with "always" stays. A line is a list of words:

    ok                      the normal answer
    status=429              this status; body=FILE from tests/data/embeddings
    body=FILE               the content of FILE
    NAME: VALUE (as NAME=VALUE with an upper-case or hyphenated name)
    base64  zero  null      how the vectors are written
    width=N  count=N        vectors of another width or number
    reverse                 the items in reverse order, with their index
    cut                     half of the body, then the connection closes
    close                   no answer, the connection closes
    hang                    no answer until the client goes away
    slow=SECONDS            the normal answer, later
    brackets=N              N times "["

A text that holds "(too long)" makes its whole batch a 400; one that holds
"(no number)" gets a vector of nulls, as some servers do.
"""
import argparse
import base64
import hashlib
import http.server
import json
import os
import struct
import threading
import time

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "data", "embeddings")


def vector(text, width):
    """Numbers of a float32 made from the text alone."""
    out, counter = [], 0
    while len(out) < width:
        digest = hashlib.sha256(f"{counter}:{text}".encode()).digest()
        out += [(b - 127.5) / 512 for b in digest]
        counter += 1
    return [struct.unpack("<f", struct.pack("<f", x))[0] for x in out[:width]]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(raw)
        words = self.server.next_words()
        status, headers, text = self.answer(body, words)
        self.server.log({"path": self.path,
                         "headers": {k.lower(): v
                                     for k, v in self.headers.items()},
                         "body": body, "status": status})
        if "hang" in words:
            self.rfile.read(1)
        if "hang" in words or "close" in words:
            self.close_connection = True
            return
        for word in words:
            if word.startswith("slow="):
                time.sleep(float(word[5:]))
        self.send(status, headers, text, "cut" in words)

    def send(self, status, headers, text, cut):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("x-request-id", f"req_{self.server.count}")
        self.end_headers()
        self.wfile.write(text[:len(text) // 2] if cut else text)
        self.close_connection = self.close_connection or cut

    def answer(self, body, words):
        """Status, headers and body for a request and its script line."""
        options = dict(w.split("=", 1) for w in words if "=" in w)
        headers = [(k, v.replace("_", " ")) for k, v in options.items()
                   if "-" in k or k[0].isupper()]
        if "status" in options or "body" in options:
            name = options.get("body")
            text = b""
            if name:
                with open(os.path.join(DATA, name), "rb") as file:
                    text = file.read()
            return int(options.get("status", 200)), headers, text
        if "brackets" in options:
            return 200, headers, b"[" * int(options["brackets"])
        refusal = self.refusal(body)
        if refusal:
            status, name = refusal
            with open(os.path.join(DATA, name), "rb") as file:
                return status, headers, file.read()
        return 200, headers, json.dumps(
            self.vectors(body, words, options)).encode()

    def refusal(self, body):
        key = self.server.options.key
        texts = body["input"]
        if key and self.headers.get("Authorization") != f"Bearer {key}":
            return 401, "err-401-openai.json"
        if len(texts) > self.server.options.max_items:
            return 422, "err-422-tei-batch.json"
        if any("(too long)" in t for t in texts):
            return 400, "err-400-openai-too-long.json"
        return None

    def vectors(self, body, words, options):
        width = int(options.get("width", body.get("dimensions", 8)))
        data = []
        for i, text in enumerate(body["input"]):
            v = vector(text, width)
            if "zero" in words:
                v = [0.0] * width
            if "null" in words or "(no number)" in text:
                v = [None] * width
            elif "base64" in words or \
                    body.get("encoding_format") == "base64":
                v = base64.b64encode(struct.pack(f"<{width}f", *v)).decode()
            data.append({"object": "embedding", "index": i, "embedding": v})
        if "count" in options:
            data = data[:int(options["count"])]
        if "reverse" in words:
            data.reverse()
        return {"object": "list", "data": data, "model": body["model"],
                "usage": {"prompt_tokens": 1, "total_tokens": 1}}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options):
        super().__init__(("127.0.0.1", 0), Handler)
        self.options = options
        self.lock = threading.Lock()
        self.count = 0

    def next_words(self):
        path = os.path.join(self.options.dir, "script")
        with self.lock:
            self.count += 1
            try:
                with open(path, encoding="utf-8") as file:
                    lines = file.read().splitlines()
            except FileNotFoundError:
                return ["ok"]
            if not lines:
                return ["ok"]
            if not lines[0].startswith("always"):
                with open(path + ".new", "w", encoding="utf-8") as file:
                    file.writelines(line + "\n" for line in lines[1:])
                os.replace(path + ".new", path)
            return lines[0].split()

    def log(self, entry):
        with self.lock, open(os.path.join(self.options.dir, "log"), "a",
                             encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir")
    parser.add_argument("--key")
    parser.add_argument("--max-items", type=int, default=2048)
    options = parser.parse_args()
    server = Server(options)
    path = os.path.join(options.dir, "port")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.server_address[1]))
    os.replace(path + ".new", path)
    server.serve_forever()


main()
