#!/usr/bin/python3
"""char_ranges - the tables of characters, from the data of Unicode

    char_ranges.py category|class [UNICODEDATA]         print a table
    char_ranges.py --check category|class [UNICODEDATA] compare it

The tables are char_category_ranges.h and char_class_ranges.h, here. General
categories are those of Python's unicodedata, or of a file UnicodeData.txt of
https://www.unicode.org/Public/VERSION/ucd/, given as "VERSION:PATH". --check
prints the versions of both. If they are the same, the committed table must be
what is printed. If they differ, the committed table must say the same of each
character that the data at hand has. It ends with 1 if not.
"""
import os
import re
import sys
import unicodedata

LAST = 0x10FFFF
# Code points that had another general category before Unicode 16.
CHANGED = {0x295}

# The classes of char_class.h, simplified from the properties
# Terminal_Punctuation, Line_Break, Grapheme_Cluster_Break and
# Indic_Syllabic_Category. All other marks extend.
CLASSES = """
SPACE 9-D 20 85 1361 1680 2000-2006 2008-200B 2028-2029 205F 3000
STOP 21 2E 3F 37E 2026 203C-203D 2047-2049 FF0E
END 589 5C3 61D-61F 6D4 700-702 7F9 964-965 DF4 E5A-E5B F0D-F12 104B 1362
END 1367-1368 17D4-17D5 1803 1809 2E2E 3002 A4FF A60E-A60F A876-A877 A8CE-A8CF
END A9C8-A9C9 AA5D-AA5F AAF0-AAF1 ABEB FE52 FE56-FE57 FF01 FF1F FF61
END 11047-11048 110BE-110C1 11141-11143
CLAUSE 2C 3A-3B 387 55D 2013-2014
PAUSE 60C 61B 7F8 F0B-F0C 104A 1363-1366 17D6 1802 1808 3001 FE50-FE51 FE54-FE55
PAUSE FF0C FF1A-FF1B FF64
CLOSE 22 27 29-2A 5D 5F-60 7D BB 2019 201D 203A 3009 300B 300D 300F 3011 3015
CLOSE 3017 3019 301B 301E-301F FF09 FF3D FF5D FF60 FF63
OPEN 28 5B 7B AB 2018 201A 201C 201E 2039
WIDE 2E80-2FFF 3003 3006-3007 3012-3013 3020-3029 3030-303A 303D-3040 3042 3044
WIDE 3046 3048 304A-3062 3064-3082 3084 3086 3088-308D 308F-3094 309F 30A2 30A4
WIDE 30A6 30A8 30AA-30C2 30C4-30E2 30E4 30E6 30E8-30ED 30EF-30F4 30F7-30FA
WIDE 30FF-31EF 3200-4DBF 4E00-A4CF F900-FAFF FF02-FF07 FF0A-FF0B FF0D FF0F
WIDE FF1C-FF1E FF66 FF71-FF9D 17000-18CFF 1B000-1B2FF 20000-3FFFD
WIDE_CLOSE 3005 301C 303B-303C 3041 3043 3045 3047 3049 3063 3083 3085 3087 308E
WIDE_CLOSE 3095-3096 309B-309E 30A0-30A1 30A3 30A5 30A7 30A9 30C3 30E3 30E5 30E7
WIDE_CLOSE 30EE 30F5-30F6 30FB-30FE 31F0-31FF FF65 FF67-FF70
WIDE_OPEN 3008 300A 300C 300E 3010 3014 3016 3018 301A 301D FF08 FF3B FF5B FF5F
WIDE_OPEN FF62
COMPLEX E01-E2E E81-EAF EBD 1000-102A 103F 1050-1055 1780-17B3
LEADING E40-E44 EC0-EC4
VIRAMA 94D 9CD A4D ACD B4D BCD C4D CCD D4D DCA 1039 17D2 A9C0
JOINER 200D
REGION 1F1E6-1F1FF
JAMO_L 1100-115F A960-A97C
JAMO_V 1160-11A7 D7B0-D7C6
JAMO_T 11A8-11FF D7CB-D7FB
SYLLABLE AC00-D7A3
"""
# Characters that extend and are not marks: vowels of Thai and Lao, signs that
# stand between marks, ZWNJ, the half-width voicing marks, skin tones and tags.
EXTEND = """
81A 824 828 8E2 E2F-E30 E32-E33 E45-E46 EB0 EB2-EB3 EC6 F36 F38 F85 180E 1CD3
1CE9-1CEC 1CEE-1CF3 1CF5-1CF6 200C AAB1 AAB5-AAB6 AAB9-AABD AAC0 FF9E-FF9F
1F3FB-1F3FF E0020-E007F
"""


def members(ranges):
    for text in ranges.split():
        first, _, last = text.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def read_data(path):
    """The general categories of UnicodeData.txt; Cn is that of no character."""
    categories = ["Cn"] * (LAST + 1)
    first = None
    with open(path, encoding="ascii") as lines:
        for line in lines:
            code, name, category = line.split(";")[:3]
            code = int(code, 16)
            if name.endswith(", First>"):
                first = code
                continue
            begin = code if first is None else first
            for c in range(begin, code + 1):
                categories[c] = category
            first = None
    return categories


