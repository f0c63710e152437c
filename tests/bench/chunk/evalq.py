#!/usr/bin/env python3
"""evalq.py DOCUMENTS QUESTIONS PL-CHUNK PL-EMBED LANGCHAIN.MJS: how much of the
answers to some questions is found, if only the best 8,000 characters of chunks
are read.

A question names the document and the code points of its answer, and is asked of
all documents of its language. Chunks are ranked by BM25 (runs of Chinese,
Japanese, Korean and Thai letters as pairs), or by the cosine of what PL-EMBED
makes of them, and read in order until the budget is used up, the last one in
part. LangChain is run at 1,600 characters at most, and at limits at which its
chunks have pl-chunk's mean size. "+ context" ranks by context and text; the
context is not read, so it takes nothing of the budget.

The differences between two chunkers are those of the means over four limits,
as whether a cut is near an answer is chance. They are paired by question; p is
the share of 10,000 samples of the questions (bootstrap) in which the first is
worse, and in which it is worse by more than a point.

recall  share of the answer's characters read
omega   the answer's share of all chunks that hold a part of it
whole   share of the answers that are wholly in one chunk

Ends with 1 if a question does not fit its document.
"""
import array
import base64
import collections
import hashlib
import json
import math
import operator
import random
import re
import subprocess
import sys

BUDGET = 8000
K1, B = 1.2, 0.75
SAMPLES = 10000
LIMITS = (800, 1200, 1600, 2400)
CLOSE = 0.005  # mean sizes that are equal
KINDS = ("prose", "list", "code", "table")
# Indian vowel signs are no letters to \w.
WORD = re.compile("[\\w\u0300-\u036f\u0900-\u0963\u0966-\u0dff]+")
UNSPACED = re.compile("([\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
                      "\uac00-\ud7a3]+)")

Chunk = collections.namedtuple("Chunk", "document start end text context")


def read(file):
    with open(file, encoding="utf8") as f:
        return [json.loads(line) for line in f]


def run(command, records):
    lines = "".join(json.dumps(r) + "\n" for r in records)
    out = subprocess.run(command, input=lines.encode(), check=True,
                         stdout=subprocess.PIPE).stdout
    return [json.loads(line) for line in out.decode().split("\n")[:-1]]


def chunk(command, documents):
    """The chunks of the documents, where they are in them, white space apart:
    some splitters change that."""
    wanted = iter(documents)
    chunks, document, records = [], next(wanted), run(command, documents)
    places, solid, at = [], "", 0
    for record in records:
        if record["type"] == "end":
            document, places = next(wanted, None), []
            continue
        if not places:
            text = document["content"]
            places = [i for i, c in enumerate(text) if not c.isspace()]
            solid, at = "".join(text[i] for i in places), 0
        piece = "".join(record["text"].split())
        at = solid.index(piece, at)
        chunks.append(Chunk(document["url"], places[at],
                            places[at + len(piece) - 1] + 1, record["text"],
                            record.get("context", "")))
        at += len(piece)
    return chunks


def terms(text):
    out = []
    for word in WORD.findall(text.lower()):
        for part in UNSPACED.split(word):
            if UNSPACED.match(part) and len(part) > 1:
                out += [part[i:i + 2] for i in range(len(part) - 1)]
            elif part:
                out.append(part)
    return out


class Bm25:
    def __init__(self, texts):
        bags = [collections.Counter(terms(text)) for text in texts]
        self.sizes = [sum(bag.values()) for bag in bags]
        self.mean = sum(self.sizes) / len(bags)
        self.found = collections.defaultdict(list)
        for i, bag in enumerate(bags):
            for term, count in bag.items():
                self.found[term].append((i, count))

    def scores(self, question):
        out = [0.0] * len(self.sizes)
        for term in sorted(set(terms(question))):
            found = self.found[term]
            rare = math.log(1 + (len(out) - len(found) + 0.5) /
                            (len(found) + 0.5))
            for i, count in found:
                out[i] += rare * count * (K1 + 1) / (
                    count + K1 * (1 - B + B * self.sizes[i] / self.mean))
        return out


class Embedding:
    command = None
    asked = {}

    def __init__(self, texts):
        self.vectors = self.embed(texts)

    @classmethod
    def embed(cls, texts):
        return [array.array("f", base64.b64decode(record["embedding"]))
                for record in run(cls.command, [
                    {"type": "chunk", "text": text} for text in texts])]

    def scores(self, question):
        vector = self.asked[question]
        return [sum(map(operator.mul, vector, v)) for v in self.vectors]


def best(chunks, scores):
    """(chunk, characters read) from the best on."""
    left = BUDGET
    for i in sorted(range(len(chunks)), key=lambda i: -scores[i]):
        if left <= 0 or scores[i] <= 0:
            break
        yield chunks[i], min(left, chunks[i].end - chunks[i].start)
        left -= chunks[i].end - chunks[i].start


def overlap(question, start, end):
    return max(0, min(end, question["end"]) - max(start, question["start"]))


def recall(question, read_chunks):
    found = sum(overlap(question, c.start, c.start + n)
                for c, n in read_chunks if c.document == question["document"])
    return found / (question["end"] - question["start"])


