"""What the programs here share: texts through a chunker, NDJSON to NDJSON."""
import json
import subprocess


def texts_of(command, texts):
    """The texts of the chunks that the command makes of each of the texts."""
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
