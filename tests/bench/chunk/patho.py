#!/usr/bin/env python3
"""patho.py [--size BYTES] [--share N] [--instructions | --text-only] PL-CHUNK
[OPTION...]: 19 kinds of text that split badly, at n and 2n bytes: MB of input per
second of user time without that of the start (medians), how much that is of
prose's, and time(2n)/time(n). Ends with 1 if a kind is not linear (over 2.2) or
below the share (1/4) of prose's speed, tried again as long as that may be noise,
or loses text. With --instructions a second is 10^9 of valgrind's instructions,
which are the same on a busy machine; with --text-only nothing is timed."""
import argparse
import json
import random
import re
import resource
import statistics
import subprocess
import sys

RATIO = 2.2
SHARE = 0.25
TRIES = 5
ROUNDS = 5
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
# These must only be linear in time: once they were not.
MORE_KINDS = {
    "a tag's far end": lambda n: fill("<a ", n) + ">",
    "links within": lambda n: fill("[a](" * 1000 + ")", n),
}


def line_of(text):
    record = {"content": text}
    return (json.dumps(record, ensure_ascii=False) + "\n").encode()


def run(command, text):
    """Seconds for that input, and the output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    out = subprocess.run(command, input=text, stdout=subprocess.PIPE,
                         check=True).stdout
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return used, out


def kept(text, out):
    have = sum(len(b"".join(json.loads(line).get("text", "").encode().split()))
               for line in out.splitlines())
    want = len(b"".join(text.encode().split()))
    return have == want


class Clock:
    """Times a command: the median of some runs."""

    def __init__(self, command):
        self.command = command
        self.start = 0
        self.start = self.seconds(b"", 1)

    def seconds(self, line, times):
        """Of one of so many copies of a line."""
        used = statistics.median(run(self.command, line * times)[0]
                                 for _ in range(ROUNDS))
        return max(used - self.start, 1e-6) / times

    def copies(self, line):
        """So many that they take long enough."""
        times, used = 1, run(self.command, line)[0]
        while used < LEAST and times < MOST:
            times = min(MOST, max(times + 1, round(times * 1.3 * LEAST
                                                   / max(used, LEAST / 8))))
            used = run(self.command, line * times)[0]
        return times


class Counter:
    """Counts a command's instructions, by the 10^9."""

    def __init__(self, command):
        self.command = ["valgrind", "--tool=callgrind",
                        "--callgrind-out-file=/dev/null", *command]
        self.start = 0
        self.start = self.seconds(b"", 1)

    def seconds(self, line, times):
        """Of one of so many copies of a line."""
        said = subprocess.run(self.command, input=line * times, check=True,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE).stderr
        count = re.search(rb"Collected : (\d+)", said)[1]
        return (int(count) / 1e9 - self.start) / times

    def copies(self, _):
        """One is counted exactly."""
        return 1


def measure(clock, make, n, wanted):
    """MB/s for a text of n bytes, and time(2n)/time(n). Others on the machine
    may slow down either: tried again as long as they are not what is wanted."""
    line, double = line_of(make(n)), line_of(make(2 * n))
    times = clock.copies(line)
    for _ in range(TRIES):
        once = clock.seconds(line, times)
        speed = len(line) / 1e6 / once
        ratio = clock.seconds(double, times) / once
        if ratio <= RATIO and speed >= wanted:
            break
    return speed, ratio


def judge(speed, ratio, wanted):
    return ("  NOT LINEAR" if ratio > RATIO else "") + (
        "  SLOW" if speed < wanted else "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=120_000)
    parser.add_argument("--share", type=float, default=SHARE)
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--text-only", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    failed = False
    prose = 0
    if not args.text_only:
        clock = (Counter if args.instructions else Clock)(args.command)
        print("%-20s %8s %8s %7s" % ("", "MB/s", "of prose", "2n/n"))
    for name, make in (KINDS | MORE_KINDS).items():
        text = make(args.size // 8)
        if not kept(text, run(args.command, line_of(text))[1]):
            print("%-20s TEXT LOST" % name)
            failed = True
        if args.text_only:
            continue
        wanted = prose * args.share if name in KINDS else 0
        speed, ratio = measure(clock, make, args.size, wanted)
        prose = prose or speed
        wrong = judge(speed, ratio, wanted)
        failed |= wrong != ""
        print("%-20s %8.1f %8.2f %7.2f%s" % (
            name, speed, speed / prose, ratio, wrong), flush=True)
    return int(failed)


sys.exit(main())
