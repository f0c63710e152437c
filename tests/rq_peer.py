"""Real RQ as the other end of the queue, for queue.bats.

usage: rq_peer.py VERB ARGUMENT...; the server is PL_REDIS_URL. Works with RQ
1.13 and 2.x; prints one JSON value or plain words.
"""
import json
import os
import sys
import threading
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import redis
import rq
from rq import Queue, Retry, SimpleWorker, Worker
from rq.job import Job
from rq.registry import (CanceledJobRegistry, DeferredJobRegistry,
                         FailedJobRegistry, FinishedJobRegistry,
                         ScheduledJobRegistry, StartedJobRegistry)
from rq.serializers import JSONSerializer

connection = redis.Redis.from_url(os.environ['PL_REDIS_URL'])


def queue(name):
    return Queue(name, connection=connection, serializer=JSONSerializer)


def fetch(job_id):
    return Job.fetch(job_id, connection=connection, serializer=JSONSerializer)


def version():
    print(rq.VERSION)


def enqueue(name, job_id, job, count='2', retries='0', function='rq_tasks.process_documents'):
    """Prints the id."""
    documents = ['00000000-0000-4000-8000-%012d' % i for i in range(int(count))]
    retry = Retry(max=int(retries)) if int(retries) else None
    print(queue(name).enqueue(function, args=(job, documents), job_id=job_id,
                              retry=retry, meta={'by': 'python'}).id)


def enqueue_documents(name, job_id, job, *documents):
    queue(name).enqueue('process_documents', args=(job, list(documents)),
                        job_id=job_id)


def suspend():
    from rq.suspension import suspend
    suspend(connection)


def resume():
    from rq.suspension import resume
    resume(connection)


def shut_down(worker):
    from rq.command import send_shutdown_command
    send_shutdown_command(connection, worker)


def enqueue_plainly(name, job, *documents):
    """As a producer does who has read no documentation: pickled, UUIDs."""
    print(Queue(name, connection=connection).enqueue(
        'process_documents', args=[uuid.UUID(job), [uuid.UUID(d) for d in documents]],
        job_timeout='1h').id)


def enqueue_unreadable(name, job):
    """What no worker of ours can run, each with the id that says why."""
    plain = Queue(name, connection=connection)
    plain.enqueue('process_documents', args=[job, [threading.Event]],
                  job_id=str(uuid.uuid4()), description='object')
    plain.enqueue('shop.tasks.send_mail', args=[job, []],
                  job_id=str(uuid.uuid4()), description='function')
    queue(name).enqueue('process_documents', args=(job, 7),
                        job_id=str(uuid.uuid4()), description='arguments')
    queue(name).enqueue('process_documents', args=(job, []),
                        job_id='nightly-3', description='id')


def reasons(name):
    """Why the jobs of RQ's registry of failed jobs failed, by description."""
    registry = FailedJobRegistry(name, connection=connection)
    for job_id in registry.get_job_ids():
        job = fetch(job_id)
        print('%s: %s' % (job.description, job.exc_info.strip()))


def enqueue_many(name, first, count):
    for i in range(int(count)):
        queue(name).enqueue('rq_tasks.process_documents',
                            args=('11111111-1111-4111-8111-111111111111', []),
                            job_id='py-%d' % (int(first) + i))


def enqueue_in(name, job_id, seconds):
    import datetime
    queue(name).enqueue_in(datetime.timedelta(seconds=int(seconds)),
                           'rq_tasks.process_documents',
                           '11111111-1111-4111-8111-111111111111', [],
                           job_id=job_id)


def depend(name, job_id, parent, allow_failure='0'):
    from rq.job import Dependency
    queue(name).enqueue(
        'rq_tasks.process_documents',
        args=('11111111-1111-4111-8111-111111111111', []), job_id=job_id,
        depends_on=Dependency(jobs=[parent], allow_failure=allow_failure == '1'))


def show(*ids):
    for job_id in ids:
        job = fetch(job_id)
        latest = job.latest_result()
        exc = job.exc_info
        print(json.dumps({
            'status': str(getattr(job.get_status(), 'value', job.get_status())),
            'origin': job.origin,
            'func': job.func_name,
            'args': [job.args[0], len(job.args[1])],
            'value': job.return_value(),
            'exc': exc.strip().split('\n')[-1] if exc else None,
            'result': latest.type.name if latest else None,
            'worker': job.worker_name or None,
            'timeout': job.timeout,
            'retries_left': job.retries_left,
            'times': [t is not None for t in (
                job.created_at, job.enqueued_at, job.started_at, job.ended_at)],
        }, sort_keys=True))


def lists(name):
    """Every place a job can be in, as RQ sees it; runs no cleanup."""
    out = {'queued': queue(name).get_job_ids()}
    for registry in (StartedJobRegistry, FinishedJobRegistry, FailedJobRegistry,
                     ScheduledJobRegistry, DeferredJobRegistry,
                     CanceledJobRegistry):
        r = registry(name, connection=connection, serializer=JSONSerializer)
        ids = [i.decode().split(':')[0] for i in connection.zrange(r.key, 0, -1)]
        if ids:
            out[registry.__name__.replace('JobRegistry', '').lower()] = ids
    print(json.dumps(out, sort_keys=True))


def cleanup(name):
    """What RQ's maintenance and its listings do."""
    for registry in (StartedJobRegistry, FinishedJobRegistry, FailedJobRegistry):
        registry(name, connection=connection, serializer=JSONSerializer).cleanup()
    queue(name).get_job_ids()


def cleanup_loop(name, count):
    for _ in range(int(count)):
        cleanup(name)


def workers():
    for w in sorted(Worker.all(connection=connection), key=lambda w: w.name):
        state = w.get_state()
        print(w.name, getattr(state, 'value', state), w.get_current_job_id() or '-',
              ','.join(w.queue_names()), w.pid, w.hostname,
              w.successful_job_count, w.failed_job_count)


def work(*names):
    """Until the queues are empty."""
    Worker([queue(n) for n in names], connection=connection,
           serializer=JSONSerializer).work(burst=True, logging_level='WARNING')


def work_on(*names):
    """Until it is ended."""
    Worker([queue(n) for n in names], connection=connection,
           serializer=JSONSerializer).work(logging_level='WARNING')


def work_simple(*names):
    SimpleWorker([queue(n) for n in names], connection=connection,
                 serializer=JSONSerializer).work(burst=True, logging_level='WARNING')


def cancel(job_id):
    fetch(job_id).cancel()


def delete(job_id):
    fetch(job_id).delete()


def requeue(job_id):
    fetch(job_id).requeue()


def stop(job_id):
    from rq.command import send_stop_job_command
    send_stop_job_command(connection, job_id, serializer=JSONSerializer)


if __name__ == '__main__':
    globals()[sys.argv[1]](*sys.argv[2:])
