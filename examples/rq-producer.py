#!/usr/bin/python3
"""Enqueue documents for pl's workers from Python, with RQ.

    rq-producer.py [--queue QUEUE] [--batch N] JOB <records

Reads records with an "id" (documents, as "pl-jobctl documents" prints them)
from standard input and enqueues them in batches of N. They must be saved in
Postgres already, and JOB must be open, for example one made by "pl-jobctl
create":

    job=$(pl-jobctl create --source handbook | jq -r .id)
    pl-jobctl documents "$old_job" | rq-producer.py "$job"
    pl-worker --burst
    pl-jobctl complete "$job"

Postgres is the truth, so a task is a row there first, and then an RQ job of the
same id. To RQ it is: the JSON serializer (never pickle), the function's name as
a string, and its arguments [job id, [document id ...]]. "rq info", "rq requeue"
and rq-dashboard (with --json) then show what pl does with it. If this program
dies between the two, "pl-jobctl sync" enqueues the task.

Needs python3-rq 1.13 or later and python3-psycopg.
"""
import argparse
import json
import os
import sys
import uuid

import psycopg
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


def add_task(database, job, queue, ids):
    """A task of the job with these documents; its id."""
    task = str(uuid.uuid4())
    with database.transaction():
        database.execute("insert into pl.tasks (id, job_id, queue)"
                         " values (%s, %s, %s)", (task, job, queue))
        database.execute("insert into pl.job_documents"
                         " (job_id, document_id, task_id)"
                         " select %s, unnest(%s::uuid[]), %s",
                         (job, ids, task))
    return task


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("job")
    parser.add_argument("--queue", default="processing")
    parser.add_argument("--batch", type=int, default=50)
    options = parser.parse_args()
    if options.batch < 1:
        parser.error("--batch must be at least 1")

    ids = document_ids(sys.stdin)
    database = psycopg.connect(os.environ.get("PL_DATABASE_URL") or
                               os.environ.get("DATABASE_URL", ""))
    connection = Redis.from_url(os.environ.get("PL_REDIS_URL") or
                                os.environ.get("REDIS_URL") or
                                "redis://localhost:6379/0")
    queue = Queue(options.queue, connection=connection,
                  serializer=JSONSerializer)
    for at in range(0, len(ids), options.batch):
        batch = ids[at:at + options.batch]
        task = add_task(database, options.job, options.queue, batch)
        queue.enqueue("process_documents", args=[options.job, batch],
                      job_id=task, job_timeout=3600)
        with database.transaction():
            # A worker may have taken the task already.
            database.execute("update pl.tasks set status = 'queued'"
                             " where id = %s and status = 'pending'", (task,))
        print(task)


if __name__ == "__main__":
    main()
