#!/usr/bin/env python3
"""corpus.py ROOT...: document records, as pl-ingest makes them, of all
Markdown below the folders and of generated text in many scripts.

Files are sorted by the hash of their content, so that any part of the output
is a sample of the whole; equal contents are taken once. What is generated
depends on nothing but this file.
"""
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


def read(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as f:
        return f.read(LARGEST + 1)


def texts(roots):
    for root in roots:
        for folder, folders, files in os.walk(root):
            folders.sort()
            for name in sorted(files):
                if not name.removesuffix(".gz").lower().endswith(
                        (".md", ".markdown", ".mdx")):
                    continue
                try:
                    data = read(os.path.join(folder, name))
                    if 0 < len(data) <= LARGEST and b"\0" not in data:
                        yield data.decode()
                except (OSError, EOFError, UnicodeDecodeError):
                    continue
    for code, script in SCRIPTS.items():
        rng = random.Random("pl " + code)
        for _ in range(GENERATED):
            yield document(rng, script)


def main():
    found = {}
    for text in texts(sys.argv[1:]):
        if text.strip():
            found[hashlib.sha256(text.encode()).hexdigest()] = text
    for key in sorted(found):
        text = found[key]
        title = text.lstrip("# \n").split("\n", 1)[0][:60].strip()
        kind = "text/markdown"
        print(json.dumps(
            {"type": "document", "source": "bench", "url": "doc/" + key[:16],
             "title": title, "content": text, "content_type": kind,
             "content_hash": hashlib.sha256("\0".join(
                 (title, kind, text)).encode()).hexdigest()},
            ensure_ascii=False))


main()
