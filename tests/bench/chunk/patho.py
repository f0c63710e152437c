#!/usr/bin/env python3
"""patho.py PL-CHUNK [OPTION...]: 19 kinds of text that split badly, at n and
2n bytes: MB/s of user time, and time(2n)/time(n). Ends with 1 if a kind is not
linear, or loses text."""
import json
import random
import resource
import subprocess
import sys

N = 1_000_000
TIMES = 8  # a text is timed so often, as clocks tick slowly
rng = random.Random(1)
letters = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(4096))


def fill(s, n):
    return (s * (n // len(s.encode()) + 1)).encode()[:n].decode("utf8", "ignore")


KINDS = {
    "prose": lambda n: fill("Some words make a sentence of its own. " * 9
                            + "\n\n", n),
    "one letter": lambda n: fill("a", n),
    "random letters": lambda n: fill(letters, n),
    "digits": lambda n: fill("1234567890", n),
    "ideographs": lambda n: fill("漢字", n),
    "emoji family": lambda n: fill("👩‍👧‍👦", n),
    "combining marks": lambda n: "a" + fill("\u0301", n),
    "spaces": lambda n: "a" + fill(" ", n) + "b",
    "newlines": lambda n: fill("a\n\n", n),
    "exclamations": lambda n: fill("!", n),
    "stops and closers": lambda n: fill(".)", n),
    "open brackets": lambda n: fill("[", n),
    "links nowhere": lambda n: fill("[a](", n),
    "backticks": lambda n: " ".join("`" * (i % 60 + 1)
                                    for i in range(n // 31)),
    "quotes": lambda n: fill("> " * 40 + "a\n", n),
    "nested lists": lambda n: fill("- " * 30 + "a\n", n),
    "headings": lambda n: fill("# a\n", n),
    "an open fence": lambda n: "```\n" + fill("x = 1\n", n),
    "a wide table": lambda n: "|a|b|\n|-|-|\n|" + fill("c|", n),
    "tags": lambda n: fill("<a <b ", n),
}


def run(command, text, times=1):
    record = json.dumps({"content": text}, ensure_ascii=False) + "\n"
    record *= times
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    out = subprocess.run(command, input=record.encode(),
                         stdout=subprocess.PIPE, check=True).stdout
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return used, out


def kept(text, out):
    have = sum(len(b"".join(json.loads(line).get("text", "").encode().split()))
               for line in out.splitlines())
    want = len(b"".join(text.encode().split()))
    return have == want


def main():
    command = sys.argv[1:]
    failed = 0
    base = None
    print("%-20s %8s %8s %7s" % ("", "MB/s", "of prose", "2n/n"))
    for name, make in KINDS.items():
        once = min(run(command, make(N), TIMES)[0] for _ in range(2))
        twice = min(run(command, make(2 * N), TIMES)[0] for _ in range(2))
        text = make(N // 8)
        whole = kept(text, run(command, text)[1])
        speed = N * TIMES / 1e6 / max(once, 1e-3)
        base = base or speed
        ratio = twice / max(once, 1e-3)
        bad = not whole or ratio > 2.4
        failed |= bad
        print("%-20s %8.1f %8.2f %7.2f%s" % (
            name, speed, speed / base, ratio,
            "" if whole else "  TEXT LOST"))
    return failed


sys.exit(main())
