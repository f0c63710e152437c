#!/usr/bin/env python3
"""corpus.py [--most BYTES] [--nested COUNT] [--headed COUNT] ROOT...: document
records, as pl-ingest makes them, of all Markdown below the folders and of
generated text in many scripts; at most so many bytes of files (the first by
hash), and so many documents of blocks within blocks, without and with headings
among these.

Files are sorted by the hash of their content, so that any part of the output
is a sample of the whole; equal contents are taken once. What is generated
depends on nothing but this file.
"""
import argparse
import gzip
import hashlib
import json
import os
import random
import sys

LARGEST = 1_000_000
GENERATED = 24  # documents per script

# A few words and the sentence ends of each script; no text, only its shape.
SCRIPTS = {
    "de": ("das Haus größer über Straße und Fluss können Änderung für "
           "Überschrift z.B. Dr. Prüfung Datei", " ", [". ", "! ", "? "]),
    "ru": ("система данных очень большой пример файл работает и в на это "
           "настройка сервер т.д. рис. новый", " ", [". ", "! ", "? "]),
    "el": ("το σύστημα δεδομένα πολύ μεγάλο παράδειγμα αρχείο και για ένα",
           " ", [". ", "; "]),
    "he": ("המערכת נתונים גדול מאוד דוגמה קובץ עובד ועל זה הגדרה", " ",
           [". ", "? "]),
    "ar": ("النظام البيانات كبير جدا مثال ملف يعمل في على هذا إعداد خادم",
           " ", [". ", "؟ ", "! "]),
    "fa": ("سامانه داده بزرگ بسیار نمونه پرونده کار می‌کند در این تنظیم", " ",
           [". ", "؟ "]),
    "ur": ("نظام معلومات بہت بڑا مثال فائل کام کرتا ہے میں یہ", " ",
           ["۔ ", "؟ "]),
    "hi": ("प्रणाली आँकड़े बहुत बड़ा उदाहरण फ़ाइल काम करता है में यह क्षेत्र",
           " ", ["। ", "? "]),
    "bn": ("ব্যবস্থা তথ্য খুব বড় উদাহরণ ফাইল কাজ করে এই মধ্যে", " ",
           ["। ", "? "]),
    "ta": ("அமைப்பு தரவு மிகவும் பெரிய உதாரணம் கோப்பு வேலை இந்த", " ",
           [". ", "? "]),
    "th": ("ระบบ ข้อมูล ใหญ่ มาก ตัวอย่าง ไฟล์ ทำงาน ใน นี้ การตั้งค่า", "",
           [" ", " ", "ๆ "]),
    "my": ("စနစ် ဒေတာ အလွန် ကြီး ဥပမာ ဖိုင် အလုပ်", "", ["။ ", "၊ "]),
    "km": ("ប្រព័ន្ធ ទិន្នន័យ ធំ ណាស់ ឧទាហរណ៍ ឯកសារ", "", ["។ ", " "]),
    "zh": ("系统 数据 非常 大 例如 文件 工作 的 在 这 设置 服务器 我们 可以", "",
           ["。", "！", "？", "；"]),
    "ja": ("システム データ とても 大きい 例えば ファイル 動く の で これ 設定 "
           "サーバー ちょっと", "", ["。", "！", "？", "」。"]),
    "ko": ("시스템 데이터 매우 큰 예를 파일 작동 하는 에서 이것 설정 서버", " ",
           [". ", "? "]),
    "am": ("ስርዓት መረጃ በጣም ትልቅ ምሳሌ ፋይል ይሰራል ይህ", " ", ["። ", "፧ "]),
    "hy": ("համակարգ տվյալներ շատ մեծ օրինակ ֆայլ աշխատում է", " ", ["։ "]),
    "emoji": ("👩‍👧‍👦 🇩🇪🇫🇷 👍🏽 ok é́ file v1.2.3 http://x.org/a.b?c=d",
              " ", [". ", "! "]),
}


def sentence(rng, words, space, ends):
    return (space.join(rng.choice(words) for _ in range(rng.randint(4, 22)))
            + rng.choice(ends))


def paragraph(rng, script, few=1, many=9):
    words, space, ends = script
    words = words.split()
    return "".join(sentence(rng, words, space, ends)
                   for _ in range(rng.randint(few, many))).strip()


def block(rng, script):
    kind = rng.random()
    if kind < 0.62:
        return paragraph(rng, script)
    if kind < 0.75:
        return "\n".join("- " + paragraph(rng, script, 1, 2)
                         for _ in range(rng.randint(2, 12)))
    if kind < 0.88:
        lines = ["    " * rng.randint(0, 3) + "x%d = call(%d)  # %s" %
                 (rng.randint(0, 99), rng.randint(0, 9999),
                  rng.choice(script[0].split()))
                 for _ in range(rng.choice([3, 8, 20, 60]))]
        for i in range(7, len(lines), 8):
            lines[i] = ""
        return "```py\n" + "\n".join(lines) + "\n```"
    width = rng.randint(2, 5)
    rows = [" | ".join(rng.choice(script[0].split()) for _ in range(width))
            for _ in range(rng.choice([3, 6, 25, 80]))]
    return "\n".join("| %s |" % r for r in
                     [rows[0], " | ".join(["---"] * width)] + rows[1:])


