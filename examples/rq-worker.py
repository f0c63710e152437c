#!/usr/bin/python3
"""Run pl's tasks in a Python RQ worker.

    rq-worker.py [--burst] [QUEUE...]

pl's tasks call "process_documents", a name without a module, which RQ 1 cannot
look up: so the job class says what it means. This function feeds the documents
to pl's own stages; it could as well do all of it in Python.

A pl-worker keeps the ledger while it works. A Python worker does not: the
documents are stored all the same, and "pl-jobctl sync" settles the account
from what it finds finished. Needs python3-rq, psql and pl's stages on PATH.
"""
import argparse
import json
import os
import subprocess

from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

PIPELINE = os.environ.get("PL_PIPELINE", "pl-chunk | pl-embed | pl-store")

# One document record a line, in the order in which they were asked for.
DOCUMENTS = """
select jsonb_build_object('type', 'document', 'id', d.id, 'source', s.name,
    'url', d.url, 'title', d.title, 'content', d.content,
    'content_type', d.content_type, 'content_hash', d.content_hash,
    'metadata', d.metadata)
  from unnest(string_to_array(:'ids', ',')::uuid[]) with ordinality as w(id, n)
  join pl.documents d using (id) join pl.sources s on s.id = d.source_id
 where d.content is not null
 order by n
"""


def read_documents(ids):
    database = os.environ.get("PL_DATABASE_URL") or os.environ["DATABASE_URL"]
    return subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-v", "ids=" + ",".join(ids),
         database],
        input=DOCUMENTS.encode(), stdout=subprocess.PIPE, check=True).stdout


def process_documents(job_id, document_ids):
    """What pl-worker does for one task, without its safety nets."""
    run = subprocess.run(["sh", "-c", PIPELINE], stdout=subprocess.PIPE,
                         input=read_documents(document_ids))
    counts = {"stored": 0, "error": 0}
    for line in run.stdout.splitlines():
        kind = json.loads(line)["type"]
        if kind in counts:
            counts[kind] += 1
    # 3 says that some records were refused: those are counted, not lost.
    if run.returncode not in (0, 3):
        raise RuntimeError(f"job {job_id}: the pipeline ended with status "
                           f"{run.returncode}")
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

    url = os.environ.get("PL_REDIS_URL") or os.environ.get("REDIS_URL")
    connection = Redis.from_url(url or "redis://localhost:6379/0")
    queues = [Queue(name, connection=connection, job_class=Task,
                    serializer=JSONSerializer) for name in options.queues]
    Worker(queues, connection=connection, job_class=Task,
           serializer=JSONSerializer).work(burst=options.burst)


if __name__ == "__main__":
    main()
