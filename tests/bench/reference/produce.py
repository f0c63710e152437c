#!/usr/bin/python3
"""Save the files of a folder as documents of a new job and enqueue it.

    produce.py FOLDER DOCUMENTS-PER-RQ-JOB
"""
import os
import sys

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

import app


def main():
    folder, batch = sys.argv[1], int(sys.argv[2])
    queue = Queue("reference", serializer=JSONSerializer,
                  connection=Redis.from_url(os.environ["PL_REDIS_URL"]))
    with app.connect() as connection, connection.cursor() as cursor:
        job = cursor.execute("insert into reference.jobs default values"
                             " returning id").fetchone()[0]
        with cursor.copy("copy reference.documents (job_id, url, content)"
                         " from stdin") as copy:
            for name in sorted(os.listdir(folder)):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    copy.write_row((job, name, file.read()))
        ids = [row[0] for row in cursor.execute(
            "select id from reference.documents where job_id = %s order by id",
            (job,)).fetchall()]
    queue.enqueue_many([
        Queue.prepare_data(app.process_documents, (job, ids[i:i + batch]),
                           timeout=600)
        for i in range(0, len(ids), batch)])


if __name__ == "__main__":
    main()