def document(rng, script):
    out = []
    for _ in range(rng.choice([1, 2, 4, 8, 20])):
        level = rng.choice([1, 2, 2, 2, 3, 3, 4])
        out.append("#" * level + " " + " ".join(
            rng.choice(script[0].split()) for _ in range(rng.randint(1, 5))))
        out += [block(rng, script) for _ in range(rng.randint(1, 6))]
    return "\n\n".join(out) + "\n"


def nested(rng, headed, depth=0):
    """Lines of blocks within lists, quotes, footnotes and containers; if headed,
    with headings in these."""
    script = rng.choice([SCRIPTS["de"], SCRIPTS["zh"], SCRIPTS["ar"]])
    kind = rng.randrange((10 if headed else 9) if depth < 4 else 3)
    if kind == 0:
        return paragraph(rng, script, 1, 6).split("\n")
    if kind == 1:
        mark = rng.choice(["```", "~~~", "````"])
        lines = ["\t" * rng.randint(0, 2) + "# no heading %d" % i
                 for i in range(rng.choice([2, 10, 60]))]
        return [mark + rng.choice(["", "sh", "c"])] + lines + [mark]
    if kind == 2:
        rows = ["| %d | %s |" % (i, rng.choice(["a", "`b|c`", "d \\| e"]))
                for i in range(rng.choice([2, 8, 50]))]
        return ["| n | what |", "|--:|:-----|"] + rows
    if kind == 9:
        return ["## Inner %d" % rng.randint(1, 99), ""] + nested(
            rng, headed, depth + 1)
    inner = []
    for _ in range(rng.randint(1, 4)):
        inner += nested(rng, headed, depth + 1) + [""]
    inner = inner[:-1]
    if kind in (3, 4):
        mark = rng.choice(["- ", "* ", "1. ", "10) "])
        return [(mark if i == 0 else " " * len(mark) if line else "") + line
                for i, line in enumerate(inner)]
    if kind == 5:
        return [("> " if line else ">") + line for line in inner]
    if kind == 6:
        return ["[^%d]: " % rng.randint(1, 99) + inner[0]] + [
            "    " + line if line else "" for line in inner[1:]]
    if kind == 7:
        return ["::: note", ""] + inner + ["", ":::"]
    return ["<details>", "<summary>more</summary>", ""] + inner + [
        "", "</details>"]


def nested_document(rng, headed):
    out = []
    if rng.random() < 0.3:
        out.append("---\ntitle: x\ntags: [a, b]\n---")
    for _ in range(rng.choice([2, 6, 20])):
        if rng.random() < 0.4:
            out.append(rng.choice(["## Part %d", "Part %d\n======",
                                   "### Part %d ###"]) % rng.randint(1, 99))
        out.append("\n".join(nested(rng, headed)))
    end = rng.choice(["\n", "\r\n"])
    return "\n\n".join(out).replace("\n", end) + end


def read(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as f:
        return f.read(LARGEST + 1)


def files(roots):
    for root in roots:
        if os.path.isfile(root):
            yield root
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                if name.removesuffix(".gz").lower().endswith(
                        (".md", ".markdown", ".mdx")):
                    yield os.path.join(folder, name)


def found(roots):
    for path in files(roots):
        try:
            data = read(path)
            if 0 < len(data) <= LARGEST and b"\0" not in data:
                yield data.decode()
        except (OSError, EOFError, UnicodeDecodeError):
            continue


def generated(nests, headed):
    for code, script in SCRIPTS.items():
        rng = random.Random("pl " + code)
        for _ in range(GENERATED):
            yield document(rng, script)
    rng = random.Random("pl nested")
    for _ in range(nests):
        yield nested_document(rng, False)
    rng = random.Random("pl headed")
    for _ in range(headed):
        yield nested_document(rng, True)


def by_hash(texts):
    named = {hashlib.sha256(t.encode()).hexdigest(): t
             for t in texts if t.strip()}
    return dict(sorted(named.items()))


def first(texts, most):
    """Of the texts by hash those that are so many bytes together."""
    out = {}
    for key, text in texts.items():
        most -= len(text.encode())
        if most < 0:
            break
        out[key] = text
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=1 << 40)
    parser.add_argument("--nested", type=int, default=0)
    parser.add_argument("--headed", type=int, default=0)
    parser.add_argument("roots", nargs="*")
    args = parser.parse_args()
    texts = first(by_hash(found(args.roots)), args.most)
    texts.update(by_hash(generated(args.nested, args.headed)))
    for key in sorted(texts):
        text = texts[key]
        title = text.lstrip("# \n").split("\n", 1)[0][:60].strip()
        kind = "text/markdown"
        print(json.dumps(
            {"type": "document", "source": "bench", "url": "doc/" + key[:16],
             "title": title, "content": text, "content_type": kind,
             "content_hash": hashlib.sha256("\0".join(
                 (title, kind, text)).encode()).hexdigest()},
            ensure_ascii=False))


main()
