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

PL_COLLECTION is the worker's collection, and pl-store's. Its tasks wait in the
queue QUEUE, or QUEUE@COLLECTION if it is not "default". The first claim of a task
binds its job to the collection; a task of another collection's job goes to the
queue of that one. Each record has the task and the attempt as its lease, by which
pl-store checks that they are still ours.

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
COLLECTION = os.environ.get("PL_COLLECTION") or "default"
WORKER = f"{socket.gethostname()}.{os.getpid()}"

# The lease is as long as RQ lets the job run: nothing here renews it.
CLAIM = """
update pl.tasks t set status = 'in_progress', attempt = t.attempt + 1,
    worker = %(worker)s, started_at = coalesce(t.started_at, now()),
    lease_expires_at = now() + %(seconds)s * interval '1 second'
 from pl.jobs j where t.id = %(task)s and (t.status in ('pending', 'queued')
    or t.status = 'in_progress' and t.lease_expires_at < now())
 and j.id = t.job_id and (j.collection = %(collection)s
    or j.collection is null)
 returning t.attempt
"""
# Of a job that another worker binds at this moment, this is an error: RQ's failed
# job is queued again by 'pl-jobctl sync'.
BIND = "select pl.bind_jobs(array[%(job)s::uuid], %(collection)s)"
# The task is not ours: sync, which every pl-worker does, too, puts it there.
MOVE = """
update pl.tasks t
    set queue = pl.queue_of(pl.base_queue(t.queue), j.collection)
 from pl.jobs j where t.id = %(task)s and j.id = t.job_id
 and j.collection <> %(collection)s and t.status in ('pending', 'queued')
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
    'metadata', d.metadata, 'lease',
    (%(task)s::uuid)::text || ':' || %(attempt)s::int)::text
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
# The ledger of a store that is not pl-store, which writes it itself.
ADD_COLLECTION = """
insert into pl.collections (name, table_name)
values (%(collection)s, 'chunks_' || %(collection)s) on conflict do nothing
"""
NOTE = """
insert into pl.collection_documents (collection_id, document_id, content_hash)
select c.id, %(document)s::uuid, %(hash)s::text from pl.collections c
 where c.name = %(collection)s
on conflict (collection_id, document_id) do update set
    content_hash = excluded.content_hash, recipe = null, chunks = null,
    failed_chunks = 0, first_error = null, tries = 0, stored_at = now()
"""
FINISH = """
update pl.tasks set status = 'completed', finished_at = now(),
    lease_expires_at = null
 where id = %(task)s and attempt = %(attempt)s and status = 'in_progress'
"""


def claim(database, job, task, seconds):
    """The attempt and the documents' records; (None, []) if it is not ours."""
    names = {"job": job, "task": task, "worker": WORKER, "seconds": seconds,
             "collection": COLLECTION}
    with database.transaction():
        row = database.execute(CLAIM, names).fetchone()
        if row is None:
            database.execute(MOVE, names)
            return None, []
        database.execute(BIND, names)
        names["attempt"] = row[0]
        records = [r[0] for r in database.execute(START, names)]
        database.execute(START_JOB, names)
        return row[0], records


def outcome(record):
    """A record of the pipeline's output as values of RECORD, or None."""
    values = {"document": record.get("document_id"), "error": None,
              "stage": None, "chunks": record.get("chunks")}
    if values["document"] and record["type"] == "stored":
        return dict(values, status="stored",
                    by_user=record.get("collection") != COLLECTION)
    # It was deleted, or a task for the collection has its newer text.
    if values["document"] and record.get("code") == "superseded":
        return dict(values, status="stored")
    if values["document"] and record["type"] == "error":
        return dict(values, status="failed", stage=record["stage"],
                    error=json.dumps({k: record[k] for k in (
                        "stage", "class", "code", "message") if k in record}))
    return None


def note(database, document, hashes):
    """Note in the ledger which text of the document a user's store has."""
    names = {"collection": COLLECTION, "document": document,
             "hash": hashes[document]}
    database.execute(ADD_COLLECTION, names)
    database.execute(NOTE, names)


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
            hashes = {d["id"]: d["content_hash"] for d in
                      map(json.loads, records)}
            for values in [v for v in outcomes if v] + [NO_RESULT]:
                done = database.execute(
                    RECORD, dict(values, task=task, attempt=attempt)).rowcount
                counts[values["status"]] += done
                if done and values.get("by_user"):
                    note(database, values["document"], hashes)
            database.execute(FINISH, {"task": task, "attempt": attempt})
    return counts


class Task(Job):
    @property
    def func(self):
        if self.func_name == "process_documents":
            return process_documents
        return super().func


def queue_of(name):
    return name if COLLECTION == "default" else f"{name}@{COLLECTION}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("queues", nargs="*", default=["processing"])
    parser.add_argument("--burst", action="store_true")
    options = parser.parse_args()

    connection = Redis.from_url(os.environ.get("PL_REDIS_URL") or
                                os.environ.get("REDIS_URL") or
                                "redis://localhost:6379/0")
    queues = [Queue(name, connection=connection, job_class=Task,
                    serializer=JSONSerializer)
              for name in map(queue_of, options.queues)]
    Worker(queues, connection=connection, job_class=Task,
           serializer=JSONSerializer).work(burst=options.burst)


if __name__ == "__main__":
    main()
