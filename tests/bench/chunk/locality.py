#!/usr/bin/env python3
"""locality.py DOCUMENTS COMMAND...: how much of a document's chunks survives
an edit. One sentence is put behind the first sentence of the third paragraph
of every document of 12 KB or more; kept is the share of the old chunks' text
whose chunk is there again, byte for byte. COMMAND reads document records and
writes records with "text", then one with "type":"end" for each document.
"""
import json
import re
import subprocess
import sys

NEW = " This sentence was added later, and says nothing new at all. "


def edit(text):
    """The text with one sentence more near its top, or None."""
    blocks = list(re.finditer(r"(?:^|\n\n)([^\s#>|`\-*+<\d=~\[].{40,}?)(?=\n\n)",
                              text[:8000], re.S))
    if not blocks:
        return None
    start, end = blocks[min(2, len(blocks) - 1)].span(1)
    stop = re.search(r"[.!?。！？।۔] ?", text[start:end])
    at = start + stop.end() if stop else end
    return text[:at] + NEW + text[at:]


def chunk(command, texts):
    records = "".join(json.dumps({"type": "document", "url": str(i),
                                  "content": t}, ensure_ascii=False) + "\n"
                      for i, t in enumerate(texts))
    out = subprocess.run(command, input=records.encode(), check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    documents, now = [], []
    for line in out.split("\n")[:-1]:
        record = json.loads(line)
        if record["type"] == "end":
            documents.append(now)
            now = []
        else:
            now.append(record["text"])
    return documents


def main():
    old, new = [], []
    for line in open(sys.argv[1], encoding="utf8"):
        text = json.loads(line)["content"]
        if len(text.encode()) >= 12000 and (edited := edit(text)):
            old.append(text)
            new.append(edited)
    before, after = chunk(sys.argv[2:], old), chunk(sys.argv[2:], new)
    shares, kept, total, lost, best = [], 0, 0, [], 0
    for a, b in zip(before, after):
        # The least that must change: the chunk that the sentence went into.
        best += max([len(t) for t in b if NEW.strip() in t], default=0)
        there = set(b)
        size = sum(map(len, a))
        same = sum(len(t) for t in a if t in there)
        shares.append(same / size)
        lost.append(sum(t not in there for t in a))
        kept += same
        total += size
    shares.sort()
    tenth = shares[:max(1, len(shares) // 10)]
    print("%d documents: %.1f %% of the text kept, worst tenth %.1f %%; "
          "chunks changed per edit %.2f; were it only the chunk with the "
          "edit, %.1f %%" % (
              len(shares), 100 * kept / total, 100 * sum(tenth) / len(tenth),
              sum(lost) / len(lost), 100 - 100 * best / total))


main()
