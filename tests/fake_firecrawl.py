#!/usr/bin/env python3
"""Firecrawl's API for tests, whose failures can be asked for by name.

    fake_firecrawl.py DIR [--key KEY] [--secret SECRET] [--delay SECONDS]

Listens on a free port of 127.0.0.1, written to DIR/port when it is ready. Every
request becomes a line of DIR/log: {"method", "path", "headers", "body",
"status"}; the status is 0 if the connection was cut.

POST /vN/crawl starts a crawl of DIR/site.json, a list of documents or a body
with them in "data", as it is then. A document {"url", "code", "error"} is a page
that failed. With "webhook" the server sends the events started and completed to
it, --delay seconds apart, signed if --secret is given, until it has a 2xx (at
most 20 times). A body with "zeroDataRetention" fails at kick-off with HTTP 200.

GET /vN/crawl/ID answers by DIR/ID.json, which is read for each request, or by
the crawl that was started. Its keys, all of them optional:

    pages: [DOCUMENT]   the pages;  part: N  pages in a part (100)
    status: WORD        completed, cancelled, failed
    total: N            the number of pages that is claimed
    runs: N             the first N requests see a crawl that runs
    next: BASE          the scheme and host of 'next' (the server's own)
    endless: true       a next also behind the last page, with the same pages
    raw: {SKIP: FILE}   answer with this file to this skip; poll: FILE without
    errors: OBJECT      the answer of /errors; a number is its status
    pad: N              each page has N bytes more
    fail: [RULE]        {"skip": N or "poll", "times": N, ...} instead, with
                        status, headers, body; or cut, hang: true

GET /vN/scrape/ID answers with DIR/scrapes/ID.json; POST /vN/scrape with the page
of DIR/site.json that has the url, else HTTP 500.
"""
import argparse
import hashlib
import hmac
import http.server
import json
import os
import threading
import time
import urllib.parse
import urllib.request
import uuid

EXPIRES = "2036-11-24T17:30:00.000Z"
NOT_FOUND = {"success": False, "error": "Job not found"}


def site(folder):
    """The documents of DIR/site.json: pages, and pages that failed."""
    with open(os.path.join(folder, "site.json"), encoding="utf-8") as f:
        documents = json.load(f)
    if isinstance(documents, dict):
        documents = documents["data"]
    failed = [d for d in documents if "code" in d]
    return [d for d in documents if "code" not in d], failed


