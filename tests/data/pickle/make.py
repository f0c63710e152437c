"""Makes goldens.tsv: pickles as Python writes them, and what they are as JSON.

usage: python3 make.py >goldens.tsv

A row is a name, the pickle in hex, and its value as JSON, or "-" when it must
be refused. The refused ones are what plain data never needs.
"""
import collections
import datetime
import decimal
import json
import os
import pickle
import uuid

JOB = uuid.UUID('0190cafe-0000-7000-8000-00000000000a')
ZERO = uuid.UUID(int=0)
HIGH = uuid.UUID(int=2 ** 128 - 1)
TIMED = uuid.uuid1(node=1, clock_seq=2)


class Touch:
    def __reduce__(self):
        return os.system, ('touch /tmp/pickle-was-run',)


shared = ['shared']
loop = []
loop.append(loop)

plain = [
    ('call', ('process_documents', None, [JOB, [ZERO, HIGH]], {})),
    ('keywords', ('tasks.process_documents', None, (),
                  {'job_id': str(JOB), 'document_ids': [str(ZERO)]})),
    ('uuids', [JOB, JOB, ZERO, HIGH, uuid.UUID(int=1), uuid.UUID(int=255),
               uuid.UUID(int=2 ** 63), uuid.UUID(int=2 ** 127)]),
    ('uuid1', [TIMED]),
    ('scalars', [None, True, False, 0, 1, 255, 256, 65535, 65536, -1, -2 ** 31,
                 2 ** 31, 2 ** 63 - 1, -2 ** 63, 1.5, -2.25, 1e300]),
    ('strings', ['', 'a', 'é', '\U0001F600', 'x' * 255, 'y' * 256, 'z' * 300,
                 '"\\\n\t\0']),
    ('containers', [[], (), {}, (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [[[]]],
                    {'a': {'b': [1]}}, list(range(1001)),
                    {'k%d' % i: i for i in range(1001)}]),
    ('shared', [shared, shared, {'again': shared}]),
]
refused = [
    ('touch', Touch()), ('set', {1}), ('datetime', datetime.datetime(2026, 1, 1)),
    ('decimal', decimal.Decimal(1)), ('ordered', collections.OrderedDict(a=1)),
    ('complex', 1j), ('class', dict), ('function', len), ('loop', loop),
    ('nan', float('nan')), ('infinity', float('inf')), ('huge', 2 ** 64),
    ('key', {1: 2}), ('bytearray', bytearray(b'x')),
    ('surrogate', '\ud800'), ('uuid_class', uuid.UUID),
]


def text(value):
    return json.dumps(value, default=str, separators=(',', ':'),
                      ensure_ascii=False)


for protocol in range(2, 6):
    for name, value in plain:
        print('%s-%d' % (name, protocol),
              pickle.dumps(value, protocol).hex(), text(value), sep='\t')
    if protocol > 2:
        print('bytes-%d' % protocol,
              pickle.dumps([b'', b'ascii', 'é'.encode(), b'b' * 300],
                           protocol).hex(),
              text(['', 'ascii', 'é', 'b' * 300]), sep='\t')
        print('latin-%d' % protocol, pickle.dumps(b'\xe9', protocol).hex(), '-',
              sep='\t')
    for name, value in refused:
        print('%s-%d' % (name, protocol), pickle.dumps(value, protocol).hex(),
              '-', sep='\t')
print('protocol-0', pickle.dumps(['a'], 0).hex(), '-', sep='\t')
