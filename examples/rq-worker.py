#!/usr/bin/python3
"""Run pl's tasks in a Python RQ worker.

    rq-worker.py [--burst] [QUEUE...]

pl's tasks call "process_documents", a name without a module, which RQ 1 cannot
look up: so the job class says what it means. The function here feeds the
documents to pl's own stages; it could as well do all of it in Python.

What makes a worker of pl is not Redis but the account in Postgres: claim the
task by raising its attempt, name that attempt in every later write, answer for
every document. A pl-worker does more: it renews a short lease, tries again what
may succeed later, and finds the one document that kills a pipeline.

Needs python3-rq 1.13 or later, python3-psycopg, and pl's stages on PATH.
"""
import argparse
import json
import os
import socket
import subprocess

import psycopg
from redis import Redis
from rq import Queue, Worker, get_current_job
from rq.job import Job
from rq.serializers import JSONSerializer

PIPELINE = os.environ.get("PL_PIPELINE", "pl-chunk | pl-embed | pl-store")
WORKER = f"{socket.gethostname()}.{os.getpid()}"

# The lease is as long as RQ lets the job run: nothing here renews it.
CLAIM = """
update pl.tasks set status = 'in_progress', attempt = attempt + 1,
    worker = %(worker)s, started_at = coalesce(started_at, now()),
    lease_expires_at = now() + %(seconds)s * interval '1 second'
 where id = %(task)s and (status in ('pending', 'queued')
    or status = 'in_progress' and lease_expires_at < now())
 returning attempt
"""
START_JOB = """
update pl.jobs set status = 'in_progress',
    started_at = coalesce(started_at, now())
 where id = %(job)s and status in ('pending', 'queued')
"""
START = """
with w as (update pl.job_documents set status = 'processing',
    started_at = now() where task_id = %(task)s
    and status in ('pending', 'processing') returning document_id)
select jsonb_build_object('type', 'document', 'id', d.id, 'source', s.name,
    'url', d.url, 'title', d.title, 'content', d.content,
    'content_type', d.content_type, 'content_hash', d.content_hash,
    'metadata', d.metadata)::text
  from w join pl.documents d on d.id = w.document_id
  join pl.sources s on s.id = d.source_id order by d.id
"""
# Without a document: all documents that have no answer.
RECORD = """
with j as (update pl.job_documents j set status = %(status)s,
    stage = %(stage)s, error = %(error)s, chunks = %(chunks)s,
    attempts = j.attempts + 1, finished_at = now()
    from pl.tasks t where t.id = %(task)s and t.attempt = %(attempt)s
    and t.status = 'in_progress' and j.task_id = t.id
    and j.document_id = coalesce(%(document)s::uuid, j.document_id)
    and j.status = 'processing' returning j.document_id, j.status, j.error)
update pl.documents d set status = j.status, error = j.error,
    processed_at = now() from j where d.id = j.document_id
"""
FINISH = """
update pl.tasks set status = 'completed', finished_at = now(),
    lease_expires_at = null
 where id = %(task)s and attempt = %(attempt)s and status = 'in_progress'
"""


def claim(database, job, task, seconds):
    """The attempt and the documents' records; (None, []) if it is not ours."""
    names = {"job": job, "task": task, "worker": WORKER, "seconds": seconds}
    with database.transaction():
        row = database.execute(CLAIM, names).fetchone()
        if row is None:
            return None, []
        database.execute(START_JOB, names)
        return row[0], [r[0] for r in database.execute(START, names)]


def outcome(record):
    """A record of the pipeline's output as values of RECORD, or None."""
    values = {"document": record.get("document_id"), "error": None,
              "stage": None, "chunks": record.get("chunks")}
    if values["document"] and record["type"] == "stored":
        return dict(values, status="stored")
    if values["document"] and record["type"] == "error":
        return dict(values, status="failed", stage=record["stage"],
                    error=json.dumps({k: record[k] for k in (
                        "stage", "class", "code", "message") if k in record}))
    return None


NO_RESULT = {"document": None, "status": "failed", "stage": "worker",
             "chunks": None, "error": json.dumps({
                 "stage": "worker", "class": "internal", "code": "no_result",
                 "message": "the pipeline gave no result for this document"})}


def process_documents(job, documents):
    """One task; returns what became of its documents."""
    task = get_current_job().id
    counts = {"stored": 0, "failed": 0}
    with psycopg.connect(os.environ.get("PL_DATABASE_URL") or
                         os.environ.get("DATABASE_URL", "")) as database:
        attempt, records = claim(database, job, task, get_current_job().timeout)
        if attempt is None:
            return {"skipped": len(documents)}
        run = subprocess.run(["sh", "-c", PIPELINE], stdout=subprocess.PIPE,
                             input="".join(r + "\n" for r in records).encode())
        with database.transaction():
            outcomes = [outcome(json.loads(r)) for r in run.stdout.splitlines()]
            for values in [v for v in outcomes if v] + [NO_RESULT]:
                counts[values["status"]] += database.execute(
                    RECORD, dict(values, task=task, attempt=attempt)).rowcount
            database.execute(FINISH, {"task": task, "attempt": attempt})
    return counts


class Task(Job):
    @property
    def func(self):
        if self.func_name == "process_documents":
            return process_documents
        return super().func


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("queues", nargs="*", default=["processing"])
    parser.add_argument("--burst", action="store_true")
    options = parser.parse_args()

    connection = Redis.from_url(os.environ.get("PL_REDIS_URL") or
                                os.environ.get("REDIS_URL") or
                                "redis://localhost:6379/0")
    queues = [Queue(name, connection=connection, job_class=Task,
                    serializer=JSONSerializer) for name in options.queues]
    Worker(queues, connection=connection, job_class=Task,
           serializer=JSONSerializer).work(burst=options.burst)


if __name__ == "__main__":
    main()
