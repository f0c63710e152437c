#!/usr/bin/python3
"""Enqueue documents for pl's workers from Python, with RQ.

    rq-producer.py [--queue QUEUE] [--batch N] JOB <records

Reads records with an "id" (documents, as "pl-jobctl documents" prints them)
from standard input and enqueues them in batches of N. JOB is a job of pl that
is still open, for example one made by "pl-jobctl create": pl's workers adopt
the tasks of a job that exists, and refuse those of one that does not.

    job=$(pl-jobctl create --source handbook | jq -r .id)
    pl-jobctl documents "$old_job" | rq-producer.py "$job"

pl's part of the contract is three lines: the JSON serializer (never pickle),
the function's name as a string, and its arguments [job id, [document id ...]].
Needs python3-rq 1.13 or later. "rq info", "rq requeue" and rq-dashboard (with
--json) then show what pl does with it.
"""
import argparse
import json
import os
import sys

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer


def document_ids(lines):
    """Ids in order, each once; anything but a document is passed over."""
    seen = {}
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError as error:
            sys.exit(f"rq-producer: line {number}: {error}")
        if record.get("type", "document") == "document" and "id" in record:
            seen[record["id"]] = True
    return list(seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("job")
    parser.add_argument("--queue", default="processing")
    parser.add_argument("--batch", type=int, default=50)
    options = parser.parse_args()
    if options.batch < 1:
        parser.error("--batch must be at least 1")

    url = os.environ.get("PL_REDIS_URL") or os.environ.get("REDIS_URL")
    connection = Redis.from_url(url or "redis://localhost:6379/0")
    queue = Queue(options.queue, connection=connection,
                  serializer=JSONSerializer)
    ids = document_ids(sys.stdin)
    for at in range(0, len(ids), options.batch):
        task = queue.enqueue("process_documents",
                             args=[options.job, ids[at:at + options.batch]],
                             job_timeout=3600)
        print(task.id)


if __name__ == "__main__":
    main()
