#!/usr/bin/env python3
"""documents.py FOLDER: document records of the Markdown in the packages that
fetch put there, with the language of each: the README and other pages of some
packages, and Electron's manual in all languages into which ten of its pages or
more were translated. None of them are in corpus.py's corpus, on which pl-chunk
was tuned. The output depends on the packages' versions only.
"""
import json
import os
import re
import sys

MANUAL = "electron-i18n"
# Letters that distinguish a translation from the original.
SCRIPTS = {"ar": "\u0600-\u06ff", "bg": "\u0400-\u04ff", "fa": "\u0600-\u06ff",
           "hi": "\u0900-\u097f", "ja": "\u3040-\u30ff\u4e00-\u9fff",
           "ko": "\uac00-\ud7a3", "ru": "\u0400-\u04ff", "th": "\u0e00-\u0e7f",
           "uk": "\u0400-\u04ff", "zh": "\u4e00-\u9fff"}
DENSE = ("ja", "ko", "zh")  # say the same in fewer letters
LEAST = 10  # pages of a language


def prose(text):
    return re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|<[^>]*>", "", text,
                  flags=re.S)


def squeeze(text):
    return re.sub(r"[\s*_]+", " ", prose(text)).strip()


def is_translated(language, text, original):
    """Whether most of the text is in that language."""
    if language in SCRIPTS:
        own = len(re.findall("[%s]" % SCRIPTS[language], prose(text)))
        others = len(re.findall("[A-Za-z]", prose(text)))
        least = 0.3 if language in DENSE else 0.55
        return own > least * (own + others)
    lines = [squeeze(line) for line in prose(text).split("\n")]
    lines = [line for line in lines if len(line) > 50]
    known = squeeze(original)
    return sum(len(line) for line in lines if line in known) < 0.3 * sum(
        map(len, lines))


def manual(file):
    """(name, language, text) of the pages of a manual in many languages."""
    with open(file, encoding="utf8") as f:
        pages = json.load(f)["docs"]
    original = {path: page["markdown"]
                for path, page in pages["en-US"].items()}
    for locale in sorted(pages):
        language = locale.split("-")[0]
        found = [("electron/%s%s" % (locale, path.replace("/docs/", "/")),
                  language, page["markdown"])
                 for path, page in sorted(pages[locale].items())
                 if page["markdown"].strip() and (
                     locale == "en-US" or is_translated(
                         language, page["markdown"], original.get(path, "")))]
        # The other Chinese would have the same text in other characters.
        if len(found) >= LEAST and locale != "zh-TW":
            yield from found


def readmes(folder, package):
    for root, folders, files in os.walk(os.path.join(folder, package)):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(root, file)
            if file.lower().endswith(".md") and "change" not in file.lower():
                with open(path, encoding="utf8", newline="") as f:
                    yield os.path.relpath(path, folder), "en", f.read()


def main():
    folder = sys.argv[1]
    texts = list(manual(os.path.join(folder, MANUAL, "index.json")))
    for package in sorted(os.listdir(folder)):
        if package != MANUAL:
            texts += readmes(folder, package)
    for name, language, text in texts:
        print(json.dumps(
            {"type": "document", "source": "bench", "url": name,
             "title": text.lstrip("# \n").split("\n", 1)[0][:60].strip(),
             "language": language, "content": text,
             "content_type": "text/markdown"}, ensure_ascii=False))


main()