def url_of(document):
    metadata = document.get("metadata", {})
    return metadata.get("url") or metadata.get("sourceURL")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options):
        super().__init__(("127.0.0.1", 0), Handler)
        self.options = options
        self.lock = threading.Lock()
        self.started = {}
        self.counts = {}

    def count(self, *key):
        """How often this was asked before."""
        with self.lock:
            n = self.counts.get(key, 0)
            self.counts[key] = n + 1
            return n

    def crawl(self, crawl_id):
        path = os.path.join(self.options.dir, crawl_id + ".json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                return json.load(f)
        return self.started.get(crawl_id)

    def start(self, body):
        crawl_id = str(uuid.uuid4())
        pages, failed = site(self.options.dir)
        errors = [{"id": str(uuid.uuid4()), **f} for f in failed]
        # With a webhook the crawl runs until the event of its end.
        self.started[crawl_id] = {
            "pages": pages,
            "runs": 10 ** 9 if "webhook" in body else 1,
            "errors": {"errors": errors, "robotsBlocked": []}}
        if "webhook" in body:
            threading.Thread(target=self.tell, daemon=True,
                             args=(body["webhook"], crawl_id)).start()
        return crawl_id

    def tell(self, webhook, crawl_id):
        if isinstance(webhook, str):
            webhook = {"url": webhook}
        for event in "started", "completed":
            if event == "completed":
                self.started[crawl_id]["runs"] = 0
            self.deliver(webhook, {
                "success": True, "type": "crawl." + event, "id": crawl_id,
                "webhookId": str(uuid.uuid4()), "data": [],
                "metadata": webhook.get("metadata", {})})
            time.sleep(self.options.delay)

    def deliver(self, webhook, event):
        body = json.dumps(event).encode()
        headers = {"Content-Type": "application/json",
                   **webhook.get("headers", {})}
        if self.options.secret:
            headers["X-Firecrawl-Signature"] = "sha256=" + hmac.new(
                self.options.secret.encode(), body, hashlib.sha256).hexdigest()
        for _ in range(20):
            try:
                request = urllib.request.Request(webhook["url"], body, headers)
                with urllib.request.urlopen(request, timeout=10):
                    return
            except OSError:
                time.sleep(0.25)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self, status):
        line = json.dumps({
            "method": self.command, "path": self.path,
            "headers": dict(self.headers.items()), "body": self.body,
            "status": status})
        with self.server.lock, open(os.path.join(
                self.server.options.dir, "log"), "a", encoding="utf-8") as f:
            f.write(line + "\n")

    def answer(self, status, body, headers=None):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.note(status)
        self.send_response(status)
        for name, value in {"Content-Type": "application/json",
                            **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self, body):
        self.note(0)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:len(body) // 2])
        self.wfile.flush()
        self.close_connection = True

    def refused(self):
        key = self.server.options.key
        if key and self.headers.get("Authorization") != "Bearer " + key:
            self.answer(401, {"success": False,
                              "error": "Unauthorized: Invalid token"})
            return True
        return False

    def parts(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        return url.path.strip("/").split("/"), query

    def do_GET(self):
        self.body = None
        if self.refused():
            return
        parts, query = self.parts()
        if parts[1:2] == ["crawl"] and len(parts) == 3:
            self.status(parts[0], parts[2], query)
        elif parts[1:2] == ["crawl"] and parts[3:] == ["errors"]:
            self.errors(parts[2])
        elif parts[1:2] == ["scrape"] and len(parts) == 3:
            self.file(os.path.join("scrapes", parts[2] + ".json"))
        else:
            self.answer(404, NOT_FOUND)

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self.body = json.loads(self.rfile.read(length))
        if self.refused():
            return
        parts, _ = self.parts()
        if parts[1:] == ["crawl"]:
            self.start(parts[0])
        elif parts[1:] == ["scrape"]:
            self.scrape()
        else:
            self.answer(404, NOT_FOUND)

    def file(self, name):
        path = os.path.join(self.server.options.dir, name)
        if not os.path.exists(path):
            self.answer(404, NOT_FOUND)
            return
        with open(path, "rb") as f:
            self.answer(200, f.read())

    def start(self, version):
        if self.body.get("zeroDataRetention"):
            self.answer(200, {
                "success": False, "error": "The crawl could not be queued.",
                "status": "failed", "data": []})
            return
        crawl_id = self.server.start(self.body)
        self.answer(200, {
            "success": True, "id": crawl_id,
            "url": f"{self.base()}/{version}/crawl/{crawl_id}"})

    def scrape(self):
        pages, _ = site(self.server.options.dir)
        for page in pages:
            if url_of(page) == self.body["url"]:
                self.answer(200, {"success": True, "data": page})
                return
        self.answer(500, {"success": False, "error": "All engines failed."})

    def base(self):
        return "http://127.0.0.1:%d" % self.server.server_port

    def errors(self, crawl_id):
        crawl = self.server.crawl(crawl_id)
        errors = (crawl or {}).get("errors", {"errors": [],
                                              "robotsBlocked": []})
        if isinstance(errors, int):
            self.answer(errors, {"error": "no such list"})
        else:
            self.answer(200 if crawl else 404, errors)

    def rule(self, crawl_id, crawl, skip):
        for number, rule in enumerate(crawl.get("fail", [])):
            if rule["skip"] == skip and self.server.count(
                    crawl_id, number) < rule.get("times", 1):
                return rule
        return None

    def status(self, version, crawl_id, query):
        crawl = self.server.crawl(crawl_id)
        if crawl is None:
            self.answer(404, NOT_FOUND)
            return
        skip, limit = int(query.get("skip", 0)), query.get("limit")
        poll = limit == "1" and "skip" not in query
        body = json.dumps(self.part(version, crawl_id, crawl, skip, limit,
                                    poll)).encode()
        raw = crawl.get("raw", {}).get("poll" if poll else str(skip))
        if raw:
            with open(raw, "rb") as f:
                body = f.read()
        rule = self.rule(crawl_id, crawl, "poll" if poll else skip)
        if rule is None:
            self.answer(200, body)
        elif rule.get("cut"):
            self.cut(body)
        elif rule.get("hang"):
            self.note(0)
            time.sleep(60)
        else:
            given = rule.get("body", {"success": False, "error": "asked for"})
            if isinstance(given, str):
                given = given.encode()
            self.answer(rule.get("status", 200), given, rule.get("headers"))

    def part(self, version, crawl_id, crawl, skip, limit, poll):
        pages = crawl.get("pages", [])
        size = int(limit or crawl.get("part", 100))
        data = pages[skip:skip + size]
        if crawl.get("endless") and not data:
            data = pages[:size]
        status = crawl.get("status", "completed")
        if poll and self.server.count(crawl_id, "runs") < crawl.get("runs", 0):
            status = "scraping"
        if crawl.get("pad"):
            data = [{**d, "markdown": d["markdown"] + " x" * (
                crawl["pad"] // 2)} for d in data]
        total = crawl.get("total", len(pages))
        body = {"success": True, "status": status, "completed": total,
                "total": total, "creditsUsed": total, "expiresAt": EXPIRES}
        end = skip + len(data)
        if status != "completed" or end < len(pages) or crawl.get("endless"):
            body["next"] = (f"{crawl.get('next', self.base())}/{version}"
                            f"/crawl/{crawl_id}?skip={end}")
        return {**body, "data": data}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir")
    parser.add_argument("--key")
    parser.add_argument("--secret")
    parser.add_argument("--delay", type=float, default=0.2)
    server = Server(parser.parse_args())
    path = os.path.join(server.options.dir, "port")
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(str(server.server_port))
    os.rename(path + ".new", path)
    server.serve_forever()


if __name__ == "__main__":
    main()
