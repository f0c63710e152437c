#!/usr/bin/python3
"""webhook_sender PORT SOURCE SECRET COUNT PERCENT THREADS - deliver events as
Firecrawl does, each until it is answered with 2xx

COUNT events have ids of their own; PERCENT of COUNT more deliveries repeat one of
them, some at the same time. Each causes a job of its own. Prints a line for each
delivery that was acknowledged: id, event, job, repeat.
"""
import hashlib
import hmac
import http.client
import json
import random
import sys
import threading
import time


def deliver(connection, source, secret, delivery):
    """The answer's body, or None: it was not acknowledged."""
    body = json.dumps({
        'success': True, 'type': 'monitor.page', 'id': 'monitor',
        'webhookId': delivery,
        'data': [{'url': 'https://example.com/' + delivery,
                  'text': 'x' * random.randrange(2000)}]}).encode()
    sign = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    connection.request('POST', '/hook/' + source, body, {
        'Content-Type': 'application/json',
        'X-Firecrawl-Signature': 'sha256=' + sign})
    answer = connection.getresponse()
    text = answer.read()
    return json.loads(text) if answer.status // 100 == 2 else None


def work(port, source, secret, todo, lock):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
    while True:
        with lock:
            if not todo:
                return
            delivery = todo.pop()
        # As with a real sender, the same id again means the same event, but
        # not the same bytes.
        while True:
            try:
                answer = deliver(connection, source, secret, delivery)
            except (OSError, http.client.HTTPException):
                connection.close()
                answer = None
            if answer is not None:
                break
            time.sleep(0.05)
        with lock:
            print(delivery, answer['event'], answer.get('job'),
                  answer['repeat'], flush=True)


def main():
    port, source, secret, count, percent, threads = sys.argv[1:]
    ids = ['delivery-%d' % i for i in range(int(count))]
    todo = ids + random.sample(ids, len(ids) * int(percent) // 100)
    random.shuffle(todo)
    lock = threading.Lock()
    workers = [threading.Thread(target=work, args=(
        int(port), source, secret, todo, lock)) for _ in range(int(threads))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


main()
