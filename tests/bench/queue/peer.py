#!/usr/bin/python3
"""Python's RQ at what pl is measured at; prints tasks a second.

usage: peer.py enqueue|enqueue_many|worker|simple_worker COUNT

The server is PL_REDIS_URL. The JSON serializer and pl's own arguments, one
document to a task; the workers run a function that does nothing.
"""
import logging
import os
import sys
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

JOB = "11111111-1111-4111-8111-111111111111"
FUNCTION = "peer.process_documents"
BATCH = 1000


def process_documents(job, documents):
    return None


def prepared(count):
    return [Queue.prepare_data(FUNCTION, (JOB, [str(uuid.uuid4())]),
                               job_id=str(uuid.uuid4()), timeout=3600)
            for _ in range(count)]


def enqueue(queue, count):
    for _ in range(count):
        queue.enqueue(FUNCTION, JOB, [str(uuid.uuid4())],
                      job_id=str(uuid.uuid4()), job_timeout=3600)


def enqueue_many(queue, count):
    while count > 0:
        queue.enqueue_many(prepared(min(count, BATCH)))
        count -= BATCH


def main():
    what, count = sys.argv[1], int(sys.argv[2])
    logging.disable(logging.CRITICAL)
    connection = Redis.from_url(os.environ["PL_REDIS_URL"])
    queue = Queue("peer", connection=connection, serializer=JSONSerializer)
    if what.startswith("enqueue"):
        begun = time.perf_counter()
        globals()[what](queue, count)
    else:
        import peer  # noqa: F401 (so that no job has to import it)
        enqueue_many(queue, count)
        kind = Worker if what == "worker" else SimpleWorker
        worker = kind([queue], connection=connection,
                      serializer=JSONSerializer)
        begun = time.perf_counter()
        worker.work(burst=True)
        worker.refresh()
        if worker.successful_job_count != count:
            sys.exit(f"peer.py: {worker.successful_job_count} of {count}")
    print(round(count / (time.perf_counter() - begun)))


if __name__ == "__main__":
    main()
