#!/usr/bin/env python3
"""strings.py COUNT: document records of short random texts, for tokenizers:
all scripts, runs of white space, digits, contractions, special tokens."""
import json
import random
import sys
import unicodedata

rng = random.Random(20)
CHARS = [c for c in map(chr, range(1, 0x30000))
         if unicodedata.category(c) not in ("Cn", "Cs", "Co")]
PARTS = ["'s", "'S", "'ll", "'RE", "'d", "'ſ", "don't", " ", "  ", "\n", "\r\n",
         "\t", "\n\n\n", " \n ", "\u00a0", "\u3000", "/", "//", ".", "...", "!?",
         "<|endoftext|>", "<|im_start|>", "0", "12", "1234567", "word", "Word",
         "WORD", "camelCase", "HTTPServer", "naïve", "über", "слово", "漢字",
         "ไทย", "한국", "عربي", "e\u0301", "👩‍👧", "_", "__", "-", "—", "a" * 50,
         "ǅ", "ª", "ʰ", "ⅷ", "²", "½"]


def part():
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(PARTS)
    if kind < 0.6:
        return rng.choice(CHARS)
    if kind < 0.7:
        return chr(rng.randint(0x20, 0x7E)) * rng.randint(1, 5)
    if kind < 0.8:
        block = rng.randrange(0, len(CHARS) - 64)
        return "".join(rng.choice(CHARS[block:block + 64])
                       for _ in range(rng.randint(1, 12)))
    return "".join(chr(rng.randint(0x20, 0x7E))
                   for _ in range(rng.randint(1, 12)))


for _ in range(int(sys.argv[1])):
    text = "".join(part() for _ in range(rng.randint(1, 20)))
    print(json.dumps({"content": text or "x"}))
