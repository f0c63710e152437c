#!/usr/bin/env python3
"""patho.py [--size BYTES] [--text-only] PL-CHUNK [OPTION...]: 19 kinds of text
that split badly, at n and 2n bytes: MB/s of user time, and time(2n)/time(n).
Ends with 1 if a kind is not linear (over 2.2, tried again as long as that may
be noise), or loses text; with --text-only nothing is timed."""
import argparse
import json
import random
import resource
import subprocess
import sys

RATIO = 2.2
TRIES = 12
MOST = 1000
LEAST = 0.08  # seconds: shorter runs are of more texts, as clocks tick slowly
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


def measure(command, make, n):
    """Seconds for a text of n and of 2n bytes, the least of some tries."""
    times = 1
    once = run(command, make(n))[0]
    while once < LEAST and times < MOST:
        times = min(MOST, max(times + 1, round(times * 1.3 * LEAST
                                             / max(once, LEAST / 8))))
        once = run(command, make(n), times)[0]
    twice = run(command, make(2 * n), times)[0]
    for _ in range(TRIES):
        if twice <= RATIO * once:
            break
        # Either may have been slowed down by others on the machine.
        once = min(once, run(command, make(n), times)[0])
        twice = min(twice, run(command, make(2 * n), times)[0])
    return once / times, twice / times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=120_000)
    parser.add_argument("--text-only", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    failed = 0
    base = None
    if not args.text_only:
        print("%-20s %8s %8s %7s" % ("", "MB/s", "of prose", "2n/n"))
    for name, make in KINDS.items():
        text = make(args.size // 8)
        if not kept(text, run(args.command, text)[1]):
            print("%-20s TEXT LOST" % name)
            failed = 1
        if args.text_only:
            continue
        once, twice = measure(args.command, make, args.size)
        speed = args.size / 1e6 / once
        base = base or speed
        failed |= twice > RATIO * once
        print("%-20s %8.1f %8.2f %7.2f%s" % (
            name, speed, speed / base, twice / once,
            "  NOT LINEAR" if twice > RATIO * once else ""))
    return failed


sys.exit(main())
