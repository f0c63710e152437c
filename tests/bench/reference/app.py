"""The same work as pl's, written the way RQ's users write it.

A job of RQ is a batch of documents: each is read from Postgres, split by a
recursive character splitter, embedded by feature hashing, and its chunks are
replaced in one transaction, which also keeps the account. Everything slow to
import is imported here, so that a worker that imports this module before it
forks does not pay for it in every job.
"""
import math
import os
import re
import zlib

import psycopg

CHUNK_CHARACTERS = 1000
SEPARATORS = ["\n\n", "\n", ". ", " ", ""]
DIMENSIONS = 512
WORD = re.compile(r"\w+")

SCHEMA = """
create schema reference;
create table reference.jobs (
    id serial primary key, status text not null default 'queued',
    stored integer not null default 0, failed integer not null default 0);
create table reference.documents (
    id serial primary key, job_id integer references reference.jobs,
    url text not null unique, content text not null,
    status text not null default 'pending', error text);
create table reference.chunks (
    document_id integer not null references reference.documents,
    index integer not null, text text not null, embedding real[] not null,
    primary key (document_id, index));
"""


def connect():
    return psycopg.connect(os.environ["PL_DATABASE_URL"])


def split(text, separators=SEPARATORS):
    """Pieces of at most CHUNK_CHARACTERS, cut at the best separator."""
    if len(text) <= CHUNK_CHARACTERS:
        return [text] if text.strip() else []
    first, rest = separators[0], separators[1:]
    if first == "":
        return [text[i:i + CHUNK_CHARACTERS]
                for i in range(0, len(text), CHUNK_CHARACTERS)]
    if first not in text:
        return split(text, rest)
    chunks, current = [], ""
    for part in text.split(first):
        joined = current + first + part if current else part
        if len(joined) <= CHUNK_CHARACTERS:
            current = joined
            continue
        if current.strip():
            chunks.append(current)
        current = ""
        if len(part) <= CHUNK_CHARACTERS:
            current = part
        else:
            chunks.extend(split(part, rest))
    if current.strip():
        chunks.append(current)
    return chunks


def embed(text):
    """Signed feature hashing of words, of length 1."""
    vector = [0.0] * DIMENSIONS
    for word in WORD.findall(text.lower()):
        h = zlib.crc32(word.encode())
        vector[h % DIMENSIONS] += 1.0 if h & 0x10000 else -1.0
    length = math.sqrt(sum(v * v for v in vector)) or 1.0
    return [v / length for v in vector]


def as_array(vector):
    return "{" + ",".join([format(v, ".7g") for v in vector]) + "}"


def store(connection, job, document, chunks):
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("delete from reference.chunks where document_id = %s",
                       (document,))
        with cursor.copy("copy reference.chunks (document_id, index, text,"
                         " embedding) from stdin") as copy:
            for index, text in enumerate(chunks):
                copy.write_row((document, index, text, as_array(embed(text))))
        cursor.execute("update reference.documents set status = 'stored'"
                       " where id = %s", (document,))
        cursor.execute("update reference.jobs set stored = stored + 1"
                       " where id = %s", (job,))


def fail(connection, job, document, error):
    with connection.transaction():
        connection.execute("update reference.documents set status = 'failed',"
                           " error = %s where id = %s", (str(error), document))
        connection.execute("update reference.jobs set failed = failed + 1"
                           " where id = %s", (job,))


def process_documents(job, documents):
    chunks_stored = 0
    with connect() as connection:
        rows = connection.execute(
            "select id, content from reference.documents where id = any(%s)",
            (documents,)).fetchall()
        connection.commit()
        for document, content in rows:
            try:
                chunks = split(content.replace("\0", "\ufffd"))
                store(connection, job, document, chunks)
                chunks_stored += len(chunks)
            except Exception as error:
                fail(connection, job, document, error)
    return chunks_stored
