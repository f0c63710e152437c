#!/usr/bin/python3
"""An RQ worker in burst mode; a fork per job, imports done before it."""
import os

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

import app  # noqa: F401 (imported here so that no job has to)

connection = Redis.from_url(os.environ["PL_REDIS_URL"])
queue = Queue("reference", connection=connection, serializer=JSONSerializer)
Worker([queue], connection=connection, serializer=JSONSerializer).work(
    burst=True, logging_level="WARNING")
