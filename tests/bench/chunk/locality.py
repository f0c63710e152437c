#!/usr/bin/env python3
"""locality.py [--least PERCENT] DOCUMENTS COMMAND...: how much of a document's
chunks survives an edit. One sentence is put behind the first sentence of the
third paragraph, not in code, of every document of 12 KB or more; kept is the
share of the old chunks' text whose chunk is there again, byte for byte. The
same is shown for the documents of 12,000 and of 32,000 characters or more: one
chunk of 1,600 is 5 % of the latter. COMMAND reads document records and writes
records with "text", then one with "type":"end" for each document. Ends with 1
if less is kept than --least, all in all.
"""
import json
import re
import sys

from chunks import texts_of

NEW = " This sentence was added later, and says nothing new at all. "


def edit(text):
    """Where a sentence may be added near the top of the text, or None."""
    blocks = [m for m in re.finditer(
        r"(?:^|\n\n)([^\s#>|`\-*+<\d=~\[].{40,}?)(?=\n\n)", text[:8000], re.S)
        if not len(re.findall(r"^ *(?:```|~~~)", text[:m.end()], re.M)) % 2
        and not re.search(r"^ *(?:```|~~~)", m[1], re.M)]
    if not blocks:
        return None
    start, end = blocks[min(2, len(blocks) - 1)].span(1)
    stop = re.search(r"[.!?。！？।۔] ?", text[start:end])
    return start + stop.end() if stop else end


class Document:
    def __init__(self, text, at, before, after):
        there = set(after)
        self.chars = len(text)
        self.size = sum(map(len, before))
        self.kept = self.lost = self.others = self.edited = self.same = 0
        place = 0
        for chunk in before:
            # Chunks are not told to have offsets.
            found = text.find(chunk[:200].strip(), place)
            place = found if found >= 0 else place
            here = place <= at <= place + len(chunk) and not self.edited
            if here:
                self.edited = len(chunk)
            if chunk in there:
                self.kept += len(chunk)
            else:
                self.lost += 1
                self.others += 0 if here else len(chunk)
                self.same += here


def percent(part, whole):
    return 100 * part / whole if whole else 0


def tenth(shares):
    shares = sorted(shares)
    shares = shares[:max(1, len(shares) // 10)]
    return 100 * sum(shares) / len(shares)


def report(name, docs):
    total = sum(d.size for d in docs)
    kept = percent(sum(d.kept for d in docs), total)
    print("%-24s %5d %8.1f %8.1f %8.1f %8.1f %8.2f %8.2f %8.2f" % (
        name, len(docs), kept, tenth(d.kept / d.size for d in docs),
        percent(total - sum(d.edited for d in docs), total),
        tenth(1 - d.edited / d.size for d in docs),
        sum(d.lost for d in docs) / len(docs),
        sum(d.lost - d.same for d in docs) / len(docs),
        percent(sum(d.others for d in docs), total)))
    return kept


def main():
    least = 0
    if sys.argv[1] == "--least":
        least = float(sys.argv[2])
        del sys.argv[1:3]
    old, new, places = [], [], []
    for line in open(sys.argv[1], encoding="utf8"):
        text = json.loads(line)["content"]
        at = edit(text) if len(text.encode()) >= 12000 else None
        if at is not None:
            old.append(text)
            new.append(text[:at] + NEW + text[at:])
            places.append(at)
    docs = [Document(*d) for d in zip(old, places, texts_of(sys.argv[2:], old),
                                      texts_of(sys.argv[2:], new))]
    print("%-24s %5s %8s %8s %8s %8s %8s %8s %8s" % (
        "", "docs", "kept %", "worst", "at best", "worst", "chunks", "besides",
        "in %"))
    kept = report("12 KB or more", docs)
    for chars in 12000, 32000:
        some = [d for d in docs if d.chars >= chars]
        if some:
            report("%d characters or more" % chars, some)
    return kept < least


sys.exit(main())
