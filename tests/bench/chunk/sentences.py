#!/usr/bin/env python3
"""sentences.py [--most PERCENT] [--show] FOLDER COMMAND...: how many cuts
within paragraphs are in a sentence. FOLDER holds a file of sentences for each
language, one a line. They are put together to paragraphs of 5 to 100 in ten
orders, and chunked at limits of 1, 2, 4 and 10 times the longest sentence, so
that no cut need be in one. In Thai, "|" stands for a space between clauses, at
which a cut is as good. COMMAND reads document records, and takes --max=Nc or,
if it is not pl-chunk, --size=N; it writes records with "text", then one with
"type":"end" for each document. Ends with 1 if in some language more than
--most percent of the cuts are wrong; --show prints these.
"""
import argparse
import os
import random
import sys

from chunks import texts_of

UNSPACED = ("ja", "zh")  # sentences follow each other without a space
TIMES = (1, 2, 4, 10)
LENGTHS = (5, 12, 40, 100)
ORDERS = 10


def paragraphs(name, sentences):
    """Texts, each with the offsets at which a chunk may start."""
    space = "" if name in UNSPACED else " "
    for order in range(ORDERS):
        rng = random.Random("%s %d" % (name, order))
        left = rng.sample(sentences, len(sentences))
        for length in LENGTHS:
            text, starts = "", {0}
            for sentence in left[:length]:
                for clause in sentence.split("|"):
                    starts.add(len(text))
                    text += clause + space
            yield text.rstrip(), starts
            left = left[length:] + left[:length]


def chunk(command, size, texts):
    own = os.path.basename(command[0]) == "pl-chunk"
    limit = "--max=%dc" % size if own else "--size=%d" % size
    return texts_of(command + [limit], texts)


def check(name, sentences, command, show):
    """Interior cuts of all paragraphs, and how many are in a sentence."""
    pairs = list(paragraphs(name, sentences))
    longest = max(map(len, sentences))
    cuts = wrong = 0
    for times in TIMES:
        chunks = chunk(command, longest * times, [text for text, _ in pairs])
        for (text, starts), pieces in zip(pairs, chunks):
            at = 0
            for i, piece in enumerate(pieces):
                at = text.index(piece, at)
                cuts += i > 0
                if i > 0 and at not in starts:
                    wrong += 1
                    if show:
                        print("%s: %s || %s" % (name, text[at - 40:at],
                                                text[at:at + 40]))
                at += len(piece)
    return cuts, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=float, default=100)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("folder")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    failed = 0
    print("%-4s %9s %6s %6s %7s" % ("", "sentences", "cuts", "wrong", "%"))
    for file in sorted(os.listdir(args.folder)):
        name = file.split(".")[0]
        with open(os.path.join(args.folder, file), encoding="utf8") as f:
            sentences = f.read().split("\n")[:-1]
        cuts, wrong = check(name, sentences, args.command, args.show)
        percent = 100 * wrong / cuts
        failed |= percent > args.most
        print("%-4s %9d %6d %6d %7.2f" % (name, len(sentences), cuts, wrong,
                                         percent))
    return failed


sys.exit(main())