def data_at_hand(arguments):
    if arguments:
        version, _, path = arguments[0].partition(":")
        return version, read_data(path)
    return unicodedata.unidata_version, [
        unicodedata.category(chr(c)) for c in range(LAST + 1)]


# For char_category.c: a letter for each class of general categories.
SPACES = set(members("9-D 20 85 A0 1680 2000-200A 2028-2029 202F 205F 3000"))


def category_of(code, category):
    if code in SPACES:
        return "S"
    if category in ("Lu", "Lt"):
        return "U"
    if category in ("Lm", "Lo"):
        return "E"
    return {"Ll": "L", "Mn": "M", "Mc": "M", "Me": "M", "Nd": "N",
            "Nl": "N", "No": "N"}.get(category, "O")


def category_table(categories):
    kinds = [category_of(c, k) for c, k in enumerate(categories)] + ["", "", ""]
    items, before, c = [], "", 0
    while c <= LAST:
        kind = kinds[c]
        # A run of upper and lower case by turns is one range.
        if kinds[c:c + 4] == ["U", "L", "U", "L"]:
            items.append("{0x%X, 'T'}," % c)
            before = "T"
            while kinds[c:c + 2] == ["U", "L"]:
                c += 2
            continue
        if kind != before:
            items.append("{0x%X, '%s'}," % (c, kind))
        before = kind
        c += 1
    return items


def read_category_table(text):
    ranges = [(int(first, 16), kind)
              for first, kind in re.findall(r"\{0x(\w+), '(\w)'\}", text)]
    kinds = []
    for (first, kind), (end, _) in zip(ranges, ranges[1:] + [(LAST + 1, "")]):
        kinds += ["UL"[(c - first) % 2] if kind == "T" else kind
                  for c in range(first, end)]
    return kinds


# For char_class.c: the name of the class of each code point.
def class_kinds(categories):
    kinds = ["EXTEND" if k in ("Mn", "Mc", "Me") else "OTHER"
             for k in categories]
    for code in members(EXTEND):
        kinds[code] = "EXTEND"
    for line in CLASSES.split("\n"):
        name, _, ranges = line.partition(" ")
        for code in members(ranges):
            kinds[code] = name
    return kinds


def class_table(categories):
    kinds = class_kinds(categories) + [""]
    items, first = [], 0
    for code in range(LAST + 1):
        if kinds[code + 1] == kinds[code]:
            continue
        if kinds[code] != "OTHER":
            items.append("{0x%04X, 0x%04X, CHAR_CLASS_%s}," % (
                first, code, kinds[code]))
        first = code + 1
    return items


def read_class_table(text):
    kinds = ["OTHER"] * (LAST + 1)
    for first, last, kind in re.findall(
            r"\{0x(\w+), 0x(\w+), CHAR_CLASS_(\w+)\}", text):
        for code in range(int(first, 16), int(last, 16) + 1):
            kinds[code] = kind
    return kinds


WHAT = {"category": "where each run of a class begins.",
        "class": "first, last and class."}
TABLES = {"category": (category_table, read_category_table),
          "class": (class_table, read_class_table)}


def print_table(name, version, items):
    lines = ["/* Made by char_ranges.py from Unicode %s: %s */" % (
        ".".join(version.split(".")[:2]), WHAT[name])]
    line = ""
    for item in items:
        if len(line) + len(item) > 78:
            lines.append(line)
            line = ""
        line += (" " if line else "") + item
    return "\n".join(lines + [line]) + "\n"


def check(name, version, categories):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "char_%s_ranges.h" % name)
    make, read = TABLES[name]
    with open(path, encoding="ascii") as file:
        committed = file.read()
    made = print_table(name, version, make(categories))
    own = re.search(r"from Unicode ([0-9.]+):", committed).group(1)
    here = ".".join(version.split(".")[:2])
    if own == here:
        same = committed == made
        print("%s: Unicode %s: %s" % (
            name, own, "the same table" if same else "another table"))
        return same
    wrong = ["%04X" % code for code, (old, new) in
             enumerate(zip(read(committed), read(made)))
             if categories[code] != "Cn" and old != new
             and code not in CHANGED]
    print("%s: Unicode %s; of %d code points of Unicode %s %d differ%s" % (
        name, own, sum(k != "Cn" for k in categories), here, len(wrong),
        ": " + " ".join(wrong[:20]) if wrong else ""))
    return not wrong


def main(arguments):
    checks = arguments[:1] == ["--check"]
    arguments = arguments[checks:]
    if not arguments or arguments[0] not in TABLES or len(arguments) > 2:
        sys.exit(__doc__)
    version, categories = data_at_hand(arguments[1:])
    if checks:
        sys.exit(not check(arguments[0], version, categories))
    sys.stdout.write(print_table(
        arguments[0], version, TABLES[arguments[0]][0](categories)))


main(sys.argv[1:])
