#!/usr/bin/env python3
"""headings.py DOCUMENTS PL-CHUNK LANGCHAIN.MJS: whether chunks are cut where an
author would begin a section. The headings are taken out of the documents, and
the cuts of what is left compared with where they were, for each language, at
the same mean size of chunks.

Pk, WD    WindowDiff; over windows of half a mean section of the document, in
          code points: the share of windows that are wrong, so best if low
F1        of cuts that are where a heading was, white space apart
+-100     the same, if at most 100 code points away

"None" is the Pk of no cut at all: as long as fewer than about half of the cuts
are where a heading was, each makes Pk worse.
"""
import bisect
import collections
import json
import re
import sys

from chunks import texts_of

LEAST = 3  # headings in a document
DOCUMENTS = 10  # at least, of a language
LIMITS = (1600, 600)
CLOSE = 0.005  # mean sizes that are equal
NEAR = 100  # code points
STEP = 7  # windows begin at each seventh code point


def without_headings(text):
    """The text without its headings, and how many of its characters that are
    not white space are before each place where there was one."""
    kept, places, solid, fence = [], [], 0, None
    lines = text.replace("\r\n", "\n").split("\n")
    for i, line in enumerate(lines):
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if mark and fence is None:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip("`~ "):
            fence = None
        setext = re.match(r" {0,3}(=+|-+)\s*$", line) and i > 0 and \
            re.match(r" {0,3}[^\s#>|*+`-]", lines[i - 1])
        if fence is None and not mark and (
                setext or re.match(r" {0,3}#{1,6}(\s|$)", line)):
            if setext and kept:
                solid -= len("".join(kept.pop().split()))
            if not places or places[-1] != solid:
                places.append(solid)
            kept.append("")
            continue
        kept.append(line)
        solid += len("".join(line.split()))
    return "\n".join(kept), [p for p in places if 0 < p < solid]


class Text:
    def __init__(self, text, places):
        self.content = text
        self.at = [i for i, c in enumerate(text) if not c.isspace()]
        self.solid = "".join(text[i] for i in self.at)
        self.starts = [self.at[p] for p in places]

    def cuts(self, pieces):
        """Where the chunks behind the first start."""
        cuts, at = [], 0
        for piece in pieces:
            piece = "".join(piece.split())
            at = self.solid.index(piece, at)
            cuts.append(self.at[at])
            at += len(piece)
        return cuts[1:]


def windows(text, cuts):
    """Wrong windows by Pk and by WindowDiff, and all."""
    size = len(text.content)
    width = max(2, size // (len(text.starts) + 1) // 2)
    pk = diff = count = 0
    for i in range(0, size - width, STEP):
        wanted = (bisect.bisect(text.starts, i + width) -
                  bisect.bisect(text.starts, i))
        found = bisect.bisect(cuts, i + width) - bisect.bisect(cuts, i)
        pk += (wanted > 0) != (found > 0)
        diff += wanted != found
        count += 1
    return pk, diff, count


def hits(wanted, found, near):
    """How many of the cuts can be paired with a heading that is so near."""
    count = at = 0
    for cut in found:
        while at < len(wanted) and wanted[at] < cut - near:
            at += 1
        if at < len(wanted) and wanted[at] <= cut + near:
            count += 1
            at += 1
    return count


def score(texts, documents):
    pk = diff = count = found = exact = near = wanted = 0
    for text, pieces in zip(texts, documents):
        cuts = text.cuts(pieces)
        a, b, c = windows(text, cuts)
        pk, diff, count = pk + a, diff + b, count + c
        exact += hits(text.starts, cuts, 0)
        near += hits(text.starts, cuts, NEAR)
        found += len(cuts)
        wanted += len(text.starts)
    return (100 * pk / count, 100 * diff / count,
            200 * exact / (found + wanted), 200 * near / (found + wanted))


def mean_size(documents):
    sizes = [len(piece) for pieces in documents for piece in pieces]
    return sum(sizes) / len(sizes)


def equal_mean(command, contents, wanted):
    """The chunks at the limit that gives that mean size."""
    limit = round(wanted * 1.5)
    for _ in range(8):
        documents = texts_of(command + ["--size=%d" % limit], contents)
        found = mean_size(documents)
        if abs(found - wanted) < CLOSE * wanted:
            break
        limit = round(limit * wanted / found)
    return documents


def read(file):
    """The texts of the languages of which there are enough."""
    languages = collections.defaultdict(list)
    with open(file, encoding="utf8") as f:
        for line in f:
            document = json.loads(line)
            text, places = without_headings(document["content"])
            if len(places) >= LEAST:
                languages[document["language"]].append(Text(text, places))
    return {name: texts for name, texts in sorted(languages.items())
            if len(texts) >= DOCUMENTS}


def main():
    pl_chunk, langchain = sys.argv[2:4]
    languages = read(sys.argv[1])
    ways = ("pl-chunk", "LangChain Markdown", "LangChain Recursive")
    print("%-4s %5s %6s %6s  %s" % ("", "docs", "mean", "none", "   ".join(
        "%-27s" % way for way in ways)))
    print("%24s %s" % ("Pk", "   ".join(
        "%6s %6s %6s %6s" % ("Pk", "WD", "F1", "+-%d" % NEAR)
        for _ in ways)))
    for limit in LIMITS:
        sums = [[0] * 4 for _ in ways]
        for language, texts in languages.items():
            contents = [text.content for text in texts]
            own = texts_of([pl_chunk, "--max=%dc" % limit], contents)
            wanted = mean_size(own)
            scores = [score(texts, own)] + [score(texts, equal_mean(
                ["node", langchain] + option, contents, wanted))
                for option in (["--markdown"], [])]
            print("%-4s %5d %6.0f %6.1f  %s" % (
                language, len(texts), wanted,
                score(texts, [[content] for content in contents])[0],
                "   ".join("%6.1f %6.1f %6.1f %6.1f" % s for s in scores)))
            sums = [[a + b for a, b in zip(*pair)]
                    for pair in zip(sums, scores)]
        print("%-25s%s\n" % ("mean of the languages", "   ".join(
            "%6.1f %6.1f %6.1f %6.1f" % tuple(x / len(languages) for x in s)
            for s in sums)))


main()
