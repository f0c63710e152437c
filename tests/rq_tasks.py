"""What a Python worker runs for pl's tasks in the tests."""
import time


def process_documents(job_id, document_ids):
    if job_id.startswith('f'):
        raise ValueError('boom %s' % job_id)
    if job_id.startswith('e'):
        time.sleep(60)
    return {'job': job_id, 'documents': len(document_ids)}
