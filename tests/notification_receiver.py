#!/usr/bin/python3
"""notification_receiver PORT SECRET LOG - a receiver of pl's notifications

Each line of the file LOG.plan is an answer: a status, then headers as
"Name: value" between tabs; "hang" answers nothing, "cut" closes the connection.
The last one is given again and again; without the file it is 200. A line of LOG is a
JSON object: id, whether the signature is right, type, and body.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time

port, secret, log = sys.argv[1:]
lock = threading.Lock()
stop = threading.Event()


def key():
    if secret.startswith('whsec_'):
        return base64.b64decode(secret[6:])
    return secret.encode()


def signed(headers, body):
    text = b'%s.%s.%s' % (headers.get('webhook-id', '').encode(),
                          headers.get('webhook-timestamp', '').encode(), body)
    right = base64.b64encode(hmac.new(key(), text, hashlib.sha256).digest())
    fresh = abs(int(headers.get('webhook-timestamp', 0)) - time.time()) < 300
    return fresh and headers.get('webhook-signature') == 'v1,' + right.decode()


def next_answer():
    try:
        with open(log + '.plan', encoding='utf-8') as f:
            plan = f.read().splitlines()
    except FileNotFoundError:
        return '200'
    if len(plan) > 1:
        with open(log + '.rest', 'w', encoding='utf-8') as f:
            f.write('\n'.join(plan[1:]) + '\n')
        os.replace(log + '.rest', log + '.plan')
    return plan[0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['content-length']))
        with lock:
            answer = next_answer().split('\t')
            with open(log, 'a', encoding='utf-8') as f:
                f.write(json.dumps({
                    'id': self.headers.get('webhook-id'),
                    'path': self.path,
                    'signature': self.headers.get('webhook-signature'),
                    'good': signed(self.headers, body),
                    'content_type': self.headers.get('content-type'),
                    'answer': answer[0],
                    'body': json.loads(body)}) + '\n')
        if answer[0] == 'hang':
            stop.wait(60)
        if answer[0] in ('hang', 'cut'):
            self.close_connection = True
            return
        self.send_response(int(answer[0]))
        for header in answer[1:]:
            self.send_header(*header.split(': ', 1))
        self.send_header('content-length', '0')
        self.end_headers()

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


Server(('127.0.0.1', int(port)), Handler).serve_forever()