class Chunking:
    """A way to chunk, and what it scores question by question."""

    def __init__(self, name, chunks, languages, questions):
        self.name = name
        self.by_language = collections.defaultdict(list)
        for c in chunks:
            self.by_language[languages[c.document]].append(c)
        self.count = len(chunks)
        self.mean = sum(c.end - c.start for c in chunks) / len(chunks)
        self.omega, self.whole = [], []
        at = collections.defaultdict(list)
        for c in chunks:
            at[c.document].append(c)
        for q in questions:
            parts = [c for c in at[q["document"]]
                     if overlap(q, c.start, c.end) > 0]
            size = q["end"] - q["start"]
            self.omega.append(size / sum(c.end - c.start for c in parts))
            self.whole.append(any(overlap(q, c.start, c.end) == size
                                  for c in parts))

    def recalls(self, index, questions, context):
        out = [0.0] * len(questions)
        for language, chunks in self.by_language.items():
            asked = [i for i, q in enumerate(questions)
                     if q["language"] == language]
            if not asked:
                continue
            ranking = index([c.context + "\n" + c.text
                             if context and c.context else c.text
                             for c in chunks])
            for i in asked:
                q = questions[i]
                out[i] = recall(q, best(chunks,
                                        ranking.scores(q["question"])))
        return out


def mean(values):
    return sum(values) / len(values)


def points(values):
    return 100 * mean(values)


def row(name, chunking, recalls, questions):
    kinds = [points([r for r, q in zip(recalls, questions)
                     if q["kind"] == kind]) for kind in KINDS]
    print("%-36s %7.0f %7.1f %7.1f %7.1f   %s" % (
        name, chunking.mean, points(recalls), points(chunking.omega),
        points(chunking.whole), " ".join("%6.1f" % k for k in kinds)))


def compare(what, other, first, second):
    """The mean difference in points, and how surely it is not negative; of the
    limits together, and of the targets that are the limit."""
    for name, some in (("default target", slice(0, len(LIMITS))),
                       ("target 1600", slice(len(LIMITS), None))):
        differences = [100 * (mean(a) - mean(b)) for a, b in
                       zip(zip(*first[some]), zip(*second[some]))]
        rng = random.Random(1)
        means = sorted(mean(rng.choices(differences, k=len(differences)))
                       for _ in range(SAMPLES))
        print("%-17s %-15s %-20s %+6.2f  [%+.2f, %+.2f]  p %.3f  %.3f" % (
            what, name, other, mean(differences), means[SAMPLES // 20],
            means[-SAMPLES // 20], mean([m < 0 for m in means]),
            mean([m < -1 for m in means])))


def equal_mean(command, documents, wanted):
    """The chunks at the limit that gives that mean size, and the limit."""
    limit = round(wanted * 1.5)
    for _ in range(8):
        chunks = chunk(command + ["--size=%d" % limit], documents)
        found = mean([c.end - c.start for c in chunks])
        if abs(found - wanted) < CLOSE * wanted:
            break
        limit = round(limit * wanted / found)
    return limit, chunks


def check(questions, documents):
    texts = {d["url"]: d["content"] for d in documents}
    for q in questions:
        answer = texts[q["document"]][q["start"]:q["end"]]
        if hashlib.sha256(answer.encode()).hexdigest()[:16] != q["sha256"]:
            sys.exit("evalq: %s: another answer" % q["question"])


def main():
    documents, questions = read(sys.argv[1]), read(sys.argv[2])
    pl_chunk, pl_embed, langchain = sys.argv[3:6]
    Embedding.command = [pl_embed, "--encoding", "base64"]
    check(questions, documents)
    texts = [q["question"] for q in questions]
    Embedding.asked = dict(zip(texts, Embedding.embed(texts)))
    asked = {q["language"] for q in questions}
    documents = [d for d in documents if d["language"] in asked]
    languages = {d["url"]: d["language"] for d in documents}
    print("%d questions, %d documents, %d characters" % (
        len(questions), len(documents),
        sum(len(d["content"]) for d in documents)))

    splitters = (("Recursive", ["node", langchain]),
                 ("Markdown", ["node", langchain, "--markdown"]))
    ways = ["--max=%dc" % limit for limit in LIMITS] + ["--target=1600c"]
    own, others = [], {name: [] for name, _ in splitters}
    for way in ways:
        own.append(Chunking("pl-chunk " + way, chunk([pl_chunk, way],
                            documents), languages, questions))
        for name, command in splitters:
            limit, chunks = equal_mean(command, documents, own[-1].mean)
            others[name].append(Chunking("LangChain %s %d" % (name, limit),
                                         chunks, languages, questions))
    fixed = [Chunking("LangChain %s 1600" % name, chunk(command, documents),
                      languages, questions) for name, command in splitters]

    for title, index in (("BM25", Bm25), ("pl-embed, hash", Embedding)):
        print("\n%-36s %7s %7s %7s %7s   %s" % (
            title, "mean", "recall", "omega", "whole",
            " ".join("%6s" % k for k in KINDS)))
        plain = [c.recalls(index, questions, False) for c in own]
        context = [c.recalls(index, questions, True) for c in own]
        theirs = {name: [c.recalls(index, questions, False) for c in cs]
                  for name, cs in others.items()}
        for i, c in enumerate(own):
            row(c.name, c, plain[i], questions)
            row(c.name + " + context", c, context[i], questions)
            for name in theirs:
                row(others[name][i].name, others[name][i], theirs[name][i],
                    questions)
        for c in fixed:
            row(c.name, c, c.recalls(index, questions, False), questions)
        print()
        for name in theirs:
            compare("recall", "LangChain %s" % name, plain, theirs[name])
            compare("recall + context", "LangChain %s" % name, context,
                    theirs[name])
        compare("recall + context", "without context", context, plain)
    print()
    for name, chunkings in others.items():
        for what in "omega", "whole":
            compare(what, "LangChain %s" % name,
                    [getattr(c, what) for c in own],
                    [getattr(c, what) for c in chunkings])


main()
